import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// A streaming replica of the record that lags, freezes and dies.
@Suite(.serialized, .enabled(if: TestLength.isLong, "takes a quarter of a minute: TEST_LONG=1"))
struct RecordReplicaProcessTests {
    private func withReplica(_ body: (TestServer, TestPostgres, RecordReplica) async throws -> Void) async throws {
        let primary = try TestPostgres()
        defer { primary.tearDown() }
        for name in ["chorus", "chorus_record"] { try primary.run("CREATE DATABASE \(name)") }
        let replica = try TestPostgres(standbyOf: primary)
        defer { replica.tearDown() }
        try await withServer(
            on: (primary.uri("chorus"), primary.uri("chorus_record")),
            configure: { $0.recordReplicaURL = replica.uri("chorus_record") }
        ) { server in
            try await body(server, replica, try #require(server.parts.recordReplica))
        }
    }

    /// Whether a session of the server has asked the replica for recommendations last.
    private func wasAsked(_ replica: TestPostgres) throws -> Bool {
        let asked = """
            SELECT count(*) > 0 FROM pg_stat_activity
            WHERE application_name = 'recordReplica' AND usename = 'chorus_hr' AND query LIKE '%recommendation%'
            """
        return try replica.run(asked) == "t"
    }

    @Test func itIsAskedForWhatItHasAndNeverForAnythingOlder() async throws {
        try await withReplica { server, replica, watched in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            let draft = try await server.draft(by: coordinator)
            #expect(try await draft.publish(by: coordinator).status == 200)
            let network = server.network.id
            let list = "\(server.record)/recommendations"
            // Each time another target, so that nothing is answered from what was kept.
            var limit = 0
            func ask() async throws -> TestReply {
                limit += 1
                return try await server.send("GET", "\(list)?limit=\(limit)", as: hr)
            }
            func isServing() async throws -> Bool { try await soon { watched.mayServe(network) } }
            #expect(try await isServing())
            #expect(try !wasAsked(replica))
            // What the publication has set off may change the network once more; then the replica is looked at again first.
            let isAsked = try await soon {
                let reply = try await ask()
                #expect(reply.json["items"].array.count == 1)
                return try wasAsked(replica)
            }
            #expect(isAsked)

            try replica.run("SELECT pg_wal_replay_pause()")
            let answer = "{\"decision\":\"accepted\",\"text\":\"Ja.\",\"responsible\":\"Amt\",\"dueOn\":null}"
            let answered = try await server.send("PUT", "\(draft.record)/answer", answer, as: hr)
            #expect(answered.json["answer"]["decision"].string == "accepted", "the answer to a write shows it")
            var tags: Set<String> = []
            for _ in 0..<20 {
                let reply = try await ask()
                #expect(reply.json["items"][0]["answer"]["decision"].string == "accepted", "\(reply.text)")
                tags.insert(try await server.send("GET", draft.record, as: hr).headers["etag"] ?? "")
                #expect(!watched.mayServe(network))
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(tags.count == 1, "\(tags)")
            try replica.run("SELECT pg_wal_replay_resume()")
            #expect(try await isServing())
            #expect(try await ask().json["items"][0]["answer"]["decision"].string == "accepted")
            #expect(try await server.send("GET", draft.record, as: hr).headers["etag"] == tags.first)

            // Away in the middle of it all: nobody is troubled.
            replica.freeze()
            let start = ContinuousClock.now
            #expect(try await ask().status == 200)
            #expect(ContinuousClock.now - start < .seconds(5))
            replica.thaw()
            #expect(try await isServing())
            replica.kill9()
            #expect(try await ask().status == 200)
            #expect(try await server.send("GET", "/readyz").status == 200)
            try replica.start()
            #expect(try await isServing())
            #expect(try await ask().status == 200)
        }
    }
}
