import Foundation
import Postgres

/// A job that this server has taken for one attempt.
struct TakenJob: Sendable {
    let id: UUID
    let kind: Job.Kind
    let payload: PostgresJSON
    let key: String
    /// Counts from one.
    let attempt: Int
}

/// Takes the job that has been due longest, among those that nobody is at.
///
/// Its next attempt is due from this moment: should the server end now, another one comes back to it then, and nothing has to find
/// out that it ended.
struct TakeJob: PostgresStatement {
    static let sql = """
        WITH next AS (
            SELECT id FROM job
            WHERE state = 'waiting' AND due_at <= $1 AND attempts < cardinality($2::float8[]) AND kind = ANY ($3::text[])
            ORDER BY due_at, id
            LIMIT 1
            FOR UPDATE SKIP LOCKED
        )
        UPDATE job j
        SET attempts = j.attempts + 1, due_at = $1 + make_interval(secs => ($2::float8[])[j.attempts + 1])
        FROM next
        WHERE j.id = next.id
        RETURNING j.id, j.kind, j.payload, j.key, j.attempts
        """
    let now: Date
    /// Seconds to the next attempt, for each attempt in turn.
    let waits: [Double]
    /// Others are left for somebody else.
    var kinds = Job.Kind.allCases
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(now)
        parameters.append(waits)
        parameters.append(kinds.map(\.rawValue))
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> TakenJob {
        TakenJob(
            id: try row.next(),
            kind: try row.choice(),
            payload: try row.next(),
            key: try row.next(),
            attempt: try row.next()
        )
    }
}

/// Holds a job that was taken until the transaction ends; nothing when it has been taken again or is done.
///
/// Waits for whoever has the row: who only looks after it has it for a moment, and who is at the work leaves nothing behind.
struct HoldJob: PostgresStatement {
    static let sql = """
        SELECT id FROM job WHERE id = $1 AND attempts = $2 AND state = 'waiting' FOR UPDATE
        """
    let taken: TakenJob
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(taken.id)
        parameters.append(taken.attempt)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct EndJob: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM job WHERE id = $1"
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
}

/// Asks for a job; nothing happens when it waits already.
struct InsertJob: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO job (id, kind, payload, key, due_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (key) WHERE state = 'waiting' DO NOTHING
        """
    let id = UUID()
    let kind: Job.Kind
    let payload: PostgresJSON
    let key: String
    let dueAt: Date

    /// - Parameters:
    ///   - job: what is to be done.
    ///   - key: the job's own by default.
    ///   - dueAt: when.
    /// - Throws: what encoding throws.
    init(_ job: Job, key: String? = nil, dueAt: Date) throws {
        kind = job.kind
        payload = try job.payload()
        self.key = key ?? job.key
        self.dueAt = dueAt
    }

    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(kind.rawValue)
        parameters.append(payload)
        parameters.append(key)
        parameters.append(dueAt)
    }
}

/// Sees to it that a job that comes again and again waits: now when there is none, and no later than its turn when there is one.
///
/// Later it can only be because a clock stood ahead. What was given up comes again at its turn, not at once. One that somebody is
/// at is left alone, because whoever is at it may wait for a machine elsewhere: an `ON CONFLICT DO UPDATE` would wait as well, even
/// where there is nothing to change.
struct KeepJob: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH earlier AS (
            UPDATE job SET due_at = $6 WHERE id IN (
                SELECT id FROM job WHERE key = $4 AND state = 'waiting' AND due_at > $6 FOR UPDATE SKIP LOCKED
            )
        )
        INSERT INTO job (id, kind, payload, key, due_at)
        SELECT $1, $2, $3, $4,
            CASE WHEN EXISTS (SELECT FROM job d WHERE d.key = $4 AND d.state = 'dead') THEN $6 ELSE $5 END
        ON CONFLICT (key) WHERE state = 'waiting' DO NOTHING
        """
    let wanted: InsertJob
    /// When it comes next.
    let latest: Date
    func bind(_ parameters: inout PostgresParameters) {
        wanted.bind(&parameters)
        parameters.append(latest)
    }
}

/// Asks for a job, no later than a time, although one may wait or be under way.
///
/// Waits for whoever is at it: they may have looked already, and then only the row that they leave behind can be told.
struct WakeJob: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO job AS j (id, kind, payload, key, due_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (key) WHERE state = 'waiting' DO UPDATE SET due_at = EXCLUDED.due_at WHERE j.due_at > EXCLUDED.due_at
        """
    let wanted: InsertJob
    func bind(_ parameters: inout PostgresParameters) { wanted.bind(&parameters) }
}

/// Notes why an attempt failed, and gives the job up after the last one.
struct FailJob: PostgresStatement {
    static let sql = """
        UPDATE job SET failure = $3, state = CASE WHEN attempts >= $4 THEN 'dead' ELSE 'waiting' END
        WHERE id = $1 AND attempts = $2 AND state = 'waiting'
        RETURNING state = 'dead'
        """
    let taken: TakenJob
    /// A kind of error, never a value.
    let reason: String
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(taken.id)
        parameters.append(taken.attempt)
        parameters.append(String(reason.prefix(200)))
        parameters.append(JobTiming.attempts)
    }
    /// Whether it was given up.
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Bool { try row.next() }
}

/// Gives up what came due again after its last attempt: each of them ended its server, or lost its database.
struct GiveUpJobs: PostgresStatement {
    static let sql = """
        UPDATE job SET state = 'dead', failure = coalesce(failure, 'did not come to an end')
        WHERE id IN (
            SELECT id FROM job WHERE state = 'waiting' AND due_at <= $1 AND attempts >= $2 FOR UPDATE SKIP LOCKED
        )
        RETURNING kind
        """
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(now)
        parameters.append(JobTiming.attempts)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

/// Lets what was given up be tried again; of several under one key one is enough, and none where one waits.
struct RetryJobs: PostgresStatement {
    static let sql = """
        WITH chosen AS (
            SELECT DISTINCT ON (d.key) d.id FROM job d
            WHERE d.state = 'dead' AND NOT EXISTS (SELECT FROM job w WHERE w.key = d.key AND w.state = 'waiting')
            ORDER BY d.key, d.id
        ), gone AS (
            DELETE FROM job WHERE state = 'dead' AND id NOT IN (SELECT id FROM chosen)
        )
        UPDATE job SET state = 'waiting', attempts = 0, due_at = $1 WHERE id IN (SELECT id FROM chosen)
        RETURNING id
        """
    let now: Date
    func bind(_ parameters: inout PostgresParameters) { parameters.append(now) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
