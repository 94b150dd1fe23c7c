/// An organisational unit as a plan sees it.
public struct PlanUnit<ID: Hashable & Sendable>: Hashable, Sendable {
    /// Its id.
    public let id: ID
    /// The unit above it; `nil` directly below the network.
    public let parent: ID?
    /// Eligible people placed in this very unit, not in those below it.
    public let population: Int

    /// Describes a unit.
    ///
    /// - Parameters:
    ///   - id: its id.
    ///   - parent: the unit above it; `nil` directly below the network.
    ///   - population: eligible people in this very unit.
    public init(id: ID, parent: ID?, population: Int) {
        self.id = id
        self.parent = parent
        self.population = population
    }
}

/// Where contributions go and how they are coarsened: one tree for each item, frozen when the round opens.
///
/// The root of a tree is (item, network), below it stand the units, and leaves take the contributions. A unit whose
/// population is below kPop has no node: its people answer into the rest leaf of the unit above it (rule R2).
public struct Plan<ID: Hashable & Sendable>: Hashable, Sendable {
    /// A node of a tree.
    public struct Node: Hashable, Sendable {
        /// The item of its tree.
        public let item: ID
        /// The unit whose cell it is; `nil` for the network and for rest leaves, which have no cell of their own.
        public let unit: ID?
        /// Index of the node above it; `nil` for a root.
        public let parent: Int?
        /// Eligible people who answer into this node itself; 0 for an inner node.
        public let population: Int
        /// The fewest distinct people in a block of this node, where that is more than the network's k.
        public let k: Int?

        /// Makes a node, for example from the rows of a frozen plan.
        ///
        /// - Parameters:
        ///   - item: the item of its tree.
        ///   - unit: the unit whose cell it is.
        ///   - parent: index of the node above it; always smaller than its own.
        ///   - population: eligible people who answer into it.
        ///   - k: the fewest distinct people in a block of it; the network's by default.
        public init(item: ID, unit: ID?, parent: Int?, population: Int, k: Int? = nil) {
            self.item = item
            self.unit = unit
            self.parent = parent
            self.population = population
            self.k = k
        }
    }

    /// All nodes; a parent stands before its children.
    public private(set) var nodes: [Node] = []
    /// The leaf into which an answer goes, by item and by the unit that was chosen; `nil` stands for no unit.
    public private(set) var leaves: [ID: [ID?: Int]] = [:]

    /// Whether all leaves are of the same people, who then count once, however many leaves stand below a node.
    private(set) var leavesShareTheirPeople = false

    /// Takes a frozen plan as it was stored.
    ///
    /// - Parameter nodes: a parent stands before its children.
    public init(nodes: [Node]) {
        self.nodes = nodes
    }

    init(nodes: [Node], leaves: [ID: [ID?: Int]], leavesShareTheirPeople: Bool) {
        self.nodes = nodes
        self.leaves = leaves
        self.leavesShareTheirPeople = leavesShareTheirPeople
    }

    /// Makes the plan of a round.
    ///
    /// - Parameters:
    ///   - items: one tree for each.
    ///   - units: the organisation; a parent that is not among them counts as the network.
    ///   - unplaced: eligible people in no unit.
    ///   - sensitive: items that are never shown below the network, and only with ``Parameters/sensitiveK`` people; none by
    ///     default.
    ///   - parameters: the thresholds, for kPop.
    public init(
        items: [ID],
        units: [PlanUnit<ID>],
        unplaced: Int,
        sensitive: Set<ID> = [],
        parameters: Parameters
    ) {
        let shape = Shape(units: units, unplaced: unplaced, kPop: parameters.kPop)
        let whole = unplaced + units.reduce(0) { $0 + $1.population }
        for item in items {
            if sensitive.contains(item) {
                leaves[item] = [nil: nodes.count]
                nodes.append(
                    Node(item: item, unit: nil, parent: nil, population: whole, k: parameters.sensitiveK)
                )
            } else {
                append(shape, item: item)
            }
        }
    }

    /// Indices of the nodes directly below each node.
    var children: [[Int]] {
        var children = [[Int]](repeating: [], count: nodes.count)
        for (index, node) in nodes.enumerated() {
            if let parent = node.parent { children[parent].append(index) }
        }
        return children
    }

    private mutating func append(_ shape: Shape<ID>, item: ID) {
        let root = nodes.count
        nodes.append(Node(item: item, unit: nil, parent: nil, population: 0))
        var places: [ID?: Int] = [nil: root]
        for unit in shape.kept {
            places[unit] = nodes.count
            let population = shape.isInner(unit) ? 0 : shape.restPopulation[unit] ?? 0
            nodes.append(Node(item: item, unit: unit, parent: places[shape.place(above: unit)], population: population))
        }
        var rests: [ID?: Int] = [:]
        for place in [nil] + shape.kept.map(Optional.some) where shape.isInner(place) && shape.restIsUsed(place) {
            rests[place] = nodes.count
            let population = shape.restPopulation[place] ?? 0
            nodes.append(Node(item: item, unit: nil, parent: places[place], population: population))
        }
        leaves[item] = Dictionary(
            uniqueKeysWithValues: shape.answersInto.map { unit, place in (unit, rests[place] ?? places[place] ?? root) }
        )
    }
}

/// The part of a plan that is the same for every item.
private struct Shape<ID: Hashable & Sendable> {
    /// Units with a node, parents first.
    private(set) var kept: [ID] = []
    /// Where an answer for a unit goes: the unit itself or the nearest above it that takes it; `nil` is the network.
    private(set) var answersInto: [ID?: ID?] = [nil: nil]
    /// People who answer into a place itself.
    private(set) var restPopulation: [ID?: Int] = [:]
    private var parents: [ID: ID?] = [:]
    private var inner: Set<ID?> = [nil]

    init(units: [PlanUnit<ID>], unplaced: Int, kPop: Int) {
        let known = Set(units.map(\.id))
        let below = Dictionary(grouping: units) { unit in unit.parent.flatMap { known.contains($0) ? $0 : nil } }
        var folded: [ID: Bool] = [:]
        restPopulation[nil] = unplaced
        /// Keeps or folds what is below a place; deepest first, so that small units gather in the one above.
        func settle(_ place: ID?) {
            for unit in below[place] ?? [] {
                parents[unit.id] = place
                restPopulation[unit.id, default: 0] += unit.population
                settle(unit.id)
                let hasNodesBelow = inner.contains(unit.id)
                let isSmall = restPopulation[unit.id, default: 0] < kPop
                folded[unit.id] = isSmall
                if isSmall { restPopulation[place, default: 0] += restPopulation.removeValue(forKey: unit.id) ?? 0 }
                if !isSmall || hasNodesBelow { inner.insert(place) }
            }
        }
        settle(nil)
        /// Lists the units with nodes, parents first.
        func list(_ place: ID?) {
            for unit in below[place] ?? [] {
                if folded[unit.id] == false || inner.contains(unit.id) { kept.append(unit.id) }
                var target: ID? = unit.id
                while let current = target, folded[current] == true { target = parents[current] ?? nil }
                answersInto[unit.id] = .some(target)
                list(unit.id)
            }
        }
        list(nil)
    }

    func isInner(_ place: ID?) -> Bool { inner.contains(place) }

    /// Whether answers can go into the rest leaf of an inner place; the network always has one.
    func restIsUsed(_ place: ID?) -> Bool { place == nil || restPopulation[place] != nil }

    func place(above unit: ID) -> ID? { parents[unit] ?? nil }
}
