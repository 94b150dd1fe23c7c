import Foundation
import Logging
import Postgres

/// Where the two databases are and how to get into them.
struct DatabaseSetup: Sendable {
    /// A login that may create roles; in the embedded server the superuser.
    let privateURI: String
    let recordURI: String
    let data: DataDirectory
    let logger: Logger
    /// Whether statements are prepared under names; not behind a pooler that lends its sessions to many clients.
    var preparesStatements = true
    /// The same databases past such a pooler, for what needs a session; empty when no way is given.
    var directURIs: [DatabaseKind: String] = [:]
    /// A streaming replica of the record.
    var recordReplicaURI: String?

    func uri(_ kind: DatabaseKind) -> String { kind == .private ? privateURI : recordURI }

    /// Where a database has sessions that nobody else is lent.
    func sessionURI(_ kind: DatabaseKind) -> String { directURIs[kind] ?? uri(kind) }

    /// The same with what a configuration says of poolers and replicas.
    func configured(by configuration: ServerConfiguration) -> DatabaseSetup {
        var setup = self
        setup.preparesStatements = configuration.preparesStatements
        setup.directURIs[.private] = configuration.directDatabaseURL
        setup.directURIs[.record] = configuration.directRecordURL
        setup.recordReplicaURI = configuration.recordReplicaURL
        return setup
    }

    /// Makes the two databases of the embedded server when they are missing.
    static func createDatabases(on cluster: EmbeddedPostgres, logger: Logger) async throws {
        try await withPool(PostgresConfiguration(cluster.uri("postgres"), maximumConnections: 1), logger: logger) {
            pool in
            let known = Set(try await pool.execute(ReadDatabaseNames()))
            for name in ["chorus", "chorus_record"] where !known.contains(name) {
                do { try await pool.run("CREATE DATABASE \(name)") } catch let error as PostgresError
                    where error.sqlState == "42P04" || error.sqlState == "23505"
                {
                    // Another server that starts at the same time made it.
                }
            }
        }
    }

    /// Roles, walls and migrations of both databases, each beside the other; harmless and quick when all is there.
    ///
    /// - Returns: names of the migrations that were applied, those of the private database first.
    /// - Throws: ``Migrations/Refusal``; `PostgresError`.
    @discardableResult
    func prepare() async throws -> [String] {
        let verifiers = try LoginRole.verifiers(in: data)
        return try await withMigrator(.private) { privatePool in
            try await withMigrator(.record) { recordPool in
                // Both are looked at before either is changed: one that must not be touched keeps the other as it is.
                async let privateState = look(at: .private, verifiers, on: privatePool)
                async let recordState = look(at: .record, verifiers, on: recordPool)
                let states = try await (privateState, recordState)
                async let record = mend(.record, states.1, verifiers, on: recordPool)
                return try await mend(.private, states.0, verifiers, on: privatePool) + record
            }
        }
    }

    /// What a database is like before a start.
    private struct State: Sendable {
        let name: String
        let isSuperuser: Bool
        let isStanding: Bool
        let isMigrated: Bool
    }

    private func look(
        at kind: DatabaseKind,
        _ verifiers: [LoginRole: SCRAMVerifier],
        on pool: PostgresPool
    ) async throws -> State {
        let database = try await pool.first(ReadCurrentDatabase())
        let isSuperuser = database?.isSuperuser ?? false
        // Who is no superuser may not see whether all stands, and raises it each time.
        let breaches = isSuperuser ? try await pool.execute(FindBreaches(kind: kind, verifiers: verifiers)) : nil
        if let breaches, !breaches.isEmpty {
            logger.info("mending roles and walls", metadata: ["database": "\(kind)", "found": "\(breaches)"])
        }
        return State(
            name: database?.name ?? "",
            isSuperuser: isSuperuser,
            isStanding: breaches?.isEmpty ?? false,
            isMigrated: try await Migrations(kind).isDone(on: pool)
        )
    }

    /// Raises roles and walls of a database alone, whatever is in it.
    func raiseWalls(_ kind: DatabaseKind, on pool: PostgresPool) async throws {
        let verifiers = try LoginRole.verifiers(in: data)
        let state = try await look(at: kind, verifiers, on: pool)
        if !state.isStanding { try await raise(state, kind, verifiers, on: pool) }
    }

    private func mend(
        _ kind: DatabaseKind,
        _ state: State,
        _ verifiers: [LoginRole: SCRAMVerifier],
        on pool: PostgresPool
    ) async throws -> [String] {
        if !state.isStanding { try await raise(state, kind, verifiers, on: pool) }
        return state.isMigrated ? [] : try await Migrations(kind).apply(on: pool)
    }

    /// Raises roles and walls.
    ///
    /// Roles belong to the whole cluster but advisory locks to one database, so that two servers of
    /// different databases can still meet here ("tuple concurrently updated", XX000). A superuser queues for it by a
    /// lock of the shared catalogue; who may not lock that does it again.
    private func raise(
        _ state: State,
        _ kind: DatabaseKind,
        _ verifiers: [LoginRole: SCRAMVerifier],
        on pool: PostgresPool,
        attempts: Int = 20
    ) async throws {
        do {
            try await pool.transaction { transaction in
                if state.isSuperuser { try await transaction.run("LOCK TABLE pg_authid IN SHARE ROW EXCLUSIVE MODE") }
                try await transaction.run(LoginRole.setUp(verifiers) + (state.isSuperuser ? LoginRole.quietLogs : ""))
                try await transaction.run("ALTER DATABASE \"\(state.name)\" OWNER TO chorus_owner")
                try await transaction.run(LoginRole.wall(around: state.name, kind))
                if state.isSuperuser, kind == .record { try await transaction.run(LoginRole.hiddenActivity) }
            }
        } catch let error as PostgresError where ["XX000", "40P01", "23505"].contains(error.sqlState) && attempts > 1 {
            try await Task.sleep(for: .milliseconds(Int.random(in: 5...50)))
            try await raise(state, kind, verifiers, on: pool, attempts: attempts - 1)
        }
    }

    /// Looks whether both databases have the schema of this program, without changing anything.
    ///
    /// - Throws: ``Migrations/Refusal``; `PostgresError`.
    func check() async throws {
        for kind in DatabaseKind.allCases {
            try await withMigrator(kind) { try await Migrations(kind).check(on: $0) }
        }
    }

    /// Looks whether there are sessions of one's own, for what a pooler's cannot do: a snapshot that `pg_dump` shares, settings that
    /// rows are written by.
    ///
    /// - Throws: ``OperationRefusal``.
    func requireSessions() throws {
        guard preparesStatements || DatabaseKind.allCases.allSatisfy({ directURIs[$0] != nil }) else {
            throw OperationRefusal(
                "A pooler stands before the databases. Nothing was done. Give PostgreSQL's own addresses in "
                    + "CHORUS_DIRECT_DATABASE_URL and CHORUS_DIRECT_RECORD_URL."
            )
        }
    }

    /// Runs something with the login that may create roles.
    ///
    /// - Parameter statementTimeout: how long a statement may take; 30 s by default.
    func withMigrator<Value: Sendable>(
        _ kind: DatabaseKind,
        statementTimeout: Duration = .seconds(30),
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        var configuration = PostgresConfiguration(
            sessionURI(kind),
            maximumConnections: 1,
            statementTimeout: statementTimeout
        )
        configuration.sharesSessions = directURIs[kind] == nil && !preparesStatements
        return try await withPool(configuration, logger: logger, body)
    }

    /// One pool per duty.
    func open() throws -> Databases {
        func pool(_ role: LoginRole, _ kind: DatabaseKind = .private, connections: Int = 2) throws -> PostgresPool {
            let name = role == .release && kind == .record ? "recordWriter" : role.rawValue.dropFirst(7)
            var configuration = PostgresConfiguration(
                uri(kind),
                maximumConnections: connections,
                applicationName: String(name)
            )
            configuration.sharesSessions = !preparesStatements
            return try self.pool(role, configuration)
        }
        var databases = Databases(
            member: try pool(.member, connections: 4),
            anonymous: try pool(.anonymous),
            moderator: try pool(.moderator),
            // One more than its work needs: a transaction of its own holds the right to mix.
            mixer: try pool(.mixer, connections: 3),
            release: try pool(.release),
            recordWriter: try pool(.release, .record),
            hr: try pool(.hr, .record),
            // More than it does at a time: each of those holds one; the next job is taken and notices are noted beside them.
            job: try pool(.job, connections: JobRunner.width + JobRunner.deliveryWidth + 2)
        )
        for (kind, uri) in directURIs {
            let configuration = PostgresConfiguration(uri, maximumConnections: 1, applicationName: "listen")
            databases.listening[kind] = try self.pool(kind == .private ? .member : .hr, configuration)
        }
        databases.recordReplica = try recordReplicaURI.map { try replica($0) }
        return databases
    }

    private func pool(_ role: LoginRole, _ configuration: PostgresConfiguration) throws -> PostgresPool {
        PostgresPool(
            configuration.replacing(user: role.rawValue, password: try role.password(in: data)),
            logger: logger
        )
    }

    /// Impatient, because whoever waits for it in vain has the primary to ask.
    private func replica(_ uri: String) throws -> PostgresPool {
        var configuration = PostgresConfiguration(
            uri,
            maximumConnections: 4,
            waitTimeout: .seconds(1),
            statementTimeout: .seconds(10),
            applicationName: "recordReplica"
        )
        .defaulting("target_session_attrs", "any")
        configuration.connectTimeout = .seconds(1)
        configuration.silenceLimit = .seconds(1)
        configuration.sharesSessions = !preparesStatements
        return try pool(.hr, configuration)
    }
}

/// Runs something with a pool of its own and closes the pool in the end.
func withPool<Value: Sendable>(
    _ configuration: PostgresConfiguration,
    logger: Logger,
    _ body: (PostgresPool) async throws -> Value
) async throws -> Value {
    let pool = PostgresPool(configuration, logger: logger)
    do {
        let value = try await body(pool)
        await pool.close()
        return value
    } catch {
        await pool.close()
        throw error
    }
}

private struct ReadDatabaseNames: PostgresStatement {
    static let sql = "SELECT datname FROM pg_database"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

private struct ReadCurrentDatabase: PostgresStatement {
    static let sql = "SELECT current_database(), rolsuper FROM pg_roles WHERE rolname = current_user"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (name: String, isSuperuser: Bool) {
        (try row.next(), try row.next())
    }
}
