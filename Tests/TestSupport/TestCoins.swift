@testable import Chorus
import Synchronization

/// The coins of a server, seeded by its test so that it can toss them again.
final class TestCoins: Sendable {
    private let seed = Mutex<UInt64>(0)

    /// For ``withServer(now:coins:configure:_:)``.
    var toss: @Sendable () -> any RandomNumberGenerator { { SeededGenerator(seed: self.seed.withLock { $0 }) } }

    /// The very coins of the next close.
    func next(seed new: UInt64) -> SeededGenerator {
        seed.withLock { $0 = new }
        return SeededGenerator(seed: new)
    }
}
