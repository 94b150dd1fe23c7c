import AnonymousTokens
import CoreFoundation
import Foundation
import NIOCore
import NIOPosix
import Synchronization
@testable import TestSupport
import Testing

@testable import Chorus

/// Cryptography must not keep event loops from their work: everybody else would wait.
@Suite struct LatencyProcessTests {
    private let limit = Duration.milliseconds(5)

    @Test func noEventLoopIsBusyForFiveMillisecondsWhileTokensAreIssued() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let people = try await server.people(40)
            for index in 0..<4 { _ = try await server.openRound(by: coordinator, title: "Runde \(index)") }
            func issue(_ people: some Collection<TestPerson> & Sendable) async throws -> Int {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for lane in 0..<4 {
                        let share = people.enumerated().filter { $0.offset % 4 == lane }.map(\.element)
                        group.addTask {
                            var count = 0
                            for person in share {
                                count += try await server.wallet(of: person).tokens.values.reduce(0) { $0 + $1.count }
                            }
                            return count
                        }
                    }
                    return try await group.reduce(0, +)
                }
            }
            // What only the first requests do (connections, caches) is not what is asked about.
            _ = try await issue(people.prefix(8))
            let probe = LoopProbe()
            let start = ContinuousClock.now
            let tokens = try await issue(people.dropFirst(8))
            let took = ContinuousClock.now - start
            let seen = try await probe.stop()
            print(
                "latency: \(tokens) tokens in \(took), \(seen.ticks) ticks, busy at most \(seen.busy), late at most \(seen.late)"
            )
            #expect(tokens == 32 * 7)
            #expect(seen.ticks > 100)
            #expect(seen.busy < limit)
        }
    }

    @Test func theProbeNoticesSignaturesOnALoop() async throws {
        let issuer = try IssuerKey()
        let probe = LoopProbe()
        try await Task.sleep(for: .milliseconds(50))
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        try await loop.submit { for _ in 0..<20 { _ = try issuer.blindSign([0] + [UInt8](repeating: 7, count: 255)) } }
            .get()
        try await Task.sleep(for: .milliseconds(50))
        #expect(try await probe.stop().busy > limit)
    }
}

/// Ticks every millisecond on every event loop and notes how much of its thread's time went by between two ticks.
///
/// The thread's own time, not the wall's: on a machine with two cores a loop also waits for other processes.
private final class LoopProbe: Sendable {
    struct Seen {
        var ticks = 0
        var busy = Duration.zero
        var late = Duration.zero
    }

    private let seen = Mutex(Seen())
    private let tasks = Mutex<[RepeatedTask]>([])

    init() {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            let marks = Marks()
            let task = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { [self] _ in
                let now = (busy: Self.threadTime(), wall: ContinuousClock.now)
                if let before = marks.exchange(now) {
                    seen.withLock {
                        $0.ticks += 1
                        $0.busy = max($0.busy, now.busy - before.busy)
                        $0.late = max($0.late, now.wall - before.wall)
                    }
                }
            }
            tasks.withLock { $0.append(task) }
        }
    }

    func stop() async throws -> Seen {
        for task in tasks.withLock({ $0 }) {
            let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
            task.cancel(promise: promise)
            try await promise.futureResult.get()
        }
        return seen.withLock { $0 }
    }

    private static func threadTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// The last tick of one loop.
    private final class Marks: Sendable {
        typealias Tick = (busy: Duration, wall: ContinuousClock.Instant)

        private let last = Mutex<Tick?>(nil)

        func exchange(_ new: Tick) -> Tick? {
            last.withLock { last in
                defer { last = new }
                return last
            }
        }
    }
}
