import Foundation
import Testing

/// How much an order that somebody sees tells about an order that he knows, batch by batch.
///
/// Under the null hypothesis each batch is a uniformly random permutation. The bounds are such that chance alone passes one of
/// them in one of a million comparisons.
struct OrderComparison: CustomStringConvertible {
    private static let risk = 1e-6
    /// Of the normal distribution, both sides, at that risk.
    private static let deviations = 4.89

    /// How many things stand in the same place of both orders; on average one in each batch.
    private(set) var hits = 0
    /// How many pairs are neighbours in both orders; on average nearly two in each batch.
    ///
    /// This finds what is rotated, or cut and put together anew.
    private(set) var neighbours = 0
    /// Spearman's rank correlation, pooled over the batches.
    private(set) var rho = 0.0
    /// What chance stays below.
    private(set) var bounds = (hits: 0, neighbours: 0, rho: 1.0)
    private let name: String

    /// Compares.
    ///
    /// - Parameters:
    ///   - name: of the attack.
    ///   - seen: things in the order that is seen.
    ///   - known: the same things in the order that is known.
    ///   - batch: which batch a thing is in.
    init(_ name: String, seen: [Int], known: [Int], batch: (Int) -> Int) {
        self.name = name
        let known = Dictionary(grouping: known, by: batch)
        var (products, squares, variance) = (0.0, 0.0, 0.0)
        for (batch, seen) in Dictionary(grouping: seen, by: batch) {
            let places = Dictionary(uniqueKeysWithValues: (known[batch] ?? []).enumerated().map { ($1, $0) })
            let ranks = seen.compactMap { places[$0] }
            precondition(ranks.count == places.count && ranks.count > 1, "both orders hold the same things")
            hits += ranks.enumerated().count { $0 == $1 }
            neighbours += zip(ranks, ranks.dropFirst()).count { abs($0 - $1) == 1 }
            let size = Double(ranks.count)
            let middle = (size - 1) / 2
            products += ranks.enumerated().reduce(0) {
                $0 + (Double($1.offset) - middle) * (Double($1.element) - middle)
            }
            let square = (size * size * size - size) / 12
            squares += square
            variance += square * square / (size - 1)
        }
        rho = products / squares
        let batches = Double(known.count)
        bounds = (
            Self.quantile(ofMean: batches), Self.quantile(ofMean: 2 * batches),
            Self.deviations * variance.squareRoot() / squares
        )
    }

    /// Whether the order that is seen tells nothing.
    var isChance: Bool { hits <= bounds.hits && neighbours <= bounds.neighbours && abs(rho) <= bounds.rho }

    var description: String {
        let rho = String(format: "%+.3f (|rho| <= %.3f)", self.rho, bounds.rho)
        return
            "T10 \(name): rho \(rho), hits \(hits) (<= \(bounds.hits)), neighbours \(neighbours) (<= \(bounds.neighbours))"
    }

    /// The least number that a Poisson variable passes with at most that risk.
    private static func quantile(ofMean mean: Double) -> Int {
        var (count, term) = (0, exp(-mean))
        var below = term
        while 1 - below > risk {
            count += 1
            term *= mean / Double(count)
            below += term
        }
        return count
    }
}

@Suite struct OrderComparisonTests {
    private let known = Array(0..<200)

    private func compare(_ seen: [Int]) -> OrderComparison { .init("control", seen: seen, known: known) { $0 / 40 } }

    private func eachBatch(_ change: (ArraySlice<Int>) -> [Int]) -> [Int] {
        (0..<5).flatMap { change(known[$0 * 40..<($0 + 1) * 40]) }
    }

    @Test func anOrderThatIsKeptReversedRotatedOrCutIsFound() {
        let kept = compare(known)
        #expect(kept.rho == 1)
        #expect(kept.hits == 200)
        #expect(!kept.isChance)
        #expect(!compare(known.reversed()).isChance)
        #expect(!compare(eachBatch { Array($0.suffix(13) + $0.prefix(27)) }).isChance)
        // Like cards that were cut into four heaps, of which the heaps alone are shuffled.
        #expect(
            !compare(
                eachBatch { batch in
                    (0..<4).shuffled().flatMap { batch.dropFirst($0 * 10).prefix(10) }
                }
            ).isChance
        )
    }

    @Test func aRandomOrderIsChance() {
        // Seeded, because each run would have a risk of its own.
        var generator = SplitMix(state: 7)
        let runs = (0..<500).map { _ in compare(eachBatch { $0.shuffled(using: &generator) }) }
        #expect(runs.allSatisfy { $0.isChance })
        let mean = Double(runs.reduce(0) { $0 + $1.hits }) / 500
        // Five are expected in each run, with a deviation of 0.1 over all.
        #expect(abs(mean - 5) < 0.5)
        #expect(abs(runs.reduce(0) { $0 + $1.rho } / 500) < 0.016)
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
