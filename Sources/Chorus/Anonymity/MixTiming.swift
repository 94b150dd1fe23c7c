import Foundation

/// When it is time to mix: decisions without a database and without a clock.
///
/// People are told an instant of the wall clock, so the wall clock says when. It may be put forward or back, so
/// nothing waits longer than a minute without looking at it again, and what it says is never reason enough to mix
/// twice within half an interval.
struct MixTiming {
    /// How long nobody looks at the wall clock, in seconds.
    static let longestPause: TimeInterval = 60

    /// Seconds between two mixes.
    let every: TimeInterval
    private var target: Date
    private var lastMix: ContinuousClock.Instant?

    /// - Parameters:
    ///   - every: seconds between two mixes, one at least.
    ///   - now: the present instant.
    init(every: TimeInterval, now: Date) {
        self.every = max(1, every)
        target = Self.next(after: now, every: self.every)
    }

    /// The first instant after another that is a whole number of intervals after 1970.
    static func next(after now: Date, every: TimeInterval) -> Date {
        Date(timeIntervalSince1970: ((now.timeIntervalSince1970 / every).rounded(.down) + 1) * every)
    }

    /// What to do now.
    ///
    /// - Parameters:
    ///   - now: the present instant by the wall clock.
    ///   - instant: the same by a clock that nobody puts forward or back.
    /// - Returns: how many seconds to wait before asking again; `nil` when it is time to mix, and then that is noted.
    mutating func pause(at now: Date, _ instant: ContinuousClock.Instant) -> TimeInterval? {
        // The clock was put back: what was waited for is too far away now.
        if target.timeIntervalSince(now) > every { target = Self.next(after: now, every: every) }
        guard now >= target else { return min(Self.longestPause, max(0.05, target.timeIntervalSince(now))) }
        target = Self.next(after: now, every: every)
        if let lastMix, instant - lastMix < .seconds(every / 2) { return pause(at: now, instant) }
        lastMix = instant
        return nil
    }
}
