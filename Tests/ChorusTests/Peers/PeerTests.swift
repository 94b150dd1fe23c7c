import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Several servers on one database: which of them may be there, and that together they mix as often as one.
@Suite struct PeerTests {
    private static let tick = Date(timeIntervalSince1970: 1_800_000_000)

    /// Both servers mix for the same instant of the clock, as their clocks strike together.
    private func strike(_ tick: Date, _ servers: [TestServer]) async throws -> Mixer.Outcome {
        try await withThrowingTaskGroup(of: Mixer.Outcome.self) { group in
            for server in servers {
                group.addTask {
                    while true {
                        if let outcome = try await Mixer(parts: server.parts).mix(at: tick) { return outcome }
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            return try await group.reduce(into: Mixer.Outcome()) { sum, one in
                sum.mixed += one.mixed
                sum.carried += one.carried
            }
        }
    }

    private func message(on server: TestServer) async throws {
        let team = try await server.person(.member, .coordinator, .moderator)
        let channel = try await server.channel(by: team)
        var wallets: [TestWallet] = []
        for person in try await server.people(20) { wallets.append(try await server.wallet(of: person)) }
        let token = wallets[0].tokens[server.network.id]?.first
        #expect(try await server.submit(token, TestServer.message("Hallo", channel: channel)).status == 202)
    }

    @Test func aNetworkWaitsForCompanyThroughAsManyMixesHoweverManyServersThereAre() async throws {
        try await withServer { server in
            try await message(on: server)
            try await server.withSecondServer { other in
                var seen: [Mixer.Outcome] = []
                for hour in 0..<Mixer.maximumWait {
                    let tick = Self.tick.addingTimeInterval(Double(hour) * 3_600)
                    seen.append(try await strike(tick, [server, other, server, other]))
                }
                #expect(seen.map(\.mixed) == [0, 0, 1])
                #expect(seen.map(\.carried) == [1, 1, 0])
                #expect(try await server.count("SELECT count(*) FROM message") == 1)
            }
        }
    }

    @Test func whatAServerClosedBeforeItEndedIsMixedByAnother() async throws {
        try await withServer { server in
            try await message(on: server)
            // As it stands when a server is killed right after it has closed the batch for this instant.
            try await server.run(
                """
                INSERT INTO mix_clock (tick) VALUES ('\(RFC3339.string(Self.tick))');
                UPDATE anon_batch SET is_open = false;
                """,
                on: .private
            )
            try await server.withSecondServer { other in
                let outcome = try await Mixer(parts: other.parts).mix(at: Self.tick)
                #expect(outcome?.carried == 1, "it waits for company now, in a batch that is open")
                #expect(try await server.count("SELECT count(*) FROM anon_batch WHERE NOT is_open") == 0)
                #expect(try await Mixer(parts: other.parts).mix(at: Self.tick) == Mixer.Outcome(), "nothing is left")
            }
        }
    }

    @Test func aClockThatStoodFarAheadHoldsNoMixUp() async throws {
        try await withServer { server in
            try await message(on: server)
            let ahead = RFC3339.string(Self.tick.addingTimeInterval(86_400))
            try await server.run("INSERT INTO mix_clock (tick) VALUES ('\(ahead)')", on: .private)
            #expect(try await Mixer(parts: server.parts).mix(at: Self.tick)?.carried == 1)
        }
    }

    @Test func aServerWithOtherFilesIsRefusedWhileOthersRun() async throws {
        try await withServer { server in
            let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: directory) }
            let data = try DataDirectory(directory)
            let setup = DatabaseSetup(
                privateURI: server.server.privateURI,
                recordURI: server.server.recordURI,
                data: data,
                logger: server.parts.logger
            )
            let first = try Peer(server.parts.data, takesAnonymous: true)
            try await setup.check(Peer(data, takesAnonymous: true))
            let keeper = KeepPeer(peer: first, pool: server.parts.databases.job, logger: server.parts.logger)
            try await keeper.begin()
            await #expect(throws: Peer.Refusal.otherSecrets) {
                try await setup.check(Peer(data, takesAnonymous: false))
            }

            // Copies of the secrets are enough for a server that takes nothing anonymous.
            let secrets = server.parts.data.file("secrets")
            try FileManager.default.removeItem(atPath: data.file("secrets"))
            try FileManager.default.copyItem(atPath: secrets, toPath: data.file("secrets"))
            let other = try Peer(data, takesAnonymous: true)
            await #expect(throws: Peer.Refusal.otherDirectory) { try await setup.check(other) }
            let late = KeepPeer(peer: other, pool: server.parts.databases.job, logger: server.parts.logger)
            await #expect(throws: Peer.Refusal.otherDirectory) { try await late.begin() }
            try await setup.check(Peer(data, takesAnonymous: false))
            try await setup.check(Peer(server.parts.data, takesAnonymous: true))

            // One that stood still for a while, and whose place another one has taken, ends.
            _ = try await server.parts.databases.job.execute(SeePeer(peer: other))
            var again = keeper
            again.beat = .milliseconds(20)
            let returned = again
            await #expect(throws: Peer.Refusal.otherDirectory) { try await returned.run() }
            _ = try await server.parts.databases.job.execute(ForgetPeer(id: other.id))
            try await keeper.begin()

            // What one makes by itself because its secrets were copied before there was such a one is not the same.
            try FileManager.default.removeItem(atPath: data.file("secrets/second-factor-sealing"))
            await #expect(throws: Peer.Refusal.otherSecrets) {
                try await setup.check(Peer(data, takesAnonymous: false))
            }

            // A newer version beside older ones makes one more in the directory of all.
            _ = try server.parts.data.secret("made-by-a-newer-version")
            try await setup.check(Peer(server.parts.data, takesAnonymous: true))

            // Who was killed is gone after a minute.
            try await server.run("UPDATE peer SET seen_at = now() - interval '61 seconds'", on: .private)
            try await setup.check(other)
            #expect(try await server.count("SELECT count(*) FROM peer") == 1, "who was refused has left no trace")
        }
    }

    @Test func aServerThatTakesNothingAnonymousSaysSoAndMakesNoKeyOfABatch() async throws {
        try await withServer(configure: { $0.takesAnonymous = false }) { server in
            let path = "/v1/anonymous/directory?network=\(server.network.id.text)"
            for reply in [try await server.send("GET", path), try await server.anonymous("submissions", "{}")] {
                #expect(reply.status == 503 && reply.problem == "unavailable", "\(reply.text)")
                #expect(reply.headers["retry-after"] != nil)
            }
            await #expect(throws: Problem.self) { try await server.parts.openBatch() }
            await #expect(throws: OperationRefusal.self) { try await server.server.forgetUnreadable() }
            let keys = try FileManager.default.contentsOfDirectory(atPath: server.parts.data.file("batch-keys"))
            #expect(keys.isEmpty)
            let member = try await server.person(.member)
            #expect(try await server.send("GET", server.home, as: member).status == 200)
        }
    }
}
