import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// A disk that is full: under Chorus' own files, and under PostgreSQL's.
@Suite(.serialized) struct FullDiskProcessTests {
    private static let isRoot = getuid() == 0

    /// Keeps anything from being written below a directory: root by a file system of one page, others by its mode.
    private func withoutRoom(in directory: String, _ body: () async throws -> Void) async throws {
        if Self.isRoot {
            try shell("mount -t tmpfs -o size=4k,mode=0700 full '\(directory)' && echo x >'\(directory)/filling'")
        } else {
            chmod(directory, 0o500)
        }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        if Self.isRoot { try shell("umount -l '\(directory)'") } else { chmod(directory, 0o700) }
        try outcome.get()
    }

    private func shell(_ script: String) throws {
        #expect(try TestCluster.execute("bash", ["-c", script]) == 0, "\(script)")
    }

    @Test func withoutRoomForItsKeyNothingAnonymousIsTakenAndNothingIsHalfWritten() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator, .moderator)
            let channel = try await server.channel(by: team)
            var tokens = [TestWallet]()
            for person in try await server.people(20) { tokens.append(try await server.wallet(of: person)) }
            let token = tokens[0].tokens[server.network.id]?.first
            let (receipt, message) = (TestServer.randomReceipt(), TestServer.message("Hallo", channel: channel))
            try await withoutRoom(in: server.parts.data.file("batch-keys")) {
                for _ in 0..<2 {
                    let reply = try await server.submit(token, receiptId: receipt, message)
                    #expect(reply.status == 503, "\(reply.text)")
                    #expect(reply.headers["retry-after"] != nil)
                }
                #expect(try await server.count("SELECT count(*) FROM anon_batch") == 0)
                // Whoever writes no file goes on.
                #expect(try await server.send("GET", "\(server.home)/events", as: team).status == 200)
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: server.parts.data.file("batch-keys"))
            #expect(files.isEmpty, "\(files)")
            // The client's outbox sends the same bytes again.
            #expect(try await server.submit(token, receiptId: receipt, message).status == 202)
            try await server.mix()
            let path = "\(server.home)/channels/\(channel)/messages"
            #expect(try await server.send("GET", path, as: team).json["items"].array.count == 1)
        }
    }

    @Test(
        .enabled(
            if: TestLength.isLong && FullDiskProcessTests.isRoot,
            "needs TEST_LONG=1, and root to mount a small disk"
        )
    )
    func aFullDiskUnderPostgresRefusesWritesAndLosesNothing() async throws {
        let directory = TestCluster.newDirectory
        try shell("mkdir -m 0711 '\(directory)' && mount -t tmpfs -o size=200m,mode=0711 small '\(directory)'")
        defer { try? shell("umount -l '\(directory)'; rmdir '\(directory)'") }
        let settings = ["synchronous_commit = on", "max_wal_size = 32MB", "min_wal_size = 32MB", "wal_recycle = off"]
        let postgres = try TestPostgres(directory: directory, settings: settings)
        defer { postgres.tearDown() }
        for name in ["chorus", "chorus_record"] { try postgres.run("CREATE DATABASE \(name)") }
        try await withServer(on: (postgres.uri("chorus"), postgres.uri("chorus_record"))) { server in
            let town = try await FaultTown(server)
            async let work: Void = town.work()
            #expect(try await soon { town.figures.answers > 50 && town.figures.said > 2 })
            // All but nothing.
            _ = try? TestCluster.execute("dd", ["if=/dev/zero", "of=\(directory)/filling", "bs=64k", "status=none"])
            let filler = try await server.person(.member, .organiser)
            var refused = 0
            for _ in 0..<200 where refused < 5 {
                let text = String(repeating: "Lang. ", count: 1_000)
                let extra = ",\"description\":\"\(text)\""
                let body = RSVPTests.newEvent(capacity: nil, extra: extra)
                let reply = try await server.send("POST", "\(server.home)/events", body, as: filler)
                #expect([201, 503].contains(reply.status), "\(reply.text)")
                if reply.status == 503 { refused += 1 }
            }
            #expect(refused == 5)
            let read = try await server.send("GET", "\(server.home)/events?limit=7", as: filler)
            print("full disk: a read is answered with \(read.status)")
            #expect([200, 503].contains(read.status))
            unlink("\(directory)/filling")
            // PostgreSQL ends by itself when it cannot even note that it has to recover; then whoever supervises it
            // starts it again.
            _ = try? postgres.start()
            let acknowledged = town.figures
            #expect(
                try await soon { town.figures.answers > acknowledged.answers && town.figures.said > acknowledged.said }
            )
            town.end()
            try await work
            print("full disk: \(town.figures)")
            try await town.losesNothing()
        }
    }
}
