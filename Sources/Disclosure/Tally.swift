/// Contributions that no threshold tells apart: of one key, in one leaf, with one rating.
///
/// A round has as many of them as leaves and ratings, however many ballots it has.
public struct Tally<ID: Hashable & Sendable>: Hashable, Sendable {
    /// The key whose tokens they came with.
    public let key: ID
    /// How many tokens of that key one member has.
    public let tokensPerMember: Int
    /// Index of the leaf in the plan.
    public let node: Int
    /// 1…5.
    public let rating: Int
    /// How many contributions.
    public let count: Int

    /// Makes a tally.
    ///
    /// - Parameters:
    ///   - key: the key whose tokens they came with.
    ///   - tokensPerMember: how many tokens of that key one member has; 1, as for ballots, by default.
    ///   - node: index of the leaf in the plan.
    ///   - rating: 1…5.
    ///   - count: how many contributions.
    public init(key: ID, tokensPerMember: Int = 1, node: Int, rating: Int, count: Int) {
        self.key = key
        self.tokensPerMember = tokensPerMember
        self.node = node
        self.rating = rating
        self.count = count
    }

    /// One contribution.
    init(_ contribution: Contribution<ID>) {
        self.init(
            key: contribution.key,
            tokensPerMember: contribution.tokensPerMember,
            node: contribution.node,
            rating: contribution.rating,
            count: 1
        )
    }

    var ratingClass: RatingClass { RatingClass(rating: rating) }
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

    init<ID>(node: Int, of group: Group<ID>) {
        self.node = node
        count = group.count
        negative = group.count(of: .negative)
        neutral = group.count(of: .neutral)
        positive = group.count(of: .positive)
        sum = group.tallies.reduce(0) { $0 + $1.rating * $1.count }
    }
}

/// What can be said for certain of a group of contributions without knowing who made them.
struct Group<ID: Hashable & Sendable> {
    let tallies: [Tally<ID>]

    var count: Int { tallies.reduce(0) { $0 + $1.count } }

    func count(of rating: RatingClass) -> Int {
        tallies.reduce(0) { $0 + ($1.ratingClass == rating ? $1.count : 0) }
    }

    /// LB: at least so many distinct people, whichever way tokens were shared out.
    var distinctPeople: Int {
        perKey.map { ($0.count + $0.limit - 1) / $0.limit }.max() ?? 0
    }

    /// DIV: at least so many distinct people outside the largest class.
    var dissenters: Int {
        guard let largest = RatingClass.allCases.max(by: { count(of: $0) < count(of: $1) }) else { return 0 }
        return Group(tallies: tallies.filter { $0.ratingClass != largest }).distinctPeople
    }

    /// TOP: no more contributions than these can come from one person.
    var largestShare: Int {
        perKey.reduce(0) { $0 + min($1.limit, $1.count) }
    }

    func mayBeReleased(candidates: Int, _ parameters: Parameters) -> Bool {
        count > 0 && distinctPeople >= parameters.k && dissenters >= parameters.d
            && 3 * largestShare <= count && candidates >= parameters.kPop
    }

    private var perKey: [(count: Int, limit: Int)] {
        Dictionary(grouping: tallies, by: \.key).values.map { tallies in
            (tallies.reduce(0) { $0 + $1.count }, max(1, tallies[0].tokensPerMember))
        }
    }
}
