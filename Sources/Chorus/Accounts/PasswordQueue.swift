import Foundation
import NIOPosix
import Synchronization

/// Bounds how many passwords are worked on at once, and how many wait.
///
/// scrypt takes 128 MiB and tenths of a second each at cost 17: without a bound on those that run, sign-ins would take the server's
/// memory; without one on those that wait, its time. Blind signatures share the threads, and wait for two passwords at most.
final class PasswordQueue: Sendable {
    /// How many run at once.
    static let width = 2
    /// How many wait: some seconds' work of an ordinary machine, which is how long a person waits.
    static let depth = 40

    private struct State {
        var running = 0
        var next = 0
        var waiting: [(turn: Int, start: CheckedContinuation<Bool, Never>)] = []
        var longest = 0
    }

    private let threads: NIOThreadPool
    private let state = Mutex(State())

    /// - Parameter threads: where the work is done.
    init(threads: NIOThreadPool) {
        self.threads = threads
    }

    /// How many have waited at once at most.
    var longest: Int { state.withLock { $0.longest } }
    /// How many wait now.
    var waiting: Int { state.withLock { $0.waiting.count } }
    /// How many run now.
    var running: Int { state.withLock { $0.running } }

    /// Runs something that hashes a password, when it is its turn.
    ///
    /// - Parameter body: what to run, off the event loop.
    /// - Throws: ``Problem`` `unavailable` when too many wait; `CancellationError`; what `body` throws.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard try await begin() else { throw CancellationError() }
        defer { end() }
        return try await threads.runIfActive { try body() }
    }

    /// - Returns: false when whoever asked has gone while waiting.
    private func begin() async throws -> Bool {
        let turn = try state.withLock { state throws(Problem) -> Int? in
            if state.running < Self.width {
                state.running += 1
                return nil
            }
            guard state.waiting.count < Self.depth else { throw Problem.unavailable(retryAfter: 5) }
            state.next += 1
            return state.next
        }
        guard let turn else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { start in
                let answer = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    // Since it was asked whether there is room, one may have ended.
                    if state.running < Self.width {
                        state.running += 1
                        return true
                    }
                    state.waiting.append((turn, start))
                    state.longest = max(state.longest, state.waiting.count)
                    return nil
                }
                if let answer { start.resume(returning: answer) }
            }
        } onCancel: {
            let gone = state.withLock { state in
                state.waiting.firstIndex { $0.turn == turn }.map { state.waiting.remove(at: $0).start }
            }
            gone?.resume(returning: false)
        }
    }

    private func end() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            // Whoever is next takes the place over.
            return state.waiting.removeFirst().start
        }
        next?.resume(returning: true)
    }
}
