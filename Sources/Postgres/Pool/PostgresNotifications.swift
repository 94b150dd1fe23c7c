/// The notifications of one channel, as they arrive.
public struct PostgresNotifications: AsyncSequence, Sendable {
    /// The payload of a notification; empty after a new connection, when some may have been missed.
    public typealias Element = String

    let pool: PostgresPool
    let channel: String

    /// Starts to listen with the first call of `next()`.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pool: pool, channel: channel)
    }

    /// Takes one notification after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let pool: PostgresPool
        let channel: String
        private var listener: Listener?
        /// Whether there was one before, however often it could not be replaced since.
        private var hasListened = false

        init(pool: PostgresPool, channel: String) {
            self.pool = pool
            self.channel = channel
        }

        /// Waits for the next notification.
        ///
        /// - Returns: `nil` when the task is cancelled or the pool is closed.
        public mutating func next() async -> String? {
            while !Task.isCancelled {
                if let listener, let payload = await listener.next() { return payload }
                guard await !pool.core.isClosed else { return nil }
                listener = await Listener.open(pool.core, channel: channel)
                if listener == nil {
                    try? await Task.sleep(for: .milliseconds(250))
                } else if hasListened {
                    return ""
                } else {
                    hasListened = true
                }
            }
            return nil
        }
    }
}

/// A connection that waits for notifications; gone with its last reference.
private final class Listener: Sendable {
    private let core: PoolCore
    private let lease: Int

    private init(core: PoolCore, lease: Int) {
        self.core = core
        self.lease = lease
    }

    deinit {
        let (core, lease) = (core, lease)
        core.reactor.run { core.assumeIsolated { _ = $0.lost(lease) } }
    }

    static func open(_ core: PoolCore, channel: String) async -> Listener? {
        guard let lease = try? await core.openListener(channel) else { return nil }
        return Listener(core: core, lease: lease)
    }

    func next() async -> String? {
        await withTaskCancellationHandler {
            try? await core.nextNotification(lease)
        } onCancel: {
            let (core, lease) = (core, lease)
            core.reactor.run { core.assumeIsolated { _ = $0.lost(lease) } }
        }
    }
}

extension PoolCore {
    /// Opens a connection beside the pool's own and listens on it.
    fileprivate func openListener(_ channel: String) async throws -> Int {
        let lease = try await withCheckedThrowingContinuation { continuation in
            openBeside { continuation.resume(with: $0) }
        }
        let quoted = "\"" + channel.replacing("\"", with: "\"\"") + "\""
        do { try await simple("LISTEN \(quoted)", lease: lease) } catch {
            // Nobody would ever close it.
            drop(lease)
            throw error
        }
        return lease
    }

    fileprivate func nextNotification(_ lease: Int) async throws -> String {
        let connection = try connection(lease)
        (connection.isExclusive, connection.isListening) = (true, true)
        defer { (connection.isExclusive, connection.isListening) = (false, false) }
        while true {
            if let payload = connection.nextNotification() { return payload }
            try await waitForSocket(lease)
        }
    }
}
