import CSchema
import Crypto
import Foundation
import Postgres

/// Brings a database to the schema of this program: ordered, checksummed, one transaction each.
struct Migrations: Sendable {
    /// One file of `sql/`.
    struct Migration: Sendable {
        let name: String
        let sql: String
        var checksum: [UInt8] { Array(SHA256.hash(data: Array(sql.utf8))) }
    }

    enum Refusal: Error, Equatable, CustomStringConvertible {
        case newer(database: String, migration: String)
        case altered(database: String, migration: String)
        case behind(database: String, migration: String)
        case restoring(database: String)

        var description: String {
            switch self {
            case .newer(let database, let migration):
                "The \(database) database has the migration \(migration), which this version of Chorus does not know. "
                    + "Nothing was changed. Start the newer version, or restore a backup made before it."
            case .altered(let database, let migration):
                "The \(database) database was given another text of the migration \(migration). Nothing was changed. "
                    + "Start the version of Chorus that made it, or restore a backup."
            case .behind(let database, let migration):
                "The \(database) database lacks the migration \(migration). Run `chorus migrate`."
            case .restoring(let database):
                "A restore of the \(database) database was begun and not finished. Nothing was changed. Empty both databases and "
                    + "restore again."
            }
        }
    }

    /// Key of the advisory lock under which schema and roles are changed, so that two servers can start at once.
    static let lock = 7_231_650_418
    /// Stands after the last migration for as long as a restore is under way, so that no server starts on half of the data.
    static let unfinishedRestore = "unfinished-restore"

    let kind: DatabaseKind
    let all: [Migration]

    init(_ kind: DatabaseKind) {
        self.kind = kind
        var count = 0
        let first = kind == .private ? chorus_private_migrations(&count) : chorus_record_migrations(&count)
        all = UnsafeBufferPointer(start: first, count: count).map { migration in
            let sql = UnsafeBufferPointer(start: migration.sql, count: migration.length)
            return Migration(name: String(cString: migration.name), sql: String(decoding: sql, as: UTF8.self))
        }
    }

    /// For tests: other migrations than the program's own.
    init(_ kind: DatabaseKind, all: [Migration]) {
        self.kind = kind
        self.all = all
    }

    /// Applies what is missing.
    ///
    /// - Parameter pool: a login that is a member of `chorus_owner`.
    /// - Returns: names of the migrations that were applied.
    /// - Throws: ``Refusal`` when the database is newer or altered; `PostgresError`.
    func apply(on pool: PostgresPool) async throws -> [String] {
        var applied: [String] = []
        while let name = try await applyNext(on: pool) { applied.append(name) }
        return applied
    }

    /// Whether nothing is missing, asked in one statement and without the lock under which something is applied.
    ///
    /// - Throws: ``Refusal`` when the database is newer or altered; `PostgresError`.
    func isDone(on pool: PostgresPool) async throws -> Bool {
        do { return try missing(after: try await pool.execute(ReadMigrations())).isEmpty } catch let error
            as PostgresError where error.sqlState == "42P01" || error.sqlState == "42501"
        {
            // There is no such table yet, or only its owner may read it.
            return false
        }
    }

    private func applyNext(on pool: PostgresPool) async throws -> String? {
        try await pool.transaction { transaction in
            try await transaction.run("SELECT pg_advisory_xact_lock(\(Self.lock)); SET LOCAL ROLE chorus_owner")
            try await transaction.run(
                """
                CREATE TABLE IF NOT EXISTS migration (
                    position integer CONSTRAINT migration_key PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL)
                """
            )
            let done = try await transaction.execute(ReadMigrations())
            guard let next = try missing(after: done).first else { return nil }
            try await transaction.run(next.sql)
            _ = try await transaction.execute(
                RecordMigration(position: done.count + 1, name: next.name, checksum: next.checksum)
            )
            return next.name
        }
    }

    /// Compares what a database was given with what the program knows.
    ///
    /// - Returns: what is missing, in order.
    func missing(after done: [ReadMigrations.Row]) throws(Refusal) -> ArraySlice<Migration> {
        for (index, applied) in done.enumerated() {
            guard applied.name != Self.unfinishedRestore else { throw .restoring(database: kind.rawValue) }
            guard index < all.count else { throw .newer(database: kind.rawValue, migration: applied.name) }
            guard all[index].name == applied.name, all[index].checksum == applied.checksum else {
                throw .altered(database: kind.rawValue, migration: applied.name)
            }
        }
        return all.dropFirst(done.count)
    }

    /// Checks without changing anything.
    ///
    /// - Throws: ``Refusal``; `PostgresError`.
    func check(on pool: PostgresPool) async throws {
        let done: [ReadMigrations.Row]
        do { done = try await pool.execute(ReadMigrations()) } catch let error as PostgresError
            where error.sqlState == "42P01"
        {
            done = []
        }
        if let first = try missing(after: done).first {
            throw Refusal.behind(database: kind.rawValue, migration: first.name)
        }
    }
}

struct ReadMigrations: PostgresStatement {
    static let sql = "SELECT name, checksum FROM migration ORDER BY position"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (name: String, checksum: [UInt8]) {
        (try row.next(), try row.next())
    }
}

private struct RecordMigration: PostgresStatement {
    typealias Row = Void
    static let sql = "INSERT INTO migration (position, name, checksum) VALUES ($1, $2, $3)"
    let position: Int
    let name: String
    let checksum: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(position)
        parameters.append(name)
        parameters.append(checksum)
    }
}
