import Foundation
import Postgres

/// What kind of event it is.
enum EventKind: String, CaseIterable, Sendable {
    case meeting, empowerment, training, coaching, consultation, hearing, conference, information
}

/// Who may know of an event.
enum EventVisibility: String, CaseIterable, Sendable {
    case members, network, `public`
}

/// An event with its counts and the asker's own answer.
struct Event: Sendable {
    let id: UUID
    let series: UUID?
    let organiser: UUID?
    let title: String
    let description: String
    let kind: EventKind
    let location: String
    let onlineUrl: String?
    let startsAt: Date
    let endsAt: Date
    let timeZone: String
    let capacity: Int?
    let visibility: EventVisibility
    let rsvpUntil: Date?
    let isCancelled: Bool
    let going: Int
    let maybe: Int
    let waitlisted: Int
    let sequence: Int
    let updatedAt: Date
    let version: Int
    let ownAnswer: String?
    let ownStatus: String?
    let waitlistPosition: Int?

    var zone: TimeZone { TimeZone(identifier: timeZone) ?? .gmt }

    /// Whether a member sees what everybody sees who has nothing to do with it.
    func looksAlike(to member: Member) -> Bool { ownAnswer == nil && organiser != member.id }
}

struct EventAnswer: Encodable, Sendable {
    struct OwnRSVP: Encodable, Sendable {
        let answer: String
        let status: String
        @ExplicitNull var waitlistPosition: Int?
    }

    let id: String
    @ExplicitNull var series: String?
    let title: String
    let description: String
    let kind: String
    let location: String
    let onlineUrl: String?
    let startsAt: String
    let endsAt: String
    let timeZone: String
    @ExplicitNull var capacity: Int?
    let visibility: String
    @ExplicitNull var rsvpUntil: String?
    let cancelled: Bool
    let going: Int
    let waitlisted: Int
    let maybe: Int
    @ExplicitNull var myRsvp: OwnRSVP?
    let version: Int

    /// - Parameters:
    ///   - event: the event.
    ///   - member: who asks; the address of an online event is for those who come, and for its organiser.
    init(_ event: Event, for member: Member) {
        var own: OwnRSVP?
        if let answer = event.ownAnswer, let status = event.ownStatus {
            own = OwnRSVP(answer: answer, status: status, waitlistPosition: event.waitlistPosition)
        }
        let showsOnlineUrl = event.ownStatus == "going" || event.organiser == member.id
        self.init(event, own: own, showsOnlineUrl: showsOnlineUrl)
    }

    /// - Parameters:
    ///   - event: the event.
    ///   - own: what the asker has answered.
    ///   - showsOnlineUrl: whether the asker may have the address.
    init(_ event: Event, own: OwnRSVP?, showsOnlineUrl: Bool) {
        let zone = event.zone
        id = event.id.text
        series = event.series.text
        title = event.title
        description = event.description
        kind = event.kind.rawValue
        location = event.location
        onlineUrl = showsOnlineUrl ? event.onlineUrl : nil
        startsAt = RFC3339.string(event.startsAt, in: zone)
        endsAt = RFC3339.string(event.endsAt, in: zone)
        timeZone = event.timeZone
        capacity = event.capacity
        visibility = event.visibility.rawValue
        rsvpUntil = event.rsvpUntil.map { RFC3339.string($0, in: zone) }
        cancelled = event.isCancelled
        going = event.going
        waitlisted = event.waitlisted
        maybe = event.maybe
        myRsvp = own
        version = event.version
    }
}

/// What an organiser gives to create an event.
struct NewEvent: JSONInput {
    let title: String
    let description: String
    let kind: EventKind
    let location: String
    let onlineUrl: String?
    let startsAt: Date
    let endsAt: Date
    let timeZone: String?
    let capacity: Int?
    let visibility: EventVisibility
    let rsvpUntil: Date?
    let rule: RecurrenceRule?

    init(_ fields: inout Fields) {
        title = fields.string("title", length: 1...200)
        description = fields.optionalString("description", length: 0...10_000) ?? ""
        kind = fields.choice("kind", default: .meeting)
        location = fields.optionalString("location", length: 0...500) ?? ""
        onlineUrl = fields.webAddress("onlineUrl")
        startsAt = fields.eventInstant("startsAt") ?? .distantPast
        endsAt = fields.eventInstant("endsAt") ?? .distantFuture
        timeZone = fields.timeZone("timeZone")
        capacity = fields.optionalInteger("capacity", in: 1...100_000)
        visibility = fields.optionalChoice("visibility") ?? .members
        rsvpUntil = fields.eventInstant("rsvpUntil")
        let text = fields.optionalString("rrule", length: 1...500)
        rule = text.flatMap { RecurrenceRule($0) }
        if text != nil, rule == nil { fields.refuse("rrule", RecurrenceRule.expected) }
        for name in ["startsAt", "endsAt"] where !fields.contains(name) { fields.refuse(name, "is required") }
        if endsAt <= startsAt { fields.refuse("endsAt", "must be after startsAt") }
        if let rsvpUntil, rsvpUntil > endsAt { fields.refuse("rsvpUntil", "must not be after endsAt") }
    }
}

/// What an organiser changes; absent members stay as they are.
struct EventChange: JSONInput {
    let title: String?
    let description: String?
    let kind: EventKind?
    let location: String?
    let onlineUrl: String?
    let clearsOnlineUrl: Bool
    let startsAt: Date?
    let endsAt: Date?
    let timeZone: String?
    let capacity: Int?
    let clearsCapacity: Bool
    let visibility: EventVisibility?
    let rsvpUntil: Date?
    let clearsRsvpUntil: Bool

    init(_ fields: inout Fields) {
        title = fields.optionalString("title", length: 1...200)
        description = fields.optionalString("description", length: 0...10_000)
        kind = fields.optionalChoice("kind")
        location = fields.optionalString("location", length: 0...500)
        onlineUrl = fields.webAddress("onlineUrl")
        clearsOnlineUrl = fields.contains("onlineUrl") && onlineUrl == nil
        startsAt = fields.eventInstant("startsAt")
        endsAt = fields.eventInstant("endsAt")
        timeZone = fields.timeZone("timeZone")
        capacity = fields.optionalInteger("capacity", in: 1...100_000)
        clearsCapacity = fields.contains("capacity") && capacity == nil
        visibility = fields.optionalChoice("visibility")
        rsvpUntil = fields.eventInstant("rsvpUntil")
        clearsRsvpUntil = fields.contains("rsvpUntil") && rsvpUntil == nil
    }

    /// - Throws: ``Problem`` `invalid` when the change and what it leaves as it is contradict each other.
    func check(against event: Event) throws(Problem) {
        let end = endsAt ?? event.endsAt
        guard end > (startsAt ?? event.startsAt) else { throw Problem.invalid("/endsAt", "must be after startsAt") }
        if !clearsRsvpUntil, let until = rsvpUntil ?? event.rsvpUntil, until > end {
            throw Problem.invalid("/rsvpUntil", "must not be after endsAt")
        }
    }
}

extension Fields {
    mutating func webAddress(_ name: String) -> String? {
        guard let text = optionalString(name, length: 1...2_000) else { return nil }
        guard text.hasPrefix("https://") || text.hasPrefix("http://"), URL(string: text)?.host() != nil else {
            refuse(name, "must be an http or https address")
            return nil
        }
        // Foundation would encode them when it parses; a calendar would read a line break as its next property.
        guard text.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) }) else {
            refuse(name, "must be percent-encoded")
            return nil
        }
        return text
    }

    /// An instant in the years that calendars can show, to the second, which is all that iCalendar can say.
    mutating func eventInstant(_ name: String) -> Date? {
        guard let instant = optionalInstant(name) else { return nil }
        guard (0...4_102_444_800).contains(instant.timeIntervalSince1970) else {
            refuse(name, "must be in the years 1970 to 2099")
            return nil
        }
        return Date(timeIntervalSince1970: instant.timeIntervalSince1970.rounded(.down))
    }
}
