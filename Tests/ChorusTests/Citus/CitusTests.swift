import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The private database is fit to be spread over machines by `network_id`: its schema and every statement, against Citus' rules.
@Suite struct CitusTests {
    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../sql/citus").standardizedFileURL

    private static func script(_ name: String) throws -> String {
        try String(contentsOf: scripts.appending(path: name), encoding: .utf8)
    }

    /// The tables that `distribute.sql` copies to every machine.
    private static func reference() throws -> [String] {
        let line = try #require(
            try script("distribute.sql").split(separator: "\n").first { $0.contains("INTO spread_reference VALUES") }
        )
        return line.matches(of: /\('(\w+)'\)/).map { String($0.1) }
    }

    /// Statements that leave the machine of a network, each with its reason.
    private static let listed: [String: String] = [
        "ReadAccountNetworks": "an account's networks are asked for on all machines, by an index on each, and kept",
        "ReadPlacedAccounts": "which of some accounts are in a network: the same, every night",
        "ReadNetworks": "the same, for the list of an account's networks",
        "ReadKeyNetwork": "a submission names only its key: asked for on all machines, by an index on each, and kept",
    ]

    /// What breaks a rule of the schema; `{%}` stands for the copied tables.
    private static let schemaFaults = """
        WITH spread AS (
            SELECT c.oid, c.relname FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'network_id' AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
        ), copied AS (
            SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY ('{%}')
        )
        SELECT 'key ' || i.indexrelid::regclass || ' lacks network_id' FROM pg_index i JOIN spread s ON s.oid = i.indrelid
        WHERE i.indisunique AND NOT EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname = 'network_id' AND a.attnum = ANY (i.indkey))
        UNION ALL
        SELECT 'table ' || s.relname || ' has no primary key and no unique one' FROM spread s
        WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = s.oid AND i.indisunique)
        UNION ALL
        SELECT 'foreign key ' || f.conname || ' leads to another machine' FROM pg_constraint f
        WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace
            AND f.confrelid NOT IN (SELECT oid FROM copied)
            AND (f.conrelid IN (SELECT oid FROM spread) OR f.confrelid IN (SELECT oid FROM spread))
            AND NOT EXISTS (
                SELECT FROM unnest(f.conkey, f.confkey) AS k (own, other)
                JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.own AND a.attname = 'network_id'
                JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.other AND b.attname = 'network_id')
        UNION ALL
        SELECT 'foreign key ' || f.conname || ' of a copied table leads to one that is not' FROM pg_constraint f
        WHERE f.contype = 'f' AND f.conrelid IN (SELECT oid FROM copied) AND f.confrelid NOT IN (SELECT oid FROM copied)
        UNION ALL
        SELECT 'foreign key ' || f.conname || ' empties a column beside network_id' FROM pg_constraint f
        WHERE f.contype = 'f' AND f.conrelid IN (SELECT oid FROM spread) AND f.confdeltype IN ('n', 'd')
        UNION ALL
        SELECT 'column ' || a.attrelid::regclass || '.' || a.attname || ' counts' FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid IN (SELECT oid FROM spread UNION ALL SELECT oid FROM copied)
            AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval%')
        UNION ALL
        SELECT 'view ' || c.relname FROM pg_class c
        WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT 'trigger ' || t.tgname || ' looks at more than its row' FROM pg_trigger t
        WHERE t.tgrelid IN (SELECT oid FROM spread) AND NOT t.tgisinternal
            AND t.tgfoid::regproc::text NOT IN ('notify_change', 'note_move', 'note_opening', 'note_promotion')
        UNION ALL
        SELECT 'function ' || p.proname || ' cannot be routed and is not in functions.sql' FROM pg_proc p
        JOIN pg_language l ON l.oid = p.prolang
        WHERE p.pronamespace = 'public'::regnamespace AND (l.lanname = 'sql' OR p.prosrc LIKE '%chorus.network_ids%')
            AND EXISTS (SELECT FROM spread s WHERE p.prosrc ~ ('\\m' || s.relname || '\\M'))
        """

    @Test func everyKeyOfANetworksTablesBeginsWithItAndNothingLeadsToAnotherMachine() async throws {
        let names = try Self.reference()
        try await withServer { server in
            let sql = Self.schemaFaults.replacing("{%}", with: "{\(names.joined(separator: ","))}")
            let before = try await server.texts(sql)
            #expect(before.allSatisfy { $0.hasPrefix("function ") }, "\(before)")
            // What is left is what the cluster has functions of its own for.
            try await server.run(try Self.script("functions.sql"), on: .private)
            #expect(try await server.texts(sql) == [])
            #expect(!before.isEmpty, "the test can find something")
        }
    }

    @Test func everyStatementGoesToOneNetworksMachineOrIsListedWithItsReason() async throws {
        let samples = try Samples()
        let reference = Set(try Self.reference())
        try await withServer { server in
            try await server.run(PlanAnyParameters.preparation, on: .private)
            let rows = try await server.texts(
                """
                SELECT c.relname || ' ' || string_agg(a.attname, ' ' ORDER BY a.attnum) FROM pg_class c
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname
                """
            )
            var (places, columns): ([String: TablePlace], [String: [String]]) = ([:], [:])
            for row in rows {
                let names = row.split(separator: " ").map(String.init)
                columns[names[0]] = Array(names.dropFirst())
                places[names[0]] =
                    reference.contains(names[0]) ? .reference : names.contains("network_id") ? .network : .local
            }
            #expect(places.values.filter { $0 == .network }.count > 50)
            let configuration = PostgresConfiguration(server.server.privateURI, maximumConnections: 1)
            try await withPool(configuration, logger: server.parts.logger) { pool in
                var found: Set<String> = []
                for statement in samples.private {
                    let planned = PlannedStatement(statement, as: .member, [])
                    guard let text = try await pool.first(PlanAnyParameters(planned: planned)) else { continue }
                    let plan = try JSONDecoder().decode(RoutedPlan.self, from: Data(text.utf8))
                    let faults = plan.faults(places, columns)
                    if faults.isEmpty { continue }
                    found.insert(planned.name)
                    #expect(Self.listed[planned.name] != nil, "\(planned.name) \(faults.joined(separator: ", "))")
                }
                let listed = Set(Self.listed.keys)
                #expect(found == listed, "no longer needed: \(listed.subtracting(found))")
            }
        }
    }

    /// The cluster's functions on one machine: network by network, behind the same policies, they answer as the others do.
    @Test func theClustersFunctionsAnswerAsTheOthersDo() async throws {
        try await withServer { server in
            try await server.run(try Self.script("functions.sql"), on: .private)
            try await Self.useEverything(server)
        }
    }

    /// Answers, a waitlist, tokens, a message and its dialogue.
    private static func useEverything(_ server: TestServer) async throws {
        let team = try await server.person(.member, .organiser, .moderator, .coordinator)
        let event = try await server.newEvent(capacity: 1, by: team)
        let people = try await server.people(20)
        var seen: [String] = []
        for person in people[0..<3] {
            let reply = try await server.send("PUT", "\(event)/rsvp", "{\"answer\":\"going\"}", as: person)
            seen.append("\(reply.json["status"].string) \(reply.json["waitlistPosition"].int)")
        }
        #expect(seen == ["going -1", "waitlisted 1", "waitlisted 2"])
        #expect(try await server.send("DELETE", "\(event)/rsvp", as: people[0]).status == 204)
        let shown = try await server.send("GET", event, as: people[1]).json["myRsvp"]
        #expect(shown["status"].string == "going", "who waited first has the seat")

        let channel = try await server.channel(by: team)
        var wallets: [TestWallet] = []
        for person in people { wallets.append(try await server.wallet(of: person)) }
        let (token, receipt) = (wallets[0].tokens[server.network.id]?.first, TestServer.randomReceipt())
        let message = TestServer.message("Hallo", channel: channel)
        for _ in 0..<2 { #expect(try await server.submit(token, receiptId: receipt, message).status == 202) }
        try await server.mix()
        #expect(try await server.submit(token, message).status == 409, "a token counts once")
        let inbox = try await server.inbox(Base64URL.encode(receipt)).json
        #expect(inbox["messages"][0]["text"].string == "Hallo", "\(inbox)")
        #expect(try await server.send("GET", "/v1/me", as: people[0]).json["memberships"].array.count == 1)
        #expect(try await server.send("DELETE", "\(server.home)/memberships/me", as: people[1]).status == 204)
        #expect(try await server.send("GET", event, as: people[2]).json["going"].int == 1)
    }

    static let cluster = ProcessInfo.processInfo.environment["CHORUS_TEST_CITUS_URL"]

    /// On a real cluster, whose coordinator's empty database the address names, with a superuser.
    @Test(
        .enabled(
            if: CitusTests.cluster != nil,
            "needs CHORUS_TEST_CITUS_URL, an empty database on the coordinator of a Citus cluster"
        )
    )
    func aRealClusterTakesTheSchemaAndEveryStatement() async throws {
        let uri = try #require(Self.cluster)
        let samples = try Samples()
        try await withServer { server in
            let data = server.parts.data
            let setup = DatabaseSetup(
                privateURI: uri,
                recordURI: server.server.recordURI,
                data: data,
                logger: server.parts.logger
            )
            try await setup.prepare()
            for _ in 0..<2 { try Self.psql(uri, Self.scripts.appending(path: "distribute.sql")) }
            let configuration = PostgresConfiguration(uri, maximumConnections: 1)
            try await withPool(configuration, logger: server.parts.logger) { pool in
                for statement in samples.private {
                    let planned = PlannedStatement(statement, as: .member, [])
                    let types = planned.types.isEmpty ? "" : "(\(planned.types.joined(separator: ", ")))"
                    let nulls = planned.types.map { _ in "NULL" }.joined(separator: ", ")
                    let run = "EXPLAIN EXECUTE planned\(planned.types.isEmpty ? "" : "(\(nulls))")"
                    do {
                        try await pool.run("PREPARE planned\(types) AS \(planned.sql); \(run); DEALLOCATE planned")
                    } catch {
                        Issue.record("\(planned.name): \(error)")
                        try? await pool.run("DEALLOCATE ALL")
                    }
                }
            }
            let parts = try ServerParts(
                server.parts.configuration,
                data: data,
                databases: setup.open(),
                logger: server.parts.logger
            )
            let spread = Server(
                parts: parts,
                cluster: nil,
                privateURI: uri,
                recordURI: server.server.recordURI
            )
            try await withServer(on: spread) { try await Self.useEverything($0) }
        }
    }

    private static func psql(_ uri: String, _ file: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", uri, "-f", file.path]
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(file.lastPathComponent)")
    }
}
