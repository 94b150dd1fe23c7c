import Disclosure
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// A round that the town is asked, as an attacker knows it.
struct AttackedRound {
    let number: Int
    let id: UUID
    let items: [(id: UUID, text: String)]
    let day: Int
    /// The event whose guests are asked; `nil` for the whole network.
    let event: String?
    /// Numbers of those who may vote.
    let audience: [Int]
    /// Units of those who may vote, as they were at the opening.
    let places: [Int: UUID]

    /// Asks; nothing when the admission of rounds forbids it.
    init?(
        _ number: Int,
        _ items: [(id: UUID, text: String)],
        in town: AttackedTown,
        of event: (id: String, going: [Int])? = nil,
        day: Int,
        now: Date
    ) async throws {
        let server = town.server
        let list = items.map { "{\"id\":\"\($0.id.text)\",\"text\":\"\($0.text)\"}" }.joined(separator: ",")
        let audience = event.map { "{\"kind\":\"event\",\"event\":\"\($0.id)\"}" } ?? "{\"kind\":\"network\"}"
        let body = """
            {"title":"Runde \(number)","opensAt":"\(RFC3339.string(now))",\
            "closesAt":"\(RFC3339.string(now.addingTimeInterval(86_400)))","items":[\(list)],"audience":\(audience)}
            """
        let made = try await server.send("POST", "\(server.home)/rounds", body, as: town.coordinator)
        #expect(made.status == 201, "\(made.text)")
        let path = "\(server.home)/rounds/\(made.json["id"].string)/opening"
        let opened = try await server.send("PUT", path, as: town.coordinator)
        if opened.problem == "admission-refused" { return nil }
        #expect(opened.json["state"].string == "open", "\(opened.text)")
        self.number = number
        self.items = items
        self.day = day
        self.event = event?.id
        id = try #require(UUID(uuidString: made.json["id"].string))
        self.audience = event?.going ?? town.present.map(\.number)
        places = Dictionary(uniqueKeysWithValues: self.audience.map { ($0, town.units[town.people[$0].unit]) })
    }

    /// The endorsements of a published recommendation: one question, and no units.
    ///
    /// - Parameters:
    ///   - recommendation: which.
    ///   - title: stands for the item's text.
    init(_ number: Int, endorsing recommendation: UUID, _ title: String, in town: AttackedTown, day: Int) {
        self.number = number
        self.day = day
        id = recommendation
        items = [(recommendation, title)]
        event = nil
        audience = town.present.map(\.number)
        places = Dictionary(uniqueKeysWithValues: audience.map { ($0, town.units[town.people[$0].unit]) })
    }

    /// Ballots over the way that members take: blind signatures, the inbox, the mixer.
    func submit(_ ballots: [TownBallot], with wallets: [Int: TestWallet], to server: TestServer) async throws {
        for ballot in ballots {
            let answers = zip(items, ballot.ratings).map { "{\"item\":\"\($0.id.text)\",\"rating\":\($1)}" }
            let unit = ballot.unit.map { "\"\($0.text)\"" } ?? "null"
            let content = """
                "ballot":{"round":"\(id.text)","unit":\(unit),"answers":[\(answers.joined(separator: ","))]}
                """
            let reply = try await server.submit(wallets[ballot.voter]?.tokens[id]?.first, content)
            #expect(reply.status == 202, "\(reply.text)")
        }
        try await server.mix()
    }

    /// Ballots at the mixer's door.
    ///
    /// More than 8,000 blind signatures would take minutes. From here on, from the frozen plan to HR's answers, all is as ever.
    func insert(_ ballots: [TownBallot], into server: TestServer) async throws {
        let network = server.network.id
        let keys = try await server.parts.databases.member.execute(ReadKeys(network: network), network: network)
        let key = try #require(keys.first { $0.scope == id })
        let numbers = ballots.flatMap { ballot in
            zip(items, ballot.ratings).map {
                InsertContributions.Number(
                    round: id,
                    item: $0.id,
                    unit: ballot.unit,
                    keyId: key.keyId,
                    rating: $1
                )
            }
        }
        let statement = InsertContributions(network: network, numbers: numbers.shuffled())
        _ = try await server.parts.databases.mixer.execute(statement, network: network)
    }

    /// Tosses the coins of the coming close and says what it will freeze; the server is not asked, only its plan is read.
    func foresee(_ coins: SeededGenerator, on server: TestServer) async throws -> ForeseenClose {
        let network = server.network.id
        let pool = server.parts.databases.release
        let nodes = try await pool.execute(ReadPlan(network: network, round: id), network: network).map(\.node)
        let tallies = try await pool.execute(ReadTallies(network: network, round: id), network: network)
        let leaves = try await server.parts.databases.mixer.execute(
            ReadLeaves(network: network, round: id),
            network: network
        )
        let parameters = Parameters(k: server.network.k, d: server.network.d)
        var coins = coins
        let plan = Plan(nodes: nodes)
        let blocks = plan.close(tallies: tallies, parameters: parameters, using: &coins)
        return ForeseenClose(
            plan: plan,
            leaves: Dictionary(grouping: leaves, by: \.item).mapValues {
                Dictionary(uniqueKeysWithValues: $0.map { ($0.unit, $0.node) })
            },
            blocks: blocks,
            contributions: tallies.reduce(0) { $0 + $1.count },
            released: blocks.reduce(0) { $0 + $1.count },
            cells: plan.publish(blocks, k: parameters.k)
        )
    }
}

/// What a close is going to freeze.
struct ForeseenClose {
    let plan: Plan<UUID>
    /// Into which leaf an answer goes, by item and chosen unit.
    let leaves: [UUID: [UUID?: Int]]
    let blocks: [Block]
    let contributions: Int
    let released: Int
    let cells: [Cell<UUID>]
}

private struct ReadLeaves: PostgresStatement {
    static let sql = "SELECT item_id, unit_id, node_index FROM plan_leaf WHERE network_id = $1 AND round_id = $2"
    let network: UUID
    let round: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (item: UUID, unit: UUID?, node: Int) {
        (try row.next(), try row.next(), try row.next())
    }
}
