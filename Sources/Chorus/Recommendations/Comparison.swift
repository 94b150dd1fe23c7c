/// A number of a later release beside one that a recommendation rests on.
struct Comparison: Hashable, Sendable {
    /// How far a value has moved.
    struct Change: Hashable, Sendable {
        /// In points for a share, in tenths for the mean; below zero when it fell.
        let difference: Int
        /// How much of a difference rounding and noise alone can make, in the same units.
        let margin: Int

        /// Whether it moved by more than rounding and noise can explain.
        var isClear: Bool { abs(difference) > margin }
    }

    let later: ReleasedCell
    let negative: Change
    let neutral: Change
    let positive: Change
    let mean: Change

    /// - Parameters:
    ///   - before: the cell that is evidence.
    ///   - later: the same question, table and unit in a later release.
    init(before: ReleasedCell, later: ReleasedCell) {
        // Each value lies half a step from where it was rounded from, at most. The steps are both odd, so the sum is even.
        let shares = (before.shareStep + later.shareStep) / 2 + before.shareNoise + later.shareNoise
        self.later = later
        negative = Change(difference: later.negative - before.negative, margin: shares)
        neutral = Change(difference: later.neutral - before.neutral, margin: shares)
        positive = Change(difference: later.positive - before.positive, margin: shares)
        // A strict round knows classes only, whose middles lie up to half a rating from the ratings.
        let classes = (before.noise == nil) == (later.noise == nil) ? 0 : 5
        mean = Change(
            difference: later.meanTenths - before.meanTenths,
            margin: (before.meanStep + later.meanStep) / 2 + before.meanNoise + later.meanNoise + classes
        )
    }

    /// What became of one piece of evidence.
    ///
    /// - Parameters:
    ///   - evidence: a released cell.
    ///   - cells: all released cells, in any order.
    /// - Returns: by release; a later release without such a cell says nothing, and is not named.
    static func following(_ evidence: ReleasedCell, in cells: some Sequence<ReleasedCell>) -> [Comparison] {
        let same = cells.filter { $0.kind == evidence.kind && $0.table == evidence.table }
        let questions = QuestionIndex(same + [evidence])
        let question = questions.question(of: evidence)
        return Set(same).filter {
            $0.releaseNumber > evidence.releaseNumber && $0.unit == evidence.unit
                && questions.question(of: $0) == question
        }
        .sorted { ($0.releaseNumber, $0.id) < ($1.releaseNumber, $1.id) }
        .map { Comparison(before: evidence, later: $0) }
    }
}

extension ReleasedCell {
    /// How many points noise moves a share by, at most, in 95 % of cases.
    ///
    /// With the variance v of one count, the error of their sum is twice the root of 3v; a share p of n moves by twice the root of v(1 − 2p + 3p²) over n,
    /// which is below 0.82 times that error over n.
    fileprivate var shareNoise: Int {
        guard let noise else { return 0 }
        return min(100, (100 * noise.error + noise.count - 1) / noise.count)
    }

    /// The same for the mean in tenths, whose classes lie 15, 30 and 45 tenths up: below 19.4 times that error over n.
    fileprivate var meanNoise: Int {
        guard let noise else { return 0 }
        return min(40, (20 * noise.error + noise.count - 1) / noise.count)
    }
}

extension Comparison: Encodable {
    private enum CodingKeys: CodingKey { case later, change }
    private enum Values: CodingKey { case negative, neutral, positive, mean }
    private enum Parts: CodingKey { case points, difference, margin, isClear }

    /// Shares as whole points, the mean as it is shown.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(later, forKey: .later)
        var values = container.nestedContainer(keyedBy: Values.self, forKey: .change)
        for (name, change) in [(Values.negative, negative), (.neutral, neutral), (.positive, positive)] {
            var parts = values.nestedContainer(keyedBy: Parts.self, forKey: name)
            try parts.encode(change.difference, forKey: .points)
            try parts.encode(change.margin, forKey: .margin)
            try parts.encode(change.isClear, forKey: .isClear)
        }
        var parts = values.nestedContainer(keyedBy: Parts.self, forKey: .mean)
        try parts.encode(Double(mean.difference) / 10, forKey: .difference)
        try parts.encode(Double(mean.margin) / 10, forKey: .margin)
        try parts.encode(mean.isClear, forKey: .isClear)
    }
}
