import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// A network through a year: what it asks, what it recommends, and what the employer makes of it.
struct NetworkYear {
    var campaign: Campaign
    private(set) var seen = SeenNumbers()
    /// Cells of the newest release, by table.
    private(set) var newest: [ReleaseTable: [JSONValue]] = [:]
    private(set) var newestRelease = ""
    /// Rules by which something was suggested.
    private(set) var raised: Set<String> = []
    let member: TestPerson
    let council: TestPerson
    private let start: Date

    init(on server: TestServer, clock: TestClock, coins: TestCoins) async throws {
        campaign = Campaign(
            town: try await AttackedTown(on: server, seed: 2_026),
            attacker: try await Attacker(on: server),
            clock: clock,
            coins: coins
        )
        campaign.realRounds = 1
        member = try await server.person(.member)
        council = try await server.person(.council)
        start = clock.now()
    }

    var server: TestServer { campaign.town.server }
    var hr: TestPerson { campaign.attacker.hr }
    private var coordinator: TestPerson { campaign.town.coordinator }
    private var day: Int { Int(campaign.clock.now().timeIntervalSince(start) / 86_400 + 0.5) }
    private var today: PostgresDate { .today(in: server.network.zone, at: campaign.clock.now()) }

    // MARK: The network

    /// A round from its opening to its release.
    mutating func ask(_ items: [(id: UUID, text: String)], mood: [String: Int] = [:]) async throws {
        let news = try await campaign.ask(items, day: day, mood: mood)
        newestRelease = try #require(news.releases.first)
        newest = [:]
        for (path, table) in news.tables {
            guard let name = path.split(separator: "/").last, let kind = ReleaseTable(rawValue: String(name)) else {
                continue
            }
            newest[kind] = table["cells"].array
            for cell in table["cells"].array { seen.release(cell) }
        }
    }

    /// Writes a recommendation that rests on a cell of the newest release, and publishes it.
    ///
    /// - Parameters:
    ///   - title: of it.
    ///   - cell: where the cell stands.
    ///   - days: until the answer is due.
    func recommend(_ title: String, on cell: (table: ReleaseTable, JSONValue), answerIn days: Int) async throws
        -> String
    {
        let unit = cell.1["unit"].string
        let place = """
            {"release":"\(newestRelease)","table":"\(cell.table.rawValue)","item":"\(cell.1["item"].string)",\
            "unit":\(unit.isEmpty ? "null" : "\"\(unit)\"")}
            """
        let draft = "{\"title\":\"\(title)\",\"text\":\"Weil.\",\"measure\":\"Tun.\",\"evidence\":[\(place)]}"
        let made = try await server.send("POST", "\(server.home)/recommendations", draft, as: coordinator)
        #expect(made.status == 201, "\(made.text)")
        let id = made.json["id"].string
        let path = "\(server.home)/recommendations/\(id)/publication"
        let due = "{\"answerDueOn\":\"\(today.adding(days: days))\"}"
        let published = try await server.send("PUT", path, due, as: coordinator)
        #expect(published.status == 200, "\(published.text)")
        return id
    }

    /// Lets members say whether they stand behind a recommendation, and releases it.
    mutating func endorse(_ recommendation: String, _ title: String, isReal: Bool = false) async throws {
        let id = try #require(UUID(uuidString: recommendation))
        let round = AttackedRound(campaign.rounds, endorsing: id, title, in: campaign.town, day: day)
        let cast = campaign.town.ballots(of: round.audience, on: [title], mood: [title: 1])
        if isReal {
            let wallets = try await campaign.wallets(of: cast.map(\.voter))
            for ballot in cast {
                let support = ballot.ratings[0] > 3 ? "yes" : ballot.ratings[0] < 3 ? "no" : "abstain"
                let content = "\"endorsement\":{\"recommendation\":\"\(recommendation)\",\"support\":\"\(support)\"}"
                let reply = try await server.submit(wallets[ballot.voter]?.tokens[id]?.first, content)
                #expect(reply.status == 202, "\(reply.text)")
            }
            try await server.mix()
        } else {
            try await round.insert(
                cast.map { TownBallot(voter: $0.voter, unit: nil, ratings: $0.ratings) },
                into: server
            )
        }
        let close = try await round.foresee(campaign.coins.next(seed: UInt64(day)), on: server)
        seen.release(support: close)
        let path = "\(server.home)/recommendations/\(recommendation)/endorsement-closure"
        let closed = try await server.send("PUT", path, as: coordinator)
        #expect(closed.status == 200, "\(closed.text)")
        let blocks = round.blocks(of: close, cast)
        campaign.check(blocks, close)
        campaign.knowledge.add(round, blocks)
    }

    // MARK: The employer

    func answer(_ recommendation: String, _ decision: AnswerDecision, _ text: String) async throws {
        let body = """
            {"decision":"\(decision.rawValue)","text":"\(text)","responsible":"Personalamt","dueOn":null}
            """
        let path = "\(server.record)/recommendations/\(recommendation)/answer"
        #expect(try await server.send("PUT", path, body, as: hr).status == 200)
    }

    func note(_ status: OutcomeStatus, of recommendation: String) async throws {
        let body = "{\"status\":\"\(status.rawValue)\",\"text\":\"Getan.\",\"on\":\"\(today)\"}"
        let path = "\(server.record)/recommendations/\(recommendation)/outcomes"
        #expect(try await server.send("POST", path, body, as: hr).status == 201)
    }

    // MARK: Time

    /// Lets days pass, one after the other, with what the server does on each; every tenth HR pulls all there is.
    mutating func pass(days: Int) async throws {
        for _ in 0..<days {
            campaign.clock.pass(days: 1)
            try await server.parts.keepJobs()
            try await server.parts.jobRunner.runDue()
            server.parts.changes.everythingChanged()
            if day % 10 == 0 { try await look() }
        }
    }

    /// HR pulls all that there is of recommendations.
    mutating func look() async throws {
        let list = try await server.send("GET", "\(server.record)/recommendations?limit=200", as: hr)
        #expect(list.status == 200)
        let ids = list.json["items"].array.map { $0["id"].string }
        var paths = ["answer-duty", "releases?limit=200"]
        paths += ids.flatMap { ["recommendations/\($0)", "recommendations/\($0)/comparison"] }
        seen.look(at: list.json)
        for path in paths {
            let answer = try await server.send("GET", "\(server.record)/\(path)", as: hr)
            #expect(answer.status == 200, "\(path)")
            seen.look(at: answer.json)
        }
        // What the numbers suggest to the network is made of the same cells.
        for state in SuggestionState.allCases {
            let path = "\(server.home)/suggestions?limit=200&state=\(state.rawValue)"
            let suggestions = try await server.send("GET", path, as: coordinator)
            #expect(suggestions.status == 200)
            seen.look(at: suggestions.json)
            raised.formUnion(suggestions.json["items"].array.map { $0["rule"].string })
        }
        let table = try await server.send("GET", "\(server.record)/recommendations.csv", as: hr)
        #expect(table.status == 200)
        seen.look(atTable: table.text)
        let report = try await server.send("GET", "\(server.record)/report?format=md&language=de", as: hr)
        #expect(report.status == 200)
        seen.look(atReport: report.text)
    }
}
