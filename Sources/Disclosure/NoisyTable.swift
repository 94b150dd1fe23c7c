/// What a strict release ("S2") spends and shows.
///
/// Neighbours are two sets of ballots that differ by one person's ballot. A ballot has one answer to an item, which stands in one
/// leaf and in the network's histogram; each histogram gets half of the item's ε.
public struct StrictParameters: Hashable, Sendable {
    /// The ε of one item, as a fraction; one half by default.
    public var epsilonPerItem = (numerator: 1, denominator: 2)

    /// Makes the standard parameters.
    public init() {}

    /// What a round spends.
    ///
    /// - Parameter items: how many it has.
    public func epsilon(items: Int) -> (numerator: Int, denominator: Int) {
        (items * epsilonPerItem.numerator, epsilonPerItem.denominator)
    }

    /// The noise of one count.
    public var noise: DiscreteLaplace {
        DiscreteLaplace(numerator: 2 * epsilonPerItem.denominator, denominator: epsilonPerItem.numerator)
    }

    /// The half-width of the interval that holds the error of a sum of three noised counts in 95 % of cases, rounded up.
    ///
    /// The sum of three has the variance 6b²; its 97.5 % quantile lies at 4.9b (normal: 4.8b, its tails are a little heavier).
    public var error: Int {
        let noise = noise
        return (49 * noise.numerator + 10 * noise.denominator - 1) / (10 * noise.denominator)
    }

    /// Whether both spend the same.
    public static func == (one: Self, other: Self) -> Bool { one.epsilonPerItem == other.epsilonPerItem }
    /// Feeds what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(epsilonPerItem.numerator)
        hasher.combine(epsilonPerItem.denominator)
    }
}

/// A declared cell with noise on it; the noise is drawn once.
public struct NoisyCell<ID: Hashable & Sendable>: Hashable, Sendable {
    /// The item.
    public let item: ID
    /// The unit; `nil` for the whole network.
    public let unit: ID?
    /// Noised counts; below zero too.
    public let negative: Int
    /// See ``negative``.
    public let neutral: Int
    /// See ``negative``.
    public let positive: Int
    /// Half-width of the 95 % interval of their sum.
    public let error: Int

    /// Takes a cell as it was stored.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - unit: the unit; `nil` for the whole network.
    ///   - counts: with noise.
    ///   - error: half-width of the 95 % interval of their sum.
    public init(item: ID, unit: ID?, counts: (negative: Int, neutral: Int, positive: Int), error: Int) {
        self.item = item
        self.unit = unit
        negative = counts.negative
        neutral = counts.neutral
        positive = counts.positive
        self.error = error
    }

    /// Whether it says more than its noise: the noised number is above four times its error.
    public var isShown: Bool { negative + neutral + positive > 4 * error }

    /// The cell as it is published; `nil` when it is not shown.
    ///
    /// A function of the noised counts alone. The mean is that of the classes (1.5, 3, 4.5), because ratings are not counted singly.
    public var cell: Cell<ID>? {
        guard isShown else { return nil }
        let counts = (max(0, negative), max(0, neutral), max(0, positive))
        let tenths = 15 * counts.0 + 30 * counts.1 + 45 * counts.2
        return Cell(
            item: item,
            unit: unit,
            noised: counts,
            atLeast: max(0, negative + neutral + positive - error),
            tenths: tenths
        )
    }
}

extension Cell {
    fileprivate init(
        item: ID,
        unit: ID?,
        noised counts: (negative: Int, neutral: Int, positive: Int),
        atLeast: Int,
        tenths: Int
    ) {
        let all = Cell(item: item, unit: unit, counts: counts, sum: 0, k: 0)
        let count = counts.negative + counts.neutral + counts.positive
        self.init(all, atLeast: atLeast / 5 * 5, meanTenths: (2 * tenths + 5 * count) / (10 * count) * 5)
    }
}

extension Plan {
    /// Counts and noises every declared cell, those without an answer too: per item its leaves with a unit, and the network.
    ///
    /// - Parameters:
    ///   - tallies: all contributions of the round; one for each person and item.
    ///   - parameters: what is spent.
    ///   - generator: a cryptographic one wherever people are counted.
    public func noise(
        _ tallies: [Tally<ID>],
        parameters: StrictParameters,
        using generator: inout some RandomNumberGenerator
    ) -> [NoisyCell<ID>] {
        var counts: [Int: [RatingClass: Int]] = [:]
        for tally in tallies where nodes.indices.contains(tally.node) {
            var root = tally.node
            while let parent = nodes[root].parent { root = parent }
            counts[root, default: [:]][tally.ratingClass, default: 0] += tally.count
            if root != tally.node {
                counts[tally.node, default: [:]][tally.ratingClass, default: 0] += tally.count
            }
        }
        let children = children
        var noised: [NoisyCell<ID>] = []
        for (index, node) in nodes.enumerated() where node.parent == nil || node.unit != nil && children[index].isEmpty
        {
            func draw(_ rating: RatingClass) -> Int {
                (counts[index]?[rating] ?? 0) + parameters.noise.sample(using: &generator)
            }
            noised.append(
                NoisyCell(
                    item: node.item,
                    unit: node.unit,
                    counts: (draw(.negative), draw(.neutral), draw(.positive)),
                    error: parameters.error
                )
            )
        }
        return noised
    }
}
