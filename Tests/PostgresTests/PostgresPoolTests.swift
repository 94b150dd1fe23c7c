import Foundation
import Logging
import Postgres
import TestSupport
import Testing

private struct Scalar<Value: PostgresCodable>: PostgresStatement {
    static var sql: String { "SELECT $1, NULL::text" }
    let value: Value
    func bind(_ parameters: inout PostgresParameters) { parameters.append(value) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Value {
        let value: Value = try row.next()
        let nothing: String? = try row.next()
        return nothing == nil ? value : Value.sample
    }
}

private struct BackendID: PostgresStatement {
    static let sql = "SELECT pg_backend_pid()"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

private struct Sleep: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT pg_sleep($1)"
    let seconds: Double
    func bind(_ parameters: inout PostgresParameters) { parameters.append(seconds) }
}

private struct SetUp: PostgresStatement {
    typealias Row = Void
    static let sql = "CREATE TABLE note (id bigint CONSTRAINT note_id_key PRIMARY KEY, text text)"
}

private struct InsertNote: PostgresStatement {
    typealias Row = Void
    static let sql = "INSERT INTO note (id, text) VALUES ($1, $2)"
    let id: Int
    let text: String?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(text)
    }
}

private struct CountNotes: PostgresStatement {
    static let sql = "SELECT count(*) FROM note"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

private struct CurrentNetwork: PostgresStatement {
    static let sql = "SELECT nullif(current_setting('chorus.network_id', true), '')"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String? { try row.next() }
}

private struct Notify: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT pg_notify('news', $1)"
    let text: String
    func bind(_ parameters: inout PostgresParameters) { parameters.append(text) }
}

private struct DatabaseName: PostgresStatement {
    static let sql = "SELECT current_database()::text"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

private struct CountListeners: PostgresStatement {
    static let sql = """
        SELECT count(*) FROM pg_stat_activity
        WHERE query LIKE 'LISTEN%' AND state = 'idle' AND datname = current_database()
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

private struct CountPrepared: PostgresStatement {
    static let sql = "SELECT count(*) FROM pg_prepared_statements"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

private func with(_ configuration: PostgresConfiguration, _ body: (PostgresPool) async throws -> Void) async throws {
    let pool = PostgresPool(configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    do { try await body(pool) } catch {
        await pool.close()
        throw error
    }
    await pool.close()
}

@Suite struct PostgresPoolTests {
    private func withPool(
        maximum: Int = 2,
        wait: Duration = .seconds(5),
        _ body: (PostgresPool, PostgresConfiguration) async throws -> Void
    ) async throws {
        var configuration = try await TestCluster.leaseDatabase()
        configuration.maximumConnections = maximum
        configuration.waitTimeout = wait
        let made = configuration
        try await with(made) { try await body($0, made) }
    }

    private func expectRoundTrip<Value: PostgresCodable & Equatable>(_ values: Value..., on pool: PostgresPool)
        async throws
    {
        for value in values {
            #expect(try await pool.first(Scalar(value: value)) == value)
            #expect(Value(text: value.postgresText) == value)
        }
    }

    @Test func everyCodecGoesToTheServerAndBack() async throws {
        try await withPool { pool, _ in
            try await expectRoundTrip(Int16.min, 0, Int16.max, on: pool)
            try await expectRoundTrip(Int32.min, -1, Int32.max, on: pool)
            try await expectRoundTrip(Int64.min, 1 << 40, Int64.max, on: pool)
            try await expectRoundTrip(Int.min, Int.max, on: pool)
            try await expectRoundTrip(0.1, -1e300, Double.infinity, on: pool)
            try await expectRoundTrip(true, false, on: pool)
            try await expectRoundTrip("", "grüße 👋", "a\"b\\c,{}", on: pool)
            try await expectRoundTrip(UUID(), on: pool)
            try await expectRoundTrip([UInt8](0...255), [], on: pool)
            try await expectRoundTrip(PostgresDate("0001-01-01") ?? .sample, PostgresDate.sample, on: pool)
            try await expectRoundTrip(Date(timeIntervalSince1970: 1_795_301_999.25), on: pool)
            try await expectRoundTrip(PostgresJSON(bytes: Array("{\"a\": [1, null]}".utf8)), on: pool)
            try await expectRoundTrip(["a", "", "NULL", "{\"x\"}", "\\"], [], on: pool)
            try await expectRoundTrip(["a", nil], [nil], on: pool)
            try await expectRoundTrip([UUID(), UUID()], on: pool)
            try await expectRoundTrip([1, 2, -3], on: pool)
            try await expectRoundTrip([Int16(1)], on: pool)
            try await expectRoundTrip([[UInt8](), [0, 255]], on: pool)
            try await expectRoundTrip([true, false], on: pool)
            try await expectRoundTrip([PostgresDate.sample], on: pool)
        }
    }

    @Test func manyCallersShareFewConnections() async throws {
        try await withPool(maximum: 2) { pool, _ in
            let processes = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<500 { group.addTask { try await pool.first(BackendID()) ?? 0 } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect((1...2).contains(processes.count))
        }
    }

    @Test func noMoreThanSoManyWaitAtOnce() async throws {
        var configuration = try await TestCluster.leaseDatabase()
        configuration.maximumConnections = 1
        configuration.maximumWaiting = 5
        configuration.waitTimeout = .seconds(60)
        try await with(configuration) { pool in
            try await withThrowingTaskGroup(of: PostgresError.Kind?.self) { group in
                // While the only connection is taken, all but those who may wait are refused; then these are served.
                try await pool.transaction { _ in
                    for _ in 0..<40 {
                        group.addTask {
                            do { _ = try await pool.first(BackendID()) } catch {
                                return (error as? PostgresError)?.kind ?? .closed
                            }
                            return nil
                        }
                    }
                    for _ in 0..<35 {
                        let kind = try await group.next()
                        #expect(kind == .poolTimeout)
                    }
                }
                let served = try await group.reduce(into: []) { $0.append($1) }
                #expect(served == [nil, nil, nil, nil, nil])
            }
        }
    }

    @Test func aPoolThatSharesItsSessionsPreparesNothing() async throws {
        var configuration = try await TestCluster.leaseDatabase()
        configuration.maximumConnections = 1
        configuration.sharesSessions = true
        try await with(configuration) { pool in
            #expect(try await pool.hasSessionsOfItsOwn())
            let network = UUID()
            for _ in 0..<3 {
                let word = try await pool.first(Scalar(value: "wort"))
                #expect(word == "wort")
                let inside = try await pool.first(CurrentNetwork(), network: network)
                #expect(inside == network.postgresText)
                let outside = try await pool.first(CurrentNetwork())
                #expect(outside == .some(nil))
            }
            let columns = try await pool.describe(Scalar(value: 1)).columns.count
            #expect(columns == 2)
            let prepared = try await pool.first(CountPrepared())
            #expect(prepared == 0)
            let failed = await Result { try await pool.execute(CountNotes()) }
            #expect(throws: PostgresError(.server(sqlState: "42P01", constraint: nil, table: nil))) { try failed.get() }
            let seven = try await pool.first(Scalar(value: 7))
            #expect(seven == 7)
        }
    }

    @Test func anErrorFailsItsOwnStatementOnly() async throws {
        try await withPool(maximum: 1) { pool, _ in
            _ = try await pool.execute(SetUp())
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        // Each id twice: exactly one of the two may win.
                        (try? await pool.execute(InsertNote(id: index / 2, text: nil))) != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(outcomes == 100)
            #expect(try await pool.first(CountNotes()) == 100)
            let error = await #expect(throws: PostgresError.self) {
                try await pool.execute(InsertNote(id: 1, text: "a secret"))
            }
            #expect(error?.kind == .server(sqlState: "23505", constraint: "note_id_key", table: "note"))
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test func theNetworkIsSetForOneStatementOnly() async throws {
        try await withPool(maximum: 1) { pool, _ in
            let network = UUID()
            async let inside = pool.first(CurrentNetwork(), network: network)
            async let outside = pool.first(CurrentNetwork())
            #expect(try await inside == network.uuidString.lowercased())
            #expect(try await outside == .some(nil))
            let both = try await pool.transaction(network: network) { transaction in
                let first = try await transaction.first(CurrentNetwork())
                let other = UUID()
                try await transaction.setNetwork(other)
                return (first ?? nil, try await transaction.first(CurrentNetwork()) ?? nil, other)
            }
            #expect(both.0 == network.uuidString.lowercased())
            #expect(both.1 == both.2.uuidString.lowercased())
            #expect(try await pool.first(CurrentNetwork()) == .some(nil))
        }
    }

    @Test func aTransactionRollsBackOnError() async throws {
        struct Stop: Error {}
        try await withPool { pool, _ in
            _ = try await pool.execute(SetUp())
            await #expect(throws: Stop.self) {
                try await pool.transaction { transaction in
                    _ = try await transaction.execute(InsertNote(id: 1, text: nil))
                    throw Stop()
                }
            }
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    _ = try await transaction.execute(InsertNote(id: 2, text: nil))
                    _ = try? await transaction.execute(InsertNote(id: 2, text: nil))
                }
            }
            #expect(error?.kind == .transactionAborted, "an error that is caught must not look like a commit")
            #expect(try await pool.first(CountNotes()) == 0)
        }
    }

    @Test func copyTakesManyRows() async throws {
        try await withPool { pool, _ in
            _ = try await pool.execute(SetUp())
            let rows = (0..<20_000).map { index -> PostgresParameters in
                var row = PostgresParameters()
                row.append(index)
                row.append(index.isMultiple(of: 2) ? "text \(index)" : nil)
                return row
            }
            let count = try await pool.transaction { transaction in
                try await transaction.copyIn("COPY note (id, text) FROM STDIN (FORMAT binary)", rows: rows)
            }
            #expect(count == 20_000)
            #expect(try await pool.first(CountNotes()) == 20_000)
            await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    try await transaction.copyIn(
                        "COPY note (id, text) FROM STDIN (FORMAT binary)",
                        rows: rows.prefix(1)
                    )
                }
            }
            #expect(try await pool.first(CountNotes()) == 20_000)
        }
    }

    @Test func aCancelledTaskCancelsItsStatementAndNoOther() async throws {
        try await withPool(maximum: 1) { pool, _ in
            let before = try await pool.first(BackendID())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await withThrowingTaskGroup(of: Void.self) { inner in
                            inner.addTask { _ = try await pool.execute(Sleep(seconds: 25)) }
                            try await Task.sleep(for: .milliseconds(150))
                            inner.cancelAll()
                            try await inner.waitForAll()
                        }
                    }
                }
                try await Task.sleep(for: .milliseconds(50))
                for _ in 0..<20 {
                    group.addTask { _ = try await pool.execute(Sleep(seconds: 0.001)) }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.first(BackendID()) == before, "the connection stays usable")
        }
    }

    @Test(arguments: [SIGTERM, SIGKILL]) func aKilledBackendFailsWhatWasInFlightAndTheNextStatementWorks(
        signal: Int32
    ) async throws {
        var configuration = try TestCluster.startAnother()
        configuration.maximumConnections = 1
        configuration.waitTimeout = .seconds(20)
        let pool = PostgresPool(
            configuration,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        _ = try await pool.execute(SetUp())
        let process = try #require(try await pool.first(BackendID()))
        // In one pipeline: a hundred that are answered, one that sleeps, and a hundred behind it.
        let outcomes = await withTaskGroup(of: (index: Int, kind: PostgresError.Kind?).self) { group in
            func add(_ index: Int, _ body: @escaping @Sendable () async throws -> Void) {
                group.addTask {
                    do { try await body() } catch { return (index, (error as? PostgresError)?.kind) }
                    return (index, nil)
                }
            }
            for index in 0..<100 { add(index) { _ = try await pool.execute(InsertNote(id: index, text: nil)) } }
            var early: [(index: Int, kind: PostgresError.Kind?)] = []
            while early.count < 100, let next = await group.next() { early.append(next) }
            func wait(for open: Int) async {
                while await pool.health.inFlight + pool.health.waiting < open {
                    try? await Task.sleep(for: .milliseconds(10))
                }
            }
            add(100) { _ = try await pool.execute(Sleep(seconds: 25)) }
            await wait(for: 1)
            for index in 101...200 { add(index) { _ = try await pool.execute(InsertNote(id: index, text: nil)) } }
            await wait(for: 101)
            kill(pid_t(process), signal)
            return await group.reduce(into: early) { $0.append($1) }
        }
        #expect(outcomes.count == 201)
        let lost = outcomes.filter { $0.kind != nil }
        #expect(lost.allSatisfy { $0.kind == .connectionLost && $0.index >= 100 })
        #expect(lost.count >= 2 && lost.contains { $0.index == 100 }, "the sleep and what was sent behind it")
        // SIGKILL makes the whole server start anew; a statement that waits for it is served then.
        var count: Int?
        for _ in 0..<50 where count == nil {
            count = try? await pool.first(CountNotes())
            if count == nil { try await Task.sleep(for: .milliseconds(100)) }
        }
        #expect(count == outcomes.count - lost.count, "what was answered is there, what was lost is not")
        #expect(try await pool.first(BackendID()) != process)
        await pool.close()
    }

    /// Neither by the server, nor by the pool, which would take it for one that does not answer.
    @Test func whatIsAllowedTimeIsNotEnded() async throws {
        var configuration = try await TestCluster.leaseDatabase()
        configuration.statementTimeout = .seconds(1)
        try await with(configuration) { pool in
            try await pool.transaction { transaction in
                try await transaction.allowTime()
                _ = try await transaction.execute(Sleep(seconds: 4))
            }
            let ended = await Result { try await pool.execute(Sleep(seconds: 10)) }
            #expect(throws: PostgresError.self) { try ended.get() }
        }
    }

    @Test func whoWaitsTooLongIsTold() async throws {
        try await withPool(maximum: 1, wait: .milliseconds(100)) { pool, _ in
            try await pool.transaction { _ in
                let error = await #expect(throws: PostgresError.self) { try await pool.execute(BackendID()) }
                #expect(error?.kind == .poolTimeout)
            }
            #expect(try await pool.first(BackendID()) != nil)
        }
        let nowhere = PostgresConfiguration("host=/nonexistent dbname=x", waitTimeout: .milliseconds(200))
        let pool = PostgresPool(nowhere, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let error = await #expect(throws: PostgresError.self) { try await pool.execute(BackendID()) }
        #expect(error?.kind == .connectFailed)
        await pool.close()
        let closed = await #expect(throws: PostgresError.self) { try await pool.execute(BackendID()) }
        #expect(closed?.kind == .closed)
    }

    @Test func aStatementThatRunsTooLongIsEnded() async throws {
        var configuration = try await TestCluster.leaseDatabase()
        configuration.statementTimeout = .seconds(1)
        let pool = PostgresPool(
            configuration,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let error = await #expect(throws: PostgresError.self) { try await pool.execute(Sleep(seconds: 20)) }
        #expect(error?.sqlState == "57014")
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10))) func notificationsArriveAlsoAfterALoss() async throws {
        try await withPool { pool, configuration in
            var heard = pool.listen("news").makeAsyncIterator()
            async let first = heard.next()
            while try await pool.first(CountListeners()) == 0 { try await Task.sleep(for: .milliseconds(20)) }
            _ = try await pool.execute(Notify(text: "one"))
            #expect(await first == "one")
            try await pool.transaction { transaction in
                try await transaction.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                )
            }
            #expect(await heard.next() == "", "some may have been missed")
            _ = try await pool.execute(Notify(text: "two"))
            #expect(await heard.next() == "two")
        }
    }

    /// A listener that finds no way back at first has missed all the more.
    @Test(.timeLimit(.minutes(10))) func aLossIsToldEvenIfItTakesMoreThanOneTryToComeBack() async throws {
        try await withPool { pool, _ in
            var heard = pool.listen("news").makeAsyncIterator()
            async let first = heard.next()
            while try await pool.first(CountListeners()) == 0 { try await Task.sleep(for: .milliseconds(20)) }
            _ = try await pool.execute(Notify(text: "one"))
            #expect(await first == "one")
            let name = try await pool.first(DatabaseName()) ?? ""
            try await TestCluster.run("ALTER DATABASE \(name) WITH ALLOW_CONNECTIONS false")
            try await TestCluster.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = '\(name)'"
            )
            async let second = heard.next()
            try await Task.sleep(for: .milliseconds(600))
            try await TestCluster.run("ALTER DATABASE \(name) WITH ALLOW_CONNECTIONS true")
            while try await pool.first(CountListeners()) == 0 { try await Task.sleep(for: .milliseconds(20)) }
            _ = try await pool.execute(Notify(text: "two"))
            #expect(await second == "", "some may have been missed")
            #expect(await heard.next() == "two")
        }
    }

    @Test func aPreparedStatementSurvivesAChangedSchema() async throws {
        try await withPool(maximum: 1) { pool, _ in
            _ = try await pool.execute(SetUp())
            _ = try await pool.execute(InsertNote(id: 1, text: "x"))
            try await pool.transaction { try await $0.run("ALTER TABLE note ALTER id TYPE integer") }
            #expect(try await pool.first(CountNotes()) == 1)
            try await pool.transaction { try await $0.run("DEALLOCATE ALL") }
            #expect(try await pool.first(CountNotes()) == 1)
        }
    }
}
