import Foundation
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Looks whether the event loops turn, measures how long they let others wait, and tells the supervisor that the process lives.
///
/// A loop that something blocks answers nobody: then nothing is told, and the supervisor starts the server again.
struct WatchLoops: Service {
    let parts: ServerParts
    let supervisor: Supervisor?
    var loops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

    /// The longest time between two looks.
    private static let pause: Duration = .seconds(10)

    func run() async throws {
        let pause = supervisor?.watchdog.map { min($0 / 3, Self.pause) } ?? Self.pause
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let delay = try? await longestDelay() {
                    parts.metrics.set(delay, of: "chorus_event_loop_delay_seconds")
                    if supervisor?.watchdog != nil { supervisor?.tell("WATCHDOG=1") }
                }
                try? await Task.sleep(for: pause)
            }
        }
        supervisor?.tell("STOPPING=1")
    }

    /// In seconds, in steps of ten milliseconds: one request is not to be seen in it.
    private func longestDelay() async throws -> Double {
        var longest: Duration = .zero
        for loop in loops.makeIterator() {
            let began = ContinuousClock.now
            try await loop.submit {}.get()
            longest = max(longest, began.duration(to: .now))
        }
        return ((longest / .milliseconds(10)).rounded(.down)) / 100
    }
}
