import Foundation
import Hummingbird

/// Events as iCalendar (RFC 5545), with nobody's answer in it but the reader's own.
struct CalendarObject {
    /// The reader.
    struct Attendee {
        let membership: UUID
        let email: String?
        /// CAL-ADDRESS of section 3.3.3.
        var address: String { email.map { "mailto:\($0)" } ?? "urn:uuid:\(membership.text)" }
    }

    let network: UUID
    let events: [Event]
    let attendee: Attendee
    let showsOnlineUrl: (Event) -> Bool
    /// Whether the reader's calendar is to remind them.
    var hasAlarms = false

    func response(fileName: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/calendar; charset=utf-8",
                .contentDisposition: "attachment; filename=\"\(fileName)\"",
            ],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }

    var text: String {
        let zones = Dictionary(grouping: events, by: \.timeZone).sorted { $0.key < $1.key }
        // No METHOD: PUBLISH would forbid the reader's own ATTENDEE (RFC 5546, section 3.2.1).
        let lines =
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Chorus//Chorus 1//EN", "CALSCALE:GREGORIAN"]
            + (events.isEmpty ? Self.coordinatedTime : zones.flatMap { timeZone($0.value) })
            + events.flatMap(event) + ["END:VCALENDAR"]
        return lines.map(Self.folded).joined()
    }

    // MARK: Components

    private func event(_ event: Event) -> [String] {
        var lines = [
            "BEGIN:VEVENT",
            "UID:\(event.id.text)@chorus",
            "SEQUENCE:\(event.sequence)",
            "DTSTAMP:\(Self.utc(event.updatedAt))",
            "LAST-MODIFIED:\(Self.utc(event.updatedAt))",
            "DTSTART\(local(event.startsAt, event))",
            "DTEND\(local(event.endsAt, event))",
            "SUMMARY:\(Self.escaped(event.title))",
            "STATUS:\(event.isCancelled ? "CANCELLED" : "CONFIRMED")",
            "CLASS:PRIVATE",
        ]
        if !event.description.isEmpty { lines.append("DESCRIPTION:\(Self.escaped(event.description))") }
        if !event.location.isEmpty { lines.append("LOCATION:\(Self.escaped(event.location))") }
        if let url = event.onlineUrl, showsOnlineUrl(event) { lines.append("URL:\(url)") }
        if let status = event.ownStatus {
            let state = ["going": "ACCEPTED", "declined": "DECLINED"][status] ?? "TENTATIVE"
            // An ATTENDEE needs an ORGANIZER (RFC 5545, section 3.8.4.3): the network by number, not a person by name.
            lines.append("ORGANIZER:urn:uuid:\(network.text)")
            lines.append("ATTENDEE;PARTSTAT=\(state):\(attendee.address)")
        }
        return lines + alarms(event) + ["END:VEVENT"]
    }

    /// A day before an event that the reader comes to, and when the time to answer ends for who has not decided (section 3.6.6).
    private func alarms(_ event: Event) -> [String] {
        guard hasAlarms, !event.isCancelled, let status = event.ownStatus, status != "declined" else { return [] }
        var triggers = ["TRIGGER:-P1D"]
        if status == "maybe", let until = event.rsvpUntil {
            triggers.append("TRIGGER;VALUE=DATE-TIME:\(Self.utc(until))")
        }
        return triggers.flatMap { trigger in
            ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:\(Self.escaped(event.title))", trigger, "END:VALARM"]
        }
    }

    private func local(_ date: Date, _ event: Event) -> String {
        event.timeZone == "UTC"
            ? ":\(Self.utc(date))"
            : ";TZID=\(event.timeZone):\(Self.wallClock(date, event.zone.secondsFromGMT(for: date)))"
    }

    /// What stands in a feed without events: a calendar needs one component at least (section 3.6).
    private static let coordinatedTime = [
        "BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
    ]

    /// The offsets of a zone around its events (section 3.6.5), one observance for each change.
    private func timeZone(_ events: [Event]) -> [String] {
        guard let first = events.first, let from = events.map(\.startsAt).min(), let to = events.map(\.endsAt).max(),
            first.timeZone != "UTC"
        else { return [] }
        let zone = first.zone
        var lines = ["BEGIN:VTIMEZONE", "TZID:\(first.timeZone)"]
        var date = from.addingTimeInterval(-400 * 86_400)
        lines += observance(at: nil, before: date.addingTimeInterval(-1), after: date, zone)
        while let change = zone.nextDaylightSavingTimeTransition(after: date),
            change < to.addingTimeInterval(400 * 86_400)
        {
            lines += observance(at: change, before: change.addingTimeInterval(-1), after: change, zone)
            date = change
        }
        return lines + ["END:VTIMEZONE"]
    }

    private func observance(at change: Date?, before: Date, after: Date, _ zone: TimeZone) -> [String] {
        let name = zone.isDaylightSavingTime(for: after) ? "DAYLIGHT" : "STANDARD"
        let old = zone.secondsFromGMT(for: before)
        let start = change.map { Self.wallClock($0, old) } ?? "19700101T000000"
        return [
            "BEGIN:\(name)", "DTSTART:\(start)", "TZOFFSETFROM:\(Self.offset(old))",
            "TZOFFSETTO:\(Self.offset(zone.secondsFromGMT(for: after)))", "END:\(name)",
        ]
    }

    // MARK: Text

    static func utc(_ date: Date) -> String { wallClock(date, 0) + "Z" }

    static func wallClock(_ date: Date, _ offset: Int) -> String {
        let shifted = RFC3339.string(date.addingTimeInterval(Double(offset)))
        return String(shifted.filter { $0.isNumber || $0 == "T" })
    }

    private static func offset(_ seconds: Int) -> String {
        let minutes = abs(seconds) / 60
        let digits = String(10_000 + minutes / 60 * 100 + minutes % 60).dropFirst()
        return (seconds < 0 ? "-" : "+") + digits
    }

    /// TEXT of section 3.3.11.
    ///
    /// Scalar by scalar: a combining mark after `;` must not hide it, and control characters have no place in TEXT.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.replacing("\r\n", with: "\n").unicodeScalars {
            switch scalar {
            case "\\", ";", ",": result += "\\\(scalar)"
            case "\n", "\r": result += "\\n"
            case "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control: break
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Content lines of at most 75 octets (section 3.1), never broken inside a character.
    static func folded(_ line: String) -> String {
        var result = ""
        var length = 0
        for character in line.unicodeScalars {
            let size = String(character).utf8.count
            if length + size > 75 {
                result += "\r\n "
                length = 1
            }
            result.unicodeScalars.append(character)
            length += size
        }
        return result + "\r\n"
    }
}
