import Foundation
import Postgres

/// The columns of an event as one member sees it; `$2` is that member.
private let columns = """
    e.id, e.series_id, e.organiser_id, e.title, e.description, e.kind, e.location, e.online_url, e.starts_at, e.ends_at,
    e.time_zone, e.capacity, e.visibility, e.rsvp_until, e.is_cancelled, e.going, e.maybe, e.waitlisted, e.sequence,
    e.updated_at, e.version, r.answer, r.status,
    CASE WHEN r.ticket IS NOT NULL THEN (
        SELECT count(*) FROM rsvp q
        WHERE q.network_id = $1 AND q.event_id = e.id AND q.ticket <= r.ticket) END
    """
private let source = """
    event e LEFT JOIN rsvp r ON r.network_id = e.network_id AND r.event_id = e.id AND r.membership_id = $2
    """

extension Event {
    fileprivate init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        id = try row.next()
        series = try row.next()
        organiser = try row.next()
        title = try row.next()
        description = try row.next()
        kind = try row.choice()
        location = try row.next()
        onlineUrl = try row.next()
        startsAt = try row.next()
        endsAt = try row.next()
        timeZone = try row.next()
        capacity = try row.next()
        visibility = try row.choice()
        rsvpUntil = try row.next()
        isCancelled = try row.next()
        going = try row.next()
        maybe = try row.next()
        waitlisted = try row.next()
        sequence = try row.next()
        updatedAt = try row.next()
        version = try row.next()
        ownAnswer = try row.next()
        ownStatus = try row.next()
        waitlistPosition = try row.next()
    }
}

struct ReadEvent: PostgresStatement {
    static let sql = "SELECT \(columns) FROM \(source) WHERE e.network_id = $1 AND e.id = $3"
    let network: UUID
    let member: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(member)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Event { try Event(&row) }
}

struct ReadEvents: PostgresStatement {
    static let isPlannedAnew = true
    // What ends after an instant began no longer before it than the longest event lasts: the index of beginnings is read from there,
    // and not from the first event of all. A subquery of its own, because under row-level security only values may bound an index.
    static let sql = """
        SELECT \(columns) FROM \(source)
        WHERE e.network_id = $1
            AND ($3::timestamptz IS NULL OR e.ends_at > $3 AND e.starts_at > (
                SELECT $3 - max(extract(epoch FROM x.ends_at - x.starts_at))::double precision * interval '1 second'
                FROM event x WHERE x.network_id = $1))
            AND ($4::timestamptz IS NULL OR e.starts_at < $4)
            AND ($5::text IS NULL OR e.kind = $5)
            AND ($6::timestamptz IS NULL OR (e.starts_at, e.id) > ($6, $7))
        ORDER BY e.starts_at, e.id
        LIMIT $8
        """
    let network: UUID
    let member: UUID
    let from: Date?
    let to: Date?
    let kind: EventKind?
    let after: (startsAt: Date, id: UUID)?
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(member)
        parameters.append(from)
        parameters.append(to)
        parameters.append(kind?.rawValue)
        parameters.append(after?.startsAt)
        parameters.append(after?.id)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Event { try Event(&row) }
}

/// The events that a member has answered, for the personal feed.
struct ReadAnsweredEvents: PostgresStatement {
    static let sql = """
        SELECT \(columns) FROM \(source)
        WHERE e.network_id = $1 AND r.membership_id IS NOT NULL AND e.ends_at > $3
        ORDER BY e.starts_at, e.id
        LIMIT 1000
        """
    let network: UUID
    let member: UUID
    let since: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(member)
        parameters.append(since)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Event { try Event(&row) }
}

struct InsertEvent: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO event (network_id, id, series_id, organiser_id, title, description, kind, location, online_url,
            starts_at, ends_at, time_zone, capacity, visibility, rsvp_until, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
        """
    let network: UUID
    let id: UUID
    let series: UUID?
    let organiser: UUID
    let event: NewEvent
    let startsAt: Date
    let timeZone: String
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        let shift = startsAt.timeIntervalSince(event.startsAt)
        parameters.append(network)
        parameters.append(id)
        parameters.append(series)
        parameters.append(organiser)
        parameters.append(event.title)
        parameters.append(event.description)
        parameters.append(event.kind.rawValue)
        parameters.append(event.location)
        parameters.append(event.onlineUrl)
        parameters.append(startsAt)
        parameters.append(event.endsAt.addingTimeInterval(shift))
        parameters.append(timeZone)
        parameters.append(event.capacity)
        parameters.append(event.visibility.rawValue)
        parameters.append(event.rsvpUntil?.addingTimeInterval(shift))
        parameters.append(now)
    }
}

/// Changes an event and gives seats that a larger capacity makes free to those who wait.
struct UpdateEvent: PostgresStatement {
    static let sql = """
        UPDATE event e
        SET title = coalesce($4, title), description = coalesce($5, description), kind = coalesce($6, kind),
            location = coalesce($7, location), online_url = CASE WHEN $8 THEN NULL ELSE coalesce($9, online_url) END,
            starts_at = coalesce($10, starts_at), ends_at = coalesce($11, ends_at),
            time_zone = coalesce($12, time_zone),
            capacity = CASE WHEN $13 THEN NULL ELSE coalesce($14, capacity) END,
            visibility = coalesce($15, visibility),
            rsvp_until = CASE WHEN $16 THEN NULL ELSE coalesce($17, rsvp_until) END,
            updated_at = $18, sequence = sequence + 1, version = version + 1
        WHERE network_id = $1 AND id = $2 AND NOT is_cancelled AND ($3::bigint IS NULL OR version = $3)
        RETURNING version
        """
    let network: UUID
    let id: UUID
    let expected: Int?
    let change: EventChange
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(expected)
        parameters.append(change.title)
        parameters.append(change.description)
        parameters.append(change.kind?.rawValue)
        parameters.append(change.location)
        parameters.append(change.clearsOnlineUrl)
        parameters.append(change.onlineUrl)
        parameters.append(change.startsAt)
        parameters.append(change.endsAt)
        parameters.append(change.timeZone)
        parameters.append(change.clearsCapacity)
        parameters.append(change.capacity.map { Int32($0) })
        parameters.append(change.visibility?.rawValue)
        parameters.append(change.clearsRsvpUntil)
        parameters.append(change.rsvpUntil)
        parameters.append(now)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

struct PromoteWaitlist: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT promote_waitlist($1, $2)"
    let network: UUID
    let event: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(event)
    }
}

struct CancelEvent: PostgresStatement {
    static let sql = """
        UPDATE event
        SET is_cancelled = true, updated_at = CASE WHEN is_cancelled THEN updated_at ELSE $3 END,
            sequence = sequence + (NOT is_cancelled)::int, version = version + (NOT is_cancelled)::int
        WHERE network_id = $1 AND id = $2
        RETURNING id
        """
    let network: UUID
    let id: UUID
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(now)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
