import Foundation
import Postgres

/// The list of accounts that nobody uses, kept every night.
///
/// Step by step, because on a cluster accounts are on every machine, and no statement writes them by what stands in networks.
extension ServerParts {
    /// How many accounts one step looks at.
    private static let page = 1_000

    /// Puts on the list who is in no network, waits for none and is not signed in, and takes off it whoever is in use again.
    func noteUnused(on today: PostgresDate) async throws {
        let (pool, now) = (databases.member, now())
        _ = try await pool.execute(UnlistUsedAccounts(now: now))
        var waiting: Set<UUID> = []
        for network in try await pool.execute(ReadAllNetworks()) {
            waiting.formUnion(try await pool.execute(ReadWaitingAccounts(network: network.id), network: network.id))
        }
        var (idle, last): ([UUID], UUID?) = ([], nil)
        repeat {
            idle = try await pool.execute(ReadIdleAccounts(after: last, now: now, limit: Self.page))
            let placed = try await pool.execute(ReadPlacedAccounts(accounts: idle))
            let used = waiting.intersection(idle).union(placed)
            _ = try await pool.execute(ListUnusedAccounts(accounts: idle.filter { !used.contains($0) }, today: today))
            _ = try await pool.execute(UnlistAccounts(accounts: Array(used)))
            last = idle.last
        } while idle.count == Self.page
    }

    /// Deletes who has been on the list since before a day.
    ///
    /// - Parameters:
    ///   - before: the day.
    ///   - limit: how many at most.
    /// - Returns: how many those were.
    func deleteUnused(before: PostgresDate, limit: Int) async throws -> Int {
        try await databases.member.transaction { transaction in
            let listed = try await transaction.execute(HoldUnusedAccounts(before: before, limit: limit))
            // Looks again at what may have changed since the list was made: who is held joins no network meanwhile.
            let placed = try await transaction.execute(ReadPlacedAccounts(accounts: listed))
            _ = try await transaction.execute(UnlistAccounts(accounts: placed))
            let unused = DeleteUnusedAccounts(accounts: listed.filter { !placed.contains($0) })
            return try await transaction.first(unused) ?? 0
        }
    }
}

/// Takes off the list whoever is signed in, or runs the server.
struct UnlistUsedAccounts: PostgresStatement {
    typealias Row = Void
    static let sql = """
        UPDATE account a SET unused_since = NULL
        WHERE a.unused_since IS NOT NULL
            AND (a.is_admin OR EXISTS (SELECT FROM session s WHERE s.account_id = a.id AND s.expires_at > $1))
        """
    let now: Date
    func bind(_ parameters: inout PostgresParameters) { parameters.append(now) }
}

/// Accounts that are not signed in, by id.
struct ReadIdleAccounts: PostgresStatement {
    static let sql = """
        SELECT a.id FROM account a
        WHERE ($1::uuid IS NULL OR a.id > $1) AND NOT a.is_admin
            AND NOT EXISTS (SELECT FROM session s WHERE s.account_id = a.id AND s.expires_at > $2)
        ORDER BY a.id
        LIMIT $3
        """
    /// The last one of the page before.
    let after: UUID?
    let now: Date
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(after)
        parameters.append(now)
        parameters.append(limit)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Those of some accounts that are in a network.
struct ReadPlacedAccounts: PostgresStatement {
    static let sql = "SELECT DISTINCT account_id FROM account_network WHERE account_id = ANY ($1::uuid[])"
    let accounts: [UUID]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(accounts) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Those who wait to be let into a network.
struct ReadWaitingAccounts: PostgresStatement {
    static let sql = "SELECT account_id FROM join_request WHERE network_id = $1 AND decision IS NULL"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Puts accounts on the list, with the day; who is on it keeps theirs.
struct ListUnusedAccounts: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE account SET unused_since = $2 WHERE id = ANY ($1::uuid[]) AND unused_since IS NULL"
    let accounts: [UUID]
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(accounts)
        parameters.append(today)
    }
}

struct UnlistAccounts: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE account SET unused_since = NULL WHERE id = ANY ($1::uuid[]) AND unused_since IS NOT NULL"
    let accounts: [UUID]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(accounts) }
}

/// Holds accounts that have been on the list since before a day, and are not signed in, until the transaction ends.
struct HoldUnusedAccounts: PostgresStatement {
    static let sql = """
        SELECT a.id FROM account a
        WHERE a.unused_since < $1 AND NOT a.is_admin
            AND NOT EXISTS (SELECT FROM session s WHERE s.account_id = a.id AND s.expires_at > $1::date)
        LIMIT $2
        FOR UPDATE OF a SKIP LOCKED
        """
    let before: PostgresDate
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(before)
        parameters.append(limit)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Deletes accounts, and tells how many those were.
struct DeleteUnusedAccounts: PostgresStatement {
    static let sql = """
        WITH gone AS (DELETE FROM account WHERE id = ANY ($1::uuid[]) RETURNING 1)
        SELECT count(*) FROM gone
        """
    let accounts: [UUID]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(accounts) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}
