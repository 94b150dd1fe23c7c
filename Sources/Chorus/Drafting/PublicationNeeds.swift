import Foundation
import Postgres

/// What must be there before a draft is frozen.
struct PublicationNeeds: Sendable {
    /// The benches that have agreed with the version at hand.
    let approvals: Set<String>
    let isUnderReview: Bool
    let isConsulted: Bool

    /// How many paragraphs are named at most.
    private static let mostNamed = 50

    /// What is missing, all of one kind at once.
    ///
    /// The network's own yes is its coordinator's, who publishes.
    ///
    /// - Returns: `nil` when nothing is.
    func problem(of draft: Draft) -> Problem? {
        let windows = [("/review", isUnderReview), ("/consultation", isConsulted)].filter(\.1).map {
            Problem.FieldError(pointer: $0.0, detail: "is still open")
        }
        if !windows.isEmpty { return Problem(.windowOpen, errors: windows) }
        let benches = Set(draft.benches).subtracting(approvals).subtracting([Bench.network.rawValue]).sorted()
        if !benches.isEmpty {
            let errors = benches.map { Problem.FieldError(pointer: "/approvals/\($0)", detail: "is missing") }
            return Problem(.approvalMissing, errors: errors)
        }
        let paragraphs = Provenance.missing(draft.provenance, in: draft.text, hasEvidence: !draft.cells.isEmpty)
        guard !paragraphs.isEmpty else { return nil }
        let errors = paragraphs.prefix(Self.mostNamed).map {
            Problem.FieldError(pointer: "/paragraphs/\($0)", detail: "has no provenance")
        }
        return Problem(.provenanceMissing, errors: errors)
    }
}

extension ServerParts {
    /// Makes sure that a draft can be published, and that it stays so until the transaction ends.
    ///
    /// - Returns: what it says; `nil` when it is published already.
    /// - Throws: ``Problem``, see ``PublicationNeeds``; `stale` when it has another version than the expected one.
    func ready(
        _ draft: Draft,
        version expected: Int?,
        on today: PostgresDate,
        in transaction: PostgresTransaction
    ) async throws -> Draft? {
        let (network, id) = (draft.network, draft.id)
        let kept = try await transaction.first(KeepVersion(network: network, recommendation: id, version: expected))
        guard let locked = try await transaction.first(ReadDrafts(network: network, id: id)) else {
            throw Problem(.notFound)
        }
        guard kept != nil else {
            guard locked.state == "published" else { throw Problem(.stale) }
            return nil
        }
        let statement = ReadPublicationNeeds(
            network: network,
            recommendation: id,
            version: locked.version,
            today: today
        )
        guard let needs = try await transaction.first(statement) else { throw Problem(.internal) }
        if let problem = needs.problem(of: locked) { throw problem }
        let yes = InsertApproval(
            network: network,
            recommendation: id,
            bench: .network,
            version: locked.version,
            day: today
        )
        if locked.benches.contains(Bench.network.rawValue) { _ = try await transaction.execute(yes) }
        _ = try await transaction.execute(EndReview(network: network, recommendation: id, version: locked.version))
        return locked
    }
}

struct ReadPublicationNeeds: PostgresStatement {
    static let sql = """
        SELECT ARRAY(
                SELECT a.bench FROM draft_approval a
                WHERE a.network_id = $1 AND a.recommendation_id = $2 AND a.version = $3),
            EXISTS (SELECT FROM draft_review v
                WHERE v.network_id = $1 AND v.recommendation_id = $2 AND v.until_day >= $4),
            EXISTS (SELECT FROM draft_consultation v
                WHERE v.network_id = $1 AND v.recommendation_id = $2 AND v.until_day >= $4)
        """
    let network: UUID
    let recommendation: UUID
    let version: Int
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(version)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> PublicationNeeds {
        let approvals: [String] = try row.next()
        return PublicationNeeds(
            approvals: Set(approvals),
            isUnderReview: try row.next(),
            isConsulted: try row.next()
        )
    }
}
