@testable import Disclosure
import Foundation
import Testing

/// T24: the strict release (discrete Laplace), its noise, its ledger's arithmetic.
@Suite struct StrictTests {
    /// Drawn 200,000 times; 40 degrees of freedom, so chi-square stays below 95 in all but one of a million runs.
    @Test(arguments: [(4, 1), (5, 2), (1, 1), (3, 4)])
    func t24TheSamplerHasTheDiscreteLaplaceDistribution(numerator: Int, denominator: Int) {
        let noise = DiscreteLaplace(numerator: numerator, denominator: denominator)
        var generator = Seeded(state: UInt64(numerator * 100 + denominator))
        let draws = 200_000
        var counts: [Int: Int] = [:]
        for _ in 0..<draws { counts[noise.sample(using: &generator), default: 0] += 1 }
        let ratio = exp(-Double(denominator) / Double(numerator))
        // P(x) = (1 − q) / (1 + q) · q^|x|
        func probability(_ x: Int) -> Double { (1 - ratio) / (1 + ratio) * pow(ratio, Double(abs(x))) }
        var chi = 0.0
        var inside = (probability: 0.0, count: 0, cells: 0)
        for x in -20...20 where probability(x) * Double(draws) >= 10 {
            let expected = probability(x) * Double(draws)
            let found = counts[x, default: 0]
            chi += (Double(found) - expected) * (Double(found) - expected) / expected
            inside = (inside.probability + probability(x), inside.count + found, inside.cells + 1)
        }
        let expected = (1 - inside.probability) * Double(draws)
        if expected > 5 { chi += pow(Double(draws - inside.count) - expected, 2) / expected }
        print("T24: scale \(numerator)/\(denominator): chi-square \(chi) over \(inside.cells) values")
        #expect(chi < 95)
    }

    /// The likelihood of every answer of two neighbours is compared, from draws: what one ballot changes stays below e^ε.
    @Test func t24OneBallotChangesNoLikelihoodByMoreThanItsEpsilon() {
        let parameters = StrictParameters()
        let plan = Plan(
            items: [100],
            units: [PlanUnit(id: 1, parent: nil, population: 50)],
            unplaced: 0,
            parameters: Parameters()
        )
        func ballots(_ count: Int) -> [Tally<Int>] {
            [Tally(key: 1, node: plan.leaves[100]?[1] ?? 0, rating: 1, count: count)]
        }
        var generator = Seeded(state: 24)
        let draws = 300_000
        func histogram(_ tallies: [Tally<Int>]) -> [[Int]: Int] {
            var counts: [[Int]: Int] = [:]
            for _ in 0..<draws {
                let cells = plan.noise(tallies, parameters: parameters, using: &generator)
                counts[cells.map(\.negative), default: 0] += 1
            }
            return counts
        }
        let (with, without) = (histogram(ballots(6)), histogram(ballots(5)))
        let spent = parameters.epsilon(items: 1)
        let epsilon = Double(spent.numerator) / Double(spent.denominator)
        var worst = 0.0
        for (answer, count) in with where count >= 1_000 {
            let other = without[answer] ?? 0
            worst = max(worst, abs(log(Double(count) / Double(max(1, other)))))
        }
        print("T24: largest log-likelihood ratio \(worst), ε = \(epsilon)")
        // Counting error of a thousand draws: four standard deviations of the ratio are 0.18.
        #expect(worst <= epsilon + 0.18)
        #expect(worst > epsilon / 2, "the noise is not larger than it needs to be")
    }

    @Test func everyDeclaredCellIsNoisedTheEmptyOnesToo() {
        let units = [
            PlanUnit(id: 1, parent: nil, population: 0), PlanUnit(id: 2, parent: 1, population: 30),
            PlanUnit(id: 3, parent: 1, population: 40), PlanUnit(id: 4, parent: nil, population: 3),
        ]
        let plan = Plan(items: [100, 101], units: units, unplaced: 5, parameters: Parameters())
        var generator = Seeded(state: 1)
        let empty = plan.noise([], parameters: StrictParameters(), using: &generator)
        let full = plan.noise(
            [Tally(key: 1, node: plan.leaves[100]?[2] ?? 0, rating: 5, count: 500)],
            parameters: StrictParameters(),
            using: &generator
        )
        #expect(empty.map { [$0.item, $0.unit ?? 0] } == full.map { [$0.item, $0.unit ?? 0] })
        #expect(Set(empty.compactMap(\.unit)) == [2, 3], "leaves only; a unit above them would be spent twice")
        #expect(empty.count == 6)
        #expect(empty.allSatisfy { !$0.isShown && $0.cell == nil })
        #expect(empty.contains { $0.negative != 0 } && full.contains { $0.unit == 3 && $0.negative != 0 }, "noised")
        let shown = full.filter { $0.cell != nil }
        #expect(shown.map(\.item) == [100, 100])
        #expect(shown.allSatisfy { ($0.cell?.positive ?? 0) >= 97 && ($0.cell?.meanTenths ?? 0) == 45 })
    }

    @Test func aCellIsShownOnlyAboveFourTimesItsError() {
        let error = StrictParameters().error
        #expect(error == 20)
        func cell(_ count: Int) -> NoisyCell<Int> {
            NoisyCell(item: 1, unit: nil, counts: (count, -3, 3), error: error)
        }
        #expect(cell(80).cell == nil)
        #expect(cell(81).cell?.atLeast == 60)
    }
}
