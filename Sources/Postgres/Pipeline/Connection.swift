internal import CLibpq
import Foundation

/// A `PGconn` in pipeline mode; belongs to one actor and is touched on its thread only.
@safe final class Connection {
    enum Progress { case reading, writing, connected, failed }

    /// What came out of reading.
    enum Event {
        /// The unit is over; its result or error is in it.
        case finished(Unit)
        /// The unit failed through no fault of its own and nothing of it took effect.
        case repeatable(Unit)
    }

    let id: Int
    private let connection: OpaquePointer
    /// Whether statements are prepared under names, which live as long as a session.
    private let namesStatements: Bool
    private(set) var pipeline = PipelineState()
    private var units: [PipelineState.UnitID: Unit] = [:]
    private var prepared: [ObjectIdentifier: String] = [:]
    private var preparedCount = 0
    /// Whether a cancel request may still hit whatever runs next.
    private var cancelsUnderWay = 0
    /// Set while one caller speaks the simple protocol or COPY here, outside pipeline mode.
    var waiter: CheckedContinuation<Void, Never>?
    var isExclusive = false
    /// Whether what it waits for may take for ever.
    var isListening = false
    /// When the server last said anything, or was first asked after it had nothing left to say.
    private(set) var heardAt = ContinuousClock.now
    /// Whether the server was asked to end what takes too long.
    private(set) var isInterrupted = false
    /// Whether what it works on may take as long as it takes.
    var hasTime = false
    /// Whether a commit was answered without the standby's word for it; set by a notice.
    private var isUnconfirmed = false

    /// Starts to connect; names of hosts are looked up here, which blocks for a name that is not in `/etc/hosts`.
    ///
    /// - Parameters:
    ///   - id: names it in the pool.
    ///   - keywords: all that libpq is given.
    ///   - namesStatements: whether statements are prepared under names; true by default.
    init?(id: Int, keywords: [(name: String, value: String)], namesStatements: Bool = true) {
        var names = unsafe keywords.map { unsafe strdup($0.name) }
        var values = unsafe keywords.map { unsafe strdup($0.value) }
        defer { unsafe (names + values).forEach { unsafe free($0) } }
        unsafe names.append(nil)
        unsafe values.append(nil)
        let start = unsafe names.withUnsafeBufferPointer { names in
            unsafe values.withUnsafeBufferPointer { values in
                unsafe names.withMemoryRebound(to: UnsafePointer<CChar>?.self) { names in
                    unsafe values.withMemoryRebound(to: UnsafePointer<CChar>?.self) { values in
                        unsafe PQconnectStartParams(names.baseAddress, values.baseAddress, 1)
                    }
                }
            }
        }
        guard let start = unsafe start else { return nil }
        self.id = id
        self.namesStatements = namesStatements
        unsafe connection = start
        guard unsafe PQstatus(connection) != CONNECTION_BAD else { return nil }
    }

    deinit { unsafe PQfinish(connection) }

    /// Negative once libpq has closed it, which it does when it reads the end of the stream.
    var socket: Int32 { unsafe PQsocket(connection) }

    /// libpq's own words on why connecting failed; they name hosts and roles but never rows.
    var connectMessage: String {
        unsafe PQerrorMessage(connection).map { unsafe String(cString: $0) }?
            .split(separator: "\n").first.map(String.init) ?? ""
    }

    // MARK: Connecting

    func connectStep() -> Progress {
        switch unsafe PQconnectPoll(connection) {
        case PGRES_POLLING_READING: return .reading
        case PGRES_POLLING_WRITING: return .writing
        case PGRES_POLLING_OK:
            receiveNotices()
            let isReady =
                unsafe PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1
            return isReady ? .connected : .failed
        default: return .failed
        }
    }

    /// Notices may quote what somebody sent, and libpq would print them to standard error: only one of them is looked
    /// at.
    ///
    /// A commit that waits for a synchronous standby and is told to wait no longer is answered like any other,
    /// although a fail-over may lose it (PostgreSQL manual, section 27.2.8.3); PostgreSQL says so in a warning only.
    private func receiveNotices() {
        // Not retained: libpq calls this only while something of this object runs.
        let place = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe PQsetNoticeReceiver(
            connection,
            { place, notice in
                guard let place = unsafe place, unsafe ResultView.isFromWaitForStandby(notice) else { return }
                unsafe Unmanaged<Connection>.fromOpaque(place).takeUnretainedValue().isUnconfirmed = true
            },
            place
        )
    }

    // MARK: Silence

    /// Whether the server owes an answer.
    var isOwed: Bool { pipeline.depth > 0 || (isExclusive && waiter != nil && !isListening) }

    func heard() {
        heardAt = .now
        isInterrupted = false
    }

    /// Asks the server to end what it works on for too long; none of it is tried again.
    func interrupt(done: @escaping @Sendable () -> Void) {
        isInterrupted = true
        for id in units.keys { units[id]?.isRepeated = true }
        requestCancel(done: done)
    }

    /// Which of several servers it leads to.
    var server: String {
        let host = unsafe PQhost(connection).map { unsafe String(cString: $0) } ?? ""
        let port = unsafe PQport(connection).map { unsafe String(cString: $0) } ?? ""
        return "\(host):\(port)"
    }

    /// The process that the server named when the session began.
    var backendID: Int { Int(unsafe PQbackendPID(connection)) }

    // MARK: Pipeline

    /// Sends a unit and its sync point.
    ///
    /// - Returns: false when the connection is lost.
    func send(_ unit: Unit) -> Bool {
        var steps: [PipelineState.Step] = []
        if pipeline.depth == 0 { heard() }
        units[unit.id] = unit
        if let network = unit.network {
            // PostgreSQL warns about SET LOCAL before the first statement of a pipeline, so that an empty one opens it.
            let opening = Self.literal("SELECT", as: ObjectIdentifier(Connection.self))
            guard sendStatement(opening, &steps, step: .setting) else { return false }
            // A literal printed from a parsed UUID: what set_config() sets does not reach the workers of a cluster.
            let setting = "SET LOCAL chorus.network_id = '\(network.postgresText)'"
            guard sendStatement(Self.literal(setting, as: nil), &steps, step: .setting) else { return false }
        }
        guard sendStatement(unit, &steps, step: unit.purpose == .describe ? .describe : .execute) else { return false }
        guard unsafe PQpipelineSync(connection) == 1 else { return false }
        pipeline.sent(unit.id, steps: steps)
        return true
    }

    private static func literal(_ sql: String, as statement: ObjectIdentifier?) -> Unit {
        Unit(id: 0, statement: statement, sql: sql, complete: { _ in })
    }

    private func sendStatement(_ unit: Unit, _ steps: inout [PipelineState.Step], step: PipelineState.Step) -> Bool {
        guard let statement = unit.statement else {
            steps.append(step)
            return execute(unit)
        }
        if !namesStatements {
            if step == .describe {
                steps.append(.prepare(name: ""))
                let types = unit.parameters.values.map(\.type.oid)
                let count = Int32(types.count)
                guard unsafe PQsendPrepare(connection, "", unit.sql, count, types) == 1 else { return false }
                steps.append(step)
                return unsafe PQsendDescribePrepared(connection, "") == 1
            }
            steps.append(step)
            return execute(unit)
        }
        if prepared[statement] == nil {
            preparedCount += 1
            let name = "s\(preparedCount)"
            prepared[statement] = name
            steps.append(.prepare(name: name))
            let types = unit.parameters.values.map(\.type.oid)
            guard unsafe PQsendPrepare(connection, name, unit.sql, Int32(types.count), types) == 1 else { return false }
        }
        steps.append(step)
        let name = prepared[statement] ?? ""
        if step == .describe { return unsafe PQsendDescribePrepared(connection, name) == 1 }
        return execute(unit, as: name)
    }

    /// Sends values with the name of a prepared statement, or with the text of one that is not.
    private func execute(_ unit: Unit, as name: String? = nil) -> Bool {
        let parameters = unit.parameters
        let count = parameters.values.count
        let lengths = parameters.values.map { Int32($0.range?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: count)
        // A zero byte at the end, so that an empty value has an address: a null pointer would mean NULL.
        return unsafe (parameters.bytes + [0]).withUnsafeBytes { buffer in
            let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe parameters.values.map { value in
                unsafe value.range.flatMap { range in unsafe start.map { unsafe $0 + range.lowerBound } }
            }
            if let name {
                return unsafe PQsendQueryPrepared(connection, name, Int32(count), values, lengths, formats, 1) == 1
            }
            let types = parameters.values.map(\.type.oid)
            return unsafe PQsendQueryParams(connection, unit.sql, Int32(count), types, values, lengths, formats, 1) == 1
        }
    }

    /// Writes what is still to be written.
    ///
    /// - Returns: whether the socket has to be watched for writing; `nil` when the connection is lost.
    func flush() -> Bool? {
        let result = unsafe PQflush(connection)
        return result < 0 ? nil : result == 1
    }

    /// Takes what has arrived.
    ///
    /// - Returns: `nil` when the connection is lost; what was over before is over all the same.
    func read(_ events: inout [Event]) -> Bool {
        let isAlive = unsafe PQconsumeInput(connection) == 1
        var isAtEnd = false
        while pipeline.depth > 0, unsafe PQisBusy(connection) == 0 {
            let result = unsafe PQgetResult(connection).map { unsafe ResultView(owning: $0) }
            noteUnconfirmed()
            // Twice the end of answers: nothing more comes, as after a loss.
            if result == nil, isAtEnd { break }
            isAtEnd = result == nil
            guard let event = take(result) else { return false }
            events.append(contentsOf: event)
        }
        return isAlive
    }

    /// - Returns: `nil` when the answers make no sense any more.
    private func take(_ result: ResultView?) -> [Event]? {
        switch pipeline.received(result?.answer ?? .end) {
        case .nothing: return []
        case .outOfStep: return nil
        case .deliver(let id):
            units[id]?.result = result
            return []
        case .fail(let id):
            fail(id, result)
            return []
        case .forget(let name, let id):
            prepared = prepared.filter { $0.value != name }
            if result?.answer == .failure { fail(id, result) }
            return []
        case .finish(let id):
            return units.removeValue(forKey: id).map { [end($0)] } ?? []
        }
    }

    /// A commit that the standby has not confirmed is none that anybody may be told of.
    private func noteUnconfirmed() {
        guard takeUnconfirmed(), let head = pipeline.head, units[head]?.error == nil else { return }
        units[head]?.error = PostgresError(.connectionLost)
    }

    /// Whether a commit was not confirmed since this was last asked.
    func takeUnconfirmed() -> Bool {
        defer { isUnconfirmed = false }
        return isUnconfirmed
    }

    private func fail(_ id: PipelineState.UnitID, _ result: ResultView?) {
        guard units[id]?.error == nil else { return }
        units[id]?.error = result?.error
    }

    /// Decides whether a failed unit may be sent again: nothing of it took effect, and the reason was not its own.
    private func end(_ unit: Unit) -> Event {
        guard let sqlState = unit.error?.sqlState, !unit.isCancelled, !unit.isRepeated else { return .finished(unit) }
        // The prepared statement is gone or outdated: because its Parse was skipped, or the schema changed.
        let isUnprepared = sqlState == "26000" || sqlState == "0A000"
        // A cancel request meant for a neighbour hit this one.
        let isStray = sqlState == "57014" && (cancelsUnderWay > 0 || unit.mayBeHit)
        guard isUnprepared || isStray else { return .finished(unit) }
        if isUnprepared, let statement = unit.statement { prepared.removeValue(forKey: statement) }
        var again = unit
        (again.error, again.result, again.isRepeated, again.mayBeHit) = (nil, nil, true, false)
        return .repeatable(again)
    }

    /// The units whose fate is unknown after the loss of the connection, and one that could not be sent because of it.
    func abandon() -> [Unit] {
        defer { units = [:] }
        let inFlight = pipeline.lost().compactMap { units.removeValue(forKey: $0) }
        return inFlight + units.values
    }

    // MARK: Cancellation

    /// Notes that a caller has gone.
    ///
    /// - Returns: false when the unit is not in flight here.
    func cancel(_ id: PipelineState.UnitID) -> Bool {
        guard units[id] != nil else { return false }
        units[id]?.isCancelled = true
        return true
    }

    /// Whether the server is working for a caller who has gone.
    var headIsCancelled: Bool { pipeline.head.flatMap { units[$0]?.isCancelled } ?? false }

    /// Asks the server to end what it is working on; on a thread of its own, because libpq connects anew for it.
    ///
    /// - Parameter done: called on that thread when the server has taken the request.
    func requestCancel(done: @escaping @Sendable () -> Void) {
        guard cancelsUnderWay == 0, let cancel = unsafe PQgetCancel(connection) else { return }
        cancelsUnderWay += 1
        // A PGcancel is a copy of its own that libpq allows to be used on any thread (manual, section 34.7).
        let address = UInt(bitPattern: cancel)
        Thread.detachNewThread {
            var message = [CChar](repeating: 0, count: 256)
            if let cancel = unsafe OpaquePointer(bitPattern: address) {
                _ = unsafe PQcancel(cancel, &message, Int32(message.count))
                unsafe PQfreeCancel(cancel)
            }
            done()
        }
    }

    /// Notes that the server has taken the request.
    ///
    /// What it hit may be over on the server and its answer still unread, so that all in flight are marked.
    func cancelTaken() {
        cancelsUnderWay -= 1
        for id in units.keys { units[id]?.mayBeHit = true }
    }

    // MARK: Outside pipeline mode

    /// Whether the session is outside any transaction.
    var isIdle: Bool { unsafe PQtransactionStatus(connection) == PQTRANS_IDLE }
    func leavePipeline() -> Bool { unsafe PQexitPipelineMode(connection) == 1 }
    func enterPipeline() -> Bool { unsafe PQenterPipelineMode(connection) == 1 }
    func sendSimple(_ sql: String) -> Bool { unsafe PQsendQuery(connection, sql) == 1 }
    func consume() -> Bool { unsafe PQconsumeInput(connection) == 1 }
    var isBusy: Bool { unsafe PQisBusy(connection) == 1 }

    func nextResult() -> ResultView? {
        unsafe PQgetResult(connection).map { unsafe ResultView(owning: $0) }
    }

    /// - Returns: false when the bytes could not be taken yet; `nil` when the connection is lost.
    func putCopy(_ bytes: [UInt8]) -> Bool? {
        let result = unsafe bytes.withUnsafeBytes { buffer in
            let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            return unsafe PQputCopyData(connection, start, Int32(buffer.count))
        }
        return result < 0 ? nil : result == 1
    }

    /// - Parameter failed: whether the server shall drop what it was given.
    func endCopy(failed: Bool) -> Bool? {
        let result = failed ? unsafe PQputCopyEnd(connection, "refused") : unsafe PQputCopyEnd(connection, nil)
        return result < 0 ? nil : result == 1
    }

    /// The payload of the next notification that has arrived.
    func nextNotification() -> String? {
        guard let notify = unsafe PQnotifies(connection) else { return nil }
        defer { unsafe PQfreemem(notify) }
        return unsafe String(cString: notify.pointee.extra)
    }
}

extension ResultView {
    fileprivate var answer: PipelineState.Answer {
        switch status {
        case PGRES_PIPELINE_SYNC: .sync
        case PGRES_PIPELINE_ABORTED: .skipped
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .success
        default: .failure
        }
    }
}
