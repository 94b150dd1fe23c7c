import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Which released cells raise which suggestion: a pure function, tried with many random histories.
@Suite struct SuggestionEngineTests {
    private static func rule(
        _ key: String = "r",
        threshold: Int = 40,
        releases: Int = 2,
        comparison: RuleComparison = .atLeast,
        value: RuleValue = .negative,
        table: ReleaseTable = .itemUnit,
        kind: ReleaseKind = .round,
        atLeast: Int = 10,
        scope: Set<String> = ["a"]
    ) -> AppliedRule {
        let condition = RuleCondition(
            value: value,
            comparison: comparison,
            threshold: threshold,
            releases: releases,
            atLeast: atLeast
        )
        return AppliedRule(key: key, kind: kind, table: table, condition: condition, scope: scope)
    }

    /// A history of some releases in which questions and units come and go.
    private static func history(_ seed: UInt64) -> [ReleasedCell] {
        var coins = SeededGenerator(seed: seed)
        var cells: [ReleasedCell] = []
        for number in 1...6 {
            for item in ["a", "b", "c"] where Bool.random(using: &coins) {
                for unit in [nil, "u", "v"] where Int.random(in: 0..<3, using: &coins) > 0 {
                    let people = Int.random(in: 1...6, using: &coins) * 5
                    let share = Int.random(in: 0...20, using: &coins) * 5
                    // Sometimes the question has a new id and the old words.
                    let id = Int.random(in: 0..<3, using: &coins) == 0 ? "\(item)\(number)" : item
                    cells.append(
                        .sample(number, item: id, text: "Frage \(item)", unit: unit, negative: share, atLeast: people)
                    )
                }
            }
        }
        return cells
    }

    private static func rules(_ seed: UInt64, threshold: Int) -> [AppliedRule] {
        var coins = SeededGenerator(seed: seed ^ 0xABCD)
        return (0..<4).map { index in
            rule(
                "r\(index)",
                threshold: threshold,
                releases: Int.random(in: 1...3, using: &coins),
                table: Bool.random(using: &coins) ? .item : .itemUnit,
                scope: Set(["a", "b", "c"].shuffled(using: &coins).prefix(2))
            )
        }
    }

    @Test func aRuleIsMetInSuccessiveReleasesOfTheSameQuestionInTheSameUnit() {
        let met: [ReleasedCell] = [.sample(1, unit: "u", negative: 40), .sample(2, unit: "u", negative: 45)]
        #expect(Suggestion.raised(by: [Self.rule()], in: met).map(\.cells) == [met])
        #expect(Suggestion.raised(by: [Self.rule()], in: met.prefix(1)).isEmpty, "once is not twice")
        let fell = met + [.sample(3, unit: "u", negative: 35)]
        #expect(Suggestion.raised(by: [Self.rule()], in: fell).isEmpty, "the last ones count, not any two")
        let rose: [ReleasedCell] =
            [.sample(1, unit: "u", negative: 0)] + [
                .sample(2, unit: "u", negative: 45), .sample(3, unit: "u", negative: 60),
            ]
        #expect(Suggestion.raised(by: [Self.rule()], in: rose).map { $0.cells.map(\.releaseNumber) } == [[2, 3]])
        let elsewhere: [ReleasedCell] = [.sample(1, unit: "u", negative: 60), .sample(2, unit: "v", negative: 60)]
        #expect(Suggestion.raised(by: [Self.rule()], in: elsewhere).isEmpty, "two units are two stories")
    }

    @Test func anAbsentCellIsNoEvidence() {
        let gap: [ReleasedCell] = [
            .sample(1, unit: "u", negative: 50), .sample(2, unit: "v", negative: 0),
            .sample(2, item: "b", unit: "u", negative: 0), .sample(3, unit: "u", negative: 50),
        ]
        let found = Suggestion.raised(by: [Self.rule()], in: gap)
        #expect(
            found.map { $0.cells.map(\.releaseNumber) } == [[1, 3]],
            "a release without the cell neither counts nor interrupts"
        )
        #expect(Suggestion.raised(by: [Self.rule()], in: []).isEmpty)
    }

    @Test func aQuestionIsTheSameByItsIdOrItsWords() {
        let words: [ReleasedCell] = [
            .sample(1, item: "a", text: "Respekt?", unit: "u"), .sample(2, item: "z", text: " Respekt? ", unit: "u"),
        ]
        #expect(Suggestion.raised(by: [Self.rule()], in: words).count == 1)
        let others: [ReleasedCell] = [
            .sample(1, item: "a", text: "Respekt?", unit: "u"), .sample(2, item: "z", text: "Aufstieg?", unit: "u"),
        ]
        #expect(Suggestion.raised(by: [Self.rule(scope: ["a", "z"])], in: others).isEmpty)
        // Two channels may have a theme of the same name.
        let themes: [ReleasedCell] = [
            .sample(1, item: "a", text: "Anderes", kind: .themes),
            .sample(2, item: "z", text: "Anderes", kind: .themes),
        ]
        let rule = Self.rule(table: .item, kind: .themes, scope: ["a", "z"])
        #expect(Suggestion.raised(by: [rule], in: themes).isEmpty)
    }

    @Test func aQuestionThatARoundAskedTwiceHasToBeBadTwice() {
        let first: [ReleasedCell] = [
            .sample(1, item: "a", text: "Respekt?", unit: "u", negative: 60),
            .sample(1, item: "b", text: "Respekt?", unit: "u", negative: 50),
        ]
        let good = ReleasedCell.sample(2, item: "c", text: "Respekt?", unit: "u", negative: 10)
        let bad = ReleasedCell.sample(2, item: "d", text: "Respekt?", unit: "u", negative: 70)
        let found = Suggestion.raised(by: [Self.rule()], in: first + [bad])
        #expect(found.map { $0.cells.map(\.releaseNumber) } == [[1, 1, 2]])
        #expect(Suggestion.raised(by: [Self.rule()], in: first + [good, bad]).isEmpty)
    }

    @Test func fewPeopleTablesAndMeansAreMinded() {
        let few: [ReleasedCell] = [.sample(1, unit: "u", atLeast: 5), .sample(2, unit: "u", atLeast: 20)]
        #expect(Suggestion.raised(by: [Self.rule()], in: few).isEmpty)
        let network: [ReleasedCell] = [.sample(1), .sample(2)]
        #expect(Suggestion.raised(by: [Self.rule()], in: network).isEmpty, "not its table")
        #expect(Suggestion.raised(by: [Self.rule(table: .item)], in: network).count == 1)
        #expect(Suggestion.raised(by: [Self.rule(table: .item, scope: ["b"])], in: network).isEmpty, "not its question")
        let totals: [ReleasedCell] = [.sample(1, item: nil), .sample(2, item: nil)]
        #expect(Suggestion.raised(by: [Self.rule(table: .total, scope: [])], in: totals).count == 1)
        let mean = Self.rule(threshold: 25, comparison: .atMost, value: .mean, table: .item)
        #expect(Suggestion.raised(by: [mean], in: [.sample(1, meanTenths: 25), .sample(2, meanTenths: 20)]).count == 1)
        #expect(Suggestion.raised(by: [mean], in: [.sample(1, meanTenths: 25), .sample(2, meanTenths: 26)]).isEmpty)
    }

    @Test func aHigherThresholdNeverAddsSuggestions() {
        var raised = 0
        for seed in UInt64(0)..<300 {
            let cells = Self.history(seed)
            var before = Set(Suggestion.raised(by: Self.rules(seed, threshold: 0), in: cells))
            for threshold in stride(from: 10, through: 100, by: 10) {
                let now = Set(Suggestion.raised(by: Self.rules(seed, threshold: threshold), in: cells))
                #expect(now.isSubset(of: before), "seed \(seed), threshold \(threshold)")
                raised += now.count
                before = now
            }
        }
        #expect(raised > 500, "the histories raise something")
    }

    @Test func theOrderOfTheCellsDoesNotMatterAndOnlyCellsThatAreGivenAreNamed() {
        for seed in UInt64(0)..<300 {
            let (cells, rules) = (Self.history(seed), Self.rules(seed, threshold: 30))
            var coins = SeededGenerator(seed: seed)
            let found = Suggestion.raised(by: rules, in: cells)
            #expect(Suggestion.raised(by: rules, in: cells.shuffled(using: &coins)) == found)
            #expect(
                Suggestion.raised(by: rules, in: cells + cells.prefix(3)) == found,
                "a cell that is given twice is one cell"
            )
            for suggestion in found {
                #expect(Set(suggestion.cells).isSubset(of: cells))
                let rule = rules.first { $0.key == suggestion.rule }
                let numbers = suggestion.cells.map(\.releaseNumber)
                #expect(Set(numbers).count == rule?.condition.releases)
                #expect(numbers == numbers.sorted())
                #expect(Set(suggestion.cells.map(\.unit)).count == 1)
            }
        }
    }

    @Test func whatIsTakenAwayElsewhereChangesNothing() {
        for seed in UInt64(0)..<100 {
            let (cells, rules) = (Self.history(seed), Self.rules(seed, threshold: 30))
            let here = Suggestion.raised(by: rules, in: cells).filter { $0.cells[0].unit == "u" }
            let alone = Suggestion.raised(by: rules, in: cells.filter { $0.unit == "u" })
            // The words of a question may be known from other cells only; what is found without them is found with them.
            #expect(Set(alone).isSubset(of: here), "seed \(seed)")
        }
    }

    /// A file that imports nothing reads no database, no clock and no file: what it says is a function of what it is given.
    @Test func theFilesOfTheEngineImportNothing() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources/Chorus")
        for file in ["Suggestions/ReleasedCell", "Suggestions/Suggestion", "Recommendations/Comparison"] {
            let text = try String(contentsOf: sources.appending(path: "\(file).swift"), encoding: .utf8)
            #expect(text.matches(of: /(?m)^\s*(?:@\w+\s+)?(?:\w+\s+)?import\s/).isEmpty, "\(file)")
            #expect(text.contains("struct "))
        }
    }
}
