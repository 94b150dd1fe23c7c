import Synchronization

/// Gathers what many callers want at the same moment into one statement (natural batching).
///
/// While a batch is in flight, those who come wait; the next batch carries all of them. No timer delays anybody: a lone
/// caller is served at once, and a crowd pays for plan, commit and flush of the log once. Every caller gets an answer
/// of its own, after the commit, and when the server refuses a batch, each of its items is tried alone, so that a bad
/// one fails nobody else.
public final class PostgresGatherer<Item: Sendable, Answer: Sendable>: Sendable {
    /// Runs a batch in one transaction and hands over one answer for each item, in their order.
    public typealias Run =
        @Sendable (
            _ items: [Item],
            _ done: @escaping @Sendable (Result<[Answer], any Error>) -> Void
        ) -> Void
    /// Takes the answer to one item; called exactly once, on any thread, and must not block it.
    public typealias Completion = @Sendable (Result<Answer, any Error>) -> Void

    private typealias Entry = (item: Item, arrival: ContinuousClock.Instant, completion: Completion)

    private struct State {
        var waiting: [Entry] = []
        var inFlight = 0
    }

    private let largestBatch: Int
    private let mostWaiting: Int
    private let mostInFlight: Int
    private let patience: Duration
    private let run: Run
    private let state = Mutex(State())

    /// Makes a gatherer; nothing runs until the first item.
    ///
    /// - Parameters:
    ///   - largestBatch: how many items one batch may carry; 128 by default.
    ///   - mostWaiting: how many items may wait for their batch; beyond, they are refused. 4,096 by default.
    ///   - mostInFlight: how many batches may be in flight at once; 1 by default. With more, the batches must be able to
    ///     run beside each other without waiting in a circle.
    ///   - patience: how long an item waits for its batch; those that have waited longer when one leaves are refused. 5
    ///   s by default.
    ///   - run: sends a batch; it is called on the thread of whoever makes the batch full, or of the batch before.
    public init(
        largestBatch: Int = 128,
        mostWaiting: Int = 4_096,
        mostInFlight: Int = 1,
        patience: Duration = .seconds(5),
        run: @escaping Run
    ) {
        self.largestBatch = largestBatch
        self.mostWaiting = mostWaiting
        self.mostInFlight = mostInFlight
        self.patience = patience
        self.run = run
    }

    /// Adds an item to the next batch.
    ///
    /// - Parameters:
    ///   - item: what is wanted.
    ///   - completion: takes its answer, or ``PostgresError`` (`poolTimeout` when too many or it for too long wait
    ///   already).
    public func submit(_ item: Item, then completion: @escaping Completion) {
        let next = state.withLock { state -> Departure? in
            guard state.waiting.count < mostWaiting else { return nil }
            state.waiting.append((item, .now, completion))
            return departure(&state)
        }
        guard let next else { return completion(.failure(PostgresError(.poolTimeout))) }
        leave(next)
    }

    /// Adds an item to the next batch and waits for its answer.
    ///
    /// - Parameter item: what is wanted; it is carried out even when the task is cancelled meanwhile.
    /// - Returns: its answer, after the commit.
    /// - Throws: ``PostgresError``, `poolTimeout` when too many wait already.
    public func submit(_ item: Item) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            submit(item) { continuation.resume(with: $0) }
        }
    }

    /// What leaves the queue at one moment.
    private struct Departure {
        var batch: [Entry] = []
        var refused: [Entry] = []
    }

    /// Takes what waits, if a batch may leave now.
    private func departure(_ state: inout State) -> Departure {
        guard state.inFlight < mostInFlight, !state.waiting.isEmpty else { return Departure() }
        let earliest = ContinuousClock.now - patience
        var departure = Departure()
        // In the order of arrival, so that those who have waited too long are the first.
        departure.refused = Array(state.waiting.prefix { $0.arrival < earliest })
        state.waiting.removeFirst(departure.refused.count)
        guard !state.waiting.isEmpty else { return departure }
        state.inFlight += 1
        departure.batch = Array(state.waiting.prefix(largestBatch))
        state.waiting.removeFirst(departure.batch.count)
        return departure
    }

    private func leave(_ departure: Departure) {
        for entry in departure.refused { entry.completion(.failure(PostgresError(.poolTimeout))) }
        let batch = departure.batch
        guard !batch.isEmpty else { return }
        run(batch.map { $0.item }) { outcome in
            self.finish(batch, outcome)
            self.makeWay()
        }
    }

    /// Sends the next batch in place of what has just been answered.
    private func makeWay() {
        leave(
            state.withLock { state in
                state.inFlight -= 1
                return departure(&state)
            }
        )
    }

    private func finish(_ batch: [Entry], _ outcome: Result<[Answer], any Error>) {
        switch outcome {
        case .success(let answers) where answers.count == batch.count:
            for (entry, answer) in zip(batch, answers) { entry.completion(.success(answer)) }
        case .success:
            for entry in batch { entry.completion(.failure(PostgresError(.refused))) }
        case .failure(let error):
            // Only what the server refused did certainly not happen; after a lost connection nobody knows, and says so.
            guard batch.count > 1, (error as? PostgresError)?.sqlState != nil else {
                for entry in batch { entry.completion(.failure(error)) }
                return
            }
            // They count as in flight: the next batch neither overtakes them nor adds to the load that they are.
            state.withLock { $0.inFlight += batch.count }
            for entry in batch {
                run([entry.item]) { outcome in
                    entry.completion(outcome.flatMap { answers in Result { try Self.only(answers) } })
                    self.makeWay()
                }
            }
        }
    }

    private static func only(_ answers: [Answer]) throws(PostgresError) -> Answer {
        guard answers.count == 1 else { throw PostgresError(.refused) }
        return answers[0]
    }
}
