import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/rounds`.
struct RoundRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/networks/{network}/rounds": ["limit", "after"]]

    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("rounds", use: list)
        member.post("rounds", use: create)
        member.get("rounds/{round}", use: read)
        member.get("rounds/{round}/admission", use: readAdmission)
        member.put("rounds/{round}/opening", use: open)
        member.put("rounds/{round}/closure", use: close)
    }

    private var pool: PostgresPool { parts.databases.member }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        let page = try PageRequest(request)
        let zone = try await parts.network(context.network).zone
        let found = try await pool.execute(
            ReadRounds(
                network: context.network,
                showsDrafts: context.member.roles.contains(.coordinator),
                after: try page.afterId(),
                limit: page.limit
            ),
            network: context.network
        )
        return try .read(
            Page(found.map { RoundAnswer($0, zone: zone) }, limit: page.limit, cursor: { [$0.id] }),
            for: request
        )
    }

    private func find(_ id: UUID, _ context: MemberContext) async throws -> Round {
        let statement = ReadRounds(
            network: context.network,
            id: id,
            showsDrafts: context.member.roles.contains(.coordinator)
        )
        guard let round = try await pool.first(statement, network: context.network) else { throw Problem(.notFound) }
        return round
    }

    private func read(_ request: Request, _ context: MemberContext) async throws -> Response {
        let round = try await find(try context.id("round"), context)
        let zone = try await parts.network(context.network).zone
        return try .read(RoundAnswer(round, zone: zone), for: request, version: round.version)
    }

    private func create(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(NewRound.self, limit: 1 << 20)
        var references = [NetworkReference(.event, input.audienceEvent, at: "/audience/event")]
        for (index, item) in input.items.enumerated() {
            references.append(NetworkReference(.theme, item.theme, at: "/items/\(index)/theme"))
        }
        try await parts.check(references, in: context.network)
        let id = UUID()
        _ = try await pool.execute(
            InsertRound(network: context.network, id: id, round: input),
            network: context.network
        )
        let round = try await find(id, context)
        let zone = try await parts.network(context.network).zone
        return try .created(
            RoundAnswer(round, zone: zone),
            at: "/v1/networks/\(context.network.text)/rounds/\(id.text)",
            version: round.version
        )
    }

    /// What opening would come to, before anybody is asked; of a round that is open there is nothing to ask beforehand.
    private func readAdmission(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let round = try await find(try context.id("round"), context)
        guard round.state == .draft else { throw Problem(.stateConflict) }
        let decision = try await parts.admission(of: round, of: try await parts.network(context.network))
        let answer = AdmissionAnswer(decision, in: context.language)
        return try .read(answer, for: request).speaking(context.language)
    }

    private func open(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let round = try await find(try context.id("round"), context)
        if round.state != .open { try await parts.openRound(round, of: try await parts.network(context.network)) }
        return try await read(request, context)
    }

    private struct Later: Encodable {
        let releasedAfter: String
    }

    /// Closes at once; the release comes now if no ballot can be on its way, else with the next mix on the clock: a closure
    /// never triggers a mix, because a coordinator could otherwise choose when the inbox is emptied.
    private func close(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let network = try await parts.network(context.network)
        var round = try await find(try context.id("round"), context)
        if round.state == .open { try await parts.startClosing(round.id, of: network.id) }
        if round.state == .draft { throw Problem(.stateConflict) }
        if try await parts.inboxIsEmpty() {
            _ = try await parts.releaseRounds([DueRelease(network: network.id, id: round.id, isEndorsement: false)])
        }
        round = try await find(round.id, context)
        if let release = round.release, let found = try await parts.release(release, of: network.id) {
            return try .json(found)
        }
        return try .json(Later(releasedAfter: RFC3339.string(parts.nextMix, in: network.zone)), status: .accepted)
    }
}

extension ServerParts {
    /// Ends a round for voters; those whose ballot was acknowledged before are counted.
    func startClosing(_ round: UUID, of network: UUID) async throws {
        try await databases.member.transaction(network: network) { transaction in
            let move = MoveRound(network: network, id: round, from: .open, to: .closing)
            guard try await transaction.first(move) != nil else { return }
            _ = try await transaction.execute(CloseKeys(network: network, scope: round))
        }
    }

    /// Whether nothing at all waits to be mixed.
    func inboxIsEmpty() async throws -> Bool {
        try await databases.anonymous.first(CountInbox()) == 0
    }
}

struct CountInbox: PostgresStatement {
    static let sql = "SELECT count(*) FROM anon_inbox"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}
