import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The cable between the server and PostgreSQL is pulled: no packet comes back, not even a refusal.
@Suite(.serialized) struct PartitionProcessTests {
    private func shell(_ script: String) throws {
        #expect(try TestCluster.execute("bash", ["-c", script]) == 0, "\(script)")
    }

    @Test(.enabled(if: TestLength.isLong && getuid() == 0, "needs TEST_LONG=1, and root to make a network"))
    func aPulledCableIsNoticedRefusedAndForgotten() async throws {
        let name = "chorus\(getpid() % 10_000)"
        let (outside, inside) = ("\(name)a", "\(name)b")
        let subnet = "10.213.\(getpid() % 200)"
        let postgres = try TestPostgres(settings: ["synchronous_commit = on"])
        defer { postgres.tearDown() }
        for database in ["chorus", "chorus_record"] { try postgres.run("CREATE DATABASE \(database)") }
        try postgres.stop()
        try shell(
            """
            set -e
            ip netns add \(name)
            ip link add \(outside) type veth peer name \(inside) netns \(name)
            ip addr add \(subnet).1/24 dev \(outside); ip link set \(outside) up
            ip -n \(name) addr add \(subnet).2/24 dev \(inside); ip -n \(name) link set \(inside) up
            ip -n \(name) link set lo up
            echo "listen_addresses = '\(subnet).2'" >>\(postgres.directory)/data/postgresql.conf
            echo "host all all \(subnet).0/24 trust" >>\(postgres.directory)/data/pg_hba.conf
            """
        )
        defer { try? shell("ip link del \(outside); ip netns del \(name)") }
        try postgres.shell(
            "ip netns exec \(name) $as \"$bin/pg_ctl\" -D \"$dir/data\" -w -l \"$dir/log\" start >/dev/null"
        )
        func uri(_ database: String) -> String { "dbname=\(database) user=chorus_migrator host=\(subnet).2" }
        try await withServer(on: (uri("chorus"), uri("chorus_record"))) { server in
            let town = try await FaultTown(server)
            async let work: Void = town.work()
            #expect(try await soon { town.figures.answers > 50 && town.figures.said > 2 })
            try shell("ip -n \(name) link set \(inside) down")
            try await Task.sleep(for: .seconds(20))
            #expect(try await server.send("GET", "/readyz").status == 503)
            try shell("ip -n \(name) link set \(inside) up")
            let start = ContinuousClock.now
            let acknowledged = town.figures
            #expect(
                try await soon { town.figures.answers > acknowledged.answers && town.figures.said > acknowledged.said }
            )
            let back = ContinuousClock.now - start
            town.end()
            try await work
            print("partition: back \(back) after the cable, \(town.figures)")
            #expect(back < .seconds(5))
            #expect(town.figures.slowest < .seconds(13))
            try await town.losesNothing()
        }
    }
}
