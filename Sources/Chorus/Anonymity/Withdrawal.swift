import AnonymousTokens
import Crypto
import Foundation
import Hummingbird
import Postgres

/// `POST /v1/anonymous/inbox/withdrawal`: the author takes text and thread back.
///
/// It goes through the mixer like everything that authors say. A number once cast stays: nothing links it to the text.
struct WithdrawalRoutes: Sendable {
    let parts: ServerParts

    func add(anonymous: some RouterMethods<AnonymousContext>) {
        anonymous.post("inbox/withdrawal", use: withdraw)
    }

    private func withdraw(_ request: Request, _ context: AnonymousContext) async throws -> Response {
        let receipt = try await request.decode(Receipt.self, limit: FixedSize.largest).receiptId
        guard let network = try await network(of: receipt) else { throw Problem(.notFound) }
        try await stage(StagedSubmission(withdrawing: receipt, network: network))
        return try await parts.queued(in: network)
    }

    /// Where the message is that a receipt is of, mixed or not.
    private func network(of receipt: [UInt8]) async throws -> UUID? {
        let pool = parts.databases.anonymous
        if let thread = try await pool.first(FindThread(lookup: parts.lookup(of: receipt))) { return thread.network }
        for batch in try await pool.execute(ReadBatches()) {
            guard let key = parts.batchKeys.key(batch.id) else { continue }
            let tag = StagedSubmission.tag(receipt, key)
            for sealed in try await pool.execute(ReadStagedByReceipt(batch: batch.id, receiptTag: tag)) {
                let staged = try StagedSubmission.open(sealed, key)
                if staged.message != nil { return staged.network }
            }
        }
        return nil
    }

    private func stage(_ staged: StagedSubmission) async throws {
        let pool = parts.databases.anonymous
        for _ in 0..<5 {
            let batch = try await parts.openBatch()
            guard let key = parts.batchKeys.key(batch) else { throw Problem.unavailable() }
            let statement = try StageSealed(batch: batch, staged: staged, key: key)
            if try await pool.first(statement, network: staged.network) != nil { return }
            if try await pool.first(ReadStagedByTag(batch: batch, tag: staged.tag(key))) != nil { return }
        }
        throw Problem.unavailable()
    }
}

extension StagedSubmission {
    /// - Parameters:
    ///   - receiptId: of the message that is taken back.
    ///   - network: of the message.
    init(withdrawing receiptId: [UInt8], network: UUID) {
        let digest = Array(SHA256.hash(data: Array("withdrawal-v1".utf8) + receiptId))
        self.init(network: network, keyId: [], nullifier: digest, digest: digest, receiptId: receiptId)
        withdraws = true
    }
}

/// Deletes messages with their dialogue, by their receipts.
struct DeleteMessages: PostgresStatement {
    typealias Row = Void
    static let sql = """
        DELETE FROM message
        WHERE network_id = $1 AND id IN (SELECT t.message_id FROM thread t WHERE t.network_id = $1 AND t.lookup = ANY ($2))
        """
    let network: UUID
    let lookups: [[UInt8]]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(lookups)
    }
}
