import Foundation
import Hummingbird
import Postgres

/// A page of events as bytes, with what every member has answered to them: each member's page without another question.
///
/// An event's JSON has one place that depends on who asks, `myRsvp`, and `onlineUrl` right behind it in the order of names.
struct EventPage: Sendable {
    /// A member's answer to an event.
    struct Own: Sendable {
        let status: String
        let json: String
    }

    private struct Piece: Sendable {
        /// Up to `myRsvp`, and what stands behind its value.
        let before: [UInt8]
        let after: [UInt8]
        /// `,"onlineUrl":"…"` for those who come and for the organiser.
        let onlineUrl: [UInt8]
        let organiser: UUID?
        let own: [UUID: Own]
    }

    /// What everybody sees who has nothing to do with any of the events.
    let shared: Representation
    private let pieces: [Piece]
    private let tail: [UInt8]
    private let link: String?

    /// - Parameters:
    ///   - events: of the page, in their order.
    ///   - next: the cursor of the next page.
    ///   - link: to the next page.
    ///   - answers: all that were given to these events.
    /// - Throws: what encoding throws.
    init(_ events: [Event], next: String?, link: String?, answers: [ReadPageRSVPs.Row]) throws {
        let own = Dictionary(grouping: answers, by: \.event).mapValues { answers in
            Dictionary(answers.map { ($0.member, $0.own) }) { first, _ in first }
        }
        pieces = try events.map { event in
            let bytes = Array(try Response.encoded(EventAnswer(event, own: nil, showsOnlineUrl: false)))
            // No value can hold this: inside a text its quotes would be escaped.
            guard let place = bytes.firstRange(of: Self.marker) else { throw Problem(.internal) }
            let onlineUrl = try event.onlineUrl.map { url in
                Array(",\"onlineUrl\":".utf8) + Array(try Response.encoded(url))
            }
            return Piece(
                before: Array(bytes[..<place.lowerBound]),
                after: Array(bytes[place.upperBound...]),
                onlineUrl: onlineUrl ?? [],
                organiser: event.organiser,
                own: own[event.id] ?? [:]
            )
        }
        tail =
            Array("],\"next\":".utf8) + Array(try next.map { Array(try Response.encoded($0)) } ?? Array("null".utf8))
            + [0x7D]
        self.link = link
        shared = Self.representation(pieces, tail, link, of: nil)
    }

    /// What this holds in memory, in bytes, about.
    var weight: Int { pieces.reduce(0) { $0 + $1.before.count + $1.after.count + $1.own.count * 200 } }

    private static let marker = Array("\"myRsvp\":null".utf8)

    /// The page as a member sees it; ``shared`` itself for who has nothing to do with it.
    func page(of member: UUID) -> Representation {
        let concerns = pieces.contains { $0.own[member] != nil || $0.organiser == member }
        return concerns ? Self.representation(pieces, tail, link, of: member) : shared
    }

    private static func representation(_ pieces: [Piece], _ tail: [UInt8], _ link: String?, of member: UUID?)
        -> Representation
    {
        var bytes = Data(capacity: pieces.reduce(64) { $0 + $1.before.count + $1.after.count + 128 } + tail.count)
        bytes.append(contentsOf: Array("{\"items\":[".utf8))
        for (index, piece) in pieces.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            bytes.append(contentsOf: piece.before)
            let own = member.flatMap { piece.own[$0] }
            bytes.append(contentsOf: Array("\"myRsvp\":\(own?.json ?? "null")".utf8))
            if own?.status == "going" || (member != nil && piece.organiser == member) {
                bytes.append(contentsOf: piece.onlineUrl)
            }
            bytes.append(contentsOf: piece.after)
        }
        bytes.append(contentsOf: tail)
        return Representation(bytes: bytes, link: link)
    }
}

/// What members have answered to the events of a page.
struct ReadPageRSVPs: PostgresStatement {
    struct Row: Sendable {
        let event: UUID
        let member: UUID
        let own: EventPage.Own
    }

    /// With more answers than this a page is read for each member instead: it would not be small any more.
    static let most = 5_000

    static let sql = """
        SELECT event_id, membership_id, answer, status, CASE WHEN ticket IS NOT NULL THEN
            row_number() OVER (PARTITION BY event_id ORDER BY ticket NULLS LAST) END
        FROM rsvp WHERE network_id = $1 AND event_id = ANY ($2)
        LIMIT \(most + 1)
        """
    let network: UUID
    let events: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(events)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let event: UUID = try row.next()
        let member: UUID = try row.next()
        let answer: String = try row.next()
        let status: String = try row.next()
        let position: Int? = try row.next()
        let place = position.map { "\($0)" } ?? "null"
        let json = "{\"answer\":\"\(answer)\",\"status\":\"\(status)\",\"waitlistPosition\":\(place)}"
        return Row(event: event, member: member, own: EventPage.Own(status: status, json: json))
    }
}
