import Foundation
import Synchronization

/// The present instant of a server, moved by its test.
///
/// It begins when it is first asked, not when it is made: a test may wait minutes for its turn to run a server, and the database's
/// own clock goes on meanwhile.
final class TestClock: Sendable {
    private let instant = Mutex<Date?>(nil)

    /// For ``withServer(now:coins:configure:_:)``.
    var now: @Sendable () -> Date { { self.move { $0 } } }

    func pass(seconds: Double) { move { $0 + seconds } }
    /// Days of a wall clock where test networks are: over a change of summer time, 86,400 seconds may lead to another day.
    func pass(days: Int) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Berlin") ?? .gmt
        move { calendar.date(byAdding: .day, value: days, to: $0) ?? $0 }
    }

    @discardableResult
    private func move(_ change: (Date) -> Date) -> Date {
        instant.withLock { instant in
            let moved = change(instant ?? Date())
            instant = moved
            return moved
        }
    }
}
