import AnonymousTokens
import Foundation
import Logging
import Postgres
import Synchronization
@testable import TestSupport
import Testing

@testable import Chorus

/// Backups of two databases that are not the program's own, restored into two others.
@Suite struct BackupTests {
    /// Left out: what waits, and what lets somebody in at the moment.
    private static let leftOut: Set<String> = [
        "private.anon_batch", "private.anon_inbox", "private.mail", "private.password_reset",
        "private.provider_logout", "private.provider_session", "private.session",
    ]

    /// An encrypted backup of a server, and the way to restore it.
    private struct Place: Sendable {
        let directory: String
        let server: TestServer
        var lock: BackupLock

        init(_ directory: String, _ server: TestServer) throws {
            (self.directory, self.server) = (directory, server)
            try "a passphrase of tests\n".write(toFile: "\(directory)/passphrase", atomically: true, encoding: .utf8)
            lock = try BackupLock(passphraseFile: "\(directory)/passphrase")
            lock.cost = 4
        }

        /// Empty databases and a data directory with the secrets.
        func configuration(hasKeys: Bool = true) async throws -> ServerConfiguration {
            let name = UUID().uuidString.lowercased().replacing("-", with: "")
            var configuration = server.parts.configuration
            configuration.data = URL(filePath: "\(directory)/\(name)")
            for (kind, suffix) in [(DatabaseKind.private, "b"), (.record, "c")] {
                try await TestCluster.run("CREATE DATABASE \(suffix)\(name) TEMPLATE template0")
                let uri = TestCluster.uri("\(suffix)\(name)")
                if kind == .private { configuration.databaseURL = uri } else { configuration.recordURL = uri }
            }
            let data = try DataDirectory(configuration.data)
            if hasKeys {
                try server.parts.data.exportSecrets(to: "\(directory)/\(name).keys", lock)
                try data.importSecrets(from: "\(directory)/\(name).keys", lock)
            }
            return configuration
        }

        func restore(_ file: String, into configuration: ServerConfiguration, hasKeys: Bool = true) async throws
            -> Server.RestoreReport
        {
            let logger = server.parts.logger
            return try await Server.restore(file, lock, into: configuration, hasKeys: hasKeys, logger: logger)
        }

        /// Serves what was restored.
        func serving(_ configuration: ServerConfiguration, _ body: (TestServer) async throws -> Void) async throws {
            let restored = try await Server.open(configuration, logger: server.parts.logger)
            try await restored.run { try await serve($0, network: server.network, body) }
        }
    }

    private func withPlace(_ server: TestServer, _ body: (Place) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "backup-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(try Place(directory.path(percentEncoded: false), server))
    }

    @Test func aRestoreBringsBothDatabasesBackAsTheyWere() async throws {
        try await withServer { server in
            try await withPlace(server) { place in
                let coordinator = try await server.person(.member, .coordinator, .moderator, .organiser)
                let hr = try await server.person(.hr)
                let people = try await server.people(20)
                // A release, a recommendation with an answer, an event with answers, a message with its author's way
                // back.
                let round = try await server.openRound(by: coordinator)
                var wallets: [TestWallet] = []
                for person in people { wallets.append(try await server.wallet(of: person)) }
                for (index, wallet) in wallets.enumerated() {
                    let ballot = round.ballot(index % 5 + 1)
                    #expect(try await server.submit(wallet.tokens[round.id]?.first, ballot).status == 202)
                }
                try await server.mix()
                let closure = "\(server.home)/rounds/\(round.id.text)/closure"
                #expect(try await server.send("PUT", closure, as: coordinator).status == 200)
                let draft = try await server.draft(by: coordinator)
                #expect(try await draft.publish(by: coordinator).status == 200)
                let answer = "{\"decision\":\"accepted\",\"text\":\"\",\"responsible\":\"Amt\"}"
                #expect(try await server.send("PUT", "\(draft.record)/answer", answer, as: hr).status < 300)
                let event = RSVPTests.newEvent(capacity: 1)
                let made = try await server.send("POST", "\(server.home)/events", event, as: coordinator)
                for person in people.prefix(2) {
                    let path = "\(server.home)/events/\(made.json["id"].string)/rsvp"
                    _ = try await server.send("PUT", path, "{\"answer\":\"going\"}", as: person)
                }
                let channel = try await server.channel(by: coordinator)
                let tokens = wallets[0].tokens[server.network.id] ?? []
                let receipts = (0..<2).map { _ in TestServer.randomReceipt() }
                let texts = ["Gemischt", "Wartet"].map { TestServer.message($0, channel: channel) }
                #expect(try await server.submit(tokens[0], receiptId: receipts[0], texts[0]).status == 202)
                try await server.mix()
                #expect(try await server.submit(tokens[1], receiptId: receipts[1], texts[1]).status == 202)
                #expect(try await server.count("SELECT count(*) FROM anon_inbox") == 1)

                let before = try await server.fingerprint()
                let made1 = try await server.server.backUp(to: "\(place.directory)/a", place.lock)
                #expect(try await Server.verifyBackup("\(place.directory)/a", place.lock).rows == made1.rows)
                #expect(made1.rows > 150)
                let configuration = try await place.configuration()
                let report = try await place.restore("\(place.directory)/a", into: configuration)
                #expect(report.backup.rows == made1.rows)
                #expect(report.audit.map(\.network) == [server.network.slug])
                #expect(report.audit.allSatisfy { $0.entries >= 4 })
                #expect(report.directories[server.network.slug].map { $0 >= 1 } == true)
                #expect(report.migrations.isEmpty)

                try await place.serving(configuration) { restored in
                    let after = try await restored.fingerprint()
                    #expect(after.keys == before.keys)
                    let other = before.filter { after[$0.key] != $0.value && !Self.leftOut.contains($0.key) }
                    #expect(other.isEmpty, "\(other.keys.sorted())")
                    for table in Self.leftOut {
                        let rows = "SELECT count(*) FROM \(table.dropFirst("private.".count))"
                        #expect(try await restored.count(rows) == 0, "\(table)")
                    }
                    try await resends(restored, tokens, receipts, texts, coordinator, channel)
                }
            }
        }
    }

    /// What the author of a waiting message does after a restore, and what the author of a mixed one cannot do.
    private func resends(
        _ restored: TestServer,
        _ tokens: [Token],
        _ receipts: [[UInt8]],
        _ texts: [String],
        _ moderator: TestPerson,
        _ channel: String
    ) async throws {
        func state(_ receipt: [UInt8]) async throws -> String {
            let body = FixedSize.padded(Array("{\"receiptId\":\"\(Base64URL.encode(receipt))\"}".utf8))
            return try await restored.send("POST", "/v1/anonymous/inbox", bytes: body).json["state"].string
        }
        #expect(try await state(receipts[0]) == "inReview", "the pepper came with the keys")
        #expect(try await state(receipts[1]) == "unknown")
        let spent = try await restored.submit(tokens[0], receiptId: receipts[0], texts[0])
        #expect(spent.problem == "token-spent", "\(spent.text)")
        for _ in 0..<2 {
            let again = try await restored.submit(tokens[1], receiptId: receipts[1], texts[1])
            #expect(again.status == 202, "\(again.text)")
        }
        #expect(try await state(receipts[1]) == "queued")
        try await restored.mix()
        let found = try await restored.send("GET", "\(restored.home)/channels/\(channel)/messages", as: moderator)
        #expect(found.json["items"].array.map { $0["text"].string }.sorted() == ["Gemischt", "Wartet"])
        #expect(try await restored.submit(tokens[1], receiptId: receipts[1], texts[1]).problem == "token-spent")
    }

    @Test func aBackupWhileAnswersComeInHasTheOnesThatItsAuditChainHas() async throws {
        try await withServer { server in
            try await withPlace(server) { place in
                let coordinator = try await server.person(.member, .coordinator)
                let hr = try await server.person(.hr)
                let draft = try await server.draft(by: coordinator)
                #expect(try await draft.publish(by: coordinator).status == 200)
                let isOver = Atomic(false)
                async let written: Int = {
                    var count = 0
                    var tag: [String: String] = [:]
                    while !isOver.load(ordering: .relaxed) {
                        let answer = "{\"decision\":\"partly\",\"text\":\"Fassung \(count)\",\"responsible\":\"Amt\"}"
                        let reply = try await server.send("PUT", "\(draft.record)/answer", answer, as: hr, headers: tag)
                        #expect(reply.status < 300, "\(reply.text)")
                        guard let etag = reply.headers["etag"] else { return count }
                        tag = ["If-Match": etag]
                        count += 1
                    }
                    return count
                }()
                var counts: [Int] = []
                for index in 0..<3 {
                    _ = try await server.server.backUp(to: "\(place.directory)/\(index)", place.lock)
                    let configuration = try await place.configuration()
                    _ = try await place.restore("\(place.directory)/\(index)", into: configuration)
                    try await place.serving(configuration) { restored in
                        let answers = try await restored.count("SELECT count(*) FROM answer", of: .record)
                        let entries = "SELECT count(*) FROM audit_entry WHERE kind = 'answer'"
                        #expect(try await restored.count(entries) == answers)
                        counts.append(answers)
                    }
                }
                isOver.store(true, ordering: .relaxed)
                let all = try await written
                #expect(counts == counts.sorted() && counts.last ?? 0 <= all)
                #expect((counts.last ?? 0) > (counts.first ?? 0), "answers came in between")
            }
        }
    }

    @Test func aRestoreIsRefusedBeforeItChangesAnything() async throws {
        try await withServer { server in
            try await withPlace(server) { place in
                let file = "\(place.directory)/a"
                _ = try await server.server.backUp(to: file, place.lock)
                await refuses("is there already") { try await server.server.backUp(to: file, place.lock) }
                let configuration = try await place.configuration()
                var full = configuration
                full.recordURL = server.server.recordURI
                await refuses("has tables") { try await place.restore(file, into: full) }
                let without = try await place.configuration(hasKeys: false)
                await refuses("receipt-pepper") { try await place.restore(file, into: without) }
                var other = place
                try "another passphrase\n".write(toFile: "\(place.directory)/o", atomically: true, encoding: .utf8)
                other.lock = try BackupLock(passphraseFile: "\(place.directory)/o")
                await refuses("another key") { try await other.restore(file, into: configuration) }
                var bytes = try Data(contentsOf: URL(filePath: file))
                bytes[bytes.count - 30] ^= 1
                let changed = "\(place.directory)/changed"
                try bytes.write(to: URL(filePath: changed))
                await refuses("it was changed") { try await place.restore(changed, into: configuration) }
                // After all of that the databases are as empty as before.
                _ = try await place.restore(file, into: configuration)
                _ = try await place.restore(file, into: without, hasKeys: false)
            }
        }
    }

    /// The logins of a PostgreSQL are those of all of its databases.
    @Test func aRestoreBesideAServerWithOtherPasswordsIsRefused() async throws {
        let own = try TestPostgres()
        defer { own.tearDown() }
        for name in ["chorus", "chorus_record", "b", "c"] { try own.run("CREATE DATABASE \(name)") }
        try await withServer(on: (own.uri("chorus"), own.uri("chorus_record"))) { server in
            try await withPlace(server) { place in
                let file = "\(place.directory)/a"
                _ = try await server.server.backUp(to: file, place.lock)
                var configuration = try await place.configuration()
                configuration.databaseURL = own.uri("b")
                configuration.recordURL = own.uri("c")
                let rules = "local all chorus_migrator trust\nlocal all all scram-sha-256\n"
                try rules.write(toFile: "\(own.directory)/data/pg_hba.conf", atomically: false, encoding: .utf8)
                try own.run("SELECT pg_reload_conf()")
                let made = configuration
                await refuses("have shut it out") { try await place.restore(file, into: made) }
                let password = try LoginRole.member.password(in: server.parts.data)
                let theirs = PostgresConfiguration(own.uri("chorus"))
                    .replacing(user: LoginRole.member.rawValue, password: password)
                let isServed = try await withPool(theirs, logger: server.parts.logger) {
                    try await $0.first(ReadServerVersion()) != nil
                }
                #expect(isServed)
                // With the same passwords there is nothing to be afraid of.
                let secrets = try DataDirectory(configuration.data).file("secrets")
                try FileManager.default.removeItem(atPath: secrets)
                try FileManager.default.copyItem(atPath: server.parts.data.file("secrets"), toPath: secrets)
                _ = try await place.restore(file, into: made)
            }
        }
    }

    @Test func aPoolersSessionsAreRefusedBeforeAnythingIsDone() throws {
        let data = try DataDirectory(
            FileManager.default.temporaryDirectory.appending(path: "pooled-\(UUID().uuidString)")
        )
        defer { try? FileManager.default.removeItem(atPath: data.path) }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var setup = DatabaseSetup(privateURI: "dbname=a", recordURI: "dbname=b", data: data, logger: logger)
        try setup.requireSessions()
        setup.preparesStatements = false
        #expect(throws: OperationRefusal.self) { try setup.requireSessions() }
        setup.directURIs = [.private: "dbname=a", .record: "dbname=b"]
        try setup.requireSessions()
    }

    @Test func onADatabaseWhoseRestoreWasNotFinishedNoServerStarts() async throws {
        try await withServer { server in
            try await withPlace(server) { place in
                let file = "\(place.directory)/a"
                _ = try await server.server.backUp(to: file, place.lock)
                let configuration = try await place.configuration()
                let setup = DatabaseSetup(
                    privateURI: configuration.databaseURL ?? "",
                    recordURI: configuration.recordURL ?? "",
                    data: try DataDirectory(configuration.data),
                    logger: server.parts.logger
                )
                let lock = place.lock
                let manifest = try BackupArchive.verify(file, lock)
                let restore = Restore(setup: setup, manifest: manifest)
                try await restore.prepare()
                let refusal = Migrations.Refusal.restoring(database: "private")
                await #expect(throws: refusal) { try await setup.prepare() }
                try await onThread { try restore.load(file, lock) }
                await #expect(throws: refusal) { try await setup.prepare() }
                // Somebody changes a row before it is compared.
                try await setup.withMigrator(.private) { try await $0.run("UPDATE network SET name = 'Anders'") }
                await refuses("not as the backup says: network.") { try await restore.finish() }
                await #expect(throws: refusal) { try await setup.prepare() }
            }
        }
    }

    @Test func theLoginOfBackupsReadsAllNetworksAndNeitherInboxNorWhatLetsSomebodyIn() async throws {
        try await withServer { server in
            _ = try await server.people(3)
            let login = PostgresConfiguration(server.server.privateURI, maximumConnections: 1)
                .replacing(
                    user: LoginRole.backup.rawValue,
                    password: try LoginRole.backup.password(in: server.parts.data)
                )
            try await withPool(login, logger: server.parts.logger) { pool in
                let tables = try await pool.execute(ReadTableDigests())
                #expect(tables.first { $0.name == "membership" }?.rows == 3)
                let leftOut = try await pool.execute(ReadTablesLeftOut()).map { "private.\($0)" }
                #expect(Self.leftOut.isSubset(of: leftOut))
                for table in Self.leftOut {
                    let name = table.dropFirst("private.".count)
                    let error = await #expect(throws: PostgresError.self) { try await pool.run("SELECT FROM \(name)") }
                    #expect(error?.sqlState == "42501")
                }
                for change in [
                    "UPDATE membership SET version = 2", "DELETE FROM unit", "INSERT INTO unit DEFAULT VALUES",
                ] {
                    let error = await #expect(throws: PostgresError.self) { try await pool.run(change) }
                    #expect(error?.sqlState == "42501")
                }
            }
            // A table that has one policy and not the other would be missing from a dump without a word.
            for kind in DatabaseKind.allCases {
                let closed = try await server.texts(
                    """
                    SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
                        AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = c.relname || '_backup_policy')
                    """,
                    of: kind
                )
                #expect(closed == [])
            }
        }
    }

    private func refuses<Value>(_ words: String, _ body: () async throws -> Value) async {
        do {
            _ = try await body()
            Issue.record("was allowed: \(words)")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
        }
    }
}
