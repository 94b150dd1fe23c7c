public import Foundation

/// A calendar day without time or zone (PostgreSQL `date`).
public struct PostgresDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 2000-01-01, PostgreSQL's own epoch.
    public let daysSince2000: Int

    /// Makes a day from PostgreSQL's own count.
    ///
    /// - Parameter daysSince2000: days since 2000-01-01; negative before.
    public init(daysSince2000: Int) {
        self.daysSince2000 = daysSince2000
    }

    /// Makes a day of the proleptic Gregorian calendar.
    ///
    /// - Parameters:
    ///   - year: such as 2026.
    ///   - month: 1…12.
    ///   - day: 1…31; a day past the end of its month runs on into the next one.
    public init(year: Int, month: Int, day: Int) {
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSince2000 = era * 146_097 + dayOfEra - 719_468 - 10_957
    }

    /// Reads `YYYY-MM-DD`; `nil` when it is anything else or no day of the calendar.
    ///
    /// - Parameter text: ten characters, years 0001 to 9999.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.joined().allSatisfy({ (48...57).contains($0) }),
            let year = Int(parts[0].asText), let month = Int(parts[1].asText), let day = Int(parts[2].asText),
            year >= 1, (1...12).contains(month), day >= 1
        else { return nil }
        self.init(year: year, month: month, day: day)
        guard self.components == (year, month, day) else { return nil }
    }

    /// Today in a time zone.
    ///
    /// - Parameters:
    ///   - zone: whose calendar day it is.
    ///   - now: the instant; the present one by default.
    public static func today(in zone: TimeZone, at now: Date = Date()) -> Self {
        let local = now.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: now))
        return Self(daysSince2000: Int((local / 86_400).rounded(.down)) - 10_957)
    }

    /// The day some days later, or earlier for a negative number.
    ///
    /// - Parameter days: how many.
    public func adding(days: Int) -> Self {
        Self(daysSince2000: daysSince2000 + days)
    }

    /// Year of the proleptic Gregorian calendar.
    public var year: Int { components.year }
    /// Month, 1…12.
    public var month: Int { components.month }
    /// Day of the month, 1…31.
    public var day: Int { components.day }
    /// Day of the week as in ISO 8601: 1 is Monday, 7 is Sunday.
    public var isoWeekday: Int { ((daysSince2000 + 5) % 7 + 7) % 7 + 1 }

    private var components: (year: Int, month: Int, day: Int) {
        // civil_from_days of the same source.
        let shifted = daysSince2000 + 10_957 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// `YYYY-MM-DD`.
    public var description: String {
        let parts = components
        return "\(Self.pad(parts.year, 4))-\(Self.pad(parts.month, 2))-\(Self.pad(parts.day, 2))"
    }

    /// Whether one day is before another.
    public static func < (earlier: Self, later: Self) -> Bool {
        earlier.daysSince2000 < later.daysSince2000
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Sequence<UInt8> {
    fileprivate var asText: String { String(decoding: Array(self), as: UTF8.self) }
}
