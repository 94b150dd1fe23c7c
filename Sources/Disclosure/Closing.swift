/// What one close releases and what it leaves.
public struct Closing<ID: Hashable & Sendable>: Hashable, Sendable {
    /// The released blocks; disjoint.
    public fileprivate(set) var blocks: [Block] = []
    /// Contributions that are in a block now; they are deleted.
    public fileprivate(set) var released: [ID] = []
    /// Contributions that wait for the next close.
    public fileprivate(set) var pending: [ID] = []
    /// Contributions that have waited long enough; they are deleted unreported.
    public fileprivate(set) var expired: [ID] = []
}

extension Plan {
    /// Closes the plan once, on its calendar: decides which contributions become blocks (S1).
    ///
    /// Each node gathers what its children did not release. A block leaves only if it holds enough distinct people, enough
    /// dissent, no person with more than a third of it, and enough eligible people behind it; below the root a coin may
    /// still hold it up, so that an absent block never tells which condition failed.
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
        var closing = Closing<ID>()
        let byNode = Dictionary(grouping: pending, by: \.node)
        let children = children
        var handedUp = [(contributions: [Contribution<ID>], candidates: Int)](
            repeating: ([], 0),
            count: nodes.count
        )
        // Parents stand before their children, so backwards is from the leaves up.
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            var gathered = byNode[index] ?? []
            var candidates = node.population
            for child in children[index] {
                gathered += handedUp[child].contributions
                let more = handedUp[child].candidates
                candidates = leavesShareTheirPeople ? max(candidates, more) : candidates + more
            }
            let isReleasable = Group(contributions: gathered).mayBeReleased(
                candidates: candidates,
                parameters.raised(to: node.k)
            )
            let isHeldUp = node.parent != nil && Int.random(in: 0..<parameters.holdUpOneIn, using: &generator) == 0
            if isReleasable, !isHeldUp {
                closing.blocks.append(Block(node: index, of: gathered))
                closing.released += gathered.map(\.id)
            } else if node.parent == nil {
                closing.keep(gathered, parameters)
            } else {
                handedUp[index] = (gathered, candidates)
            }
        }
        return closing
    }
}

extension Closing {
    fileprivate mutating func keep(_ contributions: [Contribution<ID>], _ parameters: Parameters) {
        for contribution in contributions {
            if contribution.closesWaited + 1 >= parameters.maximumCloses {
                expired.append(contribution.id)
            } else {
                pending.append(contribution.id)
            }
        }
    }
}
