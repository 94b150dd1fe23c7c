import Foundation
import Postgres

/// Instants as RFC 3339 text with an offset.
enum RFC3339 {
    /// Reads `2026-11-25T03:00:00+01:00`, fractions of a second included; `nil` when it is anything else.
    ///
    /// Foundation takes minute 99 and the 30th of February, and counts on into the next hour or month.
    static func date(_ text: String) -> Date? {
        guard
            let match = text.wholeMatch(
                of: /(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?)(?:Z|([+-])(\d\d):(\d\d))/
            ),
            PostgresDate(String(match.1.prefix(10))) != nil
        else {
            return nil
        }
        let hasFraction = match.1.contains(".")
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction)
        guard let wall = try? style.parse(match.1 + "Z") else { return nil }
        // The offset is ours: Foundation knows none beyond 18 hours, the RFC allows up to 23:59.
        guard let sign = match.2, let hours = match.3.flatMap({ Int($0) }), let minutes = match.4.flatMap({ Int($0) })
        else {
            return wall
        }
        guard hours < 24, minutes < 60 else { return nil }
        return wall.addingTimeInterval(Double(hours * 3_600 + minutes * 60) * (sign == "-" ? 1 : -1))
    }

    /// Writes an instant with whole seconds and the offset of the time zone at that instant.
    ///
    /// - Parameters:
    ///   - date: the instant.
    ///   - zone: whose wall clock it is written in; UTC by default.
    static func string(_ date: Date, in zone: TimeZone = .gmt) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        let offset = zone.secondsFromGMT(for: date)
        let day = [pad(parts.year, 4), pad(parts.month), pad(parts.day)].joined(separator: "-")
        let time = [pad(parts.hour), pad(parts.minute), pad(parts.second)].joined(separator: ":")
        guard offset != 0 else { return "\(day)T\(time)Z" }
        let minutes = abs(offset) / 60
        return "\(day)T\(time)\(offset < 0 ? "-" : "+")\(pad(minutes / 60)):\(pad(minutes % 60))"
    }

    private static func pad(_ number: Int?, _ width: Int = 2) -> String {
        let digits = String(number ?? 0)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
