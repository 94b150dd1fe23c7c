@testable import Disclosure
import Testing

/// Themes of free messages, and what is sensitive (anonymity.md, section 5.1).
@Suite struct ThemeTests {
    private struct NoHoldUp: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    private let parameters = Parameters()

    private func ratings(_ count: Int, of theme: Int, _ plan: Plan<Int>, from id: Int = 0) -> [Contribution<Int>] {
        (0..<count).map {
            Contribution(
                id: id + $0,
                key: 1,
                tokensPerMember: 3,
                node: plan.leaves[theme]?[nil] ?? 0,
                rating: $0 % 5 + 1
            )
        }
    }

    private func close(_ plan: Plan<Int>, _ pending: [Contribution<Int>]) -> [Cell<Int>] {
        var coins = NoHoldUp()
        return plan.publishThemes(plan.close(pending: pending, parameters: parameters, using: &coins).blocks, k: 5)
    }

    private let themes = [
        PlanTheme(id: 1, group: 10, isSensitive: false), PlanTheme(id: 2, group: 10, isSensitive: false),
        PlanTheme(id: 3, group: nil, isSensitive: false),
    ]

    @Test func aThemeIsCoarsenedToItsGroupAndThenToTheWhole() {
        let plan = Plan(themes: themes, whole: 0, population: 60, parameters: parameters)
        #expect(close(plan, ratings(24, of: 1, plan)).map(\.item) == [0, 10, 1])
        // Nine and nine of one group are three and three people at least, six together.
        let both = ratings(9, of: 1, plan) + ratings(9, of: 2, plan, from: 100)
        #expect(close(plan, both).map(\.item) == [0, 10])
        let apart = ratings(9, of: 1, plan) + ratings(9, of: 3, plan, from: 100)
        #expect(close(plan, apart).map(\.item) == [0])
        #expect(close(plan, ratings(9, of: 1, plan)).isEmpty)
    }

    @Test func whatHasNoThemeCountsInTheWholeOnly() {
        let plan = Plan(themes: themes, whole: 0, population: 60, parameters: parameters)
        let cells = close(plan, ratings(24, of: 1, plan) + ratings(30, of: 0, plan, from: 100))
        #expect(cells.first { $0.item == 0 }?.atLeast == 50)
        #expect(cells.first { $0.item == 1 }?.atLeast == 20)
    }

    @Test func aSensitiveThemeNeedsTenPeopleWhereverItGoes() {
        let themes = [
            PlanTheme(id: 1, group: 10, isSensitive: true), PlanTheme(id: 2, group: 10, isSensitive: false),
        ]
        let plan = Plan(themes: themes, whole: 0, population: 60, parameters: parameters)
        #expect(close(plan, ratings(27, of: 1, plan)).isEmpty, "nine people at least")
        let cells = close(plan, ratings(30, of: 1, plan))
        #expect(cells.map(\.item) == [0, 10, 1])
        #expect(cells.allSatisfy { $0.atLeast >= 10 })
        let few = Plan(themes: themes, whole: 0, population: 19, parameters: parameters)
        #expect(close(few, ratings(30, of: 1, few)).isEmpty, "twice as many eligible people")
    }

    @Test func aSensitiveItemIsNeverShownBelowTheNetwork() {
        let units = [PlanUnit(id: 7, parent: nil, population: 100)]
        let plan = Plan(items: [1, 2], units: units, unplaced: 0, sensitive: [2], parameters: parameters)
        #expect(plan.leaves[2] == [nil: plan.leaves[2]?[nil] ?? -1], "no unit can be chosen")
        let node = plan.leaves[2]?[nil] ?? 0
        #expect(plan.nodes[node].population == 100)
        func votes(_ count: Int) -> [Contribution<Int>] {
            (0..<count).map { Contribution(id: $0, key: 1, node: node, rating: $0 % 5 + 1) }
        }
        var coins = NoHoldUp()
        #expect(plan.close(pending: votes(9), parameters: parameters, using: &coins).blocks.isEmpty)
        let closing = plan.close(pending: votes(10), parameters: parameters, using: &coins)
        #expect(plan.publish(closing.blocks, k: 5).map { [$0.item, $0.unit ?? 0] } == [[2, 0]])
    }
}
