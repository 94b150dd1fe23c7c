/// How a pool connects and how much it may take.
public struct PostgresConfiguration: Sendable {
    /// libpq keywords and values in the order in which they are given; a later one wins.
    private(set) var keywords: [(name: String, value: String)]
    /// The most connections that the pool opens, not counting one for each ``PostgresPool/listen(_:)``.
    public var maximumConnections: Int
    /// The most statements in flight on one shared connection.
    public var maximumDepth = 32
    /// How long a caller waits for a place on a connection.
    public var waitTimeout: Duration
    /// How long a statement may run before the server ends it (SQLSTATE 57014).
    public var statementTimeout: Duration
    /// How long one attempt to connect may take.
    public var connectTimeout: Duration = .seconds(5)
    /// `application_name` of the sessions and `pool` of the metrics.
    public var applicationName: String

    /// Describes a pool.
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
        keywords = [("dbname", uri)]
        self.maximumConnections = max(1, maximumConnections)
        self.waitTimeout = waitTimeout
        self.statementTimeout = statementTimeout
        self.applicationName = applicationName
    }

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
    var connectionKeywords: [(name: String, value: String)] {
        let timeout = statementTimeout.components.seconds * 1_000
        return keywords + [
            ("fallback_application_name", applicationName), ("client_encoding", "UTF8"),
            ("options", "-c statement_timeout=\(timeout) -c TimeZone=UTC -c DateStyle=ISO"),
        ]
    }
}
