import Foundation
import Postgres

/// Whose news, of what, since when: the rows of the private database that are news to members of network `$1`.
///
/// What a member has declined is none of theirs; a round is news to those who may vote in it, whether they have or not. A reset and a
/// change of the second factor are news from the beginning of their day, of which nothing finer is kept.
enum MemberNews {
    static let rows = """
        SELECT r.membership_id, CASE WHEN e.is_cancelled THEN 'event-cancelled' ELSE 'event-moved' END AS kind,
            e.id AS subject, e.title, CASE WHEN e.is_cancelled THEN e.updated_at ELSE e.moved_at END AS at
        FROM rsvp r JOIN event e ON e.network_id = r.network_id AND e.id = r.event_id
        WHERE r.network_id = $1 AND r.status <> 'declined' AND (e.is_cancelled OR e.moved_at IS NOT NULL)
        UNION ALL
        SELECT r.membership_id, 'seat', e.id, e.title, r.promoted_at
        FROM rsvp r JOIN event e ON e.network_id = r.network_id AND e.id = r.event_id
        WHERE r.network_id = $1 AND r.promoted_at IS NOT NULL AND r.status = 'going' AND NOT e.is_cancelled
        UNION ALL
        SELECT m.id, k.kind, o.id, o.title, k.at
        FROM round o
        JOIN membership m ON m.network_id = o.network_id AND m.roles && ARRAY['member', 'organiser', 'moderator', 'coordinator']
        CROSS JOIN LATERAL (
            VALUES ('round-opened', greatest(o.opens_at, o.opened_at)),
                ('round-closing', o.closes_at - interval '\(closingDays) days')
        ) AS k (kind, at)
        WHERE o.network_id = $1 AND o.state <> 'draft'
            AND (k.kind = 'round-opened' OR (o.state = 'open' AND k.at > greatest(o.opens_at, o.opened_at)))
            AND (o.audience_event_id IS NULL OR EXISTS (
                SELECT FROM anon_scope_member s
                WHERE s.network_id = $1 AND s.scope_id = o.id AND s.membership_id = m.id))
        UNION ALL
        SELECT p.membership_id, 'password-reset', p.membership_id, '',
            coalesce(p.used_on, p.made_on)::timestamp AT TIME ZONE 'UTC'
        FROM password_reset p WHERE p.network_id = $1
        UNION ALL
        SELECT m.id, 'second-factor', m.id, '', f.changed_on::timestamp AT TIME ZONE 'UTC'
        FROM membership m JOIN second_factor f ON f.account_id = m.account_id
        WHERE m.network_id = $1 AND f.changed_on IS NOT NULL
        """

    /// How many days before its end a round is said to close soon.
    static let closingDays = 2
}

extension NewsItem {
    fileprivate init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        kind = try row.choice()
        subject = try row.next()
        title = try row.next()
        at = try row.next()
    }
}

extension PostgresParameters {
    fileprivate mutating func append(_ window: NewsWindow, _ before: NewsItem.Key?, _ limit: Int) {
        append(window.from)
        append(window.to)
        append(before?.instant)
        append(before?.kind)
        append(before.flatMap { UUID(utf8: $0.subject.utf8) })
        append(limit + 1)
    }
}

/// One member's news from the private database, the latest first.
struct ReadMemberNews: PostgresStatement {
    static let isPlannedAnew = true
    static let sql = """
        SELECT n.kind, n.subject, n.title, n.at FROM (\(MemberNews.rows)) n
        WHERE n.membership_id = $2 AND n.at > $3 AND n.at <= $4
            AND ($5::timestamptz IS NULL OR (n.at, n.kind COLLATE "C", n.subject) < ($5, $6::text, $7::uuid))
        ORDER BY n.at DESC, n.kind COLLATE "C" DESC, n.subject DESC
        LIMIT $8
        """
    let network: UUID
    let membership: UUID
    let window: NewsWindow
    var before: NewsItem.Key?
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
        parameters.append(window, before, limit)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> NewsItem { try NewsItem(&row) }
}

/// News from the record: releases, and what became of some recommendations, the latest first.
///
/// A release is news from the day after it was closed: the record has its day only.
struct ReadRecordNews: PostgresStatement {
    static let isPlannedAnew = true
    static let sql = """
        SELECT n.kind, n.subject, n.title, n.at FROM (
            SELECT 'answer' AS kind, r.id AS subject, r.title, a.recorded_at AS at
            FROM answer a JOIN recommendation r ON r.network_id = a.network_id AND r.id = a.recommendation_id
            WHERE a.network_id = $1 AND ($9::uuid[] IS NULL OR a.recommendation_id = ANY ($9))
            UNION ALL
            SELECT 'outcome', r.id, r.title, o.recorded_at
            FROM outcome o JOIN recommendation r ON r.network_id = o.network_id AND r.id = o.recommendation_id
            WHERE o.network_id = $1 AND ($9::uuid[] IS NULL OR o.recommendation_id = ANY ($9))
            UNION ALL
            SELECT 'release', id, round_title, (closed_on + 1)::timestamp AT TIME ZONE $2 FROM release WHERE network_id = $1
        ) n
        WHERE n.at > $3 AND n.at <= $4
            AND ($5::timestamptz IS NULL OR (n.at, n.kind COLLATE "C", n.subject) < ($5, $6::text, $7::uuid))
        ORDER BY n.at DESC, n.kind COLLATE "C" DESC, n.subject DESC
        LIMIT $8
        """
    let network: Network
    /// `nil` for all of them.
    let recommendations: [UUID]?
    let window: NewsWindow
    var before: NewsItem.Key?
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network.id)
        parameters.append(network.timeZone)
        parameters.append(window, before, limit)
        parameters.append(recommendations)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> NewsItem { try NewsItem(&row) }
}

/// Puts the read mark of an account where it says, never back.
struct MarkNewsRead: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO notification AS n (account_id, read_until) VALUES ($1, $2)
        ON CONFLICT (account_id) DO UPDATE SET read_until = greatest(n.read_until, EXCLUDED.read_until)
        """
    let account: UUID
    let until: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(until)
    }
}
