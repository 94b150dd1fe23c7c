import AnonymousTokens
import Crypto
import Foundation
import Hummingbird
import Postgres

/// What author or team adds to a dialogue, on its way through the mixer.
struct StagedReply: Codable, Sendable {
    /// How many replies of one side of one thread may wait for the mix.
    static let limit = 10

    let text: String
    /// Its place among the replies of its side that wait; known to nobody once they are mixed.
    let order: Int
    /// The message that the team answers; an author's reply names none, its receipt leads there.
    let message: UUID?
}

/// Who adds to a dialogue, as far as the inbox has to know.
enum ReplySide: Sendable {
    case author(receiptId: [UInt8])
    case team(message: UUID)

    /// In the place of a receipt: counts what waits.
    var receiptId: [UInt8] {
        switch self {
        case .author(let receiptId): receiptId
        case .team(let message): Array(SHA256.hash(data: Array("team-v1".utf8) + Array(message.text.utf8)))
        }
    }
}

/// `POST /v1/anonymous/inbox/replies`: needs no token, because the receipt is of a message that had one.
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
            fields.ignorePadding()
        }
    }

    private func reply(_ request: Request, _ context: AnonymousContext) async throws -> Response {
        let input = try await request.decode(NewReply.self, limit: FixedSize.largest)
        let pool = parts.databases.anonymous
        let lookup = parts.lookup(of: input.receiptId)
        guard let thread = try await pool.first(FindThread(lookup: lookup)) else { throw Problem(.notFound) }
        let dialogue = ReadDialogue(network: thread.network, lookup: lookup)
        let state = try await pool.first(dialogue, network: thread.network)?.state ?? .closed
        guard state != .closed, state != .rejected else { throw Problem(.stateConflict) }
        try await parts.stageReply(
            input.text,
            from: .author(receiptId: input.receiptId),
            to: thread.message,
            in: thread.network
        )
        return try await parts.queued(in: thread.network)
    }
}

extension ServerParts {
    /// Commits a sealed reply; only then it may be acknowledged.
    ///
    /// - Throws: ``Problem`` `tooManyRequests` when ``StagedReply/limit`` wait.
    func stageReply(_ text: String, from side: ReplySide, to message: UUID, in network: UUID) async throws {
        for _ in 0..<5 {
            let batch = try await openBatch()
            guard let key = batchKeys.key(batch) else { throw Problem.unavailable() }
            let isStaged = try await databases.anonymous.transaction(network: network) { transaction in
                // One reply of a thread at a time, so that they are counted and keep their order.
                _ = try await transaction.execute(LockNumbering(owner: message))
                let batches = try await transaction.execute(ReadBatches()).map(\.id)
                let waiting = try await transaction.first(stagedReceipts(side.receiptId, in: batches)) ?? 0
                let staged = StagedSubmission(text, from: side, order: waiting, network: network)
                if try await transaction.first(ReadStagedByTag(batch: batch, tag: staged.tag(key))) != nil {
                    return true
                }
                guard waiting < StagedReply.limit else {
                    let wait = nextMix.timeIntervalSince(now()).rounded(.up)
                    throw Problem(.tooManyRequests, headers: [.retryAfter: String(max(1, Int(wait)))])
                }
                let statement = try StageSealed(batch: batch, staged: staged, key: key)
                return try await transaction.first(statement) != nil
            }
            // Otherwise the batch was closed meanwhile; the next one is open.
            if isStaged { return }
        }
        throw Problem.unavailable()
    }

    /// The answer to what waits for the mix.
    func queued(in network: UUID) async throws -> Response {
        let zone = try await databases.anonymous.first(ReadNetwork(id: network))?.zone ?? .gmt
        return try .json(Queued(mixedAfter: RFC3339.string(nextMix, in: zone)), status: .accepted)
    }
}

extension StagedSubmission {
    /// - Parameters:
    ///   - text: what is added.
    ///   - side: who adds it.
    ///   - order: how many of the same side wait.
    ///   - network: of the thread.
    init(_ text: String, from side: ReplySide, order: Int, network: UUID) {
        // In the place of a token's nullifier: the same text twice in one batch is one reply that was sent again.
        let digest = Array(SHA256.hash(data: Array("reply-v1".utf8) + side.receiptId + Array(text.utf8)))
        self.init(network: network, keyId: [], nullifier: digest, digest: digest, receiptId: side.receiptId)
        switch side {
        case .author: reply = StagedReply(text: text, order: order, message: nil)
        case .team(let message): reply = StagedReply(text: text, order: order, message: message)
        }
    }

    /// Whether it helps to hide others: what the team says does not, because the team knows when it said it.
    var isCompany: Bool { reply?.message == nil }
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

/// A reply that has come out of the mixer.
struct MixedReply: Sendable {
    let message: UUID
    let fromTeam: Bool
    let text: String
}

/// Adds replies, each after what its thread has.
///
/// A message that the team has answered is answered; when its author has said something that the team cannot have seen, it is open.
struct InsertReplies: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH given AS (
            SELECT g.* FROM unnest($2::uuid[], $3::uuid[], $4::boolean[], $5::text[]) WITH ORDINALITY
                AS g (id, message_id, from_team, text, place)
            JOIN message m ON m.network_id = $1 AND m.id = g.message_id
        ), touched AS (
            SELECT message_id, bool_and(from_team) AS is_team_only, bool_or(from_team) AS has_team FROM given
            GROUP BY message_id
        ), moved AS (
            UPDATE message m SET
                state = CASE
                    WHEN t.is_team_only AND m.state IN ('inReview', 'open') THEN 'answered'
                    WHEN NOT t.is_team_only AND (m.state = 'answered' OR t.has_team AND m.state = 'inReview') THEN 'open'
                    ELSE m.state END,
                acknowledged_on = CASE WHEN t.has_team THEN coalesce(m.acknowledged_on, $6) ELSE m.acknowledged_on END
            FROM touched t
            WHERE m.network_id = $1 AND m.id = t.message_id
        )
        INSERT INTO reply (network_id, id, message_id, from_team, batch_day, position, text)
        SELECT $1, g.id, g.message_id, g.from_team, $6,
            (SELECT coalesce(max(r.position), 0) FROM reply r WHERE r.network_id = $1 AND r.message_id = g.message_id)
                + row_number() OVER (PARTITION BY g.message_id ORDER BY g.place), g.text
        FROM given g
        """
    let network: UUID
    let day: PostgresDate
    let replies: [MixedReply]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(replies.map { _ in UUID() })
        parameters.append(replies.map(\.message))
        parameters.append(replies.map(\.fromTeam))
        parameters.append(replies.map(\.text))
        parameters.append(day)
    }
}
