import Foundation
import Postgres

/// The settings of PostgreSQL on which the promises of this server stand.
struct SettingsCheck: Sendable, Equatable {
    /// The oldest version that the statements are written for.
    static let oldest = 150_000

    /// `server_version_num`, such as 150018.
    var version = oldest
    /// Whether a commit survives a power cut; each as `SHOW` says it.
    var fsync = "on"
    var fullPageWrites = "on"
    var synchronousCommit = "on"
    var connections = 100
    /// Kept for superusers.
    var reserved = 3
    /// Seconds by which the database's clock is ahead.
    var clockAhead = 0.0

    /// - Parameters:
    ///   - pool: the login that looked, as a login may have settings of its own.
    ///   - needed: how many connections a server takes at the most.
    /// - Returns: what is wrong; nothing when all is well.
    func findings(of pool: String, needed: Int) -> [Doctor.Finding] {
        var findings: [Doctor.Finding] = []
        if version < Self.oldest {
            findings.append(
                .wrong(
                    "PostgreSQL",
                    "is version \(version / 10_000), older than \(Self.oldest / 10_000)",
                    mend: "Upgrade it, for example with Debian's pg_upgradecluster."
                )
            )
        }
        let unsafe = [
            ("fsync", fsync), ("full_page_writes", fullPageWrites), ("synchronous_commit", synchronousCommit),
        ]
        .filter { $0.1 == "off" }
        if !unsafe.isEmpty {
            let names = unsafe.map { "\($0.0) = \($0.1)" }.joined(separator: ", ")
            findings.append(
                .wrong(
                    "commits of \(pool)",
                    "may be lost by a power cut after they were acknowledged: \(names)",
                    mend: "Set \(unsafe.map { "\($0.0) = on" }.joined(separator: ", ")) in postgresql.conf and reload; "
                        + "for one login: ALTER ROLE chorus_\(pool) RESET \(unsafe[0].0)."
                )
            )
        }
        if connections - reserved < needed {
            findings.append(
                .wrong(
                    "connections",
                    "PostgreSQL allows \(connections - reserved), and one server takes up to \(needed)",
                    mend: "Set max_connections to at least \(needed + reserved) for each server in postgresql.conf and "
                        + "restart PostgreSQL."
                )
            )
        }
        return findings
    }
}

/// Reads them as a login has them.
struct ReadSettings: PostgresStatement {
    static let sql = """
        SELECT current_setting('server_version_num')::int, current_setting('fsync'), current_setting('full_page_writes'),
            current_setting('synchronous_commit'), current_setting('max_connections')::int,
            current_setting('superuser_reserved_connections')::int,
            extract(epoch FROM clock_timestamp() - $1::timestamptz)::float8
        """
    let now: Date
    func bind(_ parameters: inout PostgresParameters) { parameters.append(now) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> SettingsCheck {
        SettingsCheck(
            version: try row.next(),
            fsync: try row.next(),
            fullPageWrites: try row.next(),
            synchronousCommit: try row.next(),
            connections: try row.next(),
            reserved: try row.next(),
            clockAhead: try row.next()
        )
    }
}

extension Doctor {
    /// Asks with the logins whose commits are acknowledged to people.
    func settings(_ server: Server) async -> [Finding] {
        let databases = server.parts.databases
        var needed = server.parts.listeners.count
        for (_, pool) in databases.all { needed += await pool.health.mostConnections }
        var findings: [Finding] = []
        for (name, pool) in databases.all where ["member", "anonymous", "hr"].contains(name) {
            guard let settings = try? await pool.first(ReadSettings(now: Date())) else {
                return [
                    .wrong("settings", "could not be looked at", mend: "See whether PostgreSQL runs, then ask again.")
                ]
            }
            let found = settings.findings(of: name, needed: needed) + [MachineCheck.clocks(ahead: settings.clockAhead)]
            findings += found.filter { new in !new.isFine && !findings.contains { $0.finding == new.finding } }
        }
        return findings.isEmpty
            ? [.fine("settings", "PostgreSQL keeps what it acknowledged, has connections enough, and the same time")]
            : findings
    }
}
