import Foundation
import Logging

/// Carries out what ``PoolState`` decides; lives on the reactor's thread.
actor PoolCore {
    let configuration: PostgresConfiguration
    let reactor: Reactor
    let logger: Logger
    private let metrics: PoolMetrics
    private var state: PoolState
    private(set) var connections: [Int: Connection] = [:]
    private var waitingUnits: [UInt64: Unit] = [:]
    private var waitingLeases: [UInt64: CheckedContinuation<Int, any Error>] = [:]
    private var waitTimers: [UInt64: Int] = [:]
    private var connectTimers: [Int: Int] = [:]
    private var lastID: UInt64 = 0
    /// Connections beside the pool's own have negative numbers.
    private var lastBeside = 0
    private var openings: [Int: (Result<Int, any Error>) -> Void] = [:]
    /// How many of several hosts kept silent so far.
    private var hostTurn = 0
    /// Since when no server could be reached; `nil` while one can.
    var unreachableSince: ContinuousClock.Instant?
    /// How the pool looks after answers that are owed.
    var silence = SilenceWatch()
    private(set) var isClosed = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe reactor.asUnownedSerialExecutor() }

    init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        reactor = Reactor(name: "postgres-\(configuration.applicationName)".prefixed(15))
        metrics = PoolMetrics(pool: configuration.applicationName)
        state = PoolState(
            maximumConnections: configuration.maximumConnections,
            maximumDepth: configuration.maximumDepth
        )
    }

    /// Runs an event of the reactor on this actor.
    nonisolated func event(_ body: @escaping @Sendable (isolated PoolCore) -> Void) -> @Sendable () -> Void {
        { [weak self] in self?.assumeIsolated { body($0) } }
    }

    func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    var health: PostgresPoolHealth {
        PostgresPoolHealth(
            connections: connections.count,
            mostConnections: configuration.maximumConnections,
            inFlight: connections.values.reduce(0) { $0 + $1.pipeline.depth },
            waiting: state.waiting,
            isReachable: state.failures == 0
        )
    }

    // MARK: Requests

    /// Runs a unit on a shared connection, or on the leased one.
    func submit<Value: Sendable>(
        lease: Int? = nil,
        _ unit: (UInt64, @escaping (Result<ResultView?, any Error>) -> Void) -> Unit,
        read: @escaping (ResultView?) throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let id = nextID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let unit = unit(id) { outcome in
                    continuation.resume(with: outcome.flatMap { r in Result { try read(r) } })
                }
                if let lease { send(unit, on: lease) } else { request(unit) }
            }
        } onCancel: {
            reactor.run(event { $0.cancel(id) })
        }
    }

    func request(_ unit: Unit) {
        guard !isClosed else { return unit.complete(.failure(PostgresError(.closed))) }
        guard hasRoom else { return unit.complete(.failure(refusal)) }
        waitingUnits[unit.id] = unit
        perform(state.requestStatement(unit.id))
        startWaiting(unit.id)
    }

    /// Takes a connection for a transaction alone.
    func lease() async throws -> Int {
        try Task.checkCancellation()
        let id = nextID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard !isClosed else { return continuation.resume(throwing: PostgresError(.closed)) }
                guard hasRoom else { return continuation.resume(throwing: refusal) }
                waitingLeases[id] = continuation
                perform(state.requestLease(id))
                startWaiting(id)
            }
        } onCancel: {
            reactor.run(event { $0.cancel(id) })
        }
    }

    /// Gives a connection back; one that is still inside a transaction is closed.
    func release(_ lease: Int) {
        guard let connection = connections[lease] else { return }
        connection.hasTime = false
        if connection.isIdle, !isClosed {
            perform(state.released(lease))
        } else {
            drop(lease)
        }
    }

    private func startWaiting(_ id: UInt64) {
        guard waitingUnits[id] != nil || waitingLeases[id] != nil else { return }
        waitTimers[id] = reactor.after(patience, event { $0.giveUp(id) })
        metrics.waiting(state.waiting)
    }

    /// Whoever comes while the server has been away for longer than anybody waits is soon told so: those who wait
    /// take memory.
    private var patience: Duration {
        let isAway = unreachableSince.map { ContinuousClock.now - $0 > configuration.waitTimeout } ?? false
        return isAway && !state.isConnected ? min(.seconds(1), configuration.waitTimeout) : configuration.waitTimeout
    }

    private var hasRoom: Bool { state.waiting < configuration.maximumWaiting }
    private var refusal: PostgresError { PostgresError(state.failures > 0 ? .connectFailed : .poolTimeout) }

    private func giveUp(_ id: UInt64) {
        metrics.timedOut()
        end(id, with: refusal)
    }

    /// Ends a request that is still waiting for its place.
    private func end(_ id: UInt64, with error: any Error) {
        _ = state.withdraw(id)
        stopWaiting(id)
        waitingUnits.removeValue(forKey: id)?.complete(.failure(error))
        waitingLeases.removeValue(forKey: id)?.resume(throwing: error)
    }

    private func stopWaiting(_ id: UInt64) {
        if let timer = waitTimers.removeValue(forKey: id) { reactor.cancelTimer(timer) }
    }

    private func cancel(_ id: UInt64) {
        if waitingUnits[id] != nil || waitingLeases[id] != nil { return end(id, with: CancellationError()) }
        for connection in connections.values where connection.cancel(id) { cancelHead(of: connection) }
    }

    /// A cancel request hits whatever the server is working on, so it is sent only while that is the right unit.
    private func cancelHead(of connection: Connection) {
        guard connection.headIsCancelled else { return }
        let id = connection.id
        let taken = event { $0.connections[id]?.cancelTaken() }
        connection.requestCancel { [reactor] in reactor.run(taken) }
    }

    // MARK: Actions

    private func perform(_ actions: [PoolState.Action]) {
        for action in actions {
            switch action {
            case .connect(let id): connect(id)
            case .send(let request, let id):
                stopWaiting(request)
                if let unit = waitingUnits.removeValue(forKey: request) { send(unit, on: id) }
            case .lease(let request, let id):
                stopWaiting(request)
                waitingLeases.removeValue(forKey: request)?.resume(returning: id)
            case .retry(let delay):
                // Not all at once, or a server that has just come back is overrun by everybody's pools.
                reactor.after(delay * Double.random(in: 0.5...1), event { $0.perform($0.state.backOffEnded()) })
            }
        }
        metrics.connections(connections.count)
    }

    private func connect(_ id: Int) {
        guard !isClosed else { return }
        let connection = Connection(
            id: id,
            keywords: configuration.connectionKeywords(turn: hostTurn),
            namesStatements: !configuration.sharesSessions
        )
        guard let connection else {
            logger.warning("cannot connect to PostgreSQL", metadata: ["pool": "\(configuration.applicationName)"])
            return notConnected(id)
        }
        connections[id] = connection
        let turn = hostTurn
        connectTimers[id] = reactor.after(configuration.connectTimeout, event { $0.connectTimedOut(id, turn: turn) })
        // The socket of a connection that has just been started is to be watched for writing (manual, section 34.1).
        reactor.watch(connection.socket, writable: true, ready: event { $0.connectReady(id) })
    }

    /// - Parameter turn: when the attempt began. Of several that began together one moves on: two of them would lead from one of two
    ///   silent hosts to the other and back.
    private func connectTimedOut(_ id: Int, turn: Int) {
        if turn == hostTurn { hostTurn += 1 }
        connectFailed(id)
    }

    private func connectReady(_ id: Int) {
        guard let connection = connections[id] else { return }
        reactor.forget(connection.socket)
        switch connection.connectStep() {
        case .failed: connectFailed(id)
        case .reading: reactor.watch(connection.socket, writable: false, ready: event { $0.connectReady(id) })
        case .writing: reactor.watch(connection.socket, writable: true, ready: event { $0.connectReady(id) })
        case .connected:
            if let timer = connectTimers.removeValue(forKey: id) { reactor.cancelTimer(timer) }
            reactor.watch(connection.socket, writable: false, ready: event { $0.ready(id) })
            unreachableSince = nil
            if let opening = openings.removeValue(forKey: id) {
                opening(.success(id))
            } else {
                perform(state.connected(id))
            }
        }
    }

    private func connectFailed(_ id: Int) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        if let timer = connectTimers.removeValue(forKey: id) { reactor.cancelTimer(timer) }
        reactor.forget(connection.socket)
        logger.warning(
            "cannot connect to PostgreSQL",
            metadata: ["pool": "\(configuration.applicationName)", "reason": "\(connection.connectMessage)"]
        )
        notConnected(id)
    }

    private func notConnected(_ id: Int) {
        unreachableSince = unreachableSince ?? .now
        if let opening = openings.removeValue(forKey: id) {
            opening(.failure(PostgresError(.connectFailed)))
        } else {
            perform(state.connectFailed(id))
        }
    }

    private func send(_ unit: Unit, on id: Int) {
        guard let connection = connections[id] else {
            return unit.complete(.failure(PostgresError(.connectionLost)))
        }
        guard connection.send(unit), flush(connection) else { return drop(id) }
        watchSilence()
    }

    private func flush(_ connection: Connection) -> Bool {
        guard let mustWait = connection.flush() else { return false }
        reactor.setWritable(connection.socket, mustWait)
        return true
    }

    // MARK: Answers

    private func ready(_ id: Int) {
        guard let connection = connections[id] else { return }
        connection.heard()
        if connection.isExclusive {
            connection.waiter?.resume()
            connection.waiter = nil
            return
        }
        var events: [Connection.Event] = []
        let socket = connection.socket
        let isAlive = connection.read(&events)
        // Before anything else: its number may be that of a new connection at once.
        if !isAlive { reactor.forget(socket) }
        for event in events { take(event, from: connection) }
        guard isAlive, flush(connection) else { return drop(id) }
        cancelHead(of: connection)
    }

    private func take(_ event: Connection.Event, from connection: Connection) {
        switch event {
        case .repeatable(let unit): send(unit, on: connection.id)
        case .finished(let unit):
            if unit.isCancelled, unit.error?.sqlState == "57014" {
                unit.complete(.failure(CancellationError()))
            } else if let error = unit.error {
                unit.complete(.failure(error))
            } else {
                unit.complete(.success(unit.result))
            }
            // The server was a primary once: what it is now is found out by connecting anew.
            if unit.error?.sqlState == "25006" { return drop(connection.id) }
            perform(state.finished(on: connection.id))
        }
    }

    /// Closes a connection; what was in flight fails.
    ///
    /// - Parameter quietly: whether that is nothing to be logged; false by default.
    func drop(_ id: Int, quietly: Bool = false) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        if let timer = connectTimers.removeValue(forKey: id) { reactor.cancelTimer(timer) }
        reactor.forget(connection.socket)
        openings.removeValue(forKey: id)?(.failure(PostgresError(.connectionLost)))
        for unit in connection.abandon() { unit.complete(.failure(PostgresError(.connectionLost))) }
        connection.waiter?.resume()
        connection.waiter = nil
        if !isClosed, !quietly {
            logger.warning("connection to PostgreSQL lost", metadata: ["pool": "\(configuration.applicationName)"])
        }
        perform(state.lost(id))
    }

    // MARK: Leased connections outside pipeline mode

    /// The leased connection.
    ///
    /// - Throws: ``PostgresError`` `connectionLost`.
    func connection(_ lease: Int) throws(PostgresError) -> Connection {
        guard let connection = connections[lease] else { throw PostgresError(.connectionLost) }
        return connection
    }

    /// Waits until the socket of a leased connection can be read, or written when there is something to write.
    func waitForSocket(_ lease: Int) async throws(PostgresError) {
        let connection = try connection(lease)
        guard flush(connection) else { throw lost(lease) }
        if !connection.isListening { connection.heard() }
        await withCheckedContinuation {
            connection.waiter = $0
            watchSilence()
        }
        let socket = connection.socket
        guard connections[lease] != nil, connection.consume() else {
            reactor.forget(socket)
            throw lost(lease)
        }
    }

    /// Closes a leased connection on which something failed half-way.
    func lost(_ lease: Int) -> PostgresError {
        drop(lease)
        return PostgresError(.connectionLost)
    }

    // MARK: Connections beside the pool

    /// Opens a connection that the pool's rules know nothing of.
    ///
    /// - Parameter completion: takes its number, or ``PostgresError`` `connectFailed` or `closed`.
    func openBeside(then completion: @escaping (Result<Int, any Error>) -> Void) {
        guard !isClosed else { return completion(.failure(PostgresError(.closed))) }
        lastBeside -= 1
        openings[lastBeside] = completion
        connect(lastBeside)
    }

    // MARK: The end

    /// Refuses new requests, waits up to five seconds for what is in flight, and closes the connections.
    func close() async {
        guard !isClosed else { return }
        isClosed = true
        for id in Array(waitingUnits.keys) + Array(waitingLeases.keys) { end(id, with: PostgresError(.closed)) }
        let deadline = ContinuousClock.now + .seconds(5)
        while state.isInUse, ContinuousClock.now < deadline {
            await withCheckedContinuation { continuation in
                reactor.after(.milliseconds(5)) { continuation.resume() }
            }
        }
        for id in connections.keys { drop(id) }
    }
}

extension String {
    fileprivate func prefixed(_ length: Int) -> String { String(prefix(length)) }
}
