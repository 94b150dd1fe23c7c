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

/// A disjoint, frozen group of contributions: the only thing that published numbers are made of.
public struct Block: Hashable, Sendable {
    /// Index of the node in the plan.
    public let node: Int
    /// How many contributions.
    public let count: Int
    /// How many of them are negative.
    public let negative: Int
    /// How many of them are neutral.
    public let neutral: Int
    /// How many of them are positive.
    public let positive: Int
    /// Sum of the ratings.
    public let sum: Int

    init<ID>(node: Int, of contributions: [Contribution<ID>]) {
        self.node = node
        count = contributions.count
        negative = contributions.count { $0.ratingClass == .negative }
        neutral = contributions.count { $0.ratingClass == .neutral }
        positive = contributions.count { $0.ratingClass == .positive }
        sum = contributions.reduce(0) { $0 + $1.rating }
    }
}

/// What can be said for certain of a group of contributions without knowing who made them.
struct Group<ID: Hashable & Sendable> {
    let contributions: [Contribution<ID>]

    /// LB: at least so many distinct people, whichever way tokens were shared out.
    var distinctPeople: Int {
        perKey.map { ($0.count + $0.limit - 1) / $0.limit }.max() ?? 0
    }

    /// DIV: at least so many distinct people outside the largest class.
    var dissenters: Int {
        let classes = Dictionary(grouping: contributions, by: \.ratingClass)
        guard let largest = classes.max(by: { $0.value.count < $1.value.count })?.key else { return 0 }
        return Group(contributions: contributions.filter { $0.ratingClass != largest }).distinctPeople
    }

    /// TOP: no more contributions than these can come from one person.
    var largestShare: Int {
        perKey.reduce(0) { $0 + min($1.limit, $1.count) }
    }

    func mayBeReleased(candidates: Int, _ parameters: Parameters) -> Bool {
        !contributions.isEmpty && distinctPeople >= parameters.k && dissenters >= parameters.d
            && 3 * largestShare <= contributions.count && candidates >= parameters.kPop
    }

    private var perKey: [(count: Int, limit: Int)] {
        Dictionary(grouping: contributions, by: \.key).values.map { ($0.count, max(1, $0[0].tokensPerMember)) }
    }
}
