/// One number from one ballot; it dies when it is released.
public struct Contribution<ID: Hashable & Sendable>: Hashable, Sendable {
    /// Its id.
    public let id: ID
    /// The key whose token it came with; people are told apart only as far as keys and their limits allow.
    public let key: ID
    /// How many tokens of that key one member has.
    public let tokensPerMember: Int
    /// Index of the leaf in the plan.
    public let node: Int
    /// 1…5.
    public let rating: Int
    /// How many closes it has waited through.
    public let closesWaited: Int

    /// Makes a contribution.
    ///
    /// - Parameters:
    ///   - id: its id.
    ///   - key: the key whose token it came with.
    ///   - tokensPerMember: how many tokens of that key one member has; 1 for ballots.
    ///   - node: index of the leaf in the plan.
    ///   - rating: 1…5.
    ///   - closesWaited: how many closes it has waited through; none by default.
    public init(id: ID, key: ID, tokensPerMember: Int = 1, node: Int, rating: Int, closesWaited: Int = 0) {
        self.id = id
        self.key = key
        self.tokensPerMember = tokensPerMember
        self.node = node
        self.rating = rating
        self.closesWaited = closesWaited
    }

    /// What is told apart when dissent is counted.
    public var ratingClass: RatingClass { RatingClass(rating: rating) }
}

/// Ratings in three classes.
public enum RatingClass: String, CaseIterable, Hashable, Sendable {
    /// 1 and 2.
    case negative
    /// 3.
    case neutral
    /// 4 and 5.
    case positive

    /// The class of a rating.
    ///
    /// - Parameter rating: 1…5.
    public init(rating: Int) {
        self = rating < 3 ? .negative : rating > 3 ? .positive : .neutral
    }
}
