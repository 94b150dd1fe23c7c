import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// From what members said to what the employer did, through one year of one network.
///
/// Starts no process; it is named so because it keeps a machine busy for a while and should run alone.
@Suite struct YearProcessTests {
    private let clock = TestClock()
    private let coins = TestCoins()
    private let items = ["Respekt?", "Aufstieg?", "Sprache?"].map { (id: UUID(), text: $0) }

    @Test func aYearOfFourRoundsAndSixRecommendations() async throws {
        try await withServer(now: clock.now, coins: coins.toss) { server in
            var year = try await NetworkYear(on: server, clock: clock, coins: coins)
            // Spring: things are bad, and the network says so.
            try await year.ask(items, mood: ["Aufstieg?": -2])
            let before = try cell(1, in: year)
            let promotion = try await year.recommend("Anonyme Bewerbungen", on: before, answerIn: 30)
            let declined = try await year.recommend("Quote", on: worst(1, in: year), answerIn: 40)
            try await year.endorse(promotion, "Anonyme Bewerbungen", isReal: true)
            try await year.pass(days: 20)
            try await year.answer(promotion, .accepted, "Ab Mai.")
            try await year.answer(declined, .declined, "Rechtlich nicht zulässig.")
            try await year.pass(days: 30)
            try await year.note(.planned, of: promotion)
            try await year.endorse(declined, "Quote")
            try await year.pass(days: 40)
            // Summer: the same questions; one recommendation is left lying.
            try await year.ask(items, mood: ["Aufstieg?": -1])
            let overdue = try await year.recommend("Dolmetschdienst", on: worst(2, in: year), answerIn: 30)
            let partly = try await year.recommend("Fortbildung", on: cell(0, in: year), answerIn: 30)
            try await year.note(.underway, of: promotion)
            try await year.pass(days: 15)
            try await year.answer(partly, .partly, "Nur für Führungskräfte.")
            try await year.pass(days: 35)
            #expect(try await steps(of: overdue, year) == ["soon", "last", "overdue", "escalated"])
            let duty = try await server.send("GET", "\(server.home)/answer-duty", as: year.member).json
            let counts = ["owed", "overdue", "escalated"].map { duty[$0].int }
            #expect(counts == [1, 1, 1], "\(duty)")
            try await year.note(.done, of: promotion)
            try await year.pass(days: 40)
            // Autumn: what was done shows.
            try await year.ask(items, mood: ["Aufstieg?": 1])
            let after = try cell(1, in: year)
            #expect(after.1["positive"].double > before.1["positive"].double + 0.2)
            #expect(after.1["negative"].double < before.1["negative"].double - 0.2)
            let fifth = try await year.recommend("Patenschaften", on: cell(2, in: year), answerIn: 60)
            try await year.endorse(fifth, "Patenschaften")
            try await year.answer(overdue, .accepted, "Endlich.")
            try await year.pass(days: 45)
            let sixth = try await year.recommend("Kantine", on: cell(0, in: year), answerIn: 60)
            try await year.answer(fifth, .accepted, "Ja.")
            try await year.pass(days: 46)
            // Winter.
            try await year.ask(items, mood: ["Aufstieg?": 1])
            try await year.answer(sixth, .accepted, "Ja.")
            try await year.pass(days: 90)
            try await check(year, promotion: promotion, declined: declined, overdue: overdue)
        }
    }

    /// The cell of an item, of the whole network.
    private func cell(_ item: Int, in year: NetworkYear) throws -> (table: ReleaseTable, JSONValue) {
        let found = year.newest[.item]?.first { $0["item"].string == items[item].id.text }
        return (.item, try #require(found))
    }

    /// The cell of an item in the unit that stands worst with it.
    private func worst(_ item: Int, in year: NetworkYear) throws -> (table: ReleaseTable, JSONValue) {
        let cells = (year.newest[.itemUnit] ?? []).filter { $0["item"].string == items[item].id.text }
        return (.itemUnit, try #require(cells.max { $0["negative"].double < $1["negative"].double }))
    }

    private func steps(of recommendation: String, _ year: NetworkYear) async throws -> [String] {
        let path = "\(year.server.record)/recommendations/\(recommendation)"
        return try await year.server.send("GET", path, as: year.council).json["reminders"].array.map {
            $0["step"].string
        }
    }

    private func check(_ year: NetworkYear, promotion: String, declined: String, overdue: String) async throws {
        let server = year.server
        let list = try await server.send("GET", "\(server.home)/recommendations?limit=200", as: year.member)
        let shown = list.json["items"].array
        #expect(shown.map { $0["number"].int } == Array(1...6))
        func find(_ id: String) -> JSONValue { shown.first { $0["id"].string == id } ?? .null }
        #expect(find(promotion)["status"].string == "done")
        #expect(find(promotion)["outcomes"].array.map { $0["status"].string } == ["planned", "underway", "done"])
        #expect(find(declined)["answer"]["decision"].string == "declined")
        #expect(find(declined)["answer"]["text"].string == "Rechtlich nicht zulässig.")
        #expect(find(overdue)["answer"]["decision"].string == "accepted", "late, and said")
        #expect(find(overdue)["reminders"].array.count == 4, "what was late stays said")
        #expect(shown.filter { $0["support"] != .null }.count == 3)
        // What was done shows beside what was asked for.
        let path = "\(server.home)/recommendations/\(promotion)/comparison"
        let compared = try await server.send("GET", path, as: year.member).json["items"][0]["comparisons"].array
        #expect(
            compared.map { $0["later"]["releaseNumber"].int } == [2, 3, 4],
            "the same question in three later rounds"
        )
        #expect(compared.last?["change"]["positive"]["isClear"].isTrue == true)
        #expect(compared.last?["change"]["positive"]["points"].int ?? 0 > 20)
        print("Year: suggested by \(year.raised.sorted())")
        // Who reads the chain finds each of these in it.
        let entries = try await server.audit(as: year.council).entries
        func count(_ kind: AuditKind) -> Int { entries.count { $0["kind"].string == kind.rawValue } }
        #expect(count(.publication) == 6 && count(.answer) == 6)
        #expect(count(.release) == 4 + 3, "and three supports")
        // The rank test over all blocks of the year, ballots and endorsements.
        let (alone, shared) = (year.campaign.knowledge.alone, year.campaign.knowledge.shared)
        print(
            """
            Year: \(year.campaign.town.people.count) people, 4 rounds, 3 endorsements, \(alone.equations) equations of rank \
            \(alone.rank): \(alone.determined) determined; if opinions never changed \(shared.answers) answers of \
            \(shared.people); HR saw \(year.seen.count) numbers in recommendations and \(year.campaign.attacker.cells) cells
            """
        )
        #expect(alone.determined == 0)
        #expect(year.seen.strangers.isEmpty, "\(year.seen.strangers.prefix(5))")
        #expect(year.seen.count > 1_000)
        // Who knows of no release takes each of these numbers for a stranger.
        var ignorant = SeenNumbers()
        ignorant.look(at: list.json)
        #expect(ignorant.strangers.count == 6 + 3, "six cells and three supports")
    }
}
