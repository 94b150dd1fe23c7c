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
            // Who spends of the same year's budget waits until it is known what is left.
            if round.scheme == .s2 { _ = try await transaction.execute(LockNumbering(owner: network.id)) }
            let facts = try await admissionFacts(of: round, of: network, in: transaction)
            let decision = Admission.decide(facts)
            if let breach = decision.breaches.first { throw breach.problem }
            if let cost = facts.cost {
                _ = try await transaction.execute(
                    InsertLedger(network: network.id, round: round.id, year: facts.year, epsilon: cost)
                )
            }
            _ = try await transaction.execute(InsertPlan(network: network.id, round: round.id, plan: decision.plan))
            let new = ballotKey(of: round, network, audience: facts.audience)
            try await openKey(new, key, of: network.id, in: transaction)
        }
    }

    /// Whether a round could be opened now; nothing changes.
    func admission(of round: Round, of network: Network) async throws -> AdmissionDecision {
        try await databases.member.transaction(network: network.id) { transaction in
            Admission.decide(try await admissionFacts(of: round, of: network, in: transaction))
        }
    }

    private func admissionFacts(
        of round: Round,
        of network: Network,
        in transaction: PostgresTransaction
    ) async throws -> AdmissionFacts {
        let id = network.id
        var audience: [UUID]?
        if let event = round.audienceEvent {
            audience = try await transaction.execute(ReadEventAudience(network: id, event: event))
        }
        let earlier = try await transaction.execute(ReadEarlierAudiences(network: id, round: round))
        let year = PostgresDate.today(in: network.zone, at: round.closesAt).year
        let isStrict = round.scheme == .s2
        return AdmissionFacts(
            round: round,
            parameters: Parameters(k: network.k, d: network.d),
            minSet: network.minSet,
            counts: try await transaction.execute(CountEligible(network: id)),
            audience: audience,
            units: try await transaction.execute(ReadUnits(network: id)),
            sensitiveThemes: Set(try await transaction.execute(ReadSensitiveThemes(network: id)).map(\.text)),
            earlier: earlier,
            people: earlier.isEmpty ? [] : try await transaction.execute(ReadEligible(network: id)),
            year: year,
            spent: isStrict ? try await transaction.execute(ReadLedger(network: id, year: year)) : []
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
