import Foundation
import Synchronization

/// The present instant of a server, moved by its test.
final class TestClock: Sendable {
    private let instant = Mutex(Date())

    /// For ``withServer(now:coins:configure:_:)``.
    var now: @Sendable () -> Date { { self.instant.withLock { $0 } } }

    func pass(seconds: Double) { instant.withLock { $0 += seconds } }
    /// Days of a wall clock where test networks are: over a change of summer time, 86,400 seconds may lead to another day.
    func pass(days: Int) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Berlin") ?? .gmt
        instant.withLock { $0 = calendar.date(byAdding: .day, value: days, to: $0) ?? $0 }
    }
}
