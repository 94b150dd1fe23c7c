import Disclosure
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// One block as the attacker is told of it, far beyond what he could know: who is in it, and its sums before they are rounded.
struct KnownBlock {
    let round: Int
    let day: Int
    let item: UUID
    let text: String
    /// Whether the guests of an event were asked.
    let isOfEvent: Bool
    /// Those who took part and whose answer is in it.
    let members: Set<Int>
    /// Those whose answer would be in it if they took part.
    let candidates: Set<Int>
    /// How many answered in each class that somebody answered in.
    let classes: [RatingClass: Int]
    /// Eligible people behind it, as the plan counts them.
    let population: Int
}

extension AttackedRound {
    /// Finds out who is in each block; nothing is hidden.
    ///
    /// A leaf belongs to the first block at it or above it: blocks stand in the order from the leaves up.
    func blocks(of close: ForeseenClose, _ ballots: [TownBallot]) -> [KnownBlock] {
        var owners: [Int: Int] = [:]
        for (place, block) in close.blocks.enumerated() {
            for node in close.plan.nodes.indices where owners[node] == nil && close.plan.isAt(node, orBelow: block.node)
            {
                owners[node] = place
            }
        }
        return close.blocks.enumerated().map { place, block in
            let item = close.plan.nodes[block.node].item
            let leaves = close.leaves[item] ?? [:]
            func isInside(_ unit: UUID?) -> Bool { (leaves[unit] ?? leaves[nil]).map { owners[$0] == place } ?? false }
            let index = items.firstIndex { $0.id == item } ?? 0
            let inside = ballots.filter { isInside($0.unit) }
            return KnownBlock(
                round: number,
                day: day,
                item: item,
                text: items[index].text,
                isOfEvent: event != nil,
                members: Set(inside.map(\.voter)),
                candidates: Set(audience.filter { isInside(places[$0]) }),
                classes: Dictionary(grouping: inside) { RatingClass(rating: $0.ratings[index]) }.mapValues(\.count),
                population: owners.filter { $0.value == place }.keys.reduce(0) { $0 + close.plan.nodes[$1].population }
            )
        }
    }
}

extension Plan {
    fileprivate func isAt(_ node: Int, orBelow top: Int) -> Bool {
        var place: Int? = node
        while let index = place, index != top { place = nodes[index].parent }
        return place != nil
    }
}

/// What can be computed from all blocks of all rounds.
struct AttackersKnowledge {
    private(set) var blocks: [KnownBlock] = []
    /// The audiences of what was asked, as sums of which a release tells; by text of the item.
    private(set) var audiences: [String: [(day: Int, isOfEvent: Bool, people: Set<Int>)]] = [:]

    mutating func add(_ round: AttackedRound, _ found: [KnownBlock]) {
        blocks += found
        for item in round.items {
            audiences[item.text, default: []].append((round.day, round.event != nil, Set(round.audience)))
            // The cells of units are sums too.
            for block in found where block.text == item.text && !block.isOfEvent {
                audiences[item.text]?.append((round.day, false, block.candidates))
            }
        }
    }

    /// Who is determined when nothing is assumed: the answers of each round and item are unknowns of their own.
    ///
    /// Equations of different rounds and items have no unknown in common, so their ranks add up. Beyond what is linear, people who
    /// all answered in one class are determined, because a count is never more than its people; of disjoint blocks that is all.
    var alone: (equations: Int, rank: Int, determined: Int) {
        let systems = Dictionary(grouping: blocks) { "\($0.round) \($0.item)" }.values
        let ranks = systems.map { Rank(of: $0.map(\.members)) }
        let determined = zip(systems, ranks).map { blocks, rank in
            blocks.filter { $0.classes.count == 1 }.reduce(into: rank.determined) { $0.formUnion($1.members) }
        }
        return (blocks.count, ranks.reduce(0) { $0 + $1.rank }, determined.reduce(0) { $0 + $1.count })
    }

    /// Who is determined when everybody is taken to answer a question as they did before, and it is known who took part.
    var shared: (rank: Int, answers: Int, people: Int) {
        let systems = Dictionary(grouping: blocks, by: \.text).values.map { Rank(of: $0.map(\.members)) }
        let people = systems.reduce(into: Set<Int>()) { $0.formUnion($1.determined) }
        return (systems.reduce(0) { $0 + $1.rank }, systems.reduce(0) { $0 + $1.determined.count }, people.count)
    }

    /// The same, if it is known only who might take part, as HR does.
    var sharedByRoster: (answers: Int, people: Int) {
        let systems = Dictionary(grouping: blocks, by: \.text).values.map { Rank(of: $0.map(\.candidates)) }
        let people = systems.reduce(into: Set<Int>()) { $0.formUnion($1.determined) }
        return (systems.reduce(0) { $0 + $1.determined.count }, people.count)
    }

    /// What an event adds: its total beside any other sum of the same question within the memory of rule R3.
    ///
    /// Audiences are close if they differ, but by fewer people than any group that is asked has.
    func byEvents(kPop: Int) -> (compared: Int, close: Int, determined: Int) {
        var (compared, close, determined) = (0, 0, 0)
        for asked in audiences.values {
            for (place, one) in asked.enumerated() where one.isOfEvent {
                for (otherPlace, other) in asked.enumerated()
                where otherPlace != place && (otherPlace > place || !other.isOfEvent) && abs(one.day - other.day) <= 180
                {
                    compared += 1
                    if (1..<kPop).contains(one.people.symmetricDifference(other.people).count) { close += 1 }
                    determined += Rank(of: [one.people, other.people]).determined.count
                }
            }
        }
        return (compared, close, determined)
    }
}
