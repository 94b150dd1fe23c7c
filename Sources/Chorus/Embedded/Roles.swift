import AnonymousTokens
import Postgres

/// The logins, one for each duty, and what the two databases allow them as a whole (anonymity.md, section 6).
///
/// What each may do with a table stands in the migration that makes the table.
enum LoginRole: String, CaseIterable, Sendable {
    case member = "chorus_member"
    case anonymous = "chorus_anonymous"
    case moderator = "chorus_moderator"
    case mixer = "chorus_mixer"
    case release = "chorus_release"
    case hr = "chorus_hr"
    case job = "chorus_job"
    case backup = "chorus_backup"

    /// The databases that it can connect to.
    var databases: Set<DatabaseKind> {
        switch self {
        case .hr: [.record]
        case .release, .backup: [.private, .record]
        case .member, .anonymous, .moderator, .mixer, .job: [.private]
        }
    }

    /// The password in the data directory.
    func password(in data: DataDirectory) throws -> String {
        Base64URL.encode(try data.secret(rawValue))
    }

    /// What PostgreSQL has to keep of the passwords in the data directory.
    static func verifiers(in data: DataDirectory) throws -> [LoginRole: SCRAMVerifier] {
        var verifiers: [LoginRole: SCRAMVerifier] = [:]
        for role in allCases {
            verifiers[role] = try SCRAMVerifier(password: try role.password(in: data), role: role.rawValue)
        }
        return verifiers
    }
}

/// The two databases.
enum DatabaseKind: String, CaseIterable, Sendable {
    case `private`
    case record
}

extension LoginRole {
    /// SQL that makes all roles or mends them; run as a role that may create roles.
    static func setUp(_ verifiers: [LoginRole: SCRAMVerifier]) -> String {
        var sql = """
            SELECT pg_advisory_xact_lock(\(Migrations.lock));
            SET LOCAL log_min_error_statement = panic;
            \(create("chorus_owner"))

            """
        for role in allCases {
            sql += create(role.rawValue)
            // No quote can stand in base64.
            sql += """
                ALTER ROLE \(role.rawValue) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS \
                PASSWORD '\(verifiers[role]?.text ?? "")';

                """
            for setting in settings { sql += "ALTER ROLE \(role.rawValue) SET \(setting.name) = \(setting.value);\n" }
        }
        return sql + "GRANT chorus_owner TO CURRENT_USER;\n"
    }

    /// Settings of every login.
    ///
    /// What only a superuser may set (`log_statement` and the like) is set by whoever is one.
    static let settings: [(name: String, value: String)] = [
        ("search_path", "public, pg_temp"), ("lock_timeout", "'10s'"),
        // What a session asks for itself when it begins, which a pooler that lends it to many does not pass on.
        ("statement_timeout", "'30s'"), ("TimeZone", "'UTC'"), ("DateStyle", "'ISO'"),
    ]

    private static func create(_ name: String) -> String {
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(name)') THEN CREATE ROLE \(name) NOLOGIN; END IF;
        END $$;

        """
    }

    /// SQL for one superuser: the log settings of every login.
    static let quietLogs = allCases.map { role in
        logSettings.map { "ALTER ROLE \(role.rawValue) SET \($0.name) = '\($0.value)';" }.joined(separator: "\n")
    }.joined(separator: "\n")

    /// What keeps statements and their values out of PostgreSQL's log (anonymity.md, section 3.5).
    static let logSettings: [(name: String, value: String)] = [
        ("log_statement", "none"), ("log_min_duration_statement", "-1"), ("log_parameter_max_length", "0"),
        ("log_parameter_max_length_on_error", "0"), ("log_min_error_statement", "panic"), ("log_min_messages", "error"),
    ]

    /// SQL for one superuser, inside the record: PostgreSQL's counters are of all databases of a cluster, and how many rows were
    /// written in the private one, and when, is nothing that HR's login may ask (T30).
    static let hiddenActivity = """
        DO $$
        DECLARE hidden record;
        BEGIN
            FOR hidden IN
                SELECT oid::regprocedure AS name FROM pg_proc
                WHERE pronamespace = 'pg_catalog'::regnamespace AND proname LIKE 'pg\\_stat\\_get\\_%'
                    AND has_function_privilege('public', oid, 'EXECUTE')
            LOOP
                EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', hidden.name);
                EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pg_read_all_stats', hidden.name);
            END LOOP;
        END $$;
        """

    /// SQL run inside a database: who can connect to it at all, and that nobody else can do anything.
    static func wall(around database: String, _ kind: DatabaseKind) -> String {
        let allowed = allCases.filter { $0.databases.contains(kind) }.map(\.rawValue).joined(separator: ", ")
        return """
            REVOKE ALL ON DATABASE "\(database)" FROM PUBLIC;
            GRANT CONNECT ON DATABASE "\(database)" TO \(allowed);
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO \(allowed);
            ALTER DEFAULT PRIVILEGES FOR ROLE chorus_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
            """
    }
}
