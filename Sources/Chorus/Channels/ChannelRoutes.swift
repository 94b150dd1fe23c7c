import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/channels` and the moderators' work in them.
struct ChannelRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/networks/{network}/channels": ["limit", "after"],
        "/v1/networks/{network}/channels/{channel}/messages": ["state", "theme", "overdue", "limit", "after"],
        "/v1/networks/{network}/channels/{channel}/messages/{message}/replies": ["limit", "after"],
    ]

    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("channels", use: list)
        member.post("channels", use: create)
        member.get("channels/{channel}/messages", use: messages)
        member.put("channels/{channel}/messages/{message}/moderation", use: moderate)
        member.get("channels/{channel}/messages/{message}/replies", use: replies)
        member.post("channels/{channel}/messages/{message}/replies", use: reply)
        member.put("channels/{channel}/messages/{message}/summary", use: summarise)
    }

    private var pool: PostgresPool { parts.databases.moderator }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        let page = try PageRequest(request)
        let found = try await parts.databases.member.execute(
            ReadChannels(network: context.network, after: try page.afterId(), limit: page.limit),
            network: context.network
        )
        return try .read(Page(found, limit: page.limit, cursor: { [$0.id] }), for: request)
    }

    private func create(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(NewChannel.self)
        let (network, id) = (context.network, UUID())
        let member = parts.databases.member
        _ = try await member.execute(InsertChannel(network: network, id: id, channel: input), network: network)
        guard let made = try await member.first(ReadChannels(network: network, id: id), network: network) else {
            throw Problem(.internal)
        }
        return try .created(made, at: "/v1/networks/\(network.text)/channels/\(id.text)")
    }

    // MARK: Moderation

    private func messages(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.moderator)
        let page = try PageRequest(request)
        let statement = ReadMessages(
            network: context.network,
            channel: try context.id("channel"),
            state: try request.queryChoice("state"),
            theme: try request.queryUUID("theme"),
            after: try page.afterId(),
            limit: page.limit,
            overdueOn: try request.queryBool("overdue") == true ? try await today(context) : nil
        )
        let known = ReadChannels(network: context.network, id: statement.channel)
        guard try await pool.first(known, network: context.network) != nil else { throw Problem(.notFound) }
        let found = try await pool.execute(statement, network: context.network)
        return try .read(Page(found, limit: page.limit, cursor: { [$0.id] }), for: request)
    }

    private struct Moderation: JSONInput {
        let state: MessageState
        let reason: String?
        let setsTheme: Bool
        let theme: UUID?

        init(_ fields: inout Fields) {
            state = fields.choice("state", default: .inReview)
            reason = fields.optionalString("reason", length: 1...2_000)
            setsTheme = fields.contains("theme")
            theme = fields.optionalUUID("theme")
            if state == .rejected, reason == nil { fields.refuse("reason", "is required when a message is rejected") }
        }
    }

    private func moderate(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.moderator)
        let input = try await request.decode(Moderation.self)
        let (network, channel, id) = (context.network, try context.id("channel"), try context.id("message"))
        let current = ReadMessage(network: network, channel: channel, id: id)
        guard let message = try await pool.first(current, network: network) else { throw Problem(.notFound) }
        guard let state = MessageState(rawValue: message.state), state.mayBecome(input.state) else {
            throw Problem(.stateConflict)
        }
        let statement = ModerateMessage(
            network: network,
            channel: channel,
            id: id,
            from: state,
            to: input.state,
            reason: input.reason,
            setsTheme: input.setsTheme,
            theme: input.theme,
            day: try await today(context)
        )
        guard let moderated = try await pool.first(statement, network: network) else { throw Problem(.stateConflict) }
        return try .json(moderated)
    }

    private struct Text: JSONInput {
        let text: String
        init(_ fields: inout Fields) { text = fields.string("text", length: 1...10_000) }
    }

    private func today(_ context: MemberContext) async throws -> PostgresDate {
        .today(in: try await parts.network(context.network).zone, at: parts.now())
    }

    /// The dialogue after a message, in its order.
    private func replies(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.moderator)
        let page = try PageRequest(request)
        let (network, channel, id) = (context.network, try context.id("channel"), try context.id("message"))
        let message = ReadMessage(network: network, channel: channel, id: id)
        guard try await pool.first(message, network: network) != nil else { throw Problem(.notFound) }
        let statement = ReadReplies(network: network, message: id, after: try page.afterNumber(), limit: page.limit)
        let found = try await pool.execute(statement, network: network)
        return try .read(Page(found, limit: page.limit, cursor: { ["\($0.position)"] }), for: request)
    }

    /// Goes through the mixer, so that the time of an answer tells nobody when its author reads.
    private func reply(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.moderator)
        let input = try await request.decode(Text.self)
        let (network, channel, id) = (context.network, try context.id("channel"), try context.id("message"))
        let statement = ReadMessage(network: network, channel: channel, id: id)
        guard let message = try await pool.first(statement, network: network) else { throw Problem(.notFound) }
        guard message.reachable else { throw Problem(.stateConflict) }
        try await parts.stageReply(input.text, from: .team(message: id), to: id, in: network)
        return try await parts.queued(in: network)
    }

    private func summarise(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.moderator)
        let input = try await request.decode(Text.self)
        let statement = SaveSummary(
            network: context.network,
            channel: try context.id("channel"),
            id: try context.id("message"),
            text: input.text
        )
        guard let saved = try await pool.first(statement, network: context.network) else { throw Problem(.notFound) }
        return try .json(saved)
    }
}
