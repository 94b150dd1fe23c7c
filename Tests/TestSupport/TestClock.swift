import Foundation
import Synchronization

/// The present instant of a server, moved by its test.
final class TestClock: Sendable {
    private let instant = Mutex(Date())

    /// For ``withServer(now:coins:configure:_:)``.
    var now: @Sendable () -> Date { { self.instant.withLock { $0 } } }

    func pass(seconds: Double) { instant.withLock { $0 += seconds } }
    func pass(days: Int) { instant.withLock { $0 += Double(days) * 86_400 } }
}
