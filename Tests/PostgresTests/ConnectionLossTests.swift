import Foundation
import Logging
import Testing
import TestSupport

@testable import Postgres

/// What becomes of statements and sockets when PostgreSQL ends a connection.
@Suite struct ConnectionLossTests {
    private struct BackendID: PostgresStatement {
        static let sql = "SELECT pg_backend_pid()"
        static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
    }

    private func lease() async throws -> PostgresConfiguration { try await TestCluster.leaseDatabase() }

    /// Connects, and lets `read` see the end of the stream before it returns.
    private func lostConnection(_ configuration: PostgresConfiguration) async throws -> Connection {
        let name = UUID().uuidString
        let keywords = configuration.connectionKeywords().filter { $0.name != "application_name" }
        let named = keywords + [("application_name", name)]
        let connection = try #require(Connection(id: 1, keywords: named, namesStatements: true))
        try await until {
            switch connection.connectStep() {
            case .connected: return true
            case .failed: throw PostgresError(.connectFailed)
            case .reading, .writing: return false
            }
        }
        try await TestCluster.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '\(name)'"
        )
        try await until {
            var events: [Connection.Event] = []
            return !connection.read(&events)
        }
        return connection
    }

    private func until(_ isOver: () async throws -> Bool) async throws {
        for _ in 0..<2_000 {
            if try await isOver() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it did not happen in ten seconds")
    }

    @Test func aStatementThatMeetsADeadConnectionIsAnswered() async throws {
        let connection = try await lostConnection(try await lease())
        let unit = Postgres.Unit(id: 7, statement: nil, sql: "SELECT", complete: { _ in })
        #expect(!connection.send(unit))
        // Whoever asked would wait for ever, and with a gatherer everybody after them too.
        #expect(connection.abandon().map(\.id) == [7])
        #expect(connection.abandon().isEmpty)
    }

    @Test func aSocketThatIsClosedIsNotWatchedAnyMore() async throws {
        let configuration = try await lease()
        let pool = PostgresPool(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let backend = try #require(try await pool.first(BackendID()))
        let watched = await pool.core.reactor.watchCount
        #expect(watched == 1)
        try await TestCluster.run("SELECT pg_terminate_backend(\(backend))")
        try await until { await pool.health.connections == 0 }
        // A closed one is always ready: the thread would go round for ever.
        let stillWatched = await pool.core.reactor.watchCount
        #expect(stillWatched == 0)
        let next = try await pool.first(BackendID())
        #expect(next != nil && next != backend)
        await pool.close()
    }
}
