import Crypto
import Foundation
import Postgres

/// What a backup says of itself: which schema it has, and what each table held at the instant of the backup.
struct BackupManifest: Codable, Equatable, Sendable {
    struct Table: Codable, Equatable, Sendable {
        let name: String
        let rows: Int
        /// Sums over all rows of two halves of a row's SHA-256: whatever their order, the same rows have the same one.
        let digest: String
    }

    struct Migration: Codable, Equatable, Sendable {
        let name: String
        let checksum: String
    }

    struct Database: Codable, Equatable, Sendable {
        let migrations: [Migration]
        /// In the order of their names.
        let tables: [Table]
        /// Tables whose rows are in no backup.
        let leftOut: [String]
    }

    /// Of this format.
    var version = 1
    /// By the server's clock, to the second.
    let madeAt: Date
    /// Of PostgreSQL.
    let server: String
    let `private`: Database
    let record: Database
    /// Under the names of the files that a restore needs and that are not in here: by what to know the right ones.
    let secrets: [String: String]

    subscript(kind: DatabaseKind) -> Database { kind == .private ? `private` : record }

    /// What shows that a secret is the same, and nothing of it.
    static func fingerprint(of secret: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("chorus backup".utf8),
            using: SymmetricKey(data: secret)
        )
        return Array(code.prefix(8)).hex
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return Array(try encoder.encode(self))
    }

    init(decoding bytes: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        self = try decoder.decode(Self.self, from: Data(bytes))
    }

    init(
        madeAt: Date,
        server: String,
        private: Database,
        record: Database,
        secrets: [String: String]
    ) {
        self.madeAt = madeAt
        self.server = server
        self.private = `private`
        self.record = record
        self.secrets = secrets
    }
}

extension BackupManifest.Database {
    /// Reads what a database holds, as far as backups may read it.
    ///
    /// - Parameter transaction: of the login whose view it is; what it sees is what counts.
    init(_ transaction: PostgresTransaction) async throws {
        migrations = try await transaction.execute(ReadMigrations()).map {
            BackupManifest.Migration(name: $0.name, checksum: $0.checksum.hex)
        }
        tables = try await transaction.tableDigests()
        leftOut = try await transaction.execute(ReadTablesLeftOut())
    }
}

extension PostgresTransaction {
    /// What each table holds that backups hold, each row as text under settings that are always the same.
    func tableDigests() async throws -> [BackupManifest.Table] {
        try await run("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL extra_float_digits = 1")
        return try await execute(ReadTableDigests())
    }
}

/// What each table holds that backups hold.
///
/// Whoever asks must see all of its rows.
struct ReadTableDigests: PostgresStatement {
    static let sql = """
        SELECT name, (xpath('//n/text()', counted))[1]::text::bigint,
            (xpath('//a/text()', counted))[1]::text || '.' || (xpath('//b/text()', counted))[1]::text
        FROM (
            SELECT c.relname::text AS name, query_to_xml(format($q$
                SELECT count(*) AS n,
                    coalesce(sum(('x' || left(digest, 16))::bit(64)::bigint::numeric), 0) AS a,
                    coalesce(sum(('x' || substr(digest, 17, 16))::bit(64)::bigint::numeric), 0) AS b
                FROM (SELECT encode(sha256(convert_to(whole_row::text, 'UTF8')), 'hex') AS digest FROM public.%I whole_row) d
                $q$, c.relname), false, true, '') AS counted
            FROM pg_class c
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migration'
                AND has_table_privilege('chorus_backup', c.oid, 'SELECT')
        ) t
        ORDER BY name COLLATE "C"
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> BackupManifest.Table {
        BackupManifest.Table(name: try row.next(), rows: try row.next(), digest: try row.next())
    }
}

struct ReadTablesLeftOut: PostgresStatement {
    static let sql = """
        SELECT c.relname::text FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
            AND NOT has_table_privilege('chorus_backup', c.oid, 'SELECT')
        ORDER BY c.relname COLLATE "C"
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

struct ReadServerVersion: PostgresStatement {
    static let sql = "SELECT current_setting('server_version')"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
