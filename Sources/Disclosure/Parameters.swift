/// The thresholds of one network (disjoint block release, "S1").
///
/// The terms are those of statistical disclosure control: a block is published only if it holds enough respondents who
/// disagree enough that no one of them can be singled out.
public struct Parameters: Hashable, Sendable {
    /// The fewest distinct people in a block; 5 by default.
    public var k: Int
    /// The fewest distinct people outside the block's largest class; 2 by default.
    public var d: Int
    /// The fewest eligible people behind a block; 2k.
    public var kPop: Int { 2 * k }
    /// The fewest distinct people in a block about something sensitive; 10, or k where that is more.
    public var sensitiveK: Int { max(10, k) }
    /// One block in so many is held up to the next level, so that its absence says nothing; 8 by default.
    public var holdUpOneIn = 8
    /// How often a contribution is looked at before it is deleted unreported; 3 by default.
    public var maximumCloses = 3

    /// The same thresholds with more people.
    ///
    /// - Parameter k: the fewest distinct people in a block; `nil`, or fewer than now, changes nothing.
    public func raised(to k: Int?) -> Parameters {
        var raised = self
        raised.k = max(self.k, k ?? 0)
        return raised
    }

    /// Makes thresholds.
    ///
    /// - Parameters:
    ///   - k: the fewest distinct people in a block; 5 by default.
    ///   - d: the fewest dissenters; 2 by default.
    public init(k: Int = 5, d: Int = 2) {
        self.k = k
        self.d = d
    }
}
