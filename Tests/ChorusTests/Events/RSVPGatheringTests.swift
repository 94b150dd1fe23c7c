import Foundation
import Hummingbird
import Postgres
import Testing

@testable import Chorus
@testable import TestSupport

/// Takes one answer by itself: what every batch is held against.
private struct SaveRSVP: PostgresStatement {
    static let sql = "SELECT problem, status, waitlist_position FROM save_rsvp($1, $2, $3, $4, $5)"
    let wish: RSVPWish
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(wish.network)
        parameters.append(wish.event)
        parameters.append(wish.member)
        parameters.append(wish.reply?.rawValue)
        parameters.append(now)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> RSVPOutcome {
        try SaveRSVPs.decode(&row)
    }
}

extension RSVPOutcome {
    /// All of it, to compare and to print.
    fileprivate var text: String {
        "\(problem?.rawValue ?? "taken") \(status ?? "-") \(waitlistPosition.map(String.init) ?? "-")"
    }
}

/// Networks with the same members, in which the same things happen.
private struct GatheringTown: Sendable {
    let server: TestServer
    /// Two whose answers are gathered.
    let networks: [UUID]
    /// By network.
    let members: [UUID: [UUID]]

    var pool: PostgresPool { server.parts.databases.member }

    static func make(on server: TestServer, networks count: Int, members: Int) async throws -> GatheringTown {
        // By SQL: the keys that a network gets otherwise take longer to make than all the rest.
        let networks = (0..<count).map { _ in UUID() }
        let rows = networks.map { "('\($0)', 'netz-\($0.text.prefix(8))', 'Netz', 'Stadt', 'Europe/Berlin', 'de')" }
        try await server.run(
            "INSERT INTO network (id, slug, name, employer, time_zone, locale) VALUES \(rows.joined(separator: ","))",
            on: .private
        )
        var found: [UUID: [UUID]] = [:]
        for _ in 0..<members {
            let person = try await server.person()
            for network in networks {
                let new = InsertMembership(
                    network: network,
                    account: person.account,
                    roles: [.member],
                    displayName: "A"
                )
                found[network, default: []] += try await server.parts.databases.member.execute(new, network: network)
            }
        }
        return GatheringTown(server: server, networks: networks, members: found)
    }

    /// Makes events by SQL, so that they may be over or cancelled from their first moment.
    func events(in network: UUID, _ kinds: [EventKind]) async throws -> [UUID] {
        let ids = kinds.map { _ in UUID() }
        let rows = zip(ids, kinds).map { id, kind in
            """
            ('\(network)', '\(id)', 'Treffen', '', 'meeting', '', now() + interval '1 day', now() + interval '2 days',
                'Europe/Berlin', \(kind.capacity.map(String.init) ?? "NULL"), 'members',
                \(kind.isClosed ? "now() - interval '1 hour'" : "NULL::timestamptz"), \(kind.isCancelled), now(), now())
            """
        }
        try await server.run(
            """
            INSERT INTO event (network_id, id, title, description, kind, location, starts_at, ends_at, time_zone, capacity,
                visibility, rsvp_until, is_cancelled, created_at, updated_at)
            VALUES \(rows.joined(separator: ","))
            """,
            on: .private
        )
        return ids
    }

    struct EventKind {
        let capacity: Int?
        var isCancelled = false
        var isClosed = false
    }

    /// Counts and answers of an event, with the members by their place in the list and the queue by its order.
    func state(of event: UUID, in network: UUID) async throws -> [String] {
        let order = (members[network] ?? []).map { "'\($0)'" }.joined(separator: ",")
        return try await server.texts(
            """
            SELECT concat_ws(' ', going, maybe, waitlisted) FROM event WHERE id = '\(event)'
            UNION ALL
            (SELECT concat_ws(' ', array_position(ARRAY[\(order)]::uuid[], membership_id), answer, status,
                CASE WHEN ticket IS NOT NULL THEN rank() OVER (ORDER BY ticket) END)
            FROM rsvp WHERE event_id = '\(event)' ORDER BY array_position(ARRAY[\(order)]::uuid[], membership_id))
            """
        )
    }

    /// Whether the counts of every event are those of its answers, and nothing is fuller than it may be.
    func expectTruth() async throws {
        let wrong = try await server.count(
            """
            SELECT count(*) FROM event e WHERE going > capacity OR (going, maybe, waitlisted) <> (
                SELECT count(*) FILTER (WHERE status = 'going'), count(*) FILTER (WHERE status = 'maybe'),
                    count(*) FILTER (WHERE status = 'waitlisted')
                FROM rsvp r WHERE r.network_id = e.network_id AND r.event_id = e.id)
            """
        )
        #expect(wrong == 0)
    }
}

@Suite struct RSVPGatheringTests {
    /// Something a member does, by places in lists, so that it can be done in two networks.
    private struct Deed {
        let network: Int
        let event: Int
        let member: Int
        let reply: RSVPReply?
    }

    private static func deeds(
        _ count: Int,
        members: Int,
        events: Int,
        using coins: inout SeededGenerator
    ) -> [Deed] {
        // Coming is what most do; otherwise no event would ever be full.
        let replies: [RSVPReply?] = [.going, .going, .going, .going, .maybe, .declined, nil]
        return (0..<count).map { _ in
            Deed(
                network: Int.random(in: 0..<2, using: &coins),
                event: Int.random(in: 0..<events, using: &coins),
                member: Int.random(in: 0..<members, using: &coins),
                reply: replies[Int.random(in: 0..<replies.count, using: &coins)]
            )
        }
    }

    /// Any history comes to the same end, with the same answers on its way, whether answers are gathered or not.
    @Test func aBatchDoesWhatItsAnswersDoOneAfterTheOther() async throws {
        try await withServer { server in
            // The second half of the networks is the model of the first.
            let town = try await GatheringTown.make(on: server, networks: 4, members: 7)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 0..<10 { group.addTask { try await compare(town, seed: UInt64(seed)) } }
                try await group.waitForAll()
            }
            try await town.expectTruth()
        }
    }

    private func compare(_ town: GatheringTown, seed: UInt64) async throws {
        var coins = SeededGenerator(seed: seed)
        var events: [[UUID]] = []
        for network in town.networks {
            let open = [nil, 1, 2, 5].map { GatheringTown.EventKind(capacity: $0) }
            let over: [GatheringTown.EventKind] = [
                .init(capacity: 2, isCancelled: true), .init(capacity: 2, isClosed: true),
            ]
            // And one that nobody has made.
            events.append(try await town.events(in: network, open + over) + [UUID()])
        }
        func wish(_ deed: Deed, model: Bool) -> RSVPWish {
            let place = deed.network + (model ? 2 : 0)
            let network = town.networks[place]
            let member = town.members[network]?[deed.member] ?? UUID()
            return RSVPWish(network: network, event: events[place][deed.event], member: member, reply: deed.reply)
        }
        let now = Date()
        for round in 0..<24 {
            let count = Int.random(in: 1...16, using: &coins)
            // Half of the batches stay with few events and few people, so that they meet in them.
            let narrow = Bool.random(using: &coins)
            let deeds = Self.deeds(count, members: narrow ? 3 : 7, events: narrow ? 3 : 7, using: &coins)
            let batch = SaveRSVPs(wishes: deeds.map { wish($0, model: false) }, now: now, sender: "test")
            let gathered = try await town.pool.execute(batch).map(\.text)
            var single: [String] = []
            for deed in deeds {
                let wish = wish(deed, model: true)
                let outcome = try await town.pool.first(SaveRSVP(wish: wish, now: now), network: wish.network)
                single.append(outcome?.text ?? "")
            }
            #expect(gathered == single, "seed \(seed), round \(round): \(deeds)")
            if round == 16 { try await end(events.map { $0[3] }, town) }
        }
        for (place, network) in town.networks.prefix(2).enumerated() {
            for (event, model) in zip(events[place], events[place + 2]) {
                let expected = try await town.state(of: model, in: town.networks[place + 2])
                #expect(try await town.state(of: event, in: network) == expected, "seed \(seed)")
            }
        }
    }

    /// Cancels events that people have answered, which they may still take back.
    private func end(_ events: [UUID], _ town: GatheringTown) async throws {
        let list = events.map { "'\($0)'" }.joined(separator: ",")
        try await town.server.run("UPDATE event SET is_cancelled = true WHERE id IN (\(list))", on: .private)
    }

    /// Several processes send batches over the same events, each in its own order.
    @Test func batchesOfSeveralProcessesNeitherDeadlockNorOverfill() async throws {
        try await withServer { server in
            let town = try await GatheringTown.make(on: server, networks: 2, members: 24)
            var events: [(network: UUID, id: UUID)] = []
            for network in town.networks {
                let ids = try await town.events(in: network, [1, 3, 5, 10].map { .init(capacity: $0) })
                events += ids.map { (network, $0) }
            }
            let places = events
            try await server.withProcesses(4) { pools in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, pool) in pools.enumerated() {
                        group.addTask {
                            var coins = SeededGenerator(seed: UInt64(index))
                            for _ in 0..<12 {
                                let order = index.isMultiple(of: 2) ? places : places.reversed()
                                let wishes = order.flatMap { place in
                                    Self.deeds(5, members: 24, events: 1, using: &coins).map {
                                        let member = town.members[place.network]?[$0.member] ?? UUID()
                                        return RSVPWish(
                                            network: place.network,
                                            event: place.id,
                                            member: member,
                                            reply: $0.reply
                                        )
                                    }
                                }
                                // Not through a gatherer, which would try again what deadlocked.
                                let batch = SaveRSVPs(wishes: wishes, now: Date(), sender: "test \(index)")
                                let outcomes = try await pool.execute(batch)
                                #expect(outcomes.count == wishes.count)
                                #expect(outcomes.allSatisfy { $0.problem == nil })
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await town.expectTruth()
        }
    }

    /// A membership that ends between the sign-in and the batch fails its own answer only.
    @Test func whoHasLeftMeanwhileFailsNobodyElse() async throws {
        try await withServer { server in
            let town = try await GatheringTown.make(on: server, networks: 1, members: 12)
            let network = town.networks[0]
            let event = try await town.events(in: network, [.init(capacity: 6)])[0]
            let gone = UUID()
            let people = (town.members[network] ?? []).enumerated().flatMap { $0 == 5 ? [gone, $1] : [$1] }
            let outcomes = try await withThrowingTaskGroup(of: (UUID, Result<RSVPOutcome, any Error>).self) { group in
                for member in people {
                    let wish = RSVPWish(network: network, event: event, member: member, reply: .going)
                    group.addTask {
                        do { return (member, .success(try await server.parts.rsvps.submit(wish))) } catch {
                            return (member, .failure(error))
                        }
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(throws: PostgresError.self) { try outcomes[gone]?.get() }
            let taken = outcomes.values.compactMap { try? $0.get() }
            #expect(taken.count { $0.status == "going" } == 6)
            #expect(taken.compactMap(\.waitlistPosition).sorted() == Array(1...6))
            try await town.expectTruth()
        }
    }

    @Test func theExpressLaneWritesTheSameBytesAsTheEncoder() throws {
        for reply in RSVPReply.allCases {
            for status in ["going", "waitlisted", "maybe", "declined", nil] {
                for position in [nil, 1, 17, 100_000] {
                    let outcome = RSVPOutcome(problem: nil, status: status, waitlistPosition: position)
                    let answer = RSVPAnswer(reply, outcome)
                    #expect(answer.json == String(decoding: try Response.encoded(answer), as: UTF8.self))
                }
            }
        }
    }
}
