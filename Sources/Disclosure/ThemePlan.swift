/// A theme of free messages as a plan sees it.
public struct PlanTheme<ID: Hashable & Sendable>: Hashable, Sendable {
    /// Its id.
    public let id: ID
    /// The group that it is coarsened to; `nil` goes to the whole at once.
    public let group: ID?
    /// Whether it is shown only with ``Parameters/sensitiveK`` people.
    public let isSensitive: Bool

    /// Describes a theme.
    ///
    /// - Parameters:
    ///   - id: its id.
    ///   - group: the group that it is coarsened to.
    ///   - isSensitive: whether it is sensitive.
    public init(id: ID, group: ID?, isSensitive: Bool) {
        self.id = id
        self.group = group
        self.isSensitive = isSensitive
    }
}

extension Plan {
    /// Makes the plan of free messages: (theme, network), above it (group, network), above all (everything, network).
    ///
    /// No unit stands in it. What may hold contributions of a sensitive theme needs as many people as the theme itself.
    ///
    /// - Parameters:
    ///   - themes: one leaf for each.
    ///   - whole: the item of the root, which also takes what has no theme.
    ///   - population: eligible people in the network.
    ///   - parameters: the thresholds.
    public init(themes: [PlanTheme<ID>], whole: ID, population: Int, parameters: Parameters) {
        func k(_ isSensitive: Bool) -> Int? { isSensitive ? parameters.sensitiveK : nil }
        var nodes = [
            Node(
                item: whole,
                unit: nil,
                parent: nil,
                population: population,
                k: k(themes.contains(where: \.isSensitive))
            )
        ]
        var leaves: [ID: [ID?: Int]] = [whole: [nil: 0]]
        var groups: [ID: Int] = [:]
        for theme in themes {
            if let group = theme.group, groups[group] == nil {
                groups[group] = nodes.count
                let isSensitive = themes.contains { $0.group == group && $0.isSensitive }
                nodes.append(Node(item: group, unit: nil, parent: 0, population: 0, k: k(isSensitive)))
            }
            leaves[theme.id] = [nil: nodes.count]
            let parent = theme.group.flatMap { groups[$0] } ?? 0
            nodes.append(
                Node(item: theme.id, unit: nil, parent: parent, population: population, k: k(theme.isSensitive))
            )
        }
        self.init(nodes: nodes, leaves: leaves, leavesShareTheirPeople: true)
    }

    /// The tables {total, item} of a release of themes: a cell for every node with a block inside it.
    ///
    /// - Parameters:
    ///   - blocks: the blocks of one close of this plan.
    ///   - k: the fewest people in a block.
    /// - Returns: cells in the order of the nodes, the whole first if it has one.
    public func publishThemes(_ blocks: [Block], k: Int) -> [Cell<ID>] {
        cells(of: blocks, k: k) { _ in true }
    }
}
