import Disclosure
import Foundation

/// All that admission is decided by, of one moment.
struct AdmissionFacts: Sendable {
    let round: Round
    let parameters: Parameters
    let minSet: Int
    /// Eligible people by the unit that they are placed in.
    let counts: [(unit: UUID?, count: Int)]
    /// Memberships of the guests who are asked; `nil` for the whole network.
    let audience: [UUID]?
    let units: [OrganisationalUnit]
    let sensitiveThemes: Set<String>
    let earlier: [EarlierAudience]
    /// Everybody who may vote; needed only where there are earlier audiences.
    let people: [(id: UUID, unit: UUID?)]
    /// In which a strict round spends.
    let year: Int
    /// By the other strict rounds of the year.
    let spent: [Epsilon]

    /// How many people are asked.
    var size: Int { audience?.count ?? counts.reduce(0) { $0 + $1.count } }
    /// How many have to be (rule R1).
    var floor: Int { audience == nil ? minSet : max(10, parameters.kPop) }

    /// What a strict round spends; `nil` for others.
    var cost: Epsilon? {
        guard round.scheme == .s2 else { return nil }
        let cost = StrictParameters().epsilon(items: round.items.count)
        return Epsilon(numerator: cost.numerator, denominator: cost.denominator)
    }

    var items: [UUID] { round.items.compactMap { UUID(utf8: $0.id.utf8) } }

    /// Items that are never shown below the network.
    var sensitiveItems: Set<UUID> {
        let found = round.items.filter { $0.theme.map(sensitiveThemes.contains) ?? false }
        return Set(found.compactMap { UUID(utf8: $0.id.utf8) })
    }

    /// The units that answers can be of: those of today (rule R5), of a network that is large enough; guests have none.
    var planUnits: [PlanUnit<UUID>] {
        guard audience == nil, size >= minSet else { return [] }
        let people = Dictionary(counts.map { ($0.unit, $0.count) }) { $0 + $1 }
        return units.compactMap { unit in
            UUID(utf8: unit.id.utf8).map { id in
                PlanUnit(id: id, parent: unit.parent.flatMap { UUID(utf8: $0.utf8) }, population: people[id] ?? 0)
            }
        }
    }
}

/// What opening a round comes to.
struct AdmissionDecision: Sendable {
    /// Where answers of a unit go.
    struct Leaf: Sendable, Equatable {
        /// `nil` for people in no unit.
        let unit: UUID?
        let name: String?
        /// Eligible people in this very unit.
        let population: Int
        /// Whether the unit has numbers of its own.
        let isUsed: Bool
        /// The unit above that takes its answers; `nil` for the network, and for a unit that is used.
        let foldsInto: UUID?
    }

    let facts: AdmissionFacts
    /// Empty when the round can be opened.
    let breaches: [AdmissionBreach]
    let plan: Plan<UUID>

    /// First whoever is in no unit, then the units.
    var leaves: [Leaf] {
        let units = facts.planUnits
        let unplaced = facts.size - units.reduce(0) { $0 + $1.population }
        let names = Dictionary(facts.units.map { ($0.id, $0.name) }) { first, _ in first }
        let item = facts.items.first { !facts.sensitiveItems.contains($0) }
        let rest = Leaf(unit: nil, name: nil, population: unplaced, isUsed: true, foldsInto: nil)
        return [rest]
            + units.map { unit in
                let place = item.flatMap { plan.place(of: unit.id, for: $0) }
                return Leaf(
                    unit: unit.id,
                    name: names[unit.id.text],
                    population: unit.population,
                    isUsed: place == unit.id,
                    foldsInto: place == unit.id ? nil : place
                )
            }
    }

    /// Whether a rule is kept; those about how a round is counted are kept by themselves.
    func holds(_ rule: AdmissionRule) -> Bool { !breaches.contains { $0.rule == rule } }

    /// The rules that this round is held against.
    var rules: [AdmissionRule] { AdmissionRule.allCases.filter { $0 != .s2 || facts.cost != nil } }
}

extension Plan where ID == UUID {
    /// The unit in whose numbers, or in whose rest, an answer of a unit counts; `nil` for the network.
    fileprivate func place(of unit: UUID, for item: UUID) -> UUID? {
        guard let index = leaves[item]?[.some(unit)] else { return nil }
        let node = nodes[index]
        return node.unit ?? node.parent.flatMap { nodes[$0].unit }
    }
}

/// A decision as a coordinator reads it.
struct AdmissionAnswer: Encodable, Sendable {
    struct Verdict: Encodable, Sendable {
        let rule: String
        let holds: Bool
        let detail: String
    }

    struct Leaf: Encodable, Sendable {
        @ExplicitNull var unit: String?
        @ExplicitNull var unitName: String?
        let population: Int
        let isUsed: Bool
        @ExplicitNull var foldsInto: String?
    }

    let admitted: Bool
    let rules: [Verdict]
    let leaves: [Leaf]
    let networkOnlyItems: [String]

    init(_ decision: AdmissionDecision, in language: Language) {
        admitted = decision.breaches.isEmpty
        rules = decision.rules.map { rule in
            Verdict(
                rule: rule.rawValue,
                holds: decision.holds(rule),
                detail: AdmissionTexts(decision, in: language).detail(rule)
            )
        }
        leaves = decision.leaves.map { leaf in
            Leaf(
                unit: leaf.unit.text,
                unitName: leaf.name,
                population: leaf.population,
                isUsed: leaf.isUsed,
                foldsInto: leaf.foldsInto.text
            )
        }
        networkOnlyItems = decision.facts.items.filter(decision.facts.sensitiveItems.contains).map(\.text)
    }
}
