import Foundation
import Logging
import Postgres
@testable import TestSupport
import Testing

private struct One: PostgresStatement {
    static let sql = "SELECT 1::bigint"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

private struct Write: PostgresStatement {
    typealias Row = Void
    static let sql = "INSERT INTO note VALUES (1)"
}

private struct HoldALittle: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT pg_sleep(0.1)"
}

private struct SayHello: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT pg_notify('news', 'hello')"
}

private struct WhereAmI: PostgresStatement {
    static let sql = "SELECT current_setting('unix_socket_directories')"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

/// What a pool does when its server stops answering, takes no writes any more, or takes no more connections.
@Suite(.serialized) struct ServerLossProcessTests {
    private func withServers(
        _ count: Int = 1,
        settings: [String] = [],
        _ body: ([TestPostgres]) async throws -> Void
    ) async throws {
        let servers = try (0..<count).map { _ in try TestPostgres(settings: settings) }
        defer { for server in servers { server.tearDown() } }
        try await body(servers)
    }

    private func withPool(
        _ uri: String,
        _ configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresPool) async throws -> Void
    ) async throws {
        var configuration = PostgresConfiguration(uri)
        configuration.silenceLimit = .milliseconds(300)
        configuration.connectTimeout = .milliseconds(500)
        configuration.waitTimeout = .seconds(1)
        configure(&configuration)
        let pool = PostgresPool(configuration, logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(pool)) } catch { outcome = .failure(error) }
        await pool.close()
        try outcome.get()
    }

    /// What a statement is refused with, and after how long.
    private func failure<S: PostgresStatement>(
        of statement: S,
        on pool: PostgresPool
    ) async -> (error: PostgresError?, after: Duration) {
        let start = ContinuousClock.now
        do {
            _ = try await pool.execute(statement)
            return (nil, .now - start)
        } catch {
            return (error as? PostgresError, .now - start)
        }
    }

    private func answersAgain(_ pool: PostgresPool) async throws -> Bool {
        for _ in 0..<600 {
            if (try? await pool.first(One())) == 1 { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test func aServerThatIsFrozenIsGivenUpAndFoundAgain() async throws {
        try await withServers { servers in
            try await withPool(servers[0].uri("postgres")) { pool in
                let one = try await pool.first(One())
                #expect(one == 1)
                servers[0].freeze()
                let lost = await failure(of: One(), on: pool)
                #expect(lost.error?.kind == .connectionLost, "it was sent, and nobody knows what became of it")
                #expect(lost.after < .seconds(10))
                let refused = await failure(of: One(), on: pool)
                #expect(refused.error?.kind == .connectFailed)
                #expect(refused.after < .seconds(10))
                servers[0].thaw()
                let answers = try await answersAgain(pool)
                #expect(answers)
            }
        }
    }

    @Test func afterAFrozenServerTheOtherOneIsAskedAndListenedTo() async throws {
        try await withServers(2) { servers in
            let uri = "dbname=postgres user=chorus_migrator host=\(servers[0].directory),\(servers[1].directory)"
            try await withPool(uri) { pool in
                var heard = pool.listen("news").makeAsyncIterator()
                async let first = heard.next()
                // Heard once it listens.
                let hello = Task {
                    while !Task.isCancelled {
                        _ = try? await pool.execute(SayHello())
                        try? await Task.sleep(for: .milliseconds(50))
                    }
                }
                #expect(await first == "hello")
                let before = try await pool.first(WhereAmI())
                #expect(before == servers[0].directory)
                servers[0].freeze()
                let answers = try await answersAgain(pool)
                #expect(answers)
                let after = try await pool.first(WhereAmI())
                #expect(after == servers[1].directory)
                // Whoever listens to the one that is gone is told that something may have been missed, and hears the
                // other one.
                var said: [String?] = []
                for _ in 0..<200 where said.suffix(2) != ["", "hello"] { said.append(await heard.next()) }
                #expect(said.suffix(2) == ["", "hello"])
                hello.cancel()
                await hello.value
            }
        }
    }

    @Test func aServerThatTakesNoWritesAnyMoreIsLeft() async throws {
        try await withServers { servers in
            try servers[0].run("CREATE TABLE note (id int)")
            try await withPool(servers[0].uri("postgres")) { pool in
                _ = try await pool.execute(Write())
                try servers[0].set("default_transaction_read_only", "on")
                // A session sees the setting between two statements, once the server has told it.
                var refusals: [PostgresError.Kind] = []
                for _ in 0..<600 where refusals.last != .connectFailed {
                    if let kind = await failure(of: Write(), on: pool).error?.kind { refusals.append(kind) }
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(refusals.first == .server(sqlState: "25006", constraint: nil, table: nil))
                #expect(refusals.last == .connectFailed, "a server that takes no writes is not connected to")
                try servers[0].shell(
                    "PGOPTIONS='-c default_transaction_read_only=off' psql -X -q -h $dir -U chorus_migrator -d postgres "
                        + "-c 'ALTER SYSTEM RESET default_transaction_read_only' -c 'SELECT pg_reload_conf()'"
                )
                let answers = try await answersAgain(pool)
                #expect(answers)
                _ = try await pool.execute(Write())
            }
        }
    }

    /// A commit that is told not to wait for its standby is answered as if it had (PostgreSQL manual, section
    /// 27.2.8.3).
    @Test func aCommitThatNoStandbyConfirmsIsNotAcknowledgedAndHoldsNothingUp() async throws {
        try await withServers(settings: ["synchronous_commit = on"]) { servers in
            try servers[0].run("CREATE TABLE note (id int)")
            try servers[0].set("synchronous_standby_names", "nobody")
            try await withPool(servers[0].uri("postgres"), { $0.statementTimeout = .seconds(1) }) { pool in
                let lost = await failure(of: Write(), on: pool)
                #expect(lost.error?.kind == .connectionLost)
                #expect(lost.after < .seconds(20))
                let committing = Task { await failure(of: Write(), on: pool).error?.kind }
                let isWaiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                for _ in 0..<100 where try servers[0].run(isWaiting) != "1" {
                    try await Task.sleep(for: .milliseconds(20))
                }
                // As an operator may.
                try servers[0].run(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                )
                #expect(await committing.value == .connectionLost)
                let one = try await pool.first(One())
                #expect(one == 1)
                #expect(try servers[0].run(isWaiting) == "0")
            }
        }
    }

    @Test func moreConnectionsThanAServerTakesAreWaitedForOrRefused() async throws {
        try await withServers(settings: ["max_connections = 8"]) { servers in
            try await withPool(servers[0].uri("postgres"), { $0.maximumConnections = 30 }) { pool in
                let kinds = await withTaskGroup(of: PostgresError.Kind?.self) { group in
                    for _ in 0..<60 {
                        group.addTask {
                            do {
                                try await pool.transaction { _ = try await $0.execute(HoldALittle()) }
                                return nil
                            } catch {
                                return (error as? PostgresError)?.kind ?? .refused
                            }
                        }
                    }
                    return await group.reduce(into: [PostgresError.Kind?]()) { $0.append($1) }
                }
                #expect(kinds.contains(nil))
                #expect(Set(kinds.compactMap(\.self)).isSubset(of: [.connectFailed, .poolTimeout]))
                let answers = try await answersAgain(pool)
                #expect(answers)
            }
        }
    }
}
