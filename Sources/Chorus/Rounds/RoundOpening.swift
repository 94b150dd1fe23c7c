import Disclosure
import Foundation
import Postgres

extension ServerParts {
    /// Opens a round: checks admission, freezes the plan, opens the ballot key; all or nothing.
    ///
    /// - Throws: ``Problem`` `stateConflict` unless the round is a draft, `admissionRefused` naming the rule.
    func openRound(_ round: Round, of network: Network) async throws {
        let key = try await makeKey()
        try await databases.member.transaction(network: network.id) { transaction in
            let move = MoveRound(network: network.id, id: round.id, from: .draft, to: .open)
            guard try await transaction.first(move) != nil else { throw Problem(.stateConflict) }
            let parameters = Parameters(k: network.k, d: network.d)
            let counts = try await transaction.execute(CountEligible(network: network.id))
            var audience: [UUID]?
            if let event = round.audienceEvent {
                audience = try await transaction.execute(ReadEventAudience(network: network.id, event: event))
            }
            let size = audience?.count ?? counts.reduce(0) { $0 + $1.count }
            let isLarge = size >= network.minSet
            try Admission.check(size: size, isEvent: audience != nil, minSet: network.minSet, parameters)
            try await checkEarlierAudiences(of: round, audience, of: network, parameters, in: transaction)
            var units: [PlanUnit<UUID>] = []
            if audience == nil, isLarge {
                let people = Dictionary(counts.map { ($0.unit, $0.count) }) { $0 + $1 }
                units = try await transaction.execute(ReadUnits(network: network.id)).compactMap { unit in
                    UUID(utf8: unit.id.utf8).map { id in
                        PlanUnit(
                            id: id,
                            parent: unit.parent.flatMap { UUID(utf8: $0.utf8) },
                            population: people[id] ?? 0
                        )
                    }
                }
            }
            let sensitive = Set(try await transaction.execute(ReadSensitiveThemes(network: network.id)).map(\.text))
            let plan = Plan(
                items: round.items.compactMap { UUID(utf8: $0.id.utf8) },
                units: units,
                unplaced: size - units.reduce(0) { $0 + $1.population },
                sensitive: Set(
                    round.items.filter { $0.theme.map(sensitive.contains) ?? false }
                        .compactMap { UUID(utf8: $0.id.utf8) }
                ),
                parameters: parameters
            )
            if round.scheme == .s2 { try await reserveBudget(for: round, of: network, in: transaction) }
            _ = try await transaction.execute(InsertPlan(network: network.id, round: round.id, plan: plan))
            let new = ballotKey(of: round, network, audience: audience)
            try await openKey(new, key, of: network.id, in: transaction)
        }
    }

    private func checkEarlierAudiences(
        of round: Round,
        _ audience: [UUID]?,
        of network: Network,
        _ parameters: Parameters,
        in transaction: PostgresTransaction
    ) async throws {
        let earlier = try await transaction.execute(ReadEarlierAudiences(network: network.id, round: round))
        guard !earlier.isEmpty else { return }
        let eligible = try await transaction.execute(ReadEligible(network: network.id))
        let units = try await transaction.execute(ReadUnits(network: network.id))
        try Admission.check(
            audience: audience.map { Set($0) },
            opensAt: round.opensAt,
            against: earlier,
            roster: Roster(eligible, units: units),
            parameters
        )
    }

    private func ballotKey(of round: Round, _ network: Network, audience: [UUID]?) -> NewKey {
        let today = PostgresDate.today(in: network.zone, at: now())
        let last = max(today, PostgresDate.today(in: network.zone, at: round.closesAt))
        return NewKey(
            scope: round.id,
            kind: .ballot,
            tokensPerMember: 1,
            // The set of a small audience is the audience itself; the floor of the schema stays.
            minSet: audience == nil ? network.minSet : max(10, min(network.minSet, audience?.count ?? 0)),
            epoch: "round",
            issueFrom: today,
            issueTo: last,
            redeemTo: last.adding(days: 7),
            audience: audience
        )
    }
}

/// Somebody who was asked the same before.
struct EarlierAudience: Sendable {
    let opensAt: Date
    let closesAt: Date
    /// Memberships; `nil` for the whole network.
    let members: Set<UUID>?
    /// How many of them have left the network since; none of them is in any audience of today.
    var departed = 0
    /// Whether a question has the same id, not only the same text.
    let isSameItem: Bool
}

/// The whole network as it is now, and the people of each of its cells.
struct Roster: Sendable {
    let everybody: Set<UUID>
    /// Each unit with those below it.
    private(set) var units: [Set<UUID>] = []

    init(_ people: [(id: UUID, unit: UUID?)], units: [OrganisationalUnit]) {
        everybody = Set(people.map(\.id))
        let parents = Dictionary(units.map { ($0.id, $0.parent) }) { first, _ in first }
        var cells: [String: Set<UUID>] = [:]
        for person in people {
            var place = person.unit?.text
            // As many steps as there are units at most, whatever the tree looks like.
            for _ in units {
                guard let unit = place else { break }
                cells[unit, default: []].insert(person.id)
                place = parents[unit] ?? nil
            }
        }
        self.units = Array(cells.values)
    }
}

/// Whether a round may be asked at all (anonymity.md, section 5.5), decided before there is any data.
enum Admission {
    /// - Throws: ``Problem`` `admissionRefused` with the rule that it breaks.
    static func check(size: Int, isEvent: Bool, minSet: Int, _ parameters: Parameters) throws(Problem) {
        let floor = isEvent ? max(10, parameters.kPop) : minSet
        guard size >= floor else {
            let rule =
                isEvent
                ? "R1: an audience of RSVPs needs at least \(floor) people"
                : "R1: the audience needs at least \(floor) people"
            throw refusal(rule)
        }
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
    /// - Throws: ``Problem`` `admissionRefused`.
    static func check(
        audience: Set<UUID>?,
        opensAt: Date,
        against earlier: [EarlierAudience],
        roster: Roster,
        _ parameters: Parameters
    ) throws(Problem) {
        for other in earlier {
            if audience == nil, other.members == nil {
                // Both are the roster of their day, which is not kept; time lets enough people come and go.
                // A text that is asked again under a new id is no repetition of the whole network's: nothing compares the two.
                guard !other.isSameItem || opensAt.timeIntervalSince(other.closesAt) >= pause else {
                    throw refusal("R3: the whole network was asked the same less than 28 days before")
                }
                continue
            }
            let (new, old) = (audience ?? roster.everybody, other.members ?? roster.everybody)
            let (more, fewer) = (new.subtracting(old).count, old.subtracting(new).count)
            // Who has left is no reason to refuse an audience that is another one anyway.
            let isSameButDeparted = other.departed > 0 && max(more, fewer + other.departed) < parameters.kPop
            if isSameButDeparted || [more, fewer].contains(where: { $0 > 0 && $0 < parameters.kPop }) {
                throw refusal(
                    "R3: the same was asked of an audience that differs by fewer than \(parameters.kPop) people"
                )
            }
            // One of the two is of an event, the other has cells of units.
            let guests = audience ?? old
            if audience == nil || other.members == nil,
                roster.units.contains(where: { areClose($0, guests, parameters) })
            {
                throw refusal("R3: a unit that was asked the same differs by fewer than \(parameters.kPop) people")
            }
        }
        guard let audience else { return }
        let events = earlier.compactMap(\.members)
        for (index, one) in events.enumerated() {
            for other in events[(index + 1)...] where areClose(one.union(other), audience, parameters) {
                throw refusal(
                    "R3: two audiences that were asked the same differ together by fewer than \(parameters.kPop) people"
                )
            }
        }
    }

    /// Whether the sums of two groups, subtracted, would be those of a few.
    private static func areClose(_ one: Set<UUID>, _ other: Set<UUID>, _ parameters: Parameters) -> Bool {
        let differences = [one.subtracting(other).count, other.subtracting(one).count]
        return differences != [0, 0] && differences.allSatisfy { $0 < parameters.kPop }
    }

    private static func refusal(_ rule: String) -> Problem {
        Problem(.admissionRefused, errors: [.init(pointer: "/audience", detail: rule)])
    }
}
