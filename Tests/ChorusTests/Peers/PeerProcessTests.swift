import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Three servers in processes of their own on one data directory and one PostgreSQL.
@Suite(.serialized) struct PeerProcessTests {
    /// Starts servers at the same moment; each waits in a thread of its own until it listens.
    private func start(_ servers: [TestProcess], _ environment: [String: String]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers {
                group.addTask {
                    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                        Thread.detachNewThread {
                            done.resume(
                                with: Result { try server.start(mixEvery: "1s", environment: environment) }
                            )
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func count(_ town: TestProcess, _ sql: String) throws -> Int {
        try #require(try town.rows("SELECT \(sql)").first?.first.flatMap { Int($0) })
    }

    private func wait(_ town: TestProcess, _ sql: String, for wanted: Int) async throws {
        for _ in 0..<600 {
            if try count(town, sql) == wanted { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("\(sql) never came to \(wanted)")
    }

    /// Puts everything that is mixed for, with the server's connection, where the test can read it.
    private func noteTicks(_ town: TestProcess) throws {
        try town.psql(
            """
            CREATE TABLE ticked (tick timestamptz NOT NULL);
            CREATE FUNCTION note_tick() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            BEGIN
                INSERT INTO public.ticked VALUES (NEW.tick);
                RETURN NULL;
            END $$;
            CREATE TRIGGER tick_note AFTER INSERT OR UPDATE ON mix_clock FOR EACH ROW EXECUTE FUNCTION note_tick();
            """
        )
    }

    /// A program that takes mail and keeps who each was for, one name a line.
    private func post(in town: TestProcess) throws -> (program: String, environment: [String: String]) {
        let program = "\(town.directory)/sendmail"
        let script = "#!/bin/sh\nfor last; do :; done\ncat >/dev/null\necho \"$last\" >>\"$0.taken\"\n"
        try Data(script.utf8).write(to: URL(filePath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let environment = [
            "CHORUS_MAIL_FROM": "post@chorus.example", "CHORUS_PUBLIC_URL": "https://chorus.example",
            "CHORUS_SENDMAIL": program,
        ]
        return (program, environment)
    }

    @Test func threeServersThatStartTogetherDoEachThingOnceAndTakeOverFromOneThatIsKilled() async throws {
        let town = try TestProcess()
        let others = [try TestProcess(beside: town), try TestProcess(beside: town)]
        defer { (others + [town]).forEach { $0.tearDown() } }
        try FileManager.default.createDirectory(atPath: town.directory, withIntermediateDirectories: true)
        chmod(town.directory, 0o711)
        let post = try post(in: town)
        // Onto nothing: roles, databases, migrations and secrets are made by whoever comes first.
        try await start([town] + others, post.environment)
        #expect(try count(town, "count(*) FROM migration") == Migrations(.private).all.count)
        #expect(try count(town, "count(*) FROM peer WHERE takes_anonymous") == 3)
        let refused = try town.outcome(["doctor"])
        #expect(refused.text.contains("3 run, of which 3 take anonymous input"), "\(refused.text)")

        let id = try town.run([
            "network", "create", "peers", "--name", "Netz", "--employer", "Stadt", "--key-notice-days", "0",
        ])
        for server in [town] + others { server.use(network: try #require(id.flatMap { UUID(uuidString: $0) })) }
        let roster = "email,displayName,unit,locale\n" + (0..<20).map { "m\($0)@example.org,M \($0),,de\n" }.joined()
        try roster.write(toFile: town.directory + ".csv", atomically: true, encoding: .utf8)
        let accounts = ["--network", "peers", "--tokens", town.directory + ".tokens"]
        try town.run(["account", "import", town.directory + ".csv"] + accounts)
        let token = try town.run(["token", "create", "--role", "coordinator", "--network", "peers"]) ?? ""
        let coordinator = TestPerson(account: UUID(), membership: UUID(), token: token)
        try await mailIsSentOnce([town] + others, coordinator, post)
        try await messagesAreMixedOnce(town, others, coordinator, post.environment)

        // A version for each key that was opened, and the servers agreed on one client from the beginning.
        let versions = "count(*) FROM anon_directory_version"
        #expect(try count(town, versions) == count(town, "count(*) FROM anon_key"))
        #expect(try count(town, versions) == count(town, "max(seq) FROM anon_directory_version"))
        #expect(try count(town, "count(DISTINCT prev) FROM anon_directory_version") == count(town, versions))
        #expect(town.stop() == 0)
        try town.start(environment: post.environment)
        #expect(try count(town, "count(*) FROM peer WHERE seen_at > now() - interval '1 minute'") <= 3)
    }

    /// Each server is asked for the mails of the same news, and any of them sends them.
    private func mailIsSentOnce(
        _ servers: [TestProcess],
        _ coordinator: TestPerson,
        _ post: (program: String, environment: [String: String])
    ) async throws {
        let town = servers[0]
        try town.psql("INSERT INTO consent SELECT id, 'mail', '1', current_date FROM account WHERE email IS NOT NULL")
        _ = try await town.openRound(by: coordinator)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers {
                group.addTask {
                    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                        Thread.detachNewThread {
                            done.resume(
                                with: Result {
                                    let digest = ["mail", "digest", "--now"]
                                    let outcome = try server.outcome(digest, environment: post.environment)
                                    #expect(outcome.code == 0)
                                }
                            )
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await wait(town, "count(*) FROM mail", for: 0)
        let people = try String(contentsOfFile: post.program + ".taken", encoding: .utf8).split(separator: "\n")
        #expect(people.count == 20 && Set(people).count == 20, "\(people)")
    }

    /// Messages come in at all three while the clock strikes every second, and one is killed while it mixes.
    private func messagesAreMixedOnce(
        _ town: TestProcess,
        _ others: [TestProcess],
        _ coordinator: TestPerson,
        _ environment: [String: String]
    ) async throws {
        let channel = try await town.channel(by: coordinator)
        var tokens: [Token] = []
        for row in CSV.rows(try String(contentsOfFile: town.directory + ".tokens", encoding: .utf8)).dropFirst() {
            let person = TestPerson(account: UUID(), membership: UUID(), token: row[1])
            tokens += try await town.wallet(of: person).tokens[town.network.id] ?? []
        }
        try noteTicks(town)
        #expect(others[1].stop() == 0)
        try others[1].start(crashAt: "mix-written", mixEvery: "1s", environment: environment)
        var accepted = 0
        for (index, token) in tokens.enumerated() {
            let server = [town, others[0]][index % 2]
            let reply = try await server.submit(token, TestServer.message("Nummer \(index)", channel: channel))
            #expect(reply.status == 202, "\(reply.text)")
            accepted += reply.status == 202 ? 1 : 0
            if !others[1].isRunning, index > 30 { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        others[1].kill9()
        try await wait(town, "count(*) FROM message", for: accepted)
        #expect(try count(town, "count(DISTINCT text) FROM message") == accepted, "each once")
        try await wait(town, "count(*) FROM anon_inbox", for: 0)
        #expect(try count(town, "count(*) FROM ticked") > 3)
        #expect(try count(town, "count(*) FROM ticked") == count(town, "count(DISTINCT tick) FROM ticked"))
    }
}
