import Postgres

/// One pool per duty; each logs in as its own role and can do nothing else (anonymity.md section 6).
struct Databases: Sendable {
    /// Accounts, memberships, events, token issue.
    let member: PostgresPool
    /// Anonymous input: no right on any table that names a person.
    let anonymous: PostgresPool
    /// Messages, threads, replies.
    let moderator: PostgresPool
    /// Empties the inbox into messages and contributions.
    let mixer: PostgresPool
    /// Reads contributions in the private database.
    let release: PostgresPool
    /// Writes what was released into the record.
    let recordWriter: PostgresPool
    /// Reads the record and inserts the employer's answers; its login can connect to nothing else.
    let hr: PostgresPool
    /// Takes jobs and ends them, and deletes what nobody can use any more.
    let job: PostgresPool
    /// Sessions that can listen, where those of ``member`` and ``hr`` are lent to many clients in turn.
    var listening: [DatabaseKind: PostgresPool] = [:]
    /// Reads a streaming replica of the record; `nil` when there is none.
    var recordReplica: PostgresPool?

    /// One for each duty, for starting and for health figures; what the server can do without is not among them.
    var all: [(duty: String, pool: PostgresPool)] {
        [
            ("member", member), ("anonymous", anonymous), ("moderator", moderator), ("mixer", mixer),
            ("release", release), ("recordWriter", recordWriter), ("hr", hr), ("job", job),
        ]
    }
}

extension Databases {
    /// Every pool that there is.
    var pools: [PostgresPool] { all.map(\.pool) + listening.values + [recordReplica].compactMap(\.self) }

    /// Asks all of them for an answer, each beside the others: opening a connection takes some milliseconds of waiting.
    ///
    /// - Throws: `PostgresError` of the first that gives none.
    func ping() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (_, pool) in all { group.addTask { _ = try await pool.execute(Ping()) } }
            try await group.waitForAll()
        }
    }
}

struct Ping: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT"
}
