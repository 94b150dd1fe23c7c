import Disclosure
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What later releases say where a recommendation's evidence is.
@Suite struct ComparisonTests {
    @Test func onlyLaterCellsOfTheSameQuestionTableAndUnitAreNamed() {
        let evidence = ReleasedCell.sample(3, item: "a", text: "Respekt?", unit: "u", negative: 60)
        let cells: [ReleasedCell] = [
            .sample(1, item: "a", text: "Respekt?", unit: "u"), evidence,
            .sample(4, item: "a", text: "Respekt?", unit: "v"), .sample(4, item: "a", text: "Respekt?"),
            .sample(4, item: "b", text: "Aufstieg?", unit: "u"),
            .sample(4, item: "a", text: "Respekt?", unit: "u", kind: .themes),
            .sample(5, item: "z", text: "Respekt?", unit: "u", negative: 55),
            .sample(6, item: "a", text: "Respekt", unit: "u", negative: 40),
        ]
        let found = Comparison.following(evidence, in: cells)
        #expect(found.map(\.later.releaseNumber) == [5, 6])
        #expect(found.map(\.negative.difference) == [-5, -20])
        #expect(Comparison.following(evidence, in: cells.reversed()) == found)
        #expect(Comparison.following(evidence, in: []).isEmpty)
    }

    @Test func aChangeIsClearWhenRoundingCannotExplainIt() {
        func change(_ before: Int, _ later: Int, people: (Int, Int)) -> Comparison.Change {
            Comparison(
                before: .sample(1, negative: before, atLeast: people.0),
                later: .sample(2, negative: later, atLeast: people.1)
            )
            .negative
        }
        #expect(!change(50, 45, people: (20, 20)).isClear)
        #expect(change(50, 40, people: (20, 20)).isClear)
        #expect(!change(50, 49, people: (60, 60)).isClear)
        #expect(change(50, 48, people: (60, 60)).isClear)
        #expect(!change(50, 53, people: (20, 60)).isClear)
        #expect(change(50, 54, people: (20, 60)).isClear)
    }

    /// Two surveys of which nothing differs but the rounding: whatever the counts, no change is called clear.
    @Test func equalSharesAreNeverCalledAClearChange() {
        func cell(_ number: Int, _ counts: (Int, Int, Int), times: Int) -> ReleasedCell {
            let (negative, neutral, positive) = (counts.0 * times, counts.1 * times, counts.2 * times)
            let cell = Cell(
                item: "a",
                unit: nil,
                counts: (negative, neutral, positive),
                sum: 2 * negative + 3 * neutral + 5 * positive,
                k: 5
            )
            return ReleasedCell(
                release: "r\(number)",
                releaseNumber: number,
                closedOn: "2026-01-01",
                kind: .round,
                id: "c\(number)",
                table: .item,
                item: "a",
                itemText: "a",
                unit: nil,
                unitName: nil,
                atLeast: cell.atLeast,
                negative: cell.negative,
                neutral: cell.neutral,
                positive: cell.positive,
                meanTenths: cell.meanTenths,
                noise: nil
            )
        }
        var coins = SeededGenerator(seed: 7)
        for _ in 0..<3_000 {
            let counts = (
                Int.random(in: 0...9, using: &coins), Int.random(in: 0...9, using: &coins),
                Int.random(in: 5...9, using: &coins)
            )
            let comparison = Comparison(
                before: cell(1, counts, times: Int.random(in: 1...9, using: &coins)),
                later: cell(2, counts, times: Int.random(in: 1...9, using: &coins))
            )
            for change in [comparison.negative, comparison.neutral, comparison.positive, comparison.mean] {
                #expect(!change.isClear, "\(counts): \(change)")
            }
        }
    }

    /// A strict round asked twice about the same people: noise makes a clear change of it in less than 5 % of cases.
    @Test func noiseIsSeldomCalledAClearChange() throws {
        let parameters = StrictParameters()
        var coins = SeededGenerator(seed: 11)
        func strict(_ number: Int) throws -> ReleasedCell {
            func noised(_ count: Int) -> Int { count + parameters.noise.sample(using: &coins) }
            let noisy = NoisyCell(
                item: "a",
                unit: String?.none,
                counts: (noised(60), noised(30), noised(110)),
                error: parameters.error
            )
            let cell = try #require(noisy.cell)
            return .sample(
                number,
                negative: cell.negative,
                atLeast: cell.atLeast,
                meanTenths: cell.meanTenths,
                noise: .init(
                    negative: noisy.negative,
                    neutral: noisy.neutral,
                    positive: noisy.positive,
                    error: noisy.error
                )
            )
        }
        var clear = 0
        for _ in 0..<1_000 {
            let comparison = Comparison(before: try strict(1), later: try strict(2))
            if comparison.negative.isClear || comparison.mean.isClear { clear += 1 }
        }
        #expect(clear < 50, "\(clear) of 1000")
        // A change that is there is found.
        let before = ReleasedCell.sample(
            1,
            negative: 70,
            noise: .init(negative: 700, neutral: 100, positive: 200, error: 20)
        )
        let later = ReleasedCell.sample(
            2,
            negative: 40,
            noise: .init(negative: 400, neutral: 100, positive: 500, error: 20)
        )
        #expect(Comparison(before: before, later: later).negative.isClear)
    }

    @Test func membersAndHRSeeWhatBecameOfTheEvidence() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let (hr, member) = (try await server.person(.hr), try await server.person(.member))
            let (item, unit) = (UUID(), (id: UUID(), name: "Bauhof"))
            let first = try await server.release(1, [(item, "Respekt?", unit, 60), (item, "Respekt?", nil, 50)])
            let draft = """
                {"title":"a","text":"b","measure":"c","evidence":[{"release":"\(first.text)","table":"item-unit",\
                "item":"\(item.text)","unit":"\(unit.id.text)"}]}
                """
            let made = try await server.send("POST", "\(server.home)/recommendations", draft, as: team)
            let id = made.json["id"].string
            let path = "recommendations/\(id)/comparison"
            #expect(try await server.send("GET", "\(server.home)/\(path)", as: team).status == 404, "not published")
            let due = "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}"
            _ = try await server.send("PUT", "\(server.home)/recommendations/\(id)/publication", due, as: team)
            let before = try await server.send("GET", "\(server.record)/\(path)", as: hr)
            #expect(before.json["items"][0]["comparisons"].array.isEmpty, "\(before.text)")
            try await server.release(2, [(UUID(), "Respekt?", unit, 40), (UUID(), "Respekt?", nil, 45)])
            let later = try await server.send("GET", "\(server.record)/\(path)", as: hr)
            let comparison = later.json["items"][0]["comparisons"]
            #expect(comparison.array.count == 1, "\(later.text)")
            #expect(comparison[0]["later"]["releaseNumber"].int == 2)
            #expect(comparison[0]["later"]["closedOn"].string == "2026-02-01")
            #expect(comparison[0]["change"]["negative"]["points"] == .integer(-20))
            #expect(comparison[0]["change"]["negative"]["isClear"].isTrue)
            #expect(comparison[0]["change"]["mean"]["isClear"] == .bool(false))
            let same = try await server.send("GET", "\(server.home)/\(path)", as: member)
            #expect(same.json == later.json)
            let tag = ["If-None-Match": later.headers["etag"] ?? ""]
            #expect(try await server.send("GET", "\(server.record)/\(path)", as: hr, headers: tag).status == 304)
        }
    }
}
