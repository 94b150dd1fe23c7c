import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// A streaming pair whose first server dies while members write.
@Suite(.serialized) struct FailoverProcessTests {
    /// A pair with a synchronous standby and the two databases in it.
    private func withPair(_ body: (TestPostgres, TestPostgres) async throws -> Void) async throws {
        let primary = try TestPostgres(settings: ["synchronous_commit = on", "wal_level = replica"])
        defer { primary.tearDown() }
        for name in ["chorus", "chorus_record"] { try primary.run("CREATE DATABASE \(name)") }
        let standby = try TestPostgres(standbyOf: primary)
        defer { standby.tearDown() }
        try primary.set("synchronous_standby_names", "*")
        let isSynchronous = try await soon {
            try primary.run("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"
        }
        #expect(isSynchronous)
        try await body(primary, standby)
    }

    @Test func aPairLosesNoAcknowledgedWriteAndIsBackSoon() async throws {
        try await withPair { primary, standby in
            let databases = (
                TestPostgres.uri("chorus", of: primary, standby),
                TestPostgres.uri("chorus_record", of: primary, standby)
            )
            try await withServer(on: databases) { server in
                let town = try await FaultTown(server)
                async let work: Void = town.work()
                let isBusy = try await soon { town.figures.answers > 100 && town.figures.said > 5 }
                #expect(isBusy)
                town.noteFault()
                primary.kill9()
                try standby.promote()
                let away = try await town.comesBack()
                // Some more, on the new primary.
                try await Task.sleep(for: .milliseconds(500))
                town.end()
                try await work
                print("fail-over: back after \(away), \(town.figures)")
                #expect(away < .seconds(5))
                try await town.losesNothing()
                #expect(try await server.send("GET", "/readyz").status == 200)
            }
        }
    }
}
