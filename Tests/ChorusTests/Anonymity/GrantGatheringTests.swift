import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Notes one member's request by itself, in two statements: what every batch is held against.
private struct InsertGrants: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO token_grant (network_id, membership_id, key_id, request_digest)
        SELECT $1, $2, g.key_id, g.digest
        FROM unnest($3::bytea[], $4::bytea[]) AS g (key_id, digest)
        JOIN anon_key k ON k.network_id = $1 AND k.key_id = g.key_id
        JOIN anon_scope s ON s.network_id = $1 AND s.id = k.scope_id
        WHERE NOT s.is_restricted OR EXISTS (
            SELECT FROM anon_scope_member p
            WHERE p.network_id = $1 AND p.scope_id = s.id AND p.membership_id = $2)
        ON CONFLICT DO NOTHING
        """
    let wish: GrantWish
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(wish.network)
        parameters.append(wish.membership)
        parameters.append(wish.keys.map(\.id))
        parameters.append(wish.keys.map(\.digest))
    }
}

private struct ReadGrants: PostgresStatement {
    static let sql = """
        SELECT g.key_id, g.request_digest, k.sealed_private
        FROM token_grant g JOIN anon_key k ON k.network_id = g.network_id AND k.key_id = g.key_id
        WHERE g.network_id = $1 AND g.membership_id = $2 AND g.key_id = ANY ($3)
        """
    let wish: GrantWish
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(wish.network)
        parameters.append(wish.membership)
        parameters.append(wish.keys.map(\.id))
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (key: [UInt8], grant: TokenGrant) {
        (try row.next(), TokenGrant(digest: try row.next(), sealedPrivate: try row.next()))
    }
}

/// What a member asks for, by places in lists, so that it can be asked for in two networks.
private struct Order {
    let network: Int
    let member: Int
    /// Keys and what is to be signed under them.
    let keys: [(key: Int, digest: UInt8)]
}

/// Networks with the same members and the same keys, in which the same things are asked for.
private struct GrantTown: Sendable {
    /// What a network's keys are, in their order: for everybody, for everybody and over, for the members with even places,
    /// and one that nobody has made.
    static let kinds = 4

    let server: TestServer
    let networks: [UUID]
    /// By network.
    let members: [[UUID]]
    /// By network, in the order of their kinds.
    let keys: [[[UInt8]]]

    /// By SQL: keys that can sign take longer to make than all the rest.
    static func make(on server: TestServer, networks count: Int, members: Int) async throws -> GrantTown {
        let town = GrantTown(
            server: server,
            networks: (0..<count).map { _ in UUID() },
            members: (0..<count).map { _ in (0..<members).map { _ in UUID() } },
            keys: (0..<count).map { _ in (0..<kinds).map { _ in (0..<32).map { _ in UInt8.random(in: 0...255) } } }
        )
        for place in 0..<count { try await server.run(town.sql(place), on: .private) }
        return town
    }

    private func sql(_ place: Int) -> String {
        let network = networks[place]
        let scopes = [UUID(), UUID()]
        func rows<Values: Sequence>(_ values: Values, _ row: (Values.Element) -> String) -> String {
            values.map { "(\(row($0)))" }.joined(separator: ",")
        }
        let keys = zip([0, 1, 2], [(scopes[0], true), (scopes[0], false), (scopes[1], true)])
        return """
            INSERT INTO network (id, slug, name, employer, time_zone, locale)
            VALUES ('\(network)', 'netz-\(network.text.prefix(8))', 'Netz', 'Stadt', 'Europe/Berlin', 'de');
            INSERT INTO account (id, display_name, locale) VALUES \(rows(members[place]) { "'\($0)','A','de'" });
            INSERT INTO membership (network_id, id, account_id, roles, display_name)
            VALUES \(rows(members[place]) { "'\(network)','\($0)','\($0)',ARRAY['member'],'A'" });
            INSERT INTO anon_scope (network_id, id, kind, tokens_per_member, min_set, is_restricted)
            VALUES \(rows(0..<2) { "'\(network)','\(scopes[$0])','message',3,20,\($0 == 1)" });
            INSERT INTO anon_scope_member (network_id, scope_id, membership_id)
            VALUES \(rows(members[place].enumerated().filter { $0.offset % 2 == 0 }) { "'\(network)','\(scopes[1])','\($0.element)'" });
            INSERT INTO anon_key (network_id, key_id, scope_id, epoch, n, sealed_private, issue_from, issue_to, redeem_to,
                directory_seq)
            VALUES \(rows(keys) { key, kind in
                """
                '\(network)', decode('\(self.keys[place][key].hex)', 'hex'), '\(kind.0)', 'e\(key)',
                decode(repeat('01', 256), 'hex'), \(kind.1 ? "decode('0\(key)', 'hex')" : "NULL::bytea"), current_date, current_date,
                current_date, 1
                """
            });
            """
    }

    func wish(_ order: Order, in place: Int) -> GrantWish {
        GrantWish(
            network: networks[place],
            membership: members[place][order.member],
            keys: order.keys.map { .init(id: keys[place][$0.key], digest: [UInt8](repeating: $0.digest, count: 32)) }
        )
    }

    /// All of an answer, with the keys by their places.
    func text(_ answer: [[UInt8]: TokenGrant], in place: Int) -> String {
        keys[place].map { key in
            answer[key].map { "\($0.digest[0]) \($0.sealedPrivate.map { "\($0)" } ?? "over")" } ?? "none"
        }.joined(separator: ", ")
    }

    /// All that is noted of a network, with members and keys by their places.
    func notes(in place: Int) async throws -> [String] {
        let people = members[place].map { "'\($0)'" }.joined(separator: ",")
        let ids = keys[place].map { "decode('\($0.hex)', 'hex')" }.joined(separator: ",")
        return try await server.texts(
            """
            SELECT concat_ws(' ', array_position(ARRAY[\(people)]::uuid[], membership_id),
                array_position(ARRAY[\(ids)]::bytea[], key_id), encode(request_digest, 'hex'))
            FROM token_grant WHERE network_id = '\(networks[place])' ORDER BY 1
            """
        )
    }

    /// What a member would have been answered without a batch.
    func answerAlone(_ wish: GrantWish, on pool: PostgresPool) async throws -> [[UInt8]: TokenGrant] {
        let rows = try await pool.transaction(network: wish.network) { transaction in
            _ = try await transaction.execute(InsertGrants(wish: wish))
            return try await transaction.execute(ReadGrants(wish: wish))
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.grant) })
    }
}

@Suite struct GrantGatheringTests {
    private static func orders(_ count: Int, members: Int, using coins: inout SeededGenerator) -> [Order] {
        (0..<count).map { _ in
            let keys = Array(0..<GrantTown.kinds).shuffled(using: &coins)
                .prefix(Int.random(in: 1...GrantTown.kinds, using: &coins))
            return Order(
                network: Int.random(in: 0..<2, using: &coins),
                member: Int.random(in: 0..<members, using: &coins),
                keys: keys.map { ($0, UInt8.random(in: 0..<3, using: &coins)) }
            )
        }
    }

    /// Any history comes to the same end, with the same answers on its way, whether requests are gathered or not.
    @Test func aBatchNotesWhatItsRequestsWouldOneAfterTheOther() async throws {
        try await withServer { server in
            for seed in 0..<6 {
                // The second half of the networks is the model of the first.
                let town = try await GrantTown.make(on: server, networks: 4, members: 9)
                try await withPool(
                    PostgresConfiguration(server.server.privateURI, maximumConnections: 1),
                    logger: server.parts.logger
                ) { try await compare(town, UInt64(seed), model: $0) }
            }
        }
    }

    private func compare(_ town: GrantTown, _ seed: UInt64, model: PostgresPool) async throws {
        var coins = SeededGenerator(seed: seed)
        let gatherer = GrantGatherer(pool: town.server.parts.databases.member)
        for round in 0..<12 {
            let orders = Self.orders(
                Int.random(in: 1...16, using: &coins),
                members: round < 6 ? 3 : 9,
                using: &coins
            )
            let wishes = orders.map { town.wish($0, in: $0.network) }
            let gathered = try await batch(wishes, on: town.server.parts.databases.member)
            for (order, answer) in zip(orders, gathered) {
                let alone = try await town.answerAlone(town.wish(order, in: order.network + 2), on: model)
                let expected = town.text(alone, in: order.network + 2)
                #expect(town.text(answer, in: order.network) == expected, "seed \(seed), round \(round): \(orders)")
                // And asked again, by the gatherer that sends it.
                let again = try await gatherer.submit(town.wish(order, in: order.network))
                #expect(town.text(again, in: order.network) == expected)
            }
        }
        for place in 0..<2 {
            let expected = try await town.notes(in: place + 2)
            #expect(try await town.notes(in: place) == expected, "seed \(seed)")
            #expect(!expected.isEmpty)
        }
    }

    /// Not through a gatherer, which would try again what deadlocked.
    private func batch(_ wishes: [GrantWish], on pool: PostgresPool) async throws -> [[[UInt8]: TokenGrant]] {
        let rows = try await pool.execute(GrantTokens(wishes: wishes))
        return GrantTokens.answers(to: wishes, rows)
    }

    /// Several processes ask for the same members under the same keys, each in its own order and for other values.
    @Test func batchesOfSeveralProcessesNeitherDeadlockNorGrantTwice() async throws {
        try await withServer { server in
            var first: Set<UInt8> = []
            // A scheduler may let one process do all before the others begin; not so every time.
            for _ in 0..<10 where first.count < 2 {
                first.formUnion(try await compareRace(server).values.compactMap(\.first))
            }
            #expect(first.count > 1, "more than one process was first")
        }
    }

    /// - Returns: what processes were told, by network, member and key.
    private func compareRace(_ server: TestServer) async throws -> [String: Set<UInt8>] {
        let town = try await GrantTown.make(on: server, networks: 2, members: 40)
        let told = try await race(town, server)
        // Whoever asked, all were told the same of a member and a key, and it is what is noted.
        #expect(told.count == 2 * (40 + 40 + 20))
        #expect(told.values.allSatisfy { $0.count == 1 })
        for place in 0..<2 {
            let noted = try await town.notes(in: place)
            let expected = told.filter { $0.key.hasPrefix("\(place) ") }.flatMap { key, digests in
                digests.map { "\(key.dropFirst(2)) \([UInt8](repeating: $0, count: 32).hex)" }
            }
            #expect(noted.sorted() == expected.sorted())
        }
        return told
    }

    /// - Returns: what processes were told, by network, member and key.
    private func race(_ town: GrantTown, _ server: TestServer) async throws -> [String: Set<UInt8>] {
        var told: [String: Set<UInt8>] = [:]
        try await server.withProcesses(4) { pools in
            told = try await withThrowingTaskGroup(of: [(place: String, digest: UInt8)].self) { group in
                for (index, pool) in pools.enumerated() {
                    group.addTask { try await askForAll(town, as: UInt8(index), on: pool) }
                }
                return try await group.reduce(into: [:]) { all, one in
                    for (place, digest) in one { all[place, default: []].insert(digest) }
                }
            }
        }
        return told
    }

    /// Asks for every member and key, every third of the members at once, in an order of its own.
    private func askForAll(
        _ town: GrantTown,
        as process: UInt8,
        on pool: PostgresPool
    ) async throws -> [(place: String, digest: UInt8)] {
        var coins = SeededGenerator(seed: UInt64(process))
        var told: [(place: String, digest: UInt8)] = []
        for members in [Array(0..<13), Array(13..<26), Array(26..<40)] {
            let orders = (members + members).shuffled(using: &coins).flatMap { member in
                [0, 1].shuffled(using: &coins).map { network in
                    Order(
                        network: network,
                        member: member,
                        keys: [2, 0, 1].shuffled(using: &coins).map { ($0, process) }
                    )
                }
            }
            let answers = try await batch(orders.map { town.wish($0, in: $0.network) }, on: pool)
            for (order, answer) in zip(orders, answers) {
                for (id, grant) in answer {
                    let key = (town.keys[order.network].firstIndex(of: id) ?? 0) + 1
                    told.append(("\(order.network) \(order.member + 1) \(key)", grant.digest[0]))
                }
            }
        }
        return told
    }

    /// A membership that ends between the sign-in and the batch fails its own request only.
    @Test func whoHasLeftMeanwhileFailsNobodyElse() async throws {
        try await withServer { server in
            let town = try await GrantTown.make(on: server, networks: 1, members: 24)
            try await server.run("DELETE FROM membership WHERE id = '\(town.members[0][5])'", on: .private)
            let gatherer = GrantGatherer(pool: server.parts.databases.member)
            let outcomes = await withTaskGroup(of: (Int, Result<String, any Error>).self) { group in
                for member in 0..<24 {
                    let wish = town.wish(Order(network: 0, member: member, keys: [(0, UInt8(member))]), in: 0)
                    group.addTask {
                        do {
                            return (member, .success(town.text(try await gatherer.submit(wish), in: 0)))
                        } catch { return (member, .failure(error)) }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for (member, outcome) in outcomes {
                if member == 5 {
                    #expect(throws: PostgresError.self) { try outcome.get() }
                } else {
                    #expect(try outcome.get() == "\(member) [0], none, none, none", "each has an answer of its own")
                }
            }
            #expect(try await server.count("SELECT count(*) FROM token_grant") == 23)
        }
    }

    // MARK: From outside

    /// Bodies of a request for all keys, each with values of its own; any number below the modulus can be signed.
    private func bodies(_ count: Int, _ server: TestServer) async throws -> [String] {
        let directory = try await server.send("GET", "/v1/anonymous/directory?network=\(server.network.id.text)").json
        return (0..<count).map { _ in
            let requests = directory["keys"].array.map { key in
                let values = (0..<key["tokensPerMember"].int).map { _ in
                    "\"\(Base64URL.encode([0] + (1..<256).map { _ in UInt8.random(in: 0...255) }))\""
                }
                return "{\"keyId\":\"\(key["keyId"].string)\",\"blinded\":[\(values.joined(separator: ","))]}"
            }
            return """
                {"directoryDigest":"\(directory["digest"].string)","requests":[\(requests.joined(separator: ","))]}
                """
        }
    }

    @Test func t6RequestsOfOneMemberThatRaceGetTheTokensOfOne() async throws {
        try await withServer { server in
            try await server.withSecondServer { other in
                let people = try await server.people(4)
                let path = "\(server.home)/anonymous-tokens"
                let bodies = try await bodies(8, server)
                let replies = try await withThrowingTaskGroup(of: (Int, Int, TestReply).self) { group in
                    for (index, person) in people.enumerated() {
                        for (number, body) in (bodies + bodies).enumerated() {
                            let asked = (number + index) % 3 == 0 ? other : server
                            group.addTask {
                                (index, number % 8, try await asked.send("POST", path, body, as: person))
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                for index in people.indices {
                    let own = replies.filter { $0.0 == index }
                    let signed = own.filter { $0.2.status == 200 }
                    #expect(signed.count == 2, "the first one, and the same bytes again")
                    #expect(Set(signed.map(\.1)).count == 1)
                    #expect(signed.first?.2.body == signed.last?.2.body)
                    let refused = own.filter { $0.2.status == 409 && $0.2.problem == "already-granted" }
                    #expect(refused.count == 14)
                }
                let keys = try await server.count("SELECT count(*) FROM anon_key")
                #expect(try await server.count("SELECT count(*) FROM token_grant") == 4 * keys)
            }
        }
    }
}
