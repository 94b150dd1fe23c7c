import Foundation
import Testing

/// Reads iCalendar text by the letter of RFC 5545, knowing nothing of the code that wrote it.
struct ICalendarCheck {
    struct Property {
        let name: String
        let parameters: [String: String]
        let value: String
    }

    /// What stands between `BEGIN` and `END`, such as a `VEVENT`.
    struct Component {
        let name: String
        var properties: [Property] = []
        var children: [Component] = []

        func all(_ name: String) -> [Property] { properties.filter { $0.name == name } }
        func text(_ name: String) -> String { all(name).first?.value ?? "" }
    }

    struct Fault: Error { let reason: String }

    let calendar: Component

    init(_ bytes: Data) throws {
        var open: [Component] = []
        var closed: Component?
        for line in try Self.lines(bytes) {
            let property = try Self.property(line)
            switch property.name {
            case "BEGIN": open.append(Component(name: property.value))
            case "END":
                guard let last = open.popLast(), last.name == property.value else { throw Fault(reason: "nesting") }
                if open.isEmpty { closed = last } else { open[open.count - 1].children.append(last) }
            default:
                guard !open.isEmpty else { throw Fault(reason: "property outside a component") }
                open[open.count - 1].properties.append(property)
            }
        }
        guard let closed, open.isEmpty, closed.name == "VCALENDAR" else { throw Fault(reason: "no calendar") }
        calendar = closed
        try check()
    }

    var events: [Component] { calendar.children.filter { $0.name == "VEVENT" } }

    /// The instant of a property in UTC or in the local time of one of the calendar's own zones.
    func instant(_ property: Property) throws -> Date {
        if property.value.hasSuffix("Z") { return try Self.wallClock(String(property.value.dropLast())) }
        let zone = calendar.children.first { $0.name == "VTIMEZONE" && $0.text("TZID") == property.parameters["TZID"] }
        guard let zone else { throw Fault(reason: "a zone without VTIMEZONE") }
        let local = try Self.wallClock(property.value)
        let begun = try zone.children.map { (try Self.wallClock($0.text("DTSTART")), $0) }.filter { $0.0 <= local }
        guard let observance = begun.max(by: { $0.0 < $1.0 })?.1 else { throw Fault(reason: "no observance") }
        return local.addingTimeInterval(-(try Self.seconds(observance.text("TZOFFSETTO"))))
    }

    // MARK: Rules

    private func check() throws {
        guard calendar.text("VERSION") == "2.0", calendar.all("PRODID").count == 1 else {
            throw Fault(reason: "calendar")
        }
        guard !calendar.children.isEmpty else { throw Fault(reason: "section 3.6: at least one component") }
        let names = events.map { $0.text("UID") }
        guard Set(names).count == names.count, !names.contains("") else { throw Fault(reason: "UID") }
        for event in events {
            for name in ["UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "LAST-MODIFIED", "SUMMARY"] {
                guard event.all(name).count == 1 else { throw Fault(reason: "\(name) once") }
            }
            for name in ["DTSTAMP", "LAST-MODIFIED"] where !event.text(name).hasSuffix("Z") {
                throw Fault(reason: "\(name) in UTC")
            }
            guard event.all("ATTENDEE").isEmpty || event.all("ORGANIZER").count == 1 else {
                throw Fault(reason: "section 3.8.4.3: ORGANIZER")
            }
            guard let start = event.all("DTSTART").first, let end = event.all("DTEND").first,
                try instant(start) < instant(end)
            else { throw Fault(reason: "DTEND after DTSTART") }
        }
        for zone in calendar.children where zone.name == "VTIMEZONE" {
            guard zone.all("TZID").count == 1, !zone.children.isEmpty else { throw Fault(reason: "VTIMEZONE") }
            for observance in zone.children {
                guard ["STANDARD", "DAYLIGHT"].contains(observance.name) else { throw Fault(reason: observance.name) }
                _ = try (Self.seconds(observance.text("TZOFFSETFROM")), Self.wallClock(observance.text("DTSTART")))
            }
        }
        guard calendar.text("METHOD").isEmpty || events.allSatisfy({ $0.all("ATTENDEE").isEmpty }) else {
            throw Fault(reason: "RFC 5546: a published event names no attendee")
        }
    }

    // MARK: Text

    /// TEXT of section 3.3.11, unescaped.
    static func unescaped(_ text: String) throws -> String {
        var (result, isEscaped) = ("", false)
        for scalar in text.unicodeScalars {
            switch (isEscaped, scalar) {
            case (false, "\\"): isEscaped = true
            case (false, ";"), (false, ","): throw Fault(reason: "unescaped")
            case (true, "n"), (true, "N"): (result, isEscaped) = (result + "\n", false)
            case (true, "\\"), (true, ";"), (true, ","), (false, _):
                result.unicodeScalars.append(scalar)
                isEscaped = false
            case (true, _): throw Fault(reason: "unknown escape")
            }
        }
        return result
    }

    /// Content lines of section 3.1: ended by CRLF, at most 75 octets, each whole UTF-8 by itself, unfolded here.
    private static func lines(_ bytes: Data) throws -> [String] {
        var (physical, current) = ([[UInt8]](), [UInt8]())
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == 0x0D {
                guard rest.popFirst() == 0x0A else { throw Fault(reason: "CR without LF") }
                physical.append(current)
                current = []
            } else {
                guard byte >= 0x20 || byte == 0x09, byte != 0x7F else { throw Fault(reason: "control character") }
                current.append(byte)
            }
        }
        guard current.isEmpty else { throw Fault(reason: "the last line has no CRLF") }
        return try physical.reduce(into: []) { lines, line in
            guard line.count <= 75, !line.isEmpty else { throw Fault(reason: "line of \(line.count) octets") }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw Fault(reason: "a character is broken")
            }
            if line[0] == 0x20 || line[0] == 0x09 {
                guard let last = lines.popLast() else { throw Fault(reason: "fold at the beginning") }
                lines.append(last + text.dropFirst())
            } else {
                lines.append(text)
            }
        }
    }

    private static func property(_ line: String) throws -> Property {
        guard let colon = line.firstIndex(of: ":") else { throw Fault(reason: "no value") }
        let head = line[..<colon].split(separator: ";", omittingEmptySubsequences: false)
        guard let name = head.first, name.wholeMatch(of: /[A-Z][A-Z-]*/) != nil else { throw Fault(reason: "name") }
        var parameters: [String: String] = [:]
        for part in head.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { throw Fault(reason: "parameter") }
            parameters[String(pair[0])] = String(pair[1])
        }
        return Property(name: String(name), parameters: parameters, value: String(line[line.index(after: colon)...]))
    }

    private static func wallClock(_ text: String) throws -> Date {
        guard text.wholeMatch(of: /[0-9]{8}T[0-9]{6}/) != nil else { throw Fault(reason: "date-time") }
        let digits = text.filter(\.isNumber).compactMap(\.wholeNumberValue)
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = DateComponents(
            year: number(0..<4),
            month: number(4..<6),
            day: number(6..<8),
            hour: number(8..<10),
            minute: number(10..<12),
            second: number(12..<14)
        )
        guard let date = calendar.date(from: parts) else { throw Fault(reason: "date-time") }
        return date
    }

    private static func seconds(_ offset: String) throws -> Double {
        guard let form = offset.wholeMatch(of: /([+-])([0-9]{2})([0-9]{2})/)?.output, let hours = Double(form.2),
            let minutes = Double(form.3)
        else { throw Fault(reason: "offset") }
        return (form.1 == "-" ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }
}
