import Foundation
import Logging
import Postgres
import ServiceLifecycle

/// Takes what is due and does it, beside as many others as there are.
struct JobRunner: Sendable {
    /// Does a job in the transaction that ends it, and says when it comes again; `nil` for never.
    typealias Perform = @Sendable (Job, PostgresTransaction) async throws -> Date?

    /// How many jobs a server does at a time, beside those that wait for machines elsewhere.
    static let width = 2
    /// How many of those that wait for machines elsewhere it does at a time.
    static let deliveryWidth = 4

    let pool: PostgresPool
    let now: @Sendable () -> Date
    let logger: Logger
    let metrics: PrometheusRegistry
    let perform: Perform
    var kinds = Job.Kind.works
    var width = Self.width

    /// Does everything that is due, until nothing is or the server is told to end.
    ///
    /// - Returns: how many attempts that were.
    /// - Throws: `PostgresError` when nothing can be taken.
    @discardableResult
    func runDue() async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<width { group.addTask { try await runWhileDue() } }
            return try await group.reduce(0, +)
        }
    }

    private func runWhileDue() async throws -> Int {
        var attempts = 0
        // What is under way is brought to its end; a cancelled task would only leave it for its next attempt.
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            guard try await runNext() else { break }
            attempts += 1
        }
        return attempts
    }

    /// Makes one attempt at the job that has been due longest.
    ///
    /// - Returns: false when nothing is due that nobody is at.
    /// - Throws: `PostgresError` when nothing can be taken; how the attempt ended is noted, not thrown.
    func runNext() async throws -> Bool {
        let waits = JobTiming.waits(jitter: .random(in: 0..<1))
        guard let taken = try await pool.first(TakeJob(now: now(), waits: waits, kinds: kinds)) else { return false }
        CrashPoint.reached("job-taken")
        do { try await attempt(taken) } catch { await note(error, of: taken) }
        CrashPoint.reached("job-ended")
        return true
    }

    /// One transaction: the work, the end of the job, and the next row of what comes again.
    private func attempt(_ taken: TakenJob) async throws {
        let job = try Job(taken.kind, payload: taken.payload)
        try await pool.transaction { transaction in
            // Somebody else may be at it, if this server was held up for longer than it takes to be due again.
            guard try await transaction.first(HoldJob(taken: taken)) != nil else { return }
            let again = try await perform(job, transaction)
            _ = try await transaction.execute(EndJob(id: taken.id))
            if let again {
                let next = try InsertJob(job, key: taken.key, dueAt: again)
                _ = try await transaction.execute(next)
            }
            CrashPoint.reached("job-performed")
        }
    }

    /// Counts attempts that failed, those of jobs that did well later among them.
    static func failures(_ kind: Job.Kind) -> String { "chorus_job_failures_total{kind=\"\(kind.rawValue)\"}" }

    /// Should this not reach the row, its next attempt stands there all the same.
    private func note(_ error: any Error, of taken: TakenJob) async {
        let reason = (error as? PostgresError)?.description ?? "\(type(of: error))"
        metrics.add(1, to: Self.failures(taken.kind))
        let isDead = try? await pool.first(FailJob(taken: taken, reason: reason))
        logger.error(
            "a job failed",
            metadata: [
                "kind": "\(taken.kind.rawValue)", "attempt": "\(taken.attempt)", "error": "\(reason)",
                "givenUp": "\(isDead ?? false)",
            ]
        )
    }
}

/// Runs jobs as long as the server runs.
struct RunJobs: Service {
    /// How long a server looks away when nothing is due.
    static let pause: Duration = .seconds(2)

    let parts: ServerParts
    /// Whether it does those that wait for machines elsewhere, instead of all others.
    var isForDeliveries = false

    func run() async throws {
        let runner = isForDeliveries ? parts.deliveryRunner : parts.jobRunner
        var kept: Date?
        var isWell = true
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let now = parts.now()
                if !isForDeliveries, JobTiming.isUpkeepDue(last: kept, now: now) {
                    try await parts.keepJobs()
                    kept = now
                }
                try await runner.runDue()
                isWell = true
            } catch {
                // Said once: a database that is away is away for many looks.
                if isWell { note(error) }
                isWell = false
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
        }
    }

    private func note(_ error: any Error) {
        let reason = (error as? PostgresError)?.description ?? "\(type(of: error))"
        parts.logger.error("jobs cannot be looked for", metadata: ["error": "\(reason)"])
    }
}
