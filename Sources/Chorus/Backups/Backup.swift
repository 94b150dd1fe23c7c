public import Foundation
import Logging
import Postgres

/// What opens a backup, and for whom it is made, as an operator names it.
public struct BackupLock: Sendable {
    let recipients: [AgeRecipient]
    let identities: [AgeIdentity]
    /// log2 of scrypt's N.
    var cost = AgeHeader.cost

    /// For public keys.
    ///
    /// - Parameter recipients: `age1…`
    /// - Throws: ``OperationRefusal`` for what is none.
    public init(recipients: [String]) throws {
        self.recipients = try recipients.map {
            guard let recipient = AgeRecipient(publicKey: $0) else {
                throw OperationRefusal("A recipient is written age1…, as `chorus keys new` prints it.")
            }
            return recipient
        }
        identities = []
    }

    /// For the private keys in a file.
    ///
    /// - Parameter identityFile: written by `chorus keys new` or `age-keygen`.
    /// - Throws: ``OperationRefusal``.
    public init(identityFile: String) throws {
        identities = AgeIdentity.read(try Self.text(of: identityFile))
        recipients = []
        guard !identities.isEmpty else { throw OperationRefusal("\(identityFile) holds no AGE-SECRET-KEY-….") }
    }

    /// For a passphrase.
    ///
    /// - Parameter passphraseFile: its first line is the passphrase, of at least 12 characters.
    /// - Throws: ``OperationRefusal``.
    public init(passphraseFile: String) throws {
        let passphrase =
            try Self.text(of: passphraseFile).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard passphrase.count >= 12 else {
            throw OperationRefusal("The passphrase in \(passphraseFile) is shorter than 12 characters.")
        }
        recipients = [.passphrase(passphrase)]
        identities = [.passphrase(passphrase)]
    }

    private static func text(of file: String) throws -> String {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw OperationRefusal("\(file) cannot be read.")
        }
        return text
    }
}

extension Server {
    /// What a backup holds.
    public struct BackupReport: Encodable, Sendable {
        /// When its data was as it says, by the server's clock.
        public let madeAt: Date
        /// How many tables of both databases.
        public let tables: Int
        /// How many rows in them.
        public let rows: Int

        init(_ manifest: BackupManifest) {
            let all = manifest.private.tables + manifest.record.tables
            madeAt = manifest.madeAt
            tables = all.count
            rows = all.reduce(0) { $0 + $1.rows }
        }
    }

    /// Writes both databases as they were at one instant into one encrypted file, beside a running server.
    ///
    /// What is in it decides its login, which can read neither the inbox nor any secret (anonymity.md, section 6).
    ///
    /// - Parameters:
    ///   - file: must not be there; nothing of that name is until all of it is written.
    ///   - lock: who can open it.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func backUp(to file: String, _ lock: BackupLock) async throws -> BackupReport {
        guard !lock.recipients.isEmpty else {
            throw OperationRefusal("Name who can open the backup: --recipient age1… or --passphrase-file FILE.")
        }
        try setup.requireSessions()
        // Half minutes in which people came in belong in no file that is kept.
        try await parts.forgetSecondFactors()
        let secrets = try parts.data.keptSecrets().mapValues(BackupManifest.fingerprint)
        return try await withBackupPool(.private) { privatePool in
            try await withBackupPool(.record) { recordPool in
                try await privatePool.transaction { privateView in
                    try await recordPool.transaction { recordView in
                        let snapshots = try await freeze(privateView, recordView)
                        let manifest = BackupManifest(
                            madeAt: parts.now(),
                            server: try await privateView.first(ReadServerVersion()) ?? "",
                            private: try await .init(privateView),
                            record: try await .init(recordView),
                            secrets: secrets
                        )
                        let dumps = [
                            ("private.dump", try dump(.private, manifest.private, snapshots.private)),
                            ("record.dump", try dump(.record, manifest.record, snapshots.record)),
                        ]
                        try await onThread { try Self.write(manifest, dumps, to: file, lock) }
                        return BackupReport(manifest)
                    }
                }
            }
        }
    }

    /// Takes both databases as they are at one instant.
    ///
    /// The two views must not have looked at anything before.
    ///
    /// Nothing that the record gets is committed without the lock on its clock (`stamp_record()`). While that is held
    /// here, for the moment in which the two views begin, whatever goes from one database to the other stands still:
    /// what the record has, the private database knows of; what the private database has published and the record
    /// lacks, and answers that the audit chain lacks, the next start makes good, as after a crash.
    private func freeze(
        _ privateView: PostgresTransaction,
        _ recordView: PostgresTransaction,
        attempts: Int = 5
    ) async throws -> (private: String, record: String) {
        for view in [privateView, recordView] {
            try await view.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        }
        return try await setup.withMigrator(.record) { pool in
            try await holdingRecord(pool, attempts: attempts) {
                guard let record = try await recordView.first(ExportSnapshot()),
                    let `private` = try await privateView.first(ExportSnapshot())
                else { throw Problem(.internal) }
                return (`private`, record)
            }
        }
    }

    /// Runs something while nobody writes to the record; who waits for that waits for milliseconds.
    private func holdingRecord<Value: Sendable>(
        _ pool: PostgresPool,
        attempts: Int,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.transaction { transaction in
                try await transaction.run(
                    "SET LOCAL ROLE chorus_owner; SET LOCAL lock_timeout = '3s'; LOCK TABLE record_clock IN SHARE MODE"
                )
                return try await body()
            }
        } catch let error as PostgresError where error.sqlState == "55P03" && attempts > 1 {
            return try await holdingRecord(pool, attempts: attempts - 1, body)
        }
    }

    private func dump(
        _ kind: DatabaseKind,
        _ database: BackupManifest.Database,
        _ snapshot: String
    ) throws -> DumpProgram {
        let tables = database.tables.flatMap { ["--table", "public.\($0.name)"] }
        let options = [
            // Rows only: the schema is the program's own, and nothing that a backup holds is ever run.
            "--format=custom", "--data-only", "--enable-row-security", "--no-sync", "--lock-wait-timeout=60s",
            "--snapshot", snapshot,
        ]
        return try DumpProgram("pg_dump", try backupLogin(kind), options + tables)
    }

    private static func write(
        _ manifest: BackupManifest,
        _ dumps: [(name: String, program: DumpProgram)],
        to file: String,
        _ lock: BackupLock
    ) throws {
        let archive = ArchiveWriter(try AgeWriter(file, for: lock.recipients, cost: lock.cost))
        try archive.add(BackupArchive.manifest, try manifest.encoded())
        for (name, program) in dumps {
            try archive.add(name) { take in try program.run(output: take) }
        }
        try archive.finish()
    }

    /// The databases, and the login that may do everything.
    var setup: DatabaseSetup {
        DatabaseSetup(privateURI: privateURI, recordURI: recordURI, data: parts.data, logger: parts.logger)
            .configured(by: parts.configuration)
    }

    private func backupLogin(_ kind: DatabaseKind) throws -> PostgresConfiguration {
        PostgresConfiguration(
            setup.sessionURI(kind),
            maximumConnections: 1,
            // As long as it takes: nobody waits for it.
            statementTimeout: .zero,
            applicationName: "backup"
        ).replacing(user: LoginRole.backup.rawValue, password: try LoginRole.backup.password(in: parts.data))
    }

    private func withBackupPool<Value: Sendable>(
        _ kind: DatabaseKind,
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        try await withPool(try backupLogin(kind), logger: parts.logger, body)
    }
}

struct ExportSnapshot: PostgresStatement {
    static let sql = "SELECT pg_export_snapshot()"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
