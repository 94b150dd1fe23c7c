import Crypto
import Foundation
import Postgres

/// A sealed submission until its batch leaves for the inbox.
struct SealedSubmission: Sendable {
    let batch: UUID
    let tag: [UInt8]
    let receiptTag: [UInt8]
    let sealed: [UInt8]
    let network: UUID
    let keyId: [UInt8]
    let nullifier: [UInt8]

    /// - Parameters:
    ///   - staged: what was said.
    ///   - batch: where it goes.
    ///   - key: of the batch.
    /// - Throws: what sealing throws.
    init(_ staged: StagedSubmission, batch: UUID, key: SymmetricKey) throws {
        self.batch = batch
        tag = staged.tag(key)
        receiptTag = staged.receiptTag(key)
        sealed = try staged.sealed(key)
        network = staged.network
        keyId = staged.keyId
        nullifier = staged.nullifier
    }
}

/// Answers whether a submission is in the inbox now; false says nothing of why not.
typealias SubmissionGatherer = PostgresGatherer<SealedSubmission, Bool>

extension SubmissionGatherer {
    /// Gathers submissions of any networks into one transaction.
    ///
    /// - Parameter pool: of anonymous input.
    convenience init(pool: PostgresPool) {
        self.init(largestBatch: 64) { submissions, done in
            let statement = StageSubmissions(submissions)
            pool.execute(statement) { outcome in
                done(
                    outcome.map { tags in
                        let staged = Set(tags)
                        return zip(submissions, statement.isSent).map { staged.contains($0.tag) && $1 }
                    }
                )
            }
        }
    }
}

/// Puts sealed submissions into the batch while it is open; gives back the tags of those that are in it now.
struct StageSubmissions: PostgresStatement {
    static let sql = "SELECT stage_submissions($1, $2, $3, $4, $5, $6, $7)"
    let batch: UUID
    let submissions: [SealedSubmission]
    /// Which of all were sent: of two with one tag only the first, so that nobody is told of a row that says something else.
    let isSent: [Bool]

    /// - Parameter all: what is to be staged; what is not for the batch of the first has to ask again.
    init(_ all: [SealedSubmission]) {
        var seen: Set<[UInt8]> = []
        batch = all.first?.batch ?? UUID()
        let batch = batch
        isSent = all.map { $0.batch == batch && seen.insert($0.tag).inserted }
        submissions = zip(all, isSent).filter { $1 }.map { $0.0 }
    }

    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(batch)
        parameters.append(submissions.map { $0.tag })
        parameters.append(submissions.map { $0.receiptTag })
        parameters.append(submissions.map { $0.sealed })
        parameters.append(submissions.map { $0.network })
        parameters.append(submissions.map { $0.keyId })
        parameters.append(submissions.map { $0.nullifier })
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}
