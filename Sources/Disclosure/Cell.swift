/// A rounded sum of whole blocks, as it is published.
public struct Cell<ID: Hashable & Sendable>: Hashable, Sendable {
    /// The item.
    public let item: ID
    /// The unit; `nil` for the whole network.
    public let unit: ID?
    /// A number of contributions that is certainly reached.
    public let atLeast: Int
    /// Share of negative ratings in percent, rounded.
    public let negative: Int
    /// Share of neutral ratings in percent, rounded.
    public let neutral: Int
    /// Share of positive ratings in percent, rounded.
    public let positive: Int
    /// Mean rating in tenths, rounded.
    public let meanTenths: Int

    /// Rounds counts for publication: shares to 5 points below 50 contributions, else to 1; the mean to 0.5 below 20, else
    /// to 0.1; the number down to a multiple of 5.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - unit: the unit; `nil` for the whole network.
    ///   - counts: negative, neutral and positive contributions; at least one in all.
    ///   - sum: sum of the ratings.
    ///   - k: the fewest people in a block.
    public init(item: ID, unit: ID?, counts: (negative: Int, neutral: Int, positive: Int), sum: Int, k: Int) {
        let count = counts.negative + counts.neutral + counts.positive
        let step = count < 50 ? 5 : 1
        self.item = item
        self.unit = unit
        atLeast = max(k, count / 5 * 5)
        negative = Self.rounded(100 * counts.negative, over: count, to: step)
        neutral = Self.rounded(100 * counts.neutral, over: count, to: step)
        positive = Self.rounded(100 * counts.positive, over: count, to: step)
        meanTenths = Self.rounded(10 * sum, over: count, to: count < 20 ? 5 : 1)
    }

    init(_ other: Cell, atLeast: Int, meanTenths: Int) {
        item = other.item
        unit = other.unit
        self.atLeast = atLeast
        negative = other.negative
        neutral = other.neutral
        positive = other.positive
        self.meanTenths = meanTenths
    }

    /// The multiple of `step` that is nearest to a fraction; halves go up.
    private static func rounded(_ numerator: Int, over denominator: Int, to step: Int) -> Int {
        (2 * numerator + denominator * step) / (2 * denominator * step) * step
    }
}

extension Plan {
    /// The tables {item, item × unit} of a release: one cell for each node with a cell of its own and a block inside it.
    ///
    /// - Parameters:
    ///   - blocks: the blocks of one close of this plan.
    ///   - k: the fewest people in a block.
    /// - Returns: cells in the order of the nodes; a cell without a block is absent, and nothing says why.
    public func publish(_ blocks: [Block], k: Int) -> [Cell<ID>] {
        cells(of: blocks, k: k) { $0.unit != nil || $0.parent == nil }
    }

    /// Each cell is the sum of the blocks at its node and below.
    func cells(of blocks: [Block], k: Int, where hasCell: (Node) -> Bool) -> [Cell<ID>] {
        var totals: [Int: (counts: (negative: Int, neutral: Int, positive: Int), sum: Int)] = [:]
        for block in blocks {
            var place: Int? = block.node
            while let index = place {
                var total = totals[index] ?? ((0, 0, 0), 0)
                total.counts.negative += block.negative
                total.counts.neutral += block.neutral
                total.counts.positive += block.positive
                total.sum += block.sum
                totals[index] = total
                place = nodes[index].parent
            }
        }
        return nodes.indices.compactMap { index in
            let node = nodes[index]
            guard hasCell(node), let total = totals[index] else { return nil }
            return Cell(
                item: node.item,
                unit: node.unit,
                counts: total.counts,
                sum: total.sum,
                k: max(k, node.k ?? 0)
            )
        }
    }
}
