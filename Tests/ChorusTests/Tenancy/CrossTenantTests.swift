import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Every operation of the contract, asked by every role, in the own network and in a foreign one: only what `x-roles` says.
///
/// What somebody may not know of is answered exactly as what is not there, and of a foreign town nothing ever changes.
@Suite struct CrossTenantTests {
    /// Two towns full of things on one server.
    private func withTwoTowns(_ body: (_ here: FullTown, _ there: FullTown) async throws -> Void) async throws {
        try await withServer { server in
            let neighbour = try await server.neighbour()
            async let here = FullTown(server)
            async let there = FullTown(neighbour)
            let towns = (try await here, try await there)
            // Whatever the clock owes is done before anybody looks.
            try await server.mix()
            try await body(towns.0, towns.1)
        }
    }

    /// Asks for each asker of a town beside the others; the operations of one follow each other.
    private func everybody(
        of town: FullTown,
        _ body: @escaping @Sendable (TownAsker) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for asker in town.askers { group.addTask { try await body(asker) } }
            try await group.waitForAll()
        }
    }

    @Test func onlyTheContractsRolesGetInAndNobodyReachesAnotherTown() async throws {
        let operations = try ContractOperation.all()
        #expect(operations.count > 150)
        try await withTwoTowns { here, there in
            let before = try await here.server.fingerprint()
            try await everybody(of: there) { asker in
                for operation in operations {
                    try await Self.askAbroad(operation, as: asker, from: there, to: here)
                    try await Self.takeAlong(operation, as: asker, from: here, to: there)
                }
            }
            #expect(try await here.server.fingerprint() == before, "asking abroad has changed something")

            let abroad = try await there.digest()
            try await everybody(of: here) { asker in
                for operation in operations.sorted(by: { $0.place < $1.place }) {
                    try await Self.askAtHome(operation, as: asker, in: here)
                }
            }
            try await Self.referAbroad(operations, from: here, to: there)
            try await Self.submitAbroad(from: here, to: there)
            try await here.server.mix()
            let changed = Set(try await there.digest()).subtracting(abroad)
            #expect(changed.isEmpty, "something of the other town has changed: \(changed)")
        }
    }

    /// A town's people in the paths of another: as if it were not there.
    private static func askAbroad(
        _ operation: ContractOperation,
        as asker: TownAsker,
        from home: FullTown,
        to abroad: FullTown
    ) async throws {
        guard operation.isInNetwork, operation.id != "askToJoin" else { return }
        let reply = try await ask(operation, abroad.ids.values(for: operation), as: asker, home)
        let nothing = try await ask(operation, TownIDs.missing().values(for: operation), as: asker, home)
        let who = "\(operation.name) abroad as \(asker.name)"
        let expected: Set<Int> =
            if asker.person != nil, !asker.isLet(to: operation) {
                [403, 404]
            } else if operation.roles.contains("anybody") {
                [401, 404]
            } else if asker.person == nil {
                [401]
            } else if operation.roles.contains("admin"),
                asker.roles.contains("admin")
            { [200] } else { [404] }
        #expect(expected.contains(reply.status), "\(who): \(reply.status) \(reply.text)")
        if expected != [200] { #expect(trace(reply) == trace(nothing), "\(who) differs from what is not there") }
    }

    /// Things of another town in one's own paths, all of them or the last alone: as if they were not there.
    private static func takeAlong(
        _ operation: ContractOperation,
        as asker: TownAsker,
        from abroad: FullTown,
        to home: FullTown
    ) async throws {
        guard let last = operation.things.last else { return }
        let own = home.ids.values(for: operation)
        let (foreign, missing) = (abroad.ids.values(for: operation), TownIDs.missing().values(for: operation))
        for taken in Set([[last], operation.things]) {
            let (some, none) = (own.replacing(taken, from: foreign), own.replacing(taken, from: missing))
            let reply = try await ask(operation, some, as: asker, home)
            let nothing = try await ask(operation, none, as: asker, home)
            let who = "\(operation.name) with another town's \(taken.joined(separator: ", ")) as \(asker.name)"
            #expect(reply.status >= 400 || operation.method == "DELETE", "\(who): \(reply.status) \(reply.text)")
            #expect(reply.status < 500, "\(who): \(reply.text)")
            #expect(trace(reply) == trace(nothing), "\(who): \(reply.status) \(reply.text) \(nothing.text)")
        }
    }

    /// The own town: those whom the contract names get past the door, all others do not.
    private static func askAtHome(
        _ operation: ContractOperation,
        as asker: TownAsker,
        in town: FullTown
    ) async throws {
        let isWelcome = !operation.roles.isDisjoint(with: asker.roles) && asker.isLet(to: operation)
        let reply = try await ask(operation, town.ids.values(for: operation), as: asker, town, harmlessly: isWelcome)
        let who = "\(operation.name) as \(asker.name): \(reply.status) \(reply.text.prefix(300))"
        if operation.roles.contains("anybody") {
            #expect(reply.status < 500 && (asker.person != nil || reply.status != 403), "\(who)")
        } else if asker.person == nil {
            #expect(reply.status == 401, "\(who)")
        } else if isWelcome {
            #expect(![401, 403].contains(reply.status) && reply.status < 500, "\(who)")
            #expect(!operation.isRead || reply.status == 200, "\(who)")
        } else if !asker.isLet(to: operation) || !operation.isInNetwork {
            #expect(reply.status == 403, "\(who)")
        } else if !asker.isInside {
            #expect(reply.status == 404, "\(who)")
        } else {
            #expect(reply.status == 403 || (reply.status == 404 && operation.mayHide), "\(who)")
        }
    }

    /// Ids of another town inside a body: answered as ids of nothing.
    private static func referAbroad(
        _ operations: [ContractOperation],
        from home: FullTown,
        to abroad: FullTown
    ) async throws {
        var asked = 0
        // What a body names itself is there afterwards, and so comes last.
        for (makes, operation) in [false, true].flatMap({ makes in operations.map { (makes, $0) } })
        where operation.isInNetwork {
            let asker = operation.template.hasPrefix("/v1/hr/") ? home.hr : home.founder
            let path = operation.path(home.ids.values(for: operation))
            for place in operation.idPlaces where (place.last == "id") == makes {
                for (kind, id) in abroad.ids.byName where UUID(uuidString: id) != nil {
                    func send(_ id: String) async throws -> TestReply {
                        let body = (operation.example ?? .object([:])).setting(.string(id), at: place)
                        let now = try await home.server.send("GET", path, as: asker).headers["etag"] ?? "\"1\""
                        return try await home.server.send(
                            operation.method,
                            path,
                            body.written,
                            as: asker,
                            headers: ["If-Match": now]
                        )
                    }
                    let nothing = UUID().text
                    let (reply, other) = (try await send(id), try await send(nothing))
                    let who = "\(operation.name) with another town's \(kind) at \(place.joined(separator: "/"))"
                    #expect(![401, 403, 404].contains(reply.status), "\(who) is not looked at: \(reply.status)")
                    #expect(reply.status == other.status, "\(who): \(reply.text) \(other.text)")
                    let isRefused = reply.status >= 400
                    #expect(
                        !isRefused || trace(reply, id) == trace(other, nothing),
                        "\(who): \(reply.text) \(other.text)"
                    )
                    asked += 1
                }
            }
        }
        #expect(asked > 100)
    }

    /// Ids of another town in what nobody signs: answered, and mixed, as ids of nothing.
    private static func submitAbroad(from home: FullTown, to abroad: FullTown) async throws {
        let (own, foreign) = (home.ids.byName, abroad.ids.byName)
        var wallets = home.wallets.map(\.tokens)
        func submit(_ scope: String, _ content: String) async throws -> TestReply {
            let scope = UUID(uuidString: scope) ?? UUID()
            let place = wallets.firstIndex { $0[scope]?.isEmpty == false }
            let token = place.flatMap { wallets[$0][scope]?.removeLast() }
            return try await home.server.submit(token, content)
        }
        func ballot(_ round: String, _ item: String) -> String {
            "\"ballot\":{\"round\":\"\(round)\",\"unit\":null,\"answers\":[{\"item\":\"\(item)\",\"rating\":1}]}"
        }
        let (network, round) = (own["network"] ?? "", own["round"] ?? "")
        let recommendation = own["recommendation"] ?? ""
        let contents: [(scope: String, kind: String, content: (String) -> String)] = [
            (network, "channel", { TestServer.message("x", channel: $0) }),
            (network, "theme", { TestServer.message("x", channel: own["channel"] ?? "", theme: $0) }),
            (round, "round", { ballot($0, own["item"] ?? "") }), (round, "item", { ballot(round, $0) }),
            (
                recommendation, "recommendation",
                { "\"endorsement\":{\"recommendation\":\"\($0)\",\"support\":\"yes\"}" }
            ),
        ]
        for (scope, kind, content) in contents {
            let reply = try await submit(scope, content(foreign[kind] ?? ""))
            let nothing = try await submit(scope, content(UUID().text))
            #expect(reply.status == nothing.status, "\(kind): \(reply.text) \(nothing.text)")
            #expect(trace(reply) == trace(nothing), "\(kind): \(reply.text) \(nothing.text)")
        }
        let good = try await submit(network, TestServer.message("x", channel: own["channel"] ?? ""))
        #expect(
            good.status == 202,
            "a submission at home is taken, so the others were refused for their ids: \(good.text)"
        )
    }

    /// Sends an operation; harmlessly, it gets past the door and changes nothing.
    private static func ask(
        _ operation: ContractOperation,
        _ ids: [String: String],
        as asker: TownAsker,
        _ town: FullTown,
        harmlessly: Bool = false
    ) async throws -> TestReply {
        var (ids, person, body) = (ids, asker.person, operation.example)
        if harmlessly, !operation.isRead {
            if body != nil {
                body = .object(["nobodyKnowsThis": .integer(1)])
            } else if let last = operation.things.last {
                ids[last] = UUID().text
            } else if let known = person, operation.id == "signOut", asker.roles.contains("session") {
                person = try await town.server.session(of: known)
            }
        }
        return try await town.server.send(operation.method, operation.path(ids), body?.written, as: person)
    }

    /// Everything of an answer that may not tell one thing from another.
    private static func trace(_ reply: TestReply, _ id: String = "-") -> String {
        let changing: Set<String> = ["date", "x-request-id", "ratelimit", "content-length", "connection"]
        let headers = reply.headers.filter { !changing.contains($0.key) }.sorted { $0.key < $1.key }
        let body = reply.text.replacing(/"requestId":"[^"]*"/, with: "").replacing(id, with: "")
        return "\(reply.status) \(headers) \(body)"
    }
}

extension ContractOperation {
    /// Whoever has left asks nothing more in the network, and whoever is erased nothing at all.
    fileprivate var place: Int { id == "eraseMe" ? 2 : id == "leaveNetwork" ? 1 : 0 }
}

extension [String: String] {
    fileprivate func replacing(_ names: [String], from others: [String: String]) -> [String: String] {
        merging(others.filter { names.contains($0.key) }) { $1 }
    }
}

extension FullTown {
    /// A digest of all rows of this network in both databases, and of its people's accounts.
    fileprivate func digest() async throws -> [String] {
        let network = ids.byName["network"] ?? ""
        var all: [String] = []
        for kind in DatabaseKind.allCases {
            let uri = kind == .private ? server.server.privateURI : server.server.recordURI
            all += try await withPool(PostgresConfiguration(uri, maximumConnections: 1), logger: server.parts.logger) {
                try await $0.execute(ReadNetworkDigest(network: network))
            }
        }
        #expect(all.count > 60)
        return all.sorted()
    }
}

/// One line for each table that has rows of a network, or of accounts.
private struct ReadNetworkDigest: PostgresStatement {
    static let sql = """
        SELECT c.table_name || ' ' || query_to_xml(
            format(
                'SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), %L)) FROM %I t WHERE %s', '',
                c.table_name, format(
                    CASE min(c.column_name)
                        WHEN 'account_id' THEN 'account_id IN (SELECT account_id FROM membership WHERE network_id = %L)'
                        ELSE 'network_id = %L' END, $1::text)),
            false, true, '')::text
        FROM information_schema.columns c
        JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND (c.column_name = 'network_id' OR (
            c.column_name = 'account_id' AND NOT EXISTS (
                SELECT FROM information_schema.columns n
                WHERE n.table_schema = 'public' AND n.table_name = c.table_name AND n.column_name = 'network_id')))
        GROUP BY c.table_name
        UNION ALL
        SELECT c.table_name || ' ' || query_to_xml(
            format('SELECT md5(t::text) FROM network t WHERE id = %L', $1::text), false, true, '')::text
        FROM information_schema.tables c WHERE c.table_schema = 'public' AND c.table_name = 'network'
        """
    let network: String
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
