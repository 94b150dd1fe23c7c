import Foundation
import Synchronization
import Testing

@testable import Postgres

/// The thread that waits for sockets and timers: none of them is ever forgotten.
@Suite struct ReactorTests {
    /// What has happened on the thread.
    private final class Seen: Sendable {
        private let counts = Mutex((timers: 0, bytes: 0, isOver: false))
        var timers: Int { counts.withLock(\.timers) }
        var bytes: Int { counts.withLock(\.bytes) }
        var isOver: Bool { counts.withLock(\.isOver) }
        func timer() { counts.withLock { $0.timers += 1 } }
        func byte() { counts.withLock { $0.bytes += 1 } }
        func end() { counts.withLock { $0.isOver = true } }
    }

    /// Waits for what happens on another thread.
    private func soon(_ isDone: () -> Bool) async throws -> Bool {
        for _ in 0..<3_000 {
            if isDone() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return isDone()
    }

    /// As in a pool that has lost all its connections: what is due before the thread has counted how long it may sleep is due.
    @Test func aTimerThatIsDueAtOnceRunsWithoutASocketToWatch() async throws {
        let (reactor, seen) = (Reactor(name: "test"), Seen())
        defer { reactor.stop() }
        for count in 1...50 {
            reactor.run { reactor.after(.zero) { seen.timer() } }
            try #require(try await soon { seen.timers == count })
        }
    }

    /// Jobs that bring the next one each time keep nobody else waiting.
    @Test func jobsWithoutEndLeaveSocketsAndTimersTheirTurn() async throws {
        let (reactor, seen) = (Reactor(name: "test"), Seen())
        defer {
            seen.end()
            reactor.stop()
        }
        var ends: [Int32] = [-1, -1]
        #expect(unsafe pipe(&ends) == 0)
        let (inside, outside) = (ends[0], ends[1])
        defer { for end in [inside, outside] { close(end) } }
        @Sendable func again() { if !seen.isOver { reactor.run(again) } }
        reactor.run {
            reactor.watch(inside, writable: false) {
                seen.byte()
                reactor.forget(inside)
            }
            reactor.after(.milliseconds(20)) { seen.timer() }
            again()
        }
        var byte: UInt8 = 1
        #expect(unsafe write(outside, &byte, 1) == 1)
        #expect(try await soon { seen.timers == 1 && seen.bytes == 1 })
    }
}
