import Foundation

/// Instants as RFC 3339 text with an offset.
enum RFC3339 {
    /// Reads `2026-11-25T03:00:00+01:00`, fractions of a second included; `nil` when it is anything else.
    static func date(_ text: String) -> Date? {
        guard text.utf8.count <= 40, text.contains("T") else { return nil }
        return (try? Date.ISO8601FormatStyle(includingFractionalSeconds: false).parse(text))
            ?? (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
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
