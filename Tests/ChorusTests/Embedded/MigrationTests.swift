import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct MigrationTests {
    private let first = Migrations.Migration(name: "m0001_a", sql: "CREATE TABLE a (id int)")
    private let second = Migrations.Migration(name: "m0002_b", sql: "CREATE TABLE b (id int)")

    private func withPools(_ body: (PostgresPool) async throws -> Void) async throws {
        try await withServer { server in
            // A database of its own, with the roles that the server's start has made.
            let configuration = try await TestCluster.leaseDatabase()
            try await withPool(configuration, logger: server.parts.logger) { pool in
                try await pool.run("GRANT ALL ON SCHEMA public TO chorus_owner")
                try await body(pool)
            }
        }
    }

    @Test func twoServersThatStartAtOnceApplyEachMigrationOnce() async throws {
        try await withPools { pool in
            let migrations = Migrations(.private, all: [first, second])
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 { group.addTask { try await migrations.apply(on: pool) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == ["m0001_a", "m0002_b"])
            try await migrations.check(on: pool)
        }
    }

    @Test func aNewerAnAlteredAndAnOldDatabaseAreRefused() async throws {
        try await withPools { pool in
            _ = try await Migrations(.private, all: [first, second]).apply(on: pool)
            await #expect(throws: Migrations.Refusal.newer(database: "private", migration: "m0002_b")) {
                _ = try await Migrations(.private, all: [first]).apply(on: pool)
            }
            let altered = Migrations.Migration(name: "m0001_a", sql: "CREATE TABLE a (id bigint)")
            await #expect(throws: Migrations.Refusal.altered(database: "private", migration: "m0001_a")) {
                _ = try await Migrations(.private, all: [altered, second]).apply(on: pool)
            }
            let third = Migrations.Migration(name: "m0003_c", sql: "SELECT 1")
            await #expect(throws: Migrations.Refusal.behind(database: "private", migration: "m0003_c")) {
                try await Migrations(.private, all: [first, second, third]).check(on: pool)
            }
        }
    }

    @Test func aMigrationThatFailsLeavesNothingBehind() async throws {
        try await withPools { pool in
            let broken = Migrations.Migration(name: "m0001_a", sql: "CREATE TABLE a (id int); SELECT 1/0")
            await #expect(throws: PostgresError.self) {
                _ = try await Migrations(.private, all: [broken]).apply(on: pool)
            }
            _ = try await Migrations(.private, all: [first]).apply(on: pool)
        }
    }
}

/// T27: what a login's duty does not need, it cannot touch.
@Suite struct RoleTests {
    @Test func t27AWrongPoolGetsNoPermission() async throws {
        try await withServer { server in
            let network = server.network.id
            let databases = server.parts.databases
            let id = UUID()
            await refuses {
                try await databases.anonymous.execute(ReadMembership(network: network, id: id), network: network)
            }
            await refuses { try await databases.anonymous.execute(ReadAccount(id: id)) }
            await refuses {
                try await databases.moderator.execute(ReadMembership(network: network, id: id), network: network)
            }
            await refuses {
                try await databases.mixer.execute(ReadMembership(network: network, id: id), network: network)
            }
            await refuses {
                try await databases.release.execute(ReadMembership(network: network, id: id), network: network)
            }
            await refuses { try await databases.member.execute(ReadInbox(batch: id)) }
            await refuses {
                try await databases.member.execute(ReadTallies(network: network, round: id), network: network)
            }
            await refuses {
                try await databases.member.execute(ReadMessage(network: network, channel: id, id: id), network: network)
            }
            await refuses { try await databases.moderator.execute(FindThread(lookup: [])) }
            await refuses { try await databases.recordWriter.execute(ReplaceCells()) }
            await refuses { try await databases.hr.execute(ReplaceCells()) }
        }
    }

    @Test func t27HrCanConnectToTheRecordOnly() async throws {
        try await withServer { server in
            let configuration = PostgresConfiguration(server.server.privateURI, waitTimeout: .milliseconds(300))
                .replacing(user: "chorus_hr", password: "")
            let pool = PostgresPool(configuration, logger: server.parts.logger)
            let error = await #expect(throws: PostgresError.self) { try await pool.execute(Ping()) }
            #expect(error?.kind == .connectFailed)
            await pool.close()
            // Not for want of a password only.
            let may = "SELECT has_database_privilege('chorus_hr', current_database(), 'CONNECT')::int"
            let counts = (try await server.count(may, of: .private), try await server.count(may, of: .record))
            #expect(counts == (0, 1))
        }
    }

    @Test func rowsOfAnotherNetworkDoNotExist() async throws {
        try await withServer { server in
            let member = try await server.person(.member)
            let pool = server.parts.databases.member
            let statement = ReadMembership(network: server.network.id, id: member.membership)
            #expect(try await pool.first(statement, network: server.network.id) != nil)
            #expect(try await pool.first(statement, network: UUID()) == nil)
            #expect(try await pool.first(statement) == nil)
        }
    }

    private func refuses<Value>(_ body: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation)
        async
    {
        do {
            _ = try await body()
            Issue.record("was allowed", sourceLocation: sourceLocation)
        } catch {
            #expect((error as? PostgresError)?.sqlState == "42501", sourceLocation: sourceLocation)
        }
    }
}

private struct ReplaceCells: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE cell SET negative = 0"
}
