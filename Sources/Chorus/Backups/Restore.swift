import AnonymousTokens
import Foundation
public import Logging
import Postgres

extension Server {
    /// What was found in restored databases.
    public struct RestoreReport: Encodable, Sendable {
        /// What the backup held, table by table the same as in the databases now.
        public let backup: BackupReport
        /// The audit chains, which hold.
        public let audit: [AuditReport]
        /// The key directories, whose chains hold, by network.
        public let directories: [String: Int]
        /// Migrations of this program that the backup did not have yet.
        public let migrations: [String]
    }

    /// Brings a backup into two empty databases, checks all that can be checked, and finishes what was under way
    /// between the two databases when it was made.
    ///
    /// - Parameters:
    ///   - file: the backup.
    ///   - lock: what opens it.
    ///   - configuration: whose databases; an embedded PostgreSQL is made.
    ///   - hasKeys: whether the secrets that go with the backup must be in the data directory already; true by default.
    ///   - logger: where it says what it does.
    /// - Throws: ``OperationRefusal``, before anything was changed if it says so; ``SetupRefusal``; what PostgreSQL says.
    public static func restore(
        _ file: String,
        _ lock: BackupLock,
        into configuration: ServerConfiguration,
        hasKeys: Bool = true,
        logger: Logger
    ) async throws -> RestoreReport {
        let manifest = try await onThread { try BackupArchive.verify(file, lock) }
        let data = try DataDirectory(configuration.data)
        if hasKeys { try data.check(manifest.secrets) }
        let (setup, cluster) = try await openDatabases(configuration, data, logger: logger)
        do {
            try setup.requireSessions()
            let restore = Restore(setup: setup, manifest: manifest)
            try await restore.prepare()
            try await onThread { try restore.load(file, lock) }
            try await restore.finish()
        } catch {
            await cluster?.leave()
            throw error
        }
        await cluster?.leave()
        let known = manifest.private.migrations + manifest.record.migrations
        let newer = DatabaseKind.allCases.flatMap { Migrations($0).all }.map(\.name)
        let server = try await open(configuration, logger: logger)
        return try await server.run { server in
            try await server.check(
                manifest,
                migrations: newer.filter { name in !known.contains { $0.name == name } }
            )
        }
    }

    /// What shows that the restored server is one: what a start repairs, then every chain from its beginning.
    private func check(_ manifest: BackupManifest, migrations: [String]) async throws -> RestoreReport {
        try await parts.repairPublications()
        try await parts.repairAnswers()
        _ = try await parts.releaseRounds([])
        var directories: [String: Int] = [:]
        for network in try await parts.databases.member.execute(ReadAllNetworks()) {
            directories[network.slug] = try await parts.followDirectory(of: network.id)
        }
        return RestoreReport(
            backup: BackupReport(manifest),
            audit: try await verifyAudit(),
            directories: directories,
            migrations: migrations
        )
    }
}

/// A restore under way: from its first step to its last the databases refuse every server.
struct Restore: Sendable {
    let setup: DatabaseSetup
    let manifest: BackupManifest

    /// Makes the schema of the backup, and opens it to its owner alone.
    func prepare() async throws {
        for kind in DatabaseKind.allCases {
            guard let migrations = migrations(of: kind) else {
                throw OperationRefusal(
                    "The backup has a schema that this version of Chorus does not know. Nothing was changed. Restore it with the "
                        + "version that made it, or a newer one."
                )
            }
            try await setup.withMigrator(kind) { pool in
                guard try await pool.execute(ReadTables()).isEmpty else {
                    throw OperationRefusal(
                        "The \(kind.rawValue) database has tables: a restore goes into empty databases only. Nothing was changed. "
                            + "Make new ones, or give another directory with --data."
                    )
                }
                _ = migrations
            }
        }
        try await spareOthers()
        for kind in DatabaseKind.allCases {
            try await setup.withMigrator(kind) { pool in
                try await setup.raiseWalls(kind, on: pool)
                _ = try await Migrations(kind, all: migrations(of: kind) ?? []).apply(on: pool)
                try await asOwner(pool) { transaction in
                    _ = try await transaction.execute(MarkRestore())
                    for table in try await transaction.execute(ReadIsolatedTables()) {
                        // COPY knows no policies, and triggers would stamp rows anew that have their stamps.
                        try await transaction.run("ALTER TABLE \(table) NO FORCE ROW LEVEL SECURITY")
                    }
                    for table in try await transaction.execute(ReadTables()) where table != "migration" {
                        try await transaction.run("ALTER TABLE \"\(table)\" DISABLE TRIGGER USER")
                    }
                }
            }
        }
    }

    /// Logins belong to the whole of a PostgreSQL: passwords made anew here would shut out a server on other databases of it.
    private func spareOthers() async throws {
        let uri = setup.sessionURI(.private)
        let found = try await setup.withMigrator(.private) { try await $0.first(ReadStrangeSession()) }
        guard let found, let login = LoginRole(rawValue: found.login) else { return }
        let theirs = PostgresConfiguration(uri, maximumConnections: 1, waitTimeout: .seconds(3))
            .replacing(database: found.database)
            .replacing(user: login.rawValue, password: try login.password(in: setup.data))
        let isKnown = try? await withPool(theirs, logger: setup.logger) { try await $0.first(ReadServerVersion()) }
        guard isKnown == nil else { return }
        throw OperationRefusal(
            "A server runs on the database \(found.database) of this PostgreSQL, whose logins have other passwords. Nothing was "
                + "changed: the restore would have shut it out. Use a PostgreSQL of its own (--data alone makes one), or copy the "
                + "whole folder secrets/ of that server here."
        )
    }

    /// The program's own migrations up to where the backup is; `nil` when it has others.
    private func migrations(of kind: DatabaseKind) -> [Migrations.Migration]? {
        let (all, known) = (Migrations(kind).all, manifest[kind].migrations)
        let own = all.prefix(known.count).map { BackupManifest.Migration(name: $0.name, checksum: $0.checksum.hex) }
        return own == known ? Array(all.prefix(known.count)) : nil
    }

    /// Loads both dumps; waits for `pg_restore`.
    func load(_ file: String, _ lock: BackupLock) throws {
        let (_, archive) = try BackupArchive.open(file, lock)
        var pieces = DumpPieces(archive)
        for kind in DatabaseKind.allCases {
            let options = [
                "--data-only", "--single-transaction", "--exit-on-error", "--enable-row-security",
                "--role=chorus_owner",
            ]
            let program = try DumpProgram("pg_restore", PostgresConfiguration(setup.sessionURI(kind)), options)
            do { try program.run(input: { try pieces.next(of: kind) }) } catch let failure as DumpProgram.Failure {
                throw OperationRefusal("\(failure) \(Self.unfinished)")
            }
        }
    }

    /// Compares what is there with the backup, and closes what ``prepare()`` opened.
    func finish() async throws {
        for kind in DatabaseKind.allCases {
            try await setup.withMigrator(kind, statementTimeout: .zero) { pool in
                try await asOwner(pool) { transaction in
                    let found = try await transaction.tableDigests()
                    let wrong = zip(found, manifest[kind].tables).filter { $0 != $1 }.map(\.0.name)
                    guard wrong.isEmpty, found.count == manifest[kind].tables.count else {
                        throw OperationRefusal(
                            "The \(kind.rawValue) database is not as the backup says: \(wrong.joined(separator: ", ")). "
                                + Self.unfinished
                        )
                    }
                    for table in try await transaction.execute(ReadTables()) where table != "migration" {
                        try await transaction.run("ALTER TABLE \"\(table)\" ENABLE TRIGGER USER")
                    }
                    for table in try await transaction.execute(ReadIsolatedTables()) {
                        try await transaction.run("ALTER TABLE \(table) FORCE ROW LEVEL SECURITY")
                    }
                    _ = try await transaction.execute(UnmarkRestore())
                }
            }
        }
    }

    private static let unfinished =
        "The restore is not finished and no server starts on these databases. Empty them and begin again."

    private func asOwner<Value: Sendable>(
        _ pool: PostgresPool,
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await pool.transaction { transaction in
            try await transaction.run("SET LOCAL ROLE chorus_owner")
            return try await body(transaction)
        }
    }
}

/// A session of a server on another database.
struct ReadStrangeSession: PostgresStatement {
    static let sql = """
        SELECT usename::text, datname::text FROM pg_stat_activity
        WHERE usename = ANY($1) AND datname <> current_database() LIMIT 1
        """
    func bind(_ parameters: inout PostgresParameters) { parameters.append(LoginRole.allCases.map(\.rawValue)) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (login: String, database: String) {
        (try row.next(), try row.next())
    }
}

struct ReadTables: PostgresStatement {
    static let sql = """
        SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

/// Tables with a policy, as SQL names them.
struct ReadIsolatedTables: PostgresStatement {
    static let sql = """
        SELECT oid::regclass::text FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relrowsecurity ORDER BY relname
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

/// While this row stands, no server starts: it is a migration that none knows.
struct MarkRestore: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO migration (position, name, checksum)
        SELECT count(*) + 1, '\(Migrations.unfinishedRestore)', '' FROM migration
        """
}

struct UnmarkRestore: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM migration WHERE name = '\(Migrations.unfinishedRestore)'"
}

extension ServerParts {
    /// Follows a network's key directory from its first version to the one that members are shown.
    ///
    /// - Returns: its version.
    /// - Throws: ``OperationRefusal`` naming the version that does not follow; what PostgreSQL says.
    func followDirectory(of network: UUID) async throws -> Int {
        var chain = DirectoryChain(network: network.text)
        do {
            for link in try await directoryLinks(of: network) { try chain.append(link) }
            try chain.check(
                shown: try JSONParser.parse(try await directory(of: network, countsGrants: false).answer.bytes)
            )
        } catch let fault as DirectoryChain.Fault {
            throw OperationRefusal("The key directory does not hold together: \(fault)")
        }
        return chain.seq
    }
}
