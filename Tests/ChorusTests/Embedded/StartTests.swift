import Foundation
import Logging
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What a start finds, mends, and leaves alone; on a cluster of their own and one by one, because roles belong to all databases
/// of a cluster.
@Suite(.serialized) struct StartTests {
    @Test func whoeverStartsFindsWhatSomebodyChangedAndMendsIt() async throws {
        try await withCluster { cluster in
            let setup = try cluster.setup()
            try await setup.prepare()
            for kind in DatabaseKind.allCases { #expect(try await cluster.breaches(kind, setup).isEmpty) }
            let database = cluster.names
            let changes: [(DatabaseKind, String, String)] = [
                (.private, "ALTER ROLE chorus_member PASSWORD 'something else'", "login chorus_member"),
                (.private, "ALTER ROLE chorus_anonymous PASSWORD NULL", "login chorus_anonymous"),
                (.private, "ALTER ROLE chorus_hr BYPASSRLS", "login chorus_hr"),
                (.private, "ALTER ROLE chorus_mixer SUPERUSER", "login chorus_mixer"),
                (.private, "ALTER ROLE chorus_release NOLOGIN", "login chorus_release"),
                (.private, "ALTER ROLE chorus_moderator SET log_statement = 'all'", "login chorus_moderator"),
                (.private, "ALTER ROLE chorus_backup RESET search_path", "login chorus_backup"),
                (.private, "ALTER ROLE chorus_backup RENAME TO chorus_forgotten", "login chorus_backup"),
                (.private, "GRANT CONNECT ON DATABASE \(database.private) TO PUBLIC", "rights of everybody"),
                (.record, "GRANT USAGE ON SCHEMA public TO PUBLIC", "rights of everybody"),
                (.record, "REVOKE CONNECT ON DATABASE \(database.record) FROM chorus_hr", "way in of chorus_hr"),
                (.record, "ALTER DATABASE \(database.record) OWNER TO chorus_migrator", "owner of the database"),
                (
                    .private, "ALTER DEFAULT PRIVILEGES FOR ROLE chorus_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
                    "rights on new functions"
                ),
                (.record, "GRANT EXECUTE ON FUNCTION pg_stat_get_activity TO PUBLIC", "counters of the cluster"),
            ]
            for (kind, change, breach) in changes {
                try await cluster.run(change, kind)
                let found = try await cluster.breaches(kind, setup)
                #expect(found == [breach], "\(change): \(found)")
                try await setup.prepare()
                for kind in DatabaseKind.allCases {
                    let left = try await cluster.breaches(kind, setup)
                    #expect(left.isEmpty, "\(change): \(left)")
                }
            }
        }
    }

    @Test func aStartOnWhatStandsWritesNothing() async throws {
        try await withCluster { cluster in
            let setup = try cluster.setup()
            try await setup.prepare()
            let before = try await cluster.text(ReadWritten())
            try await setup.prepare()
            #expect(try await cluster.text(ReadWritten()) == before)
            // With other passwords, as of another data directory, it does.
            try await cluster.setup().prepare()
            #expect(try await cluster.text(ReadWritten()) != before)
        }
    }

    @Test func serversThatStartAtOnceAllFindEverything() async throws {
        try await withCluster { cluster in
            let setup = try cluster.setup()
            for change in ["SELECT", "ALTER ROLE chorus_member PASSWORD 'x'", "ALTER ROLE chorus_hr BYPASSRLS"] {
                try await cluster.run(change)
                let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                    for _ in 0..<6 { group.addTask { try await setup.prepare() } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(applied.count == Set(applied).count, "each migration once")
                for kind in DatabaseKind.allCases { #expect(try await cluster.breaches(kind, setup).isEmpty) }
            }
        }
    }

    @Test func thePasswordsAreThoseOfTheDataDirectoryAndStandInNoLog() async throws {
        try await withCluster { cluster in
            try await cluster.run("ALTER ROLE chorus_migrator SET log_statement = 'all'")
            let setup = try cluster.setup()
            try await setup.prepare()
            try await cluster.requirePasswords(of: .member)
            for role in LoginRole.allCases where role.databases.contains(.private) {
                let password = try role.password(in: setup.data)
                #expect(try await cluster.canLogIn(role, password, within: .seconds(10)), "\(role)")
                #expect(try await !cluster.canLogIn(role, "x"), "\(role)")
            }
            let log = try String(contentsOfFile: "\(cluster.directory)/data/log", encoding: .utf8)
            #expect(log.contains("ALTER ROLE chorus_member"), "the log is one that would show it")
            for role in LoginRole.allCases { #expect(!log.contains(try role.password(in: setup.data))) }
        }
    }

    @Test func theVerifierIsTheOneThatPostgreSQLMakes() async throws {
        try await withCluster { cluster in
            try await cluster.run("CREATE ROLE known PASSWORD 'pencil-pencil-pencil'")
            let theirs = try await cluster.text(ReadKnownPassword())
            let parts = theirs.split(whereSeparator: { "$:".contains($0) }).map(String.init)
            try #require(parts.count == 5)
            let salt = try #require(Data(base64Encoded: parts[2]))
            let ours = try SCRAMVerifier(password: "pencil-pencil-pencil", salt: Array(salt))
            #expect(ours.text == theirs)
        }
    }
}

/// Two empty databases in the cluster of these tests.
private struct Cluster {
    static let directory = Result { try TestCluster.startApart() }

    let directory: String
    let names: (private: String, record: String)
    let room: URL
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A setup with passwords of its own, as of another data directory.
    func setup() throws -> DatabaseSetup {
        DatabaseSetup(
            privateURI: uri(.private),
            recordURI: uri(.record),
            data: try DataDirectory(room.appending(path: UUID().uuidString)),
            logger: logger
        )
    }

    private func uri(_ kind: DatabaseKind) -> String {
        "dbname=\(kind == .private ? names.private : names.record) user=chorus_migrator host=\(directory)"
    }

    func run(_ sql: String, _ kind: DatabaseKind = .private) async throws {
        try await withPool(PostgresConfiguration(uri(kind), maximumConnections: 1), logger: logger) {
            try await $0.run(sql)
        }
    }

    func breaches(_ kind: DatabaseKind, _ setup: DatabaseSetup) async throws -> [String] {
        let statement = FindBreaches(kind: kind, verifiers: try LoginRole.verifiers(in: setup.data))
        return try await withPool(PostgresConfiguration(uri(kind), maximumConnections: 1), logger: logger) {
            try await $0.execute(statement)
        }
    }

    func text<S: PostgresStatement>(_ statement: S) async throws -> String where S.Row == String {
        let found = try await withPool(PostgresConfiguration(uri(.private), maximumConnections: 1), logger: logger) {
            try await $0.first(statement)
        }
        return try #require(found)
    }

    func canLogIn(
        _ role: LoginRole,
        _ password: String,
        within patience: Duration = .milliseconds(300)
    ) async throws -> Bool {
        let configuration = PostgresConfiguration(uri(.private), waitTimeout: patience)
            .replacing(user: role.rawValue, password: password)
        do {
            try await withPool(configuration, logger: logger) { _ = try await $0.execute(Ping()) }
            return true
        } catch let error as PostgresError where error.kind == .connectFailed || error.kind == .poolTimeout {
            return false
        }
    }

    /// Asks everybody but the superuser for a password, and waits until PostgreSQL does.
    func requirePasswords(of role: LoginRole) async throws {
        let rules = "local all chorus_migrator trust\nlocal all all scram-sha-256\n"
        try rules.write(toFile: "\(directory)/data/pg_hba.conf", atomically: false, encoding: .utf8)
        try await run("SELECT pg_reload_conf()")
        for _ in 0..<50 where try await canLogIn(role, "x") { try await Task.sleep(for: .milliseconds(100)) }
    }
}

private func withCluster(_ body: (Cluster) async throws -> Void) async throws {
    let name = "t\(UUID().uuidString.lowercased().prefix(8))"
    let room = FileManager.default.temporaryDirectory.appending(path: "chorus-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: room) }
    let cluster = Cluster(directory: try Cluster.directory.get(), names: (name, "\(name)_r"), room: room)
    let logger = cluster.logger
    let main = PostgresConfiguration("dbname=postgres user=chorus_migrator host=\(cluster.directory)")
    try await withPool(main, logger: logger) { pool in
        for name in [cluster.names.private, cluster.names.record] { try await pool.run("CREATE DATABASE \(name)") }
    }
    try await body(cluster)
}

/// Changes with every row that says who may log in, how, and where.
private struct ReadWritten: PostgresStatement {
    static let sql = """
        SELECT md5(string_agg(t, ',' ORDER BY t)) FROM (
            SELECT 'a' || oid || ' ' || xmin::text FROM pg_authid
            UNION ALL SELECT 'd' || oid || ' ' || xmin::text FROM pg_database WHERE datname = current_database()
            UNION ALL SELECT 's' || setrole || ' ' || xmin::text FROM pg_db_role_setting) AS rows (t)
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

private struct ReadKnownPassword: PostgresStatement {
    static let sql = "SELECT rolpassword FROM pg_authid WHERE rolname = 'known'"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
