import Foundation

/// When work is tried again, and when what comes every day comes next: decisions without a database and without a clock.
enum JobTiming {
    /// How often something is tried before it is given up: for about a day.
    static let attempts = 12

    /// How long after an attempt the next one is due, for each attempt in turn, in seconds.
    ///
    /// Longer and longer, so that what is down is not kept down by those who ask whether it is up; some hours at most, so that
    /// work of a day is tried several times that day.
    ///
    /// - Parameter jitter: 0 up to 1; up to a fifth is added, so that what failed together does not come back together.
    static func waits(jitter: Double) -> [Double] {
        var wait = 5.0
        return (0..<attempts).map { _ in
            defer { wait = min(wait * 3, 21_600) }
            return wait * (1 + jitter / 5)
        }
    }

    /// The first instant of the next day of a wall clock.
    ///
    /// - Parameters:
    ///   - now: the present instant. Days that went by meanwhile are not made up for one by one.
    ///   - zone: whose day.
    static func nextDay(after now: Date, in zone: TimeZone) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let today = calendar.startOfDay(for: now)
        // Not by seconds: days of a wall clock have 23 to 25 hours.
        let tomorrow = calendar.date(byAdding: .day, value: 1, to: today) ?? today.addingTimeInterval(86_400)
        return calendar.startOfDay(for: tomorrow)
    }

    /// Whether it is time again to look after what comes every day: each hour, and at once when the clock was put back.
    ///
    /// - Parameters:
    ///   - last: when that was done last; `nil` for never.
    ///   - now: the present instant.
    static func isUpkeepDue(last: Date?, now: Date) -> Bool {
        guard let last else { return true }
        return now < last || now.timeIntervalSince(last) >= 3_600
    }
}
