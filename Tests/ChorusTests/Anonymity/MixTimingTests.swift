import Foundation
import Testing

@testable import Chorus

/// Clocks that are put forward and back neither stop the mixer nor make it mix all the time.
@Suite struct MixTimingTests {
    private static let hour = 3_600.0
    private let start = Date(timeIntervalSince1970: 1_795_000_000)

    /// Runs for some hours of real time and says how many seconds after the beginning it mixed.
    ///
    /// - Parameter wall: what the wall clock is off by, in seconds, at a second of real time.
    private func mixes(hours: Double, wall: (Double) -> Double) -> [Double] {
        var timing = MixTiming(every: Self.hour, now: start + wall(0))
        let beginning = ContinuousClock.now
        var (passed, mixes) = (0.0, [Double]())
        while passed < hours * Self.hour {
            if let pause = timing.pause(at: start + passed + wall(passed), beginning + .seconds(passed)) {
                #expect(pause > 0 && pause <= MixTiming.longestPause)
                passed += pause
            } else {
                mixes.append(passed)
            }
        }
        return mixes
    }

    @Test func itMixesAtWholeHours() {
        let found = mixes(hours: 10) { _ in 0 }
        #expect(found.count == 10)
        #expect(found.allSatisfy { (start.timeIntervalSince1970 + $0).truncatingRemainder(dividingBy: Self.hour) < 1 })
    }

    @Test(arguments: [86_400.0, -86_400, 1_800, -1_800, 40, -40])
    func aClockThatIsPutForwardOrBackOnceStopsNothing(jump: Double) {
        let found = mixes(hours: 10) { $0 > 5_000 ? jump : 0 }
        #expect((9...11).contains(found.count), "\(found)")
        for (earlier, later) in zip(found, found.dropFirst()) {
            #expect((Self.hour / 2...Self.hour * 1.5 + 60).contains(later - earlier), "\(found)")
        }
    }

    @Test func aClockThatJumpsAllTheTimeIsNoStorm() {
        let found = mixes(hours: 10) { Int($0 / 100) % 2 == 0 ? 0 : 86_400 }
        #expect((6...20).contains(found.count), "\(found)")
    }
}
