/// What one close releases and what it leaves.
public struct Closing<ID: Hashable & Sendable>: Hashable, Sendable {
    /// The released blocks; disjoint.
    public fileprivate(set) var blocks: [Block] = []
    /// Contributions that are in a block now, in the order of the blocks; they are deleted.
    public fileprivate(set) var released: [ID] = []
    /// Contributions that wait for the next close.
    public fileprivate(set) var pending: [ID] = []
    /// Contributions that have waited long enough; they are deleted unreported.
    public fileprivate(set) var expired: [ID] = []
}

extension Plan {
    /// Closes the plan once, on its calendar: decides which contributions become blocks (S1).
    ///
    /// - Parameters:
    ///   - pending: the contributions that are in no block yet.
    ///   - parameters: the thresholds.
    ///   - generator: tosses the coins.
    /// - Returns: blocks, and what becomes of each contribution.
    public func close(
        pending: [Contribution<ID>],
        parameters: Parameters,
        using generator: inout some RandomNumberGenerator
    ) -> Closing<ID> {
        let (blocks, places) = decide(pending.map { Tally($0) }, parameters, using: &generator)
        var closing = Closing<ID>()
        closing.blocks = blocks
        var released = [[ID]](repeating: [], count: blocks.count)
        for contribution in pending where nodes.indices.contains(contribution.node) {
            if let place = places[contribution.node] {
                released[place].append(contribution.id)
            } else if contribution.closesWaited + 1 >= parameters.maximumCloses {
                closing.expired.append(contribution.id)
            } else {
                closing.pending.append(contribution.id)
            }
        }
        closing.released = released.flatMap(\.self)
        return closing
    }

    /// Closes the plan for good, from what was counted: for rounds, of which nothing waits for another close.
    ///
    /// - Parameters:
    ///   - tallies: all contributions.
    ///   - parameters: the thresholds.
    ///   - generator: tosses the coins.
    /// - Returns: the released blocks; disjoint.
    public func close(
        tallies: [Tally<ID>],
        parameters: Parameters,
        using generator: inout some RandomNumberGenerator
    ) -> [Block] {
        decide(tallies, parameters, using: &generator).blocks
    }

    /// Each node gathers what its children did not release.
    ///
    /// A block leaves only if it holds enough distinct people, enough dissent, no person with more than a third of it, and enough
    /// eligible people behind it; below the root a coin may still hold it up, so that an absent block never tells which
    /// condition failed.
    ///
    /// - Returns: blocks, and in which of them a node's own contributions are; those that are not named are in none.
    private func decide(
        _ tallies: [Tally<ID>],
        _ parameters: Parameters,
        using generator: inout some RandomNumberGenerator
    ) -> (blocks: [Block], places: [Int: Int]) {
        var blocks: [Block] = []
        var places: [Int: Int] = [:]
        let byNode = Dictionary(grouping: tallies, by: \.node)
        let children = children
        var handedUp = [(tallies: [Tally<ID>], candidates: Int)](repeating: ([], 0), count: nodes.count)
        // Parents stand before their children, so backwards is from the leaves up.
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            var gathered = byNode[index] ?? []
            var candidates = node.population
            for child in children[index] {
                gathered += handedUp[child].tallies
                let more = handedUp[child].candidates
                candidates = leavesShareTheirPeople ? max(candidates, more) : candidates + more
            }
            let group = Group(tallies: gathered)
            let isReleasable = group.mayBeReleased(candidates: candidates, parameters.raised(to: node.k))
            let isHeldUp = node.parent != nil && Int.random(in: 0..<parameters.holdUpOneIn, using: &generator) == 0
            if isReleasable, !isHeldUp {
                for tally in gathered { places[tally.node] = blocks.count }
                blocks.append(Block(node: index, of: group))
            } else if node.parent != nil {
                handedUp[index] = (gathered, candidates)
            }
        }
        return (blocks, places)
    }
}
