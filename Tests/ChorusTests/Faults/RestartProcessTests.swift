import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// PostgreSQL restarts under a server that goes on.
@Suite(.serialized) struct RestartProcessTests {
    private func withTown(_ body: (TestPostgres, FaultTown) async throws -> Void) async throws {
        let postgres = try TestPostgres(settings: ["synchronous_commit = on"])
        defer { postgres.tearDown() }
        for name in ["chorus", "chorus_record"] { try postgres.run("CREATE DATABASE \(name)") }
        try await withServer(on: (postgres.uri("chorus"), postgres.uri("chorus_record"))) { server in
            try await body(postgres, try await FaultTown(server))
        }
    }

    @Test(.enabled(if: TestLength.isLong, "needs TEST_LONG=1"))
    func everybodyIsToldToComeBackAndNothingAcknowledgedIsLost() async throws {
        try await withTown { postgres, town in
            let server = town.server
            let reader = try await server.person(.member)
            try await server.keep(town.event, as: reader)
            async let work: Void = town.work()
            #expect(try await soon { town.figures.answers > 50 && town.figures.said > 2 })
            town.noteFault()
            try postgres.stop("fast")
            #expect(try await soon { try await server.send("GET", "/readyz").status == 503 })
            // Nothing can be heard, so nothing that was kept is used.
            #expect(try await soon { server.parts.changes.mark(server.network.id, .content) == nil })
            #expect(try await server.send("GET", town.event, as: reader).status == 503)
            #expect(try await server.send("GET", "/healthz").status == 200)
            let start = ContinuousClock.now
            try postgres.start()
            _ = try await town.comesBack()
            let back = ContinuousClock.now - start
            // Killed without a word this time.
            postgres.kill9()
            try postgres.start()
            let acknowledged = town.figures.answers
            #expect(try await soon { town.figures.answers > acknowledged + 20 })
            town.end()
            try await work
            print("restart: back \(back) after PostgreSQL, \(town.figures)")
            #expect(back < .seconds(5))
            #expect(town.figures.slowest < .seconds(13))
            // It listens again: what another process changes is seen although it was kept.
            try await server.keep(town.event, as: reader)
            try await server.runElsewhere("UPDATE event SET title = 'Neu' WHERE network_id = '\(server.network.id)'")
            #expect(
                try await soon { try await server.send("GET", town.event, as: reader).json["title"].string == "Neu" }
            )
            try await town.losesNothing()
        }
    }

    @Test(.enabled(if: TestLength.isLong))
    func whatIsFrozenIsRefusedWithinBoundsAndGoesOnWhenItThaws() async throws {
        try await withTown { postgres, town in
            async let work: Void = town.work()
            #expect(try await soon { town.figures.answers > 50 && town.figures.said > 2 })
            town.noteFault()
            postgres.freeze()
            try await Task.sleep(for: .seconds(25))
            postgres.thaw()
            let start = ContinuousClock.now
            let acknowledged = town.figures
            #expect(
                try await soon { town.figures.answers > acknowledged.answers && town.figures.said > acknowledged.said }
            )
            let back = ContinuousClock.now - start
            town.end()
            try await work
            print("frozen: back \(back) after the thaw, \(town.figures)")
            #expect(back < .seconds(5))
            #expect(town.figures.slowest < .seconds(13))
            try await town.losesNothing()
        }
    }

    /// A disk that answers in fits and starts: every process of PostgreSQL stands still for most of a second, again
    /// and again.
    @Test(.enabled(if: TestLength.isLong))
    func aSlowDiskSlowsDownAndLosesNothing() async throws {
        try await withTown { postgres, town in
            async let work: Void = town.work()
            #expect(try await soon { town.figures.answers > 20 })
            for _ in 0..<20 {
                postgres.freeze()
                try await Task.sleep(for: .milliseconds(800))
                postgres.thaw()
                try await Task.sleep(for: .milliseconds(200))
            }
            let acknowledged = town.figures.answers
            #expect(try await soon { town.figures.answers > acknowledged + 50 })
            town.end()
            try await work
            print("slow disk: \(town.figures)")
            #expect(town.figures.slowest < .seconds(8))
            try await town.losesNothing()
        }
    }

    @Test(.enabled(if: TestLength.isLong, "needs TEST_LONG=1"))
    func twoThousandAtOnceAreAnsweredOrToldToComeBack() async throws {
        let postgres = try TestPostgres(settings: ["max_connections = 25"])
        defer { postgres.tearDown() }
        for name in ["chorus", "chorus_record"] { try postgres.run("CREATE DATABASE \(name)") }
        try await withServer(on: (postgres.uri("chorus"), postgres.uri("chorus_record"))) { server in
            let member = try await server.person(.member)
            // Others take most of what there is, so that no pool of a second server can open what it would.
            let hold = "psql -X -q -h $dir -U chorus_migrator -d postgres -c 'SELECT pg_sleep(60)' >/dev/null 2>&1 &"
            try postgres.shell("for i in $(seq 8); do \(hold) done")
            try await server.withSecondServer { cold in
                let start = ContinuousClock.now
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for index in 0..<2_000 {
                        let path = "\(server.home)/events?limit=\(index % 200 + 1)"
                        group.addTask { try await cold.send("GET", path, as: member).status }
                    }
                    return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
                }
                print("storm: \(statuses) in \(ContinuousClock.now - start)")
                #expect(Set(statuses.keys).isSubset(of: [200, 503]), "\(statuses)")
                try postgres.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'"
                )
                #expect(try await soon { try await cold.send("GET", "/readyz").status == 200 })
                #expect(try await cold.send("GET", "\(server.home)/events?limit=3", as: member).status == 200)
            }
        }
    }
}
