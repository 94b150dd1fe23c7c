import Disclosure
import Foundation

/// Answers counted from the source, of which released numbers must be sums.
struct Tally: Hashable, Sendable {
    var negative = 0
    var neutral = 0
    var positive = 0

    var count: Int { negative + neutral + positive }
    /// Sum of the ratings 1, 3 and 5.
    var sum: Int { negative + 3 * neutral + 5 * positive }

    mutating func add(rating: Int) {
        if rating < 3 { negative += 1 } else if rating > 3 { positive += 1 } else { neutral += 1 }
    }

    static func + (left: Tally, right: Tally) -> Tally {
        Tally(
            negative: left.negative + right.negative,
            neutral: left.neutral + right.neutral,
            positive: left.positive + right.positive
        )
    }

    /// Whether S1 lets these ballots, one a person, stand alone as a block.
    func mayBeBlock(candidates: Int, _ parameters: Parameters) -> Bool {
        count >= max(3, parameters.k) && count - max(negative, neutral, positive) >= parameters.d
            && candidates >= parameters.kPop
    }
}

/// What S1 may publish of one round, computed from the source of its ballots.
///
/// The hold-up coins are the server's own, so more than one release can be right: below each node every course that the
/// coins may have taken is followed, and the cells that were released rule courses out. None left is a mismatch.
struct Truth {
    private struct Course: Hashable {
        var released = Tally()
        var waiting = Tally()
        var candidates = 0
    }

    let plan: Plan<UUID>
    let parameters: Parameters
    /// Answers by leaf.
    private(set) var tallies: [Int: Tally] = [:]

    init(plan: Plan<UUID>, parameters: Parameters) {
        self.plan = plan
        self.parameters = parameters
    }

    mutating func add(item: UUID, unit: UUID?, rating: Int) {
        guard let places = plan.leaves[item], let leaf = places[unit] ?? places[nil] else { return }
        tallies[leaf, default: Tally()].add(rating: rating)
    }

    /// Compares a release with the source.
    ///
    /// - Parameter cells: every cell of the tables item and item × unit.
    /// - Returns: one line for each cell that no course explains.
    func mismatches(with cells: [ReleasedCell]) -> [String] {
        struct Place: Hashable {
            let item: UUID
            let unit: UUID?
        }
        var left: [Place: ReleasedCell] = [:]
        var found: [String] = []
        for cell in cells where left.updateValue(cell, forKey: Place(item: cell.item, unit: cell.unit)) != nil {
            found.append("released twice: \(cell)")
        }
        var courses = [Set<Course>](repeating: [], count: plan.nodes.count)
        let children = Dictionary(grouping: plan.nodes.indices) { plan.nodes[$0].parent }
        for index in plan.nodes.indices.reversed() {
            let node = plan.nodes[index]
            let below = (children[index] ?? []).map { courses[$0] }
            courses[index] = possible(index, below: below)
            guard node.unit != nil || node.parent == nil else { continue }
            let cell = left.removeValue(forKey: Place(item: node.item, unit: node.unit))
            let right = courses[index].filter { expected($0, at: node) == cell }
            if right.isEmpty {
                let was = cell.map { "\($0)" } ?? "absent"
                found.append("item \(node.item), unit \(node.unit?.uuidString ?? "all"): \(was) follows from no course")
            } else {
                courses[index] = right
            }
        }
        return found + left.values.map { "released for no node of the plan: \($0)" }
    }

    private func possible(_ index: Int, below: [Set<Course>]) -> Set<Course> {
        let node = plan.nodes[index]
        var courses: Set = [Course(waiting: tallies[index] ?? Tally(), candidates: node.population)]
        for child in below {
            courses = Set(
                courses.flatMap { one in
                    child.map { other in
                        Course(
                            released: one.released + other.released,
                            waiting: one.waiting + other.waiting,
                            candidates: one.candidates + other.candidates
                        )
                    }
                }
            )
        }
        return courses.reduce(into: []) { outcome, course in
            let isBlock = course.waiting.mayBeBlock(candidates: course.candidates, parameters)
            if isBlock { outcome.insert(Course(released: course.released + course.waiting)) }
            // Only below the root may a coin hold a block up.
            if !isBlock || node.parent != nil { outcome.insert(course) }
        }
    }

    private func expected(_ course: Course, at node: Plan<UUID>.Node) -> ReleasedCell? {
        let tally = course.released
        guard tally.count > 0 else { return nil }
        return ReleasedCell(
            Cell(
                item: node.item,
                unit: node.unit,
                counts: (tally.negative, tally.neutral, tally.positive),
                sum: tally.sum,
                k: parameters.k
            )
        )
    }
}
