import Foundation
import Postgres

/// How the jobs of one kind do, in numbers that name nobody.
struct JobHealth: Sendable, Equatable {
    let kind: String
    /// Waiting for their time, those that are late among them.
    let waiting: Int
    /// Due for more than a minute.
    let late: Int
    /// Given up after their last attempt.
    let dead: Int
    /// How long the oldest of the late ones has been due, in whole seconds; 0 without any.
    let lag: Int
    /// Why one of those was given up: a kind of error.
    let failure: String?
}

struct ReadJobHealth: PostgresStatement {
    static let sql = """
        SELECT kind, count(*) FILTER (WHERE state = 'waiting'),
            count(*) FILTER (WHERE state = 'waiting' AND due_at < $1::timestamptz - interval '1 minute'),
            count(*) FILTER (WHERE state = 'dead'),
            coalesce(extract(epoch FROM $1::timestamptz - min(due_at) FILTER (
                WHERE state = 'waiting' AND due_at < $1::timestamptz - interval '1 minute')), 0)::bigint,
            max(failure) FILTER (WHERE state = 'dead')
        FROM job GROUP BY kind ORDER BY kind
        """
    let now: Date
    func bind(_ parameters: inout PostgresParameters) { parameters.append(now) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> JobHealth {
        JobHealth(
            kind: try row.next(),
            waiting: try row.next(),
            late: try row.next(),
            dead: try row.next(),
            lag: try row.next(),
            failure: try row.next()
        )
    }
}

extension ServerParts {
    /// Puts the figures of the jobs where `/metrics` takes them from; those of the last time stay when the database is away.
    func measureJobs() async {
        guard let found = try? await databases.job.execute(ReadJobHealth(now: now())) else { return }
        for kind in Job.Kind.allCases {
            let health = found.first { $0.kind == kind.rawValue }
            let label = "{kind=\"\(kind.rawValue)\"}"
            metrics.set(Double(health?.waiting ?? 0), of: "chorus_jobs_waiting\(label)")
            metrics.set(Double(health?.late ?? 0), of: "chorus_jobs_late\(label)")
            metrics.set(Double(health?.dead ?? 0), of: "chorus_jobs_dead\(label)")
            metrics.set(Double(health?.lag ?? 0), of: "chorus_jobs_lag_seconds\(label)")
            metrics.add(0, to: JobRunner.failures(kind))
        }
    }
}

extension Server {
    /// Lets jobs that were given up be tried again, from now on.
    ///
    /// - Returns: how many.
    /// - Throws: what PostgreSQL says.
    public func retryJobs() async throws -> Int {
        try await parts.databases.job.execute(RetryJobs(now: parts.now())).count
    }
}
