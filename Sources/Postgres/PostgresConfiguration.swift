/// How a pool connects and how much it may take.
public struct PostgresConfiguration: Sendable {
    /// libpq keywords and values in the order in which they are given; a later one wins.
    private(set) var keywords: [(name: String, value: String)]
    /// Several hosts, if the URI names several.
    let hosts: HostOrder?
    /// The most connections that the pool opens, not counting one for each ``PostgresPool/listen(_:)``.
    public var maximumConnections: Int
    /// The most statements in flight on one shared connection.
    public var maximumDepth = 32
    /// The most callers that wait for a place at once, beyond whom others are refused; 4,096 by default.
    public var maximumWaiting = 4_096
    /// How long a caller waits for a place on a connection.
    public var waitTimeout: Duration
    /// How long a statement may run before the server ends it (SQLSTATE 57014).
    public var statementTimeout: Duration
    /// How long one attempt to connect may take; with several hosts, how long one of them may keep silent.
    public var connectTimeout: Duration
    /// How long a server may owe an answer before it is tried whether it is still there; 3 s by default.
    public var silenceLimit: Duration = .seconds(3)
    /// Whether one session serves many clients in turn, as behind PgBouncer in transaction mode; false by default.
    ///
    /// Then statements have no names, and a session is given no settings when it begins.
    public var sharesSessions = false
    /// `application_name` of the sessions and `pool` of the metrics.
    public var applicationName: String

    /// Describes a pool.
    ///
    /// Where the URI says nothing of it, a server is connected to only if it takes writes, and a connection whose
    /// other end is gone is given up after some seconds (PostgreSQL manual, section 34.1.2: `target_session_attrs`,
    /// `tcp_user_timeout`, `keepalives_idle`).
    ///
    /// - Parameters:
    ///   - uri: libpq URI (`postgresql://…`, several hosts and `target_session_attrs` included) or `keyword=value` text.
    ///   - maximumConnections: the most connections; 4 by default.
    ///   - waitTimeout: how long a caller waits for a connection; 5 s by default.
    ///   - statementTimeout: how long a statement may run; 30 s by default.
    ///   - applicationName: shown in `pg_stat_activity` and as `pool` of the metrics; `chorus` by default.
    public init(
        _ uri: String,
        maximumConnections: Int = 4,
        waitTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(30),
        applicationName: String = "chorus"
    ) {
        keywords = Self.defaults + [("dbname", uri)]
        hosts = HostOrder(uri)
        self.maximumConnections = max(1, maximumConnections)
        self.waitTimeout = waitTimeout
        self.statementTimeout = statementTimeout
        connectTimeout = .seconds(hosts == nil ? 5 : 2)
        self.applicationName = applicationName
    }

    /// What the URI may say otherwise.
    ///
    /// The kernel's own patience with a machine that vanished is a quarter of an hour (tcp(7)).
    private static let defaults = [
        ("target_session_attrs", "read-write"), ("tcp_user_timeout", "5000"), ("keepalives_idle", "10"),
        ("keepalives_interval", "2"), ("keepalives_count", "3"),
    ]

    /// The same with one of libpq's keywords set, whatever the URI says.
    ///
    /// - Parameters:
    ///   - keyword: such as `host` or `sslmode` (PostgreSQL manual, section 34.1.2).
    ///   - value: its value.
    public func setting(_ keyword: String, _ value: String) -> Self {
        var copy = self
        copy.keywords.append((keyword, value))
        return copy
    }

    /// The same with one of libpq's keywords set, if the URI says nothing of it.
    ///
    /// - Parameters:
    ///   - keyword: such as `target_session_attrs`.
    ///   - value: its value.
    public func defaulting(_ keyword: String, _ value: String) -> Self {
        var copy = self
        copy.keywords.insert((keyword, value), at: Self.defaults.count)
        return copy
    }

    /// The same for another login.
    ///
    /// - Parameters:
    ///   - user: role name.
    ///   - password: its password.
    public func replacing(user: String, password: String) -> Self {
        setting("user", user).setting("password", password)
    }

    /// The same for another database of the same server.
    ///
    /// - Parameter database: its name.
    public func replacing(database: String) -> Self {
        setting("dbname", database)
    }

    /// All that libpq is given.
    ///
    /// - Parameter turn: how many hosts are passed over for now.
    func connectionKeywords(turn: Int = 0) -> [(name: String, value: String)] {
        let common =
            keywords + (hosts?.keywords(turn: turn) ?? [])
            + [("fallback_application_name", applicationName), ("client_encoding", "UTF8")]
        guard !sharesSessions else { return common }
        let timeout = statementTimeout.components.seconds * 1_000
        return common + [("options", "-c statement_timeout=\(timeout) -c TimeZone=UTC -c DateStyle=ISO")]
    }
}
