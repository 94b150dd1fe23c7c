import Crypto
import Foundation
import Postgres

/// The batch that takes submissions; with an id, opens one of that id unless there is one.
struct OpenBatch: PostgresStatement {
    static let sql = "SELECT open_batch($1)"
    let id: UUID?
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID? { try row.next() }
}

struct ReadSpentToken: PostgresStatement {
    static let sql = "SELECT 1::bigint FROM spent_token WHERE network_id = $1 AND key_id = $2 AND nullifier = $3"
    let submission: StagedSubmission
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(submission.network)
        parameters.append(submission.keyId)
        parameters.append(submission.nullifier)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

/// Every batch that is not mixed yet.
struct ReadBatches: PostgresStatement {
    static let sql = "SELECT id, is_open FROM anon_batch ORDER BY id"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (id: UUID, isOpen: Bool) {
        (try row.next(), try row.next())
    }
}

/// A staged submission by its token's tag.
struct ReadStagedByTag: PostgresStatement {
    static let sql = "SELECT sealed FROM anon_inbox WHERE batch_id = $1 AND tag = $2"
    let batch: UUID
    let tag: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(batch)
        parameters.append(tag)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

/// Whether any batch has a receipt.
struct CountStagedReceipts: PostgresStatement {
    static let sql = """
        SELECT count(*) FROM anon_inbox i
        JOIN unnest($1::uuid[], $2::bytea[]) AS t (batch_id, receipt_tag)
            ON t.batch_id = i.batch_id AND t.receipt_tag = i.receipt_tag
        """
    let batches: [UUID]
    let receiptTags: [[UInt8]]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(batches)
        parameters.append(receiptTags)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

/// What waits under a receipt, sealed.
struct ReadStagedByReceipt: PostgresStatement {
    static let sql = "SELECT sealed FROM anon_inbox WHERE batch_id = $1 AND receipt_tag = $2"
    let batch: UUID
    let receiptTag: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(batch)
        parameters.append(receiptTag)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

/// Puts a sealed row that spends no token into the batch while it is open; no row comes back when it is closed or has it already.
struct StageSealed: PostgresStatement {
    static let sql = """
        INSERT INTO anon_inbox (batch_id, tag, receipt_tag, sealed) SELECT $1, $2, $3, $4 WHERE hold_batch($1)
        ON CONFLICT DO NOTHING
        RETURNING batch_id
        """
    let batch: UUID
    private let tag: [UInt8]
    private let receiptTag: [UInt8]
    private let sealed: [UInt8]

    init(batch: UUID, staged: StagedSubmission, key: SymmetricKey) throws {
        self.batch = batch
        tag = staged.tag(key)
        receiptTag = staged.receiptTag(key)
        sealed = try staged.sealed(key)
    }

    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(batch)
        parameters.append(tag)
        parameters.append(receiptTag)
        parameters.append(sealed)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
