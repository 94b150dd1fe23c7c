import Foundation
import Synchronization

/// One thread that waits for sockets and runs the jobs of the actors that live on it.
///
/// libpq reads and writes its sockets itself, so what is needed is only "this one is readable now": NIO hands out bytes
/// rather than readiness, and Dispatch would add a hop between threads for each event. A `PGconn` is touched on this
/// thread only, because it belongs to an actor whose executor this is.
final class Reactor: SerialExecutor {
    /// What to wait for on a socket.
    struct Watch: Sendable {
        var writable: Bool
        let ready: @Sendable () -> Void
    }

    private struct Timer {
        let deadline: ContinuousClock.Instant
        let action: @Sendable () -> Void
    }

    private enum Job {
        case actor(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct State {
        var jobs: [Job] = []
        var watches: [Int32: Watch] = [:]
        var timers: [Int: Timer] = [:]
        var nextTimer = 0
        var isAsleep = false
        /// Rounds of jobs since the last look at sockets and timers.
        var rounds = 0
        var isStopped = false
        var thread: pthread_t?
    }

    /// After so many rounds of jobs sockets and timers have their turn, however many jobs wait.
    private static let mostRounds = 16

    private let state = Mutex(State())
    /// Written to wake the thread from `poll`.
    private let wake: (read: Int32, write: Int32)

    init(name: String) {
        var ends: [Int32] = [-1, -1]
        let failed = unsafe pipe(&ends)
        precondition(failed == 0, "no file descriptor is left for the reactor")
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        wake = (ends[0], ends[1])
        let thread = Thread { [self] in loop() }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    deinit {
        close(wake.read)
        close(wake.write)
    }

    /// How many sockets are watched.
    var watchCount: Int { state.withLock { $0.watches.count } }

    // MARK: Jobs

    func enqueue(_ job: consuming ExecutorJob) {
        add(.actor(UnownedJob(job)))
    }

    /// Runs a closure on the thread.
    func run(_ closure: @escaping @Sendable () -> Void) {
        add(.closure(closure))
    }

    func checkIsolated() {
        let current = state.withLock { $0.thread }
        precondition(current.map { pthread_equal($0, pthread_self()) != 0 } ?? false, "not on the reactor's thread")
    }

    private func add(_ job: Job) {
        let mustWake = state.withLock { state in
            state.jobs.append(job)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if mustWake { signal() }
    }

    private func signal() {
        var byte: UInt8 = 1
        _ = unsafe write(wake.write, &byte, 1)
    }

    // MARK: Sockets and timers; called on the thread

    func watch(_ socket: Int32, writable: Bool, ready: @escaping @Sendable () -> Void) {
        state.withLock { $0.watches[socket] = Watch(writable: writable, ready: ready) }
    }

    func setWritable(_ socket: Int32, _ writable: Bool) {
        state.withLock { $0.watches[socket]?.writable = writable }
    }

    func forget(_ socket: Int32) {
        state.withLock { _ = $0.watches.removeValue(forKey: socket) }
    }

    /// Runs an action once, later.
    ///
    /// - Returns: what ``cancelTimer(_:)`` takes.
    @discardableResult
    func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.nextTimer += 1
            state.timers[state.nextTimer] = Timer(deadline: .now + delay, action: action)
            return state.nextTimer
        }
    }

    func cancelTimer(_ id: Int) {
        state.withLock { _ = $0.timers.removeValue(forKey: id) }
    }

    /// Ends the thread once the jobs at hand are done.
    func stop() {
        state.withLock { $0.isStopped = true }
        signal()
    }

    // MARK: The thread

    private func loop() {
        state.withLock { $0.thread = pthread_self() }
        while true {
            let jobs = state.withLock { state in
                defer { state.jobs = [] }
                return state.jobs
            }
            for job in jobs { perform(job) }
            guard waitForEvents() else { return }
        }
    }

    private func perform(_ job: Job) {
        switch job {
        case .actor(let job): unsafe job.runSynchronously(on: asUnownedSerialExecutor())
        case .closure(let closure): closure()
        }
    }

    /// What the thread does between two rounds of jobs.
    private enum Plan {
        /// Nothing but the jobs that have come meanwhile.
        case work
        case look(sockets: [pollfd], timeout: Int32)
        case end
    }

    /// Waits until a socket is ready, a timer is due or a job arrives.
    ///
    /// - Returns: false when the reactor is stopped and nothing is left to do.
    private func waitForEvents() -> Bool {
        switch state.withLock({ plan(&$0) }) {
        case .work: return true
        case .end: return false
        case .look(var sockets, let timeout):
            sockets.append(pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0))
            _ = unsafe poll(&sockets, nfds_t(sockets.count), timeout)
            state.withLock { $0.isAsleep = false }
            if sockets.last?.revents != 0 { drainWakes() }
            for socket in sockets.dropLast() where socket.revents != 0 {
                state.withLock { $0.watches[socket.fd]?.ready }?()
            }
            for action in dueTimers() { action() }
            return true
        }
    }

    private func plan(_ state: inout State) -> Plan {
        let isBusy = !state.jobs.isEmpty
        if isBusy {
            state.rounds += 1
            guard state.rounds >= Self.mostRounds else { return .work }
        } else if state.isStopped {
            return .end
        }
        state.rounds = 0
        state.isAsleep = !isBusy
        var sockets: [pollfd] = []
        sockets.reserveCapacity(state.watches.count + 1)
        for (socket, watch) in state.watches {
            let events = Int16(POLLIN) | (watch.writable ? Int16(POLLOUT) : 0)
            sockets.append(pollfd(fd: socket, events: events, revents: 0))
        }
        guard !isBusy else { return .look(sockets: sockets, timeout: 0) }
        var soonest: ContinuousClock.Instant?
        for timer in state.timers.values where soonest.map({ timer.deadline < $0 }) ?? true { soonest = timer.deadline }
        let timeout = soonest.map { Self.milliseconds(ContinuousClock.now.duration(to: $0)) } ?? -1
        return .look(sockets: sockets, timeout: timeout)
    }

    private func dueTimers() -> [@Sendable () -> Void] {
        state.withLock { state in
            guard !state.timers.isEmpty else { return [] }
            let now = ContinuousClock.now
            let due = state.timers.filter { $0.value.deadline <= now }
            for id in due.keys { state.timers.removeValue(forKey: id) }
            return due.sorted { $0.value.deadline < $1.value.deadline }.map(\.value.action)
        }
    }

    private func drainWakes() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(wake.read, &bytes, bytes.count) == bytes.count {}
    }

    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        // Rounded up, so that a timer is due when the thread wakes for it.
        return Int32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
