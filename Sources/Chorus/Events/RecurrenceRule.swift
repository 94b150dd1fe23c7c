import Foundation

/// A recurrence rule (RFC 5545, section 3.3.10), the part of it that people use for meetings.
///
/// Wall-clock times stay the same across daylight saving: a meeting at ten is at ten in summer and in winter.
struct RecurrenceRule: Equatable, Sendable {
    enum Frequency: String { case daily = "DAILY", weekly = "WEEKLY", monthly = "MONTHLY" }

    /// No series is longer than two years of weekly meetings.
    static let maximumCount = 104

    let frequency: Frequency
    let interval: Int
    let count: Int
    let until: Date?
    /// ISO weekdays for weekly rules, 1 is Monday; empty for the weekday of the start.
    let weekdays: Set<Int>

    init?(_ text: String) {
        var parts: [String: String] = [:]
        for part in text.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, parts.updateValue(pair[1], forKey: pair[0]) == nil else { return nil }
        }
        guard Set(parts.keys).isSubset(of: ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY"]),
            let frequency = parts["FREQ"].flatMap(Frequency.init(rawValue:)),
            let interval = Int(parts["INTERVAL"] ?? "1"), (1...52).contains(interval),
            (parts["COUNT"] == nil) != (parts["UNTIL"] == nil),
            let count = Int(parts["COUNT"] ?? "\(Self.maximumCount)"), (1...Self.maximumCount).contains(count)
        else { return nil }
        let days = ["MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6, "SU": 7]
        let named = (parts["BYDAY"] ?? "").split(separator: ",").map { days[String($0)] }
        guard !named.contains(nil), named.isEmpty || frequency == .weekly else { return nil }
        self.frequency = frequency
        self.interval = interval
        self.count = count
        weekdays = Set(named.compactMap { $0 })
        if let text = parts["UNTIL"] {
            guard let date = Self.instant(text) else { return nil }
            until = date
        } else {
            until = nil
        }
    }

    /// The starts of all occurrences, the first of which is `start` itself.
    func occurrences(from start: Date, in zone: TimeZone) -> [Date] {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = zone
        var found: [Date] = []
        var step = 0
        while found.count < count, step < 3_000 {
            for date in candidates(step, start, calendar) where found.count < count && date >= start {
                if let until, date > until { return found }
                found.append(date)
            }
            step += 1
        }
        return found
    }

    private func candidates(_ step: Int, _ start: Date, _ calendar: Calendar) -> [Date] {
        let amount = step * interval
        switch frequency {
        case .daily: return calendar.date(byAdding: .day, value: amount, to: start).map { [$0] } ?? []
        case .monthly:
            guard let date = calendar.date(byAdding: .month, value: amount, to: start) else { return [] }
            // RFC 5545: a day that a month does not have is skipped, not moved.
            return calendar.component(.day, from: date) == calendar.component(.day, from: start) ? [date] : []
        case .weekly:
            guard let date = calendar.date(byAdding: .weekOfYear, value: amount, to: start) else { return [] }
            guard !weekdays.isEmpty else { return [date] }
            let own = (calendar.component(.weekday, from: date) + 5) % 7 + 1
            return weekdays.sorted().compactMap { calendar.date(byAdding: .day, value: $0 - own, to: date) }
        }
    }

    /// `20261231T230000Z` or `20261231`.
    private static func instant(_ text: String) -> Date? {
        let digits = text.filter(\.isNumber)
        guard digits.count == 8 || digits.count == 14, let year = Int(digits.prefix(4)),
            let month = Int(digits.dropFirst(4).prefix(2)), let day = Int(digits.dropFirst(6).prefix(2))
        else { return nil }
        let time = digits.count == 14 ? digits.suffix(6) : "235959"
        guard let hour = Int(time.prefix(2)), let minute = Int(time.dropFirst(2).prefix(2)), (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar.date(from: DateComponents(year: year, month: month, day: day, hour: hour, minute: minute, second: 59))
    }
}
