import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

/// Batches that have been sent and wait until their test answers them.
private final class HeldBatches: Sendable {
    typealias Done = @Sendable (Result<[Int], any Error>) -> Void

    private struct State {
        var sent: [[Int]] = []
        var waiting: [(items: [Int], done: Done)] = []
    }

    private let state = Mutex(State())

    /// Every batch in the order in which it left.
    var sent: [[Int]] { state.withLock { $0.sent } }
    /// How many have left and are not answered.
    var inFlight: Int { state.withLock { $0.waiting.count } }

    func run(_ items: [Int], _ done: @escaping Done) {
        state.withLock { state in
            state.sent.append(items)
            state.waiting.append((items, done))
        }
    }

    /// Answers the oldest batch, each item with its tenfold unless it is told otherwise.
    func answer(_ outcome: Result<[Int], any Error>? = nil) {
        let batch = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        guard let batch else { return }
        batch.done(outcome ?? .success(batch.items.map { $0 * 10 }))
    }

    func answerAll() { while inFlight > 0 { answer() } }
}

/// What became of each item.
private final class Outcomes: Sendable {
    private let all = Mutex<[Int: [Result<Int, PostgresError>]]>([:])

    /// Submits an item and notes every answer to it, so that a second one is seen too.
    func submit(_ item: Int, to gatherer: PostgresGatherer<Int, Int>) {
        gatherer.submit(item) { outcome in
            let known = outcome.mapError { $0 as? PostgresError ?? PostgresError(.refused) }
            self.all.withLock { $0[item, default: []].append(known) }
        }
    }

    subscript(_ item: Int) -> [Result<Int, PostgresError>] { all.withLock { $0[item] ?? [] } }
}

private func failure(_ kind: PostgresError.Kind) -> Result<[Int], any Error> { .failure(PostgresError(kind)) }
private let refusal = PostgresError.Kind.server(sqlState: "23514", constraint: nil, table: nil)

/// What the gatherer decides, with batches that are answered when the test says so.
@Suite struct PostgresGathererTests {
    private let batches = HeldBatches()

    @Test func whoHasWaitedTooLongIsRefusedAndTheRestGoesOn() async throws {
        let gatherer = PostgresGatherer<Int, Int>(patience: .milliseconds(50)) { self.batches.run($0, $1) }
        let outcomes = Outcomes()
        for item in 1...3 { outcomes.submit(item, to: gatherer) }
        try await Task.sleep(for: .milliseconds(80))
        outcomes.submit(4, to: gatherer)
        batches.answer()
        #expect(outcomes[1] == [.success(10)], "it had left in time")
        #expect(outcomes[2] == [.failure(PostgresError(.poolTimeout))])
        #expect(outcomes[3] == [.failure(PostgresError(.poolTimeout))])
        batches.answer()
        #expect(outcomes[4] == [.success(40)])
        #expect(batches.sent == [[1], [4]])
    }
    private let outcomes = Outcomes()

    private func gatherer(
        largestBatch: Int = 128,
        mostWaiting: Int = 4_096,
        mostInFlight: Int = 1
    ) -> PostgresGatherer<Int, Int> {
        PostgresGatherer(
            largestBatch: largestBatch,
            mostWaiting: mostWaiting,
            mostInFlight: mostInFlight,
            run: batches.run
        )
    }

    @Test func aLoneCallerIsServedBeforeSubmitReturns() {
        let gatherer = gatherer()
        outcomes.submit(1, to: gatherer)
        #expect(batches.sent == [[1]], "no timer, no other thread")
        batches.answer()
        #expect(outcomes[1] == [.success(10)])
        outcomes.submit(2, to: gatherer)
        #expect(batches.sent == [[1], [2]])
    }

    @Test func whatComesWhileABatchIsInFlightLeavesTogetherAfterIt() {
        let gatherer = gatherer()
        for item in 1...20 { outcomes.submit(item, to: gatherer) }
        #expect(batches.sent == [[1]])
        #expect(outcomes[2].isEmpty)
        batches.answer()
        #expect(batches.sent == [[1], Array(2...20)])
        batches.answerAll()
        for item in 1...20 { #expect(outcomes[item] == [.success(item * 10)]) }
    }

    @Test func noBatchIsLargerThanItMayBe() {
        let gatherer = gatherer(largestBatch: 4)
        for item in 0..<10 { outcomes.submit(item, to: gatherer) }
        batches.answerAll()
        #expect(batches.sent == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]])
        for item in 0..<10 { #expect(outcomes[item] == [.success(item * 10)]) }
    }

    @Test func noMoreBatchesAreInFlightThanMayBe() {
        let gatherer = gatherer(largestBatch: 3, mostInFlight: 2)
        for item in 0..<9 { outcomes.submit(item, to: gatherer) }
        #expect(batches.sent == [[0], [1]])
        while batches.inFlight > 0 {
            batches.answer()
            #expect(batches.inFlight <= 2)
        }
        #expect(batches.sent == [[0], [1], [2, 3, 4], [5, 6, 7], [8]])
    }

    @Test func aFullQueueRefusesAndLosesNothingThatItTook() {
        let gatherer = gatherer(mostWaiting: 3)
        for item in 0..<6 { outcomes.submit(item, to: gatherer) }
        for item in 4..<6 { #expect(outcomes[item] == [.failure(PostgresError(.poolTimeout))]) }
        batches.answerAll()
        for item in 0..<4 { #expect(outcomes[item] == [.success(item * 10)]) }
        outcomes.submit(6, to: gatherer)
        batches.answerAll()
        #expect(outcomes[6] == [.success(60)], "there is room again")
        #expect(batches.sent == [[0], [1, 2, 3], [6]])
    }

    @Test func eachItemOfARefusedBatchIsTriedAlone() {
        let gatherer = gatherer()
        for item in 0..<4 { outcomes.submit(item, to: gatherer) }
        batches.answer()
        batches.answer(failure(refusal))
        #expect(batches.sent == [[0], [1, 2, 3], [1], [2], [3]])
        batches.answer()
        batches.answer(failure(refusal))
        batches.answer()
        #expect(outcomes[1] == [.success(10)])
        #expect(outcomes[2] == [.failure(PostgresError(refusal))])
        #expect(outcomes[3] == [.success(30)])
        #expect(batches.sent.count == 5, "who is refused alone is not tried again")
    }

    @Test func theNextBatchWaitsUntilAllThatAreTriedAloneAreAnswered() {
        let gatherer = gatherer()
        for item in 0..<3 { outcomes.submit(item, to: gatherer) }
        batches.answer()
        batches.answer(failure(refusal))
        outcomes.submit(7, to: gatherer)
        #expect(batches.sent == [[0], [1, 2], [1], [2]])
        batches.answer()
        #expect(batches.sent.count == 4)
        batches.answer()
        #expect(batches.sent.last == [7])
        batches.answerAll()
        for item in [0, 1, 2, 7] { #expect(outcomes[item] == [.success(item * 10)]) }
    }

    /// After a lost connection nobody knows whether the batch took effect: to try again could do it twice.
    @Test(arguments: [PostgresError.Kind.connectionLost, .connectFailed, .poolTimeout, .closed, .refused])
    func whatTheServerDidNotRefuseIsNotTriedAgain(kind: PostgresError.Kind) {
        let gatherer = gatherer()
        for item in 0..<4 { outcomes.submit(item, to: gatherer) }
        batches.answer()
        batches.answer(failure(kind))
        #expect(batches.sent == [[0], [1, 2, 3]])
        for item in 1..<4 { #expect(outcomes[item] == [.failure(PostgresError(kind))]) }
        outcomes.submit(5, to: gatherer)
        batches.answerAll()
        #expect(outcomes[5] == [.success(50)], "the gatherer goes on")
    }

    /// Better no answer than somebody else's.
    @Test(arguments: [[], [10], [10, 20, 30]]) func anotherNumberOfAnswersThanItemsIsNobodysAnswer(answers: [Int]) {
        let gatherer = gatherer()
        for item in 0..<3 { outcomes.submit(item, to: gatherer) }
        batches.answer()
        batches.answer(.success(answers))
        for item in 1..<3 { #expect(outcomes[item] == [.failure(PostgresError(.refused))]) }
        #expect(batches.inFlight == 0)
    }
}

private struct MakeNotes: PostgresStatement {
    typealias Row = Void
    static let sql = """
        CREATE TABLE note (
            place bigint GENERATED ALWAYS AS IDENTITY,
            n bigint CONSTRAINT note_key PRIMARY KEY CONSTRAINT note_check CHECK (n >= 0))
        """
}

/// Stores numbers and answers each with its own; it takes a moment, so that others come meanwhile.
private struct StoreNotes: PostgresStatement {
    static let sql = """
        WITH waited AS MATERIALIZED (SELECT pg_sleep($2)), stored AS (
            INSERT INTO note (n) SELECT n FROM waited, unnest($1::bigint[]) AS w (n) RETURNING n)
        SELECT s.n FROM unnest($1::bigint[]) WITH ORDINALITY AS w (n, place) JOIN stored s USING (n) ORDER BY w.place
        """
    let notes: [Int]
    let seconds: Double
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(notes)
        parameters.append(seconds)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

private struct ReadNotes: PostgresStatement {
    static let sql = "SELECT n FROM note ORDER BY n"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

/// The same against a server.
@Suite struct PostgresGathererDatabaseTests {
    private func withNotes(
        seconds: Double,
        mostInFlight: Int = 1,
        _ body: (PostgresGatherer<Int, Int>, PostgresPool, _ runs: @Sendable () -> [Int]) async throws -> Void
    ) async throws {
        var configuration = try await TestCluster.leaseDatabase()
        configuration.maximumConnections = 4
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let pool = PostgresPool(configuration, logger: logger)
        let runs = Runs()
        let gatherer = PostgresGatherer<Int, Int>(mostInFlight: mostInFlight) { notes, done in
            runs.sizes.withLock { $0.append(notes.count) }
            pool.execute(StoreNotes(notes: notes, seconds: seconds), then: done)
        }
        do {
            _ = try await pool.execute(MakeNotes())
            try await body(gatherer, pool) { runs.sizes.withLock { $0 } }
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    private final class Runs: Sendable {
        let sizes = Mutex<[Int]>([])
    }

    @Test(arguments: [1, 2]) func manyCallersShareFewBatchesAndEachGetsItsOwnAnswer(mostInFlight: Int) async throws {
        try await withNotes(seconds: 0.03, mostInFlight: mostInFlight) { gatherer, pool, runs in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        let answer = try await gatherer.submit(number)
                        #expect(answer == number)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.execute(ReadNotes()) == Array(0..<1_000))
            #expect(runs().reduce(0, +) == 1_000)
            #expect(runs().count <= 100, "\(runs())")
        }
    }

    @Test func aBadRowFailsAloneAndItsNeighboursAreStored() async throws {
        try await withNotes(seconds: 0.01) { gatherer, pool, runs in
            _ = try await gatherer.submit(1_000)
            // Every tenth breaks the check, and what is there already breaks the key.
            let numbers = (0..<200).map { $0.isMultiple(of: 10) ? -$0 - 1 : $0 } + [1_000]
            let failed = try await withThrowingTaskGroup(of: (Int, PostgresError?).self) { group in
                for number in numbers {
                    group.addTask {
                        do throws(PostgresError) {
                            let answer = try await store(number, gatherer)
                            #expect(answer == number)
                            return (number, nil)
                        } catch {
                            return (number, error)
                        }
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1?.kind }
            }
            #expect(Set(failed.keys) == Set(numbers.filter { $0 < 0 } + [1_000]))
            #expect(failed[-1] == .server(sqlState: "23514", constraint: "note_check", table: "note"))
            #expect(failed[1_000] == .server(sqlState: "23505", constraint: "note_key", table: "note"))
            #expect(try await pool.execute(ReadNotes()) == (0..<200).filter { !$0.isMultiple(of: 10) } + [1_000])
            #expect(runs().contains { $0 > 1 }, "otherwise nobody had neighbours")
        }
    }
}

private func store(_ number: Int, _ gatherer: PostgresGatherer<Int, Int>) async throws(PostgresError) -> Int {
    do { return try await gatherer.submit(number) } catch {
        throw error as? PostgresError ?? PostgresError(.refused)
    }
}
