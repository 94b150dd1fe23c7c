import AnonymousTokens
import Foundation
import Hummingbird
import Postgres

/// `POST /v1/anonymous/inbox`: the way back, for whoever holds a receipt.
struct InboxRoutes: Sendable {
    let parts: ServerParts

    func add(anonymous: some RouterMethods<AnonymousContext>) {
        anonymous.post("inbox", use: inbox)
    }

    private var pool: PostgresPool { parts.databases.anonymous }

    private struct Inbox: Encodable {
        struct Message: Encodable {
            let from: String
            let day: String
            let text: String
        }

        let state: String
        let messages: [Message]
        /// By when the team has to do something; absent without a clock.
        @ExplicitNull var clock: MessageClock.Answer?
    }

    /// Both places are asked whatever the first says, and the answer leaves on a fixed grid of time and in a fixed size, so that
    /// an unknown receipt and an empty thread cannot be told apart on the line.
    private func inbox(_ request: Request, _ context: AnonymousContext) async throws -> Response {
        let departure = Departure()
        let receipt = try await request.decode(Receipt.self, limit: FixedSize.largest).receiptId
        let inbox = try await read(receipt)
        let response = try Response.fixedSize(inbox)
        try await departure.wait()
        return response
    }

    private func read(_ receipt: [UInt8]) async throws -> Inbox {
        let lookup = parts.lookup(of: receipt)
        async let queued = parts.isQueued(receipt)
        let network = try await pool.first(FindThread(lookup: lookup))?.network ?? UUID()
        let dialogue = try await pool.execute(ReadDialogue(network: network, lookup: lookup), network: network)
        let isQueued = try await queued
        guard let first = dialogue.first else { return Inbox(state: isQueued ? "queued" : "unknown", messages: []) }
        var messages = dialogue.map {
            Inbox.Message(from: $0.fromTeam ? "team" : "author", day: $0.saidOn.description, text: $0.text)
        }
        if first.state == .rejected, let reason = first.reason {
            messages.append(
                .init(from: "team", day: (first.clock.acknowledgedOn ?? first.clock.day).description, text: reason)
            )
        }
        let states: [MessageState: String] = [.answered: "open", .rejected: "closed"]
        return Inbox(state: states[first.state] ?? first.state.rawValue, messages: messages, clock: first.clock.answer)
    }
}

/// What leads its holder back to a message.
struct Receipt: JSONInput {
    let receiptId: [UInt8]

    init(_ fields: inout Fields) {
        receiptId = fields.bytes("receiptId", count: 32)
        fields.ignorePadding()
    }
}

/// The grid of time on which answers leave that must not tell by their time what was found.
struct Departure {
    /// Longer than the work behind an answer takes on a server that is not overloaded.
    static let step = Duration.milliseconds(25)

    private let arrival = ContinuousClock.now

    /// Waits for the next whole step since the arrival.
    func wait() async throws {
        let passed = ContinuousClock.now - arrival
        let steps = (passed / Self.step).rounded(.up)
        try await Task.sleep(until: arrival + Self.step * max(1, steps), tolerance: .zero)
    }
}

extension Fields {
    /// Takes the member that only fills a body up to a fixed size.
    mutating func ignorePadding() { _ = optionalString("pad", length: 0...FixedSize.largest) }
}

extension ServerParts {
    /// Whether something with a receipt waits for the mix.
    func isQueued(_ receipt: [UInt8]) async throws -> Bool {
        let batches = try await databases.anonymous.execute(ReadBatches())
        return try await databases.anonymous.first(stagedReceipts(receipt, in: batches.map(\.id))) ?? 0 > 0
    }
}

/// The network of the thread that a lookup leads to.
struct FindThread: PostgresStatement {
    static let sql = "SELECT network_id, message_id FROM find_thread($1)"
    let lookup: [UInt8]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(lookup) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (network: UUID, message: UUID) {
        (try row.next(), try row.next())
    }
}

/// A message and the replies to it, as its author reads them.
struct ReadDialogue: PostgresStatement {
    typealias Row = (
        state: MessageState, reason: String?, clock: MessageClock, fromTeam: Bool, saidOn: PostgresDate, text: String
    )

    static let sql = """
        SELECT state, reason, day, acknowledged_on, acknowledge_days, answer_days, from_team, said_on, said
        FROM read_dialogue($1, $2)
        """
    let network: UUID
    let lookup: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(lookup)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        (
            try row.choice(), try row.next(), try MessageClock(&row), try row.next(), try row.next(), try row.next()
        )
    }
}
