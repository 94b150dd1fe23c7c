import Disclosure
import Foundation

/// What a round breaks.
enum AdmissionBreach: Sendable, Equatable {
    case fewPeople(floor: Int, isEvent: Bool)
    /// The whole network was asked the same less than 28 days before.
    case askedLately
    /// The same was asked of an audience that differs by fewer people than this.
    case closeAudience(Int)
    /// A unit that was asked the same differs by fewer people than this.
    case closeUnit(Int)
    /// Two audiences that were asked the same differ together by fewer people than this.
    case closeTogether(Int)
    /// A strict round would pass the budget of a year.
    case overBudget(year: Int)

    var rule: AdmissionRule {
        switch self {
        case .fewPeople: .r1
        case .askedLately, .closeAudience, .closeUnit, .closeTogether: .r3
        case .overBudget: .s2
        }
    }

    /// The refusal of an opening.
    var problem: Problem {
        let detail = "\(rule.rawValue): \(reason)"
        return Problem(
            .admissionRefused,
            errors: [.init(pointer: rule == .s2 ? "/scheme" : "/audience", detail: detail)]
        )
    }

    private var reason: String {
        switch self {
        case .fewPeople(let floor, true): "an audience of RSVPs needs at least \(floor) people"
        case .fewPeople(let floor, false): "the audience needs at least \(floor) people"
        case .askedLately: "the whole network was asked the same less than 28 days before"
        case .closeAudience(let few): "the same was asked of an audience that differs by fewer than \(few) people"
        case .closeUnit(let few): "a unit that was asked the same differs by fewer than \(few) people"
        case .closeTogether(let few):
            "two audiences that were asked the same differ together by fewer than \(few) people"
        case .overBudget(let year):
            "the round would pass the privacy budget of \(year), which is \(PrivacyLedger.yearlyCap)"
        }
    }
}

/// The rules of admission, and the budget of strict rounds.
enum AdmissionRule: String, CaseIterable, Sendable {
    case r1 = "R1"
    case r2 = "R2"
    case r3 = "R3"
    case r4 = "R4"
    case r5 = "R5"
    case s2 = "S2"
}

/// Whether a round may be asked at all (anonymity.md, section 5.5), decided before there is any data.
///
/// The one decision of opening a round and of looking beforehand whether it can be opened.
enum Admission {
    /// Decides.
    static func decide(_ facts: AdmissionFacts) -> AdmissionDecision {
        let parameters = facts.parameters
        var breaches: [AdmissionBreach] = []
        if facts.size < facts.floor {
            breaches.append(.fewPeople(floor: facts.floor, isEvent: facts.audience != nil))
        }
        let repeated = breach(
            audience: facts.audience.map { Set($0) },
            opensAt: facts.round.opensAt,
            against: facts.earlier,
            roster: Roster(facts.people, units: facts.units),
            parameters
        )
        breaches += [repeated].compactMap(\.self)
        if let cost = facts.cost, !PrivacyLedger.admits(cost, after: facts.spent) {
            breaches.append(.overBudget(year: facts.year))
        }
        let units = facts.planUnits
        let plan = Plan(
            items: facts.items,
            units: units,
            unplaced: facts.size - units.reduce(0) { $0 + $1.population },
            sensitive: facts.sensitiveItems,
            parameters: parameters
        )
        return AdmissionDecision(facts: facts, breaches: breaches, plan: plan)
    }

    /// How long two answers to one question are held against each other.
    static let memory: TimeInterval = 180 * 86_400
    /// What must lie between two rounds of the whole network.
    static let pause: TimeInterval = 28 * 86_400

    /// R3: asking the same of two audiences that differ by a few would tell what the few said.
    ///
    /// Beyond the rule of the design, an audience is held against the cells of units and against two earlier audiences together: their
    /// sums can be subtracted as well. More of them together are not looked at.
    ///
    /// - Parameters:
    ///   - audience: memberships; `nil` for the whole network.
    ///   - opensAt: when it is asked.
    ///   - earlier: who was asked one of the same questions before, within ``memory``.
    ///   - roster: the network as it is now.
    ///   - parameters: thresholds; a difference of nobody or of at least kPop people tells nothing.
    /// - Returns: `nil` when nothing is in the way.
    static func breach(
        audience: Set<UUID>?,
        opensAt: Date,
        against earlier: [EarlierAudience],
        roster: Roster,
        _ parameters: Parameters
    ) -> AdmissionBreach? {
        for other in earlier {
            if audience == nil, other.members == nil {
                // Both are the roster of their day, which is not kept; time lets enough people come and go.
                // A text that is asked again under a new id is no repetition of the whole network's: nothing compares the two.
                guard !other.isSameItem || opensAt.timeIntervalSince(other.closesAt) >= pause else {
                    return .askedLately
                }
                continue
            }
            let (new, old) = (audience ?? roster.everybody, other.members ?? roster.everybody)
            let (more, fewer) = (new.subtracting(old).count, old.subtracting(new).count)
            // Who has left is no reason to refuse an audience that is another one anyway.
            let isSameButDeparted = other.departed > 0 && max(more, fewer + other.departed) < parameters.kPop
            if isSameButDeparted || [more, fewer].contains(where: { $0 > 0 && $0 < parameters.kPop }) {
                return .closeAudience(parameters.kPop)
            }
            // One of the two is of an event, the other has cells of units.
            let guests = audience ?? old
            if audience == nil || other.members == nil,
                roster.units.contains(where: { areClose($0, guests, parameters) })
            {
                return .closeUnit(parameters.kPop)
            }
        }
        guard let audience else { return nil }
        let events = earlier.compactMap(\.members)
        for (index, one) in events.enumerated() {
            for other in events[(index + 1)...] where areClose(one.union(other), audience, parameters) {
                return .closeTogether(parameters.kPop)
            }
        }
        return nil
    }

    /// Whether the sums of two groups, subtracted, would be those of a few.
    private static func areClose(_ one: Set<UUID>, _ other: Set<UUID>, _ parameters: Parameters) -> Bool {
        let differences = [one.subtracting(other).count, other.subtracting(one).count]
        return differences != [0, 0] && differences.allSatisfy { $0 < parameters.kPop }
    }
}
