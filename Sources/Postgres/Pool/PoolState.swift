/// Which request goes to which connection and when a connection is opened: a value without a socket.
struct PoolState: Equatable, Sendable {
    typealias ConnectionID = Int
    typealias RequestID = UInt64

    /// What the runner has to do.
    enum Action: Equatable, Sendable {
        case connect(ConnectionID)
        /// Put a statement into the pipeline of a connection.
        case send(RequestID, ConnectionID)
        /// Give a connection to a transaction alone.
        case lease(RequestID, ConnectionID)
        /// Ask again after a while, because connecting failed.
        case retry(after: Duration)
    }

    /// How a connection stands.
    enum Phase: Equatable, Sendable {
        case connecting
        /// Shared by statements, so many of them in flight.
        case shared(depth: Int)
        case leased
    }

    let maximumConnections: Int
    let maximumDepth: Int
    private(set) var connections: [ConnectionID: Phase] = [:]
    private(set) var waitingStatements: [RequestID] = []
    private(set) var waitingLeases: [RequestID] = []
    /// Attempts to connect that failed since the last that succeeded.
    private(set) var failures = 0
    private var isBackingOff = false
    private var nextConnection = 0

    init(maximumConnections: Int, maximumDepth: Int) {
        self.maximumConnections = maximumConnections
        self.maximumDepth = maximumDepth
    }

    /// Whether a statement or a transaction is under way.
    var isInUse: Bool {
        connections.values.contains { phase in
            switch phase {
            case .shared(let depth): depth > 0
            case .leased: true
            case .connecting: false
            }
        }
    }

    /// Whether any connection is open.
    var isConnected: Bool { connections.values.contains { $0 != .connecting } }

    var waiting: Int { waitingStatements.count + waitingLeases.count }

    // MARK: Events

    mutating func requestStatement(_ id: RequestID) -> [Action] {
        waitingStatements.append(id)
        return place()
    }

    mutating func requestLease(_ id: RequestID) -> [Action] {
        waitingLeases.append(id)
        return place()
    }

    /// A waiting request gives up.
    ///
    /// - Returns: false when it was not waiting any more.
    mutating func withdraw(_ id: RequestID) -> Bool {
        let before = waiting
        waitingStatements.removeAll { $0 == id }
        waitingLeases.removeAll { $0 == id }
        return waiting < before
    }

    mutating func connected(_ id: ConnectionID) -> [Action] {
        failures = 0
        connections[id] = .shared(depth: 0)
        return place()
    }

    /// A connection could not be made; the next attempt waits longer each time, up to 800 milliseconds.
    ///
    /// Not longer, because a fail-over takes about that long, and with several servers the right one may be the last
    /// to be asked.
    mutating func connectFailed(_ id: ConnectionID) -> [Action] {
        connections.removeValue(forKey: id)
        failures += 1
        guard !isBackingOff else { return [] }
        isBackingOff = true
        return [.retry(after: .milliseconds(min(800, 25 << min(failures, 7))))]
    }

    mutating func backOffEnded() -> [Action] {
        isBackingOff = false
        return place()
    }

    /// A statement on a shared connection is answered.
    mutating func finished(on id: ConnectionID) -> [Action] {
        if case .shared(let depth) = connections[id] { connections[id] = .shared(depth: max(0, depth - 1)) }
        return place()
    }

    /// A transaction gives its connection back.
    mutating func released(_ id: ConnectionID) -> [Action] {
        if connections[id] == .leased { connections[id] = .shared(depth: 0) }
        return place()
    }

    mutating func lost(_ id: ConnectionID) -> [Action] {
        connections.removeValue(forKey: id)
        return place()
    }

    // MARK: Decisions

    private mutating func place() -> [Action] {
        var actions: [Action] = []
        while let lease = waitingLeases.first, let idle = shared().first(where: { $0.depth == 0 }) {
            waitingLeases.removeFirst()
            connections[idle.id] = .leased
            actions.append(.lease(lease, idle.id))
        }
        while let statement = waitingStatements.first, let target = target() {
            waitingStatements.removeFirst()
            connections[target.id] = .shared(depth: target.depth + 1)
            actions.append(.send(statement, target.id))
        }
        return actions + grow()
    }

    /// The least busy connection that takes another statement.
    ///
    /// As many connections as transactions are waiting for are left to run dry, so that no transaction starves.
    private func target() -> (id: ConnectionID, depth: Int)? {
        shared().dropFirst(waitingLeases.count).first { $0.depth < maximumDepth }
    }

    private func shared() -> [(id: ConnectionID, depth: Int)] {
        connections.compactMap { id, phase in
            if case .shared(let depth) = phase { (id, depth) } else { nil }
        }.sorted { ($0.depth, $0.id) < ($1.depth, $1.id) }
    }

    /// Opens connections for those who wait, and one more when every shared one is busy.
    private mutating func grow() -> [Action] {
        guard !isBackingOff else { return [] }
        let connecting = connections.values.count { $0 == .connecting }
        let isBusy = shared().allSatisfy { $0.depth > 1 } && !connections.isEmpty && connecting == 0
        let wanted = max(waiting - connecting, isBusy && waiting == 0 && !shared().isEmpty ? 1 : 0)
        return (0..<max(0, min(wanted, maximumConnections - connections.count))).map { _ in
            nextConnection += 1
            connections[nextConnection] = .connecting
            return .connect(nextConnection)
        }
    }
}
