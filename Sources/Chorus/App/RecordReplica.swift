import Foundation
import Postgres
import ServiceLifecycle
import Synchronization

/// A streaming replica of the record, asked only for what it certainly has.
///
/// It may answer for a network when it has replayed everything that the primary had written after the last change
/// that this process knows of: its own changes before they are acknowledged, those of other processes as soon as they
/// are told (``Changes``). So nobody reads older than their own write, an answer is as fresh as one that was kept,
/// and no entity tag goes back. While nothing can be heard, while it lags, and when it is away, the primary is asked.
final class RecordReplica: Sendable {
    fileprivate struct State {
        /// Up to which change of a network the replica is known to be.
        var confirmed: [UUID: Changes.Mark] = [:]
        /// What somebody would have liked to ask it for.
        var wanted: [UUID: Changes.Mark] = [:]
        /// How often it has failed.
        var failures = 0
    }

    /// How far behind the replica's last transaction may be, in seconds: one that follows another server than the
    /// primary stands still.
    private static let longestLag = 10.0

    let pool: PostgresPool
    private let primary: PostgresPool
    private let changes: Changes
    private let state = Mutex(State())
    private let requests: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

    /// - Parameters:
    ///   - pool: of the replica, with the login that reads the record.
    ///   - primary: of the primary, with the same login.
    ///   - changes: says what is still good.
    init(pool: PostgresPool, primary: PostgresPool, changes: Changes) {
        self.pool = pool
        self.primary = primary
        self.changes = changes
        requests = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether it may be asked for a network at this moment; if not, it is found out whether it may be soon.
    func mayServe(_ network: UUID) -> Bool {
        guard let mark = changes.mark(network, .content) else { return false }
        let isConfirmed = state.withLock { state in
            if state.confirmed[network] == mark { return true }
            state.wanted[network] = mark
            return false
        }
        if !isConfirmed { requests.continuation.yield() }
        return isConfirmed
    }

    /// It failed: it is asked again only after it was looked at.
    func mistrust() {
        state.withLock { state in
            state.confirmed = [:]
            state.failures += 1
        }
    }

    /// How often it has failed so far.
    var failures: Int { state.withLock(\.failures) }

    /// Finds out what it may be asked for, whenever somebody would like to know, until the task is cancelled.
    func follow() async {
        for await _ in requests.stream {
            let wanted = state.withLock { state in
                defer { state.wanted = [:] }
                return state.wanted
            }
            let isConfirmed = (try? await hasReplayed()) ?? false
            if isConfirmed { state.withLock { $0.add(wanted) } }
            // A network that changes all the time, or a replica that is away, is not asked about all the time.
            try? await Task.sleep(for: .milliseconds(isConfirmed ? 20 : 500))
        }
    }

    /// Waits for a second at most until the replica has replayed what the primary has written by now.
    private func hasReplayed() async throws -> Bool {
        guard let written = try await primary.first(ReadRecordPosition()) else { return false }
        for _ in 0..<20 {
            guard let replayed = try await pool.first(ReadReplayed(position: written.position)) else { return false }
            if replayed.isThere, let last = replayed.lastAt {
                return written.at.timeIntervalSince(last) < Self.longestLag
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

extension RecordReplica.State {
    fileprivate mutating func add(_ marks: [UUID: Changes.Mark]) {
        // As many networks as ``Changes`` tells apart; then it starts anew rather than grow.
        if confirmed.count + marks.count > Changes.mostNetworks { confirmed = [:] }
        confirmed.merge(marks) { $1 }
    }
}

/// Follows the replica as long as the server runs.
struct FollowReplica: Service {
    let replica: RecordReplica

    func run() async throws {
        await cancelWhenGracefulShutdown { await replica.follow() }
    }
}

/// Where the statements of one read of the record go: all of them to one place, so that none sees less than the one
/// before it.
struct RecordSource: Sendable {
    let primary: PostgresPool
    /// `nil` when the replica must not be asked.
    private let replica: RecordReplica?
    /// How often the replica had failed when this read began: after another failure the rest of it does not wait again.
    private let failures: Int

    init(primary: PostgresPool, replica: RecordReplica?) {
        self.primary = primary
        self.replica = replica
        failures = replica?.failures ?? 0
    }

    /// Runs a statement; on the primary should the replica fail, which must not be anybody's trouble.
    func execute<S: PostgresStatement>(_ statement: S, network: UUID) async throws -> [S.Row] {
        guard let replica, replica.failures == failures else {
            return try await primary.execute(statement, network: network)
        }
        do { return try await replica.pool.execute(statement, network: network) } catch is PostgresError {
            replica.mistrust()
            return try await primary.execute(statement, network: network)
        }
    }

    /// Runs a statement and takes its first row.
    func first<S: PostgresStatement>(_ statement: S, network: UUID) async throws -> S.Row? {
        try await execute(statement, network: network).first
    }
}

extension ServerParts {
    /// The record itself, for whoever decides or writes by what they read.
    var record: RecordSource { RecordSource(primary: databases.hr, replica: nil) }

    /// Where something that is only shown may be read.
    func shownRecord(of network: UUID) -> RecordSource {
        RecordSource(primary: databases.hr, replica: recordReplica.flatMap { $0.mayServe(network) ? $0 : nil })
    }
}

/// How far the primary has written, and when that was by its own clock.
struct ReadRecordPosition: PostgresStatement {
    static let sql = "SELECT pg_current_wal_insert_lsn()::text, clock_timestamp()"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (position: String, at: Date) {
        (try row.next(), try row.next())
    }
}

/// Whether the replica has come to a place, and when what it replayed last was committed, by the primary's clock.
struct ReadReplayed: PostgresStatement {
    static let sql = """
        SELECT coalesce(pg_last_wal_replay_lsn() >= $1::text::pg_lsn, false), pg_last_xact_replay_timestamp()
        """
    let position: String
    func bind(_ parameters: inout PostgresParameters) { parameters.append(position) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (isThere: Bool, lastAt: Date?) {
        (try row.next(), try row.next())
    }
}
