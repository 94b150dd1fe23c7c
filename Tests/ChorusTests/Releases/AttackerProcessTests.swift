import Disclosure
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The attack of HR on 60 rounds (anonymity.md, section 7: I5 to I7; section 8: T15 to T17, T21 to T23).
///
/// Starts no process; it is named so because it keeps a machine busy for a while and should run alone.
@Suite struct AttackerProcessTests {
    private let clock = TestClock()
    private let coins = TestCoins()
    private let start = Date()

    private var day: Int { Int(clock.now().timeIntervalSince(start) / 86_400 + 0.5) }

    /// Three or four questions: two that come back every thirty days under the same id, and one or two that never do.
    private func items(slot: Int, standing: [(id: UUID, text: String)]) -> [(id: UUID, text: String)] {
        let group = slot % 3
        return standing[(2 * group)..<(2 * group + 2)]
            + (0..<1 + slot % 2).map { (UUID(), "Neue Frage \(slot)-\($0)") }
    }

    @Test func anAttackerWithSixtyRoundsSinglesOutNobody() async throws {
        try await withServer(now: clock.now, coins: coins.toss) { server in
            var campaign = Campaign(
                town: try await AttackedTown(on: server, seed: 2_027),
                attacker: try await Attacker(on: server),
                clock: clock,
                coins: coins
            )
            let standing = (0..<6).map { (id: UUID(), text: "Stehende Frage \($0)") }
            for slot in 0... {
                try await campaign.ask(items(slot: slot, standing: standing), day: day)
                clock.pass(days: 2)
                if slot % 4 == 3 { try await campaign.askGuests(standing[slot % 6].text, slot: slot, on: day) }
                if campaign.rounds >= 60 { break }
                try await campaign.town.pass()
                clock.pass(days: 8)
            }
            let (alone, shared) = (campaign.knowledge.alone, campaign.knowledge.shared)
            let (roster, events) = (
                campaign.knowledge.sharedByRoster, campaign.knowledge.byEvents(kPop: 2 * server.network.k)
            )
            print(
                """
                Attack: \(campaign.rounds) rounds (\(campaign.refused) refused), \(campaign.town.people.count) people, \
                \(campaign.ballots) ballots, \(campaign.contributions) contributions, \(campaign.released) published \
                (\(Double(campaign.released * 1_000 / campaign.contributions) / 10) %), \(campaign.attacker.cells) cells in \
                \(campaign.attacker.pulls) pulls, \(alone.equations) equations of rank \(alone.rank): \(alone.determined) \
                determined; by \(events.compared) comparisons with events \(events.determined) (\(events.close) of close audiences); if opinions never changed: \
                rank \(shared.rank), \(shared.answers) answers of \(shared.people) people with turnout known, \
                \(roster.answers) of \(roster.people) without
                """
            )
            #expect(campaign.rounds == 60, "more were admitted than ought to be")
            #expect(alone.determined == 0)
            #expect(events.determined == 0)
            #expect(events.close == 0)
            #expect(events.compared > 100)
            #expect(campaign.refused > 0)
            #expect(campaign.released * 100 >= campaign.contributions * 95)
        }
    }
}
