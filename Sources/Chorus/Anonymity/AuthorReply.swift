import Crypto
import Foundation
import Hummingbird
import Postgres

/// What an author adds to a dialogue; it needs no token, because the receipt is of a message that had one.
struct AuthorReply: Codable, Sendable {
    /// How many replies of one thread may wait for the mix.
    static let limit = 10

    let text: String
    /// Its place among the replies of its thread that wait; known to nobody once they are mixed.
    let order: Int
}

extension StagedSubmission {
    /// - Parameters:
    ///   - reply: what is added.
    ///   - network: of the thread.
    ///   - receiptId: what leads to the thread.
    init(_ reply: AuthorReply, network: UUID, receiptId: [UInt8]) {
        // In the place of a token's nullifier: the same text twice in one batch is one reply that was sent again.
        let digest = Array(SHA256.hash(data: Array("reply-v1".utf8) + receiptId + Array(reply.text.utf8)))
        self.init(network: network, keyId: [], nullifier: digest, digest: digest, receiptId: receiptId)
        self.reply = reply
    }
}

/// `POST /v1/anonymous/inbox/replies`.
struct AuthorReplyRoutes: Sendable {
    let parts: ServerParts

    func add(anonymous: some RouterMethods<AnonymousContext>) {
        anonymous.post("inbox/replies", use: reply)
    }

    private struct NewReply: JSONInput {
        let receiptId: [UInt8]
        let text: String

        init(_ fields: inout Fields) {
            receiptId = fields.bytes("receiptId", count: 32)
            text = fields.string("text", length: 1...10_000)
        }
    }

    private func reply(_ request: Request, _ context: AnonymousContext) async throws -> Response {
        let input = try await request.decode(NewReply.self, limit: 32_768)
        let pool = parts.databases.anonymous
        guard let thread = try await pool.first(ReadThread(lookup: parts.lookup(of: input.receiptId))) else {
            throw Problem(.notFound)
        }
        let dialogue = ReadDialogue(network: thread.network, message: thread.message)
        let state = try await pool.execute(dialogue, network: thread.network).first?.state ?? "closed"
        guard state != "closed", state != "rejected" else { throw Problem(.stateConflict) }
        try await stage(input, thread)
        let zone = try await pool.first(ReadNetwork(id: thread.network))?.zone ?? .gmt
        return try .json(Queued(mixedAfter: RFC3339.string(parts.nextMix, in: zone)), status: .accepted)
    }

    /// Commits the sealed reply; only then it may be acknowledged.
    private func stage(_ input: NewReply, _ thread: (network: UUID, message: UUID)) async throws {
        for _ in 0..<5 {
            let batch = try await parts.openBatch()
            guard let key = parts.batchKeys.key(batch) else { throw Problem.unavailable() }
            let isStaged = try await parts.databases.anonymous.transaction(network: thread.network) { transaction in
                // One reply of a thread at a time, so that they are counted and keep their order.
                _ = try await transaction.execute(LockNumbering(owner: thread.message))
                let batches = try await transaction.execute(ReadBatches()).map(\.id)
                let waiting = try await transaction.first(parts.stagedReceipts(input.receiptId, in: batches)) ?? 0
                let reply = AuthorReply(text: input.text, order: waiting)
                let staged = StagedSubmission(reply, network: thread.network, receiptId: input.receiptId)
                if try await transaction.first(ReadStagedByTag(batch: batch, tag: staged.tag(key))) != nil {
                    return true
                }
                guard waiting < AuthorReply.limit else {
                    let wait = parts.nextMix.timeIntervalSince(parts.now()).rounded(.up)
                    throw Problem(.tooManyRequests, headers: [.retryAfter: String(max(1, Int(wait)))])
                }
                let statement = try StageReply(batch: batch, staged: staged, key: key)
                return try await transaction.first(statement) != nil
            }
            // Otherwise the batch was closed meanwhile; the next one is open.
            if isStaged { return }
        }
        throw Problem.unavailable()
    }
}

/// Puts a sealed reply into the batch while it is open.
struct StageReply: PostgresStatement {
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

/// The threads that some lookups lead to.
struct ReadThreads: PostgresStatement {
    static let sql = """
        SELECT t.lookup, t.message_id FROM thread t WHERE t.network_id = $1 AND t.lookup = ANY ($2) ORDER BY t.message_id
        """
    let network: UUID
    let lookups: [[UInt8]]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(lookups)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (lookup: [UInt8], message: UUID) {
        (try row.next(), try row.next())
    }
}

/// Adds replies of authors, each after what its thread has; an answered message is open again.
struct InsertAuthorReplies: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH given AS (
            SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]) WITH ORDINALITY AS g (id, message_id, text, place)
        ), reopened AS (
            UPDATE message m SET state = 'open' FROM given g
            WHERE m.network_id = $1 AND m.id = g.message_id AND m.state = 'answered'
        )
        INSERT INTO reply (network_id, id, message_id, from_team, batch_day, position, text)
        SELECT $1, g.id, g.message_id, false, $5,
            (SELECT coalesce(max(r.position), 0) FROM reply r WHERE r.network_id = $1 AND r.message_id = g.message_id)
                + row_number() OVER (PARTITION BY g.message_id ORDER BY g.place), g.text
        FROM given g
        """
    let network: UUID
    let day: PostgresDate
    let replies: [(message: UUID, text: String)]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(replies.map { _ in UUID() })
        parameters.append(replies.map(\.message))
        parameters.append(replies.map(\.text))
        parameters.append(day)
    }
}
