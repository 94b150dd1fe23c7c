import Metrics

/// Figures of a pool, labelled with its name only.
struct PoolMetrics: Sendable {
    private let connectionGauge: Gauge
    private let waitingGauge: Gauge
    private let timeouts: Counter

    init(pool: String) {
        let labels = [("pool", pool)]
        connectionGauge = Gauge(label: "chorus_postgres_connections", dimensions: labels)
        waitingGauge = Gauge(label: "chorus_postgres_waiting", dimensions: labels)
        timeouts = Counter(label: "chorus_postgres_wait_timeouts_total", dimensions: labels)
    }

    func connections(_ count: Int) { connectionGauge.record(count) }
    func waiting(_ count: Int) { waitingGauge.record(count) }
    func timedOut() { timeouts.increment() }
}

/// How a pool does at the moment.
public struct PostgresPoolHealth: Hashable, Sendable {
    /// Connections that are open or being opened.
    public let connections: Int
    /// The most connections that the pool may have.
    public let mostConnections: Int
    /// Statements sent and not yet answered.
    public let inFlight: Int
    /// Callers waiting for a place.
    public let waiting: Int
    /// False after an attempt to connect failed, until one succeeds.
    public let isReachable: Bool
}
