import Foundation
import Postgres

/// What a member answers.
enum RSVPReply: String, CaseIterable, Sendable {
    case going, maybe, declined
}

/// Takes back all answers of somebody who leaves, in the order of events so that two who leave cannot deadlock.
struct WithdrawAllRSVPs: PostgresStatement {
    typealias Row = Void
    static let sql = """
        SELECT save_rsvp($1, event_id, $2, NULL, now())
        FROM (SELECT event_id FROM rsvp WHERE network_id = $1 AND membership_id = $2 ORDER BY event_id) answered
        """
    let network: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
    }
}

/// An answer in the export of one's own data.
struct ExportedRSVP: Encodable, Sendable {
    let network: String
    let event: String
    let title: String
    let answer: String
    let status: String
}

struct ReadOwnRSVPs: PostgresStatement {
    static let sql = """
        SELECT r.network_id, r.event_id, e.title, r.answer, r.status
        FROM rsvp r JOIN event e ON e.network_id = r.network_id AND e.id = r.event_id
        WHERE r.network_id = $1 AND r.membership_id = $2
        ORDER BY e.starts_at, e.id
        """
    let network: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ExportedRSVP {
        let network: UUID = try row.next()
        let event: UUID = try row.next()
        return ExportedRSVP(
            network: network.text,
            event: event.text,
            title: try row.next(),
            answer: try row.next(),
            status: try row.next()
        )
    }
}

/// Who comes, for the organiser.
struct Attendee: Encodable, Sendable {
    let name: String
    let status: String
    @ExplicitNull var waitlistPosition: Int?
    /// The sort key of pages; not shown.
    let membership: UUID

    enum CodingKeys: CodingKey { case name, status, waitlistPosition }
}

struct ReadAttendees: PostgresStatement {
    static let sql = """
        SELECT m.display_name, r.status, r.membership_id, CASE WHEN r.ticket IS NOT NULL THEN (
            SELECT count(*) FROM rsvp q
            WHERE q.network_id = $1 AND q.event_id = $2 AND q.ticket <= r.ticket) END
        FROM rsvp r JOIN membership m ON m.network_id = r.network_id AND m.id = r.membership_id
        WHERE r.network_id = $1 AND r.event_id = $2 AND ($3::text IS NULL OR (m.display_name, r.membership_id) > ($3, $4))
        ORDER BY m.display_name, r.membership_id
        LIMIT $5
        """
    let network: UUID
    let event: UUID
    let afterName: String?
    let afterId: UUID?
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(event)
        parameters.append(afterName)
        parameters.append(afterId)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Attendee {
        let name: String = try row.next()
        let status: String = try row.next()
        let membership: UUID = try row.next()
        return Attendee(name: name, status: status, waitlistPosition: try row.next(), membership: membership)
    }
}
