import Foundation

/// A recurrence rule (RFC 5545, section 3.3.10), the part of it that people use for meetings.
///
/// Wall-clock times stay the same across daylight saving: a meeting at ten is at ten in summer and in winter.
struct RecurrenceRule: Equatable, Sendable {
    enum Frequency: String { case daily = "DAILY", weekly = "WEEKLY", monthly = "MONTHLY" }

    /// `TU`, or in a monthly rule `2TU` (the second Tuesday) and `-1FR` (the last Friday).
    struct Day: Hashable, Sendable {
        /// 1 is Monday.
        let weekday: Int
        let ordinal: Int?
    }

    enum End: Equatable, Sendable {
        case count(Int)
        case instant(Date)
        /// The last day that counts, in the zone of the event.
        case day(year: Int, month: Int, day: Int)
    }

    /// No series is longer than two years of weekly meetings.
    static let maximumCount = 104
    /// What is said of a rule that is none.
    static let expected = "must be FREQ=DAILY, WEEKLY or MONTHLY with COUNT up to \(maximumCount) or UNTIL"
    /// The end of 2099, where calendars of this server end.
    private static let horizon = Date(timeIntervalSince1970: 4_102_444_800)

    let frequency: Frequency
    let interval: Int
    let end: End
    /// Empty for the day of the start.
    let days: Set<Day>

    init?(_ text: String) {
        var parts: [String: String] = [:]
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, parts.updateValue(pair[1], forKey: pair[0]) == nil else { return nil }
        }
        guard Set(parts.keys).isSubset(of: ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY"]),
            let frequency = parts["FREQ"].flatMap(Frequency.init(rawValue:)),
            let interval = Int(parts["INTERVAL"] ?? "1"), (1...52).contains(interval),
            let end = Self.end(count: parts["COUNT"], until: parts["UNTIL"])
        else { return nil }
        let named =
            parts["BYDAY"].map { $0.split(separator: ",", omittingEmptySubsequences: false).map(Self.day) } ?? []
        let days = Set(named.compactMap { $0 })
        guard !named.contains(nil), frequency == .monthly || days.allSatisfy({ $0.ordinal == nil }) else { return nil }
        (self.frequency, self.interval, self.end, self.days) = (frequency, interval, end, days)
    }

    /// The starts of all occurrences, the first of which is `start` itself.
    ///
    /// - Throws: ``Problem`` `invalid` when the rule does not begin with `start`, is longer than ``maximumCount``,
    ///   or goes on after 2099.
    func occurrences(from start: Date, in zone: TimeZone) throws(Problem) -> [Date] {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = zone
        guard candidates(0, start, calendar).contains(start), start <= last(calendar) else {
            throw Problem.invalid("/rrule", "must begin with startsAt")
        }
        var found: [Date] = []
        var step = 0
        while true {
            guard let reached = calendar.date(byAdding: unit, value: step * interval, to: start), reached < Self.horizon
            else { throw Problem.invalid("/rrule", "must end before 2100") }
            for date in candidates(step, start, calendar) where date >= start {
                if date > last(calendar) { return found }
                guard found.count < Self.maximumCount, date < Self.horizon else {
                    throw Problem.invalid("/rrule", "must have at most \(Self.maximumCount) occurrences before 2100")
                }
                found.append(date)
                if end == .count(found.count) { return found }
            }
            // A month without any occurrence must not carry the search past the end.
            if reached > last(calendar).addingTimeInterval(62 * 86_400) { return found }
            step += 1
        }
    }

    private var unit: Calendar.Component {
        switch frequency {
        case .daily: .day
        case .weekly: .weekOfYear
        case .monthly: .month
        }
    }

    private func last(_ calendar: Calendar) -> Date {
        switch end {
        case .count: .distantFuture
        case .instant(let date): date
        case .day(let year, let month, let day):
            calendar.date(from: DateComponents(year: year, month: month, day: day, hour: 23, minute: 59, second: 59))
                ?? .distantPast
        }
    }

    private func candidates(_ step: Int, _ start: Date, _ calendar: Calendar) -> [Date] {
        let amount = step * interval
        switch frequency {
        case .daily:
            guard let date = calendar.date(byAdding: .day, value: amount, to: start) else { return [] }
            let weekday = calendar.isoWeekday(date)
            return days.isEmpty || days.contains { $0.weekday == weekday } ? [date] : []
        case .weekly:
            let own = calendar.isoWeekday(start)
            // Counted from the start itself, so that an hour that one day lacks moves that day alone.
            return (days.isEmpty ? [own] : days.map(\.weekday).sorted())
                .compactMap { calendar.date(byAdding: .day, value: amount * 7 + $0 - own, to: start) }
        case .monthly where days.isEmpty:
            guard let date = calendar.date(byAdding: .month, value: amount, to: start) else { return [] }
            // RFC 5545: a day that a month does not have is skipped, not moved.
            return calendar.component(.day, from: date) == calendar.component(.day, from: start) ? [date] : []
        case .monthly: return monthly(amount, start, calendar)
        }
    }

    /// The named weekdays of the month that is `amount` months after the start's, at the start's time of day.
    private func monthly(_ amount: Int, _ start: Date, _ calendar: Calendar) -> [Date] {
        guard let first = calendar.dateInterval(of: .month, for: start)?.start,
            let month = calendar.date(byAdding: .month, value: amount, to: first),
            let count = calendar.range(of: .day, in: .month, for: month)?.count
        else { return [] }
        let weekday = calendar.isoWeekday(month)
        let time = calendar.dateComponents([.hour, .minute, .second], from: start)
        var parts = calendar.dateComponents([.year, .month], from: month)
        (parts.hour, parts.minute, parts.second) = (time.hour, time.minute, time.second)
        return (1...count).compactMap { day in
            let (fromFirst, fromLast) = ((day - 1) / 7 + 1, (day - count) / 7 - 1)
            let isNamed = days.contains {
                $0.weekday == (weekday + day - 2) % 7 + 1 && [nil, fromFirst, fromLast].contains($0.ordinal)
            }
            guard isNamed else { return nil }
            parts.day = day
            return calendar.date(from: parts)
        }
    }

    // MARK: Reading

    private static func day(_ text: Substring) -> Day? {
        guard let weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].firstIndex(of: String(text.suffix(2))) else {
            return nil
        }
        let number = text.dropLast(2)
        if number.isEmpty { return Day(weekday: weekday + 1, ordinal: nil) }
        guard let ordinal = Int(number), (1...5).contains(abs(ordinal)) else { return nil }
        return Day(weekday: weekday + 1, ordinal: ordinal)
    }

    private static func end(count: String?, until: String?) -> End? {
        switch (count, until) {
        case (let count?, nil): Int(count).flatMap { (1...maximumCount).contains($0) ? .count($0) : nil }
        case (nil, let until?): end(until)
        default: nil
        }
    }

    /// `20261231T230000Z`, or `20261231` for the whole of that day.
    private static func end(_ text: String) -> End? {
        if let form = text.wholeMatch(of: /([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z/)?.output {
            return RFC3339.date("\(form.1)-\(form.2)-\(form.3)T\(form.4):\(form.5):\(form.6)Z").map { .instant($0) }
        }
        guard let form = text.wholeMatch(of: /([0-9]{4})([0-9]{2})([0-9]{2})/)?.output,
            RFC3339.date("\(form.1)-\(form.2)-\(form.3)T00:00:00Z") != nil,
            let year = Int(form.1), let month = Int(form.2), let day = Int(form.3)
        else { return nil }
        return .day(year: year, month: month, day: day)
    }
}

extension Calendar {
    /// 1 is Monday, 7 is Sunday.
    fileprivate func isoWeekday(_ date: Date) -> Int { (component(.weekday, from: date) + 5) % 7 + 1 }
}
