import Foundation
import Postgres

/// Moves the mark of a rhythm to its slot, and says where it was; nothing when it is there already.
///
/// A mark in the future is of a clock that stood ahead.
struct MoveMailSlot: PostgresStatement {
    static let sql = """
        INSERT INTO mail_slot AS s (network_id, rhythm, until) VALUES ($1, $2, $3)
        ON CONFLICT (network_id, rhythm) DO UPDATE SET until = EXCLUDED.until, before = s.until
        WHERE s.until < EXCLUDED.until OR s.until > $4
        RETURNING before
        """
    let network: UUID
    let rhythm: MailRhythm
    let slot: Date
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(rhythm.rawValue)
        parameters.append(slot)
        parameters.append(now)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Date? { try row.next() }
}

/// Asks for a mail to every member who wants it in a rhythm and has news that they have not read.
struct InsertNewsMail: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH news AS MATERIALIZED (
            SELECT n.membership_id, max(n.at) AS at FROM (\(MemberNews.rows)) n
            WHERE n.at > $2 AND n.at <= $3
            GROUP BY n.membership_id
        )
        INSERT INTO mail (network_id, id, membership_id, occasion, due_at)
        SELECT $1, gen_random_uuid(), m.id, $5, $6::timestamptz + random() * $7::float8 * interval '1 second'
        FROM membership m
        JOIN account a ON a.id = m.account_id AND a.email IS NOT NULL
        JOIN consent c ON c.account_id = a.id AND c.purpose = 'mail' AND c.withdrawn_on IS NULL
        LEFT JOIN notification p ON p.account_id = a.id
        WHERE m.network_id = $1 AND m.state = 'active'
            AND m.roles && ARRAY['member', 'organiser', 'moderator', 'coordinator']
            AND coalesce(p.mail, 'weekly') = $4
            AND (
                $8::timestamptz > coalesce(p.read_until, '-infinity')
                OR EXISTS (
                    SELECT FROM unnest($9::uuid[], $10::timestamptz[]) AS w (id, at)
                    JOIN follow f ON f.network_id = $1 AND f.recommendation_id = w.id AND f.membership_id = m.id
                    WHERE w.at > coalesce(p.read_until, '-infinity'))
                OR EXISTS (
                    SELECT FROM news n WHERE n.membership_id = m.id AND n.at > coalesce(p.read_until, '-infinity')))
        ON CONFLICT DO NOTHING
        """
    let network: UUID
    let window: NewsWindow
    let rhythm: MailRhythm
    let occasion: String
    let dueAt: Date
    /// In seconds.
    let spread: Double
    /// From the record: what became of recommendations, and releases.
    let recorded: [NewsItem]
    func bind(_ parameters: inout PostgresParameters) {
        let followed = recorded.filter { $0.kind != .release }
        parameters.append(network)
        parameters.append(window.from)
        parameters.append(window.to)
        parameters.append(rhythm.rawValue)
        parameters.append(occasion)
        parameters.append(dueAt)
        parameters.append(spread)
        parameters.append(recorded.filter { $0.kind == .release }.map(\.at).max())
        parameters.append(followed.map(\.subject))
        parameters.append(followed.map(\.at))
    }
}

/// Asks for a reminder to HR, and to addresses that the network has named.
struct InsertReminderMail: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO mail (network_id, id, membership_id, email, recommendation_id, step, occasion, due_at)
        SELECT $1, gen_random_uuid(), r.membership_id, r.email, $2, $3, $4, $5
        FROM (
            SELECT m.id AS membership_id, NULL::text AS email
            FROM membership m JOIN account a ON a.id = m.account_id AND a.email IS NOT NULL
            WHERE $6 AND m.network_id = $1 AND m.state = 'active' AND 'hr' = ANY (m.roles)
            UNION ALL
            SELECT NULL, x.email FROM unnest($7::text[]) AS x (email)
        ) r
        ON CONFLICT DO NOTHING
        """
    let network: UUID
    let recommendation: UUID
    let step: ReminderStep
    let now: Date
    let isForHR: Bool
    let emails: [String]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(step.rawValue)
        parameters.append("\(step.rawValue) \(recommendation.text)")
        parameters.append(now)
        parameters.append(isForHR)
        parameters.append(emails)
    }
}

/// A mail that this server has taken for one attempt.
struct TakenMail: Sendable {
    let id: UUID
    /// Counts from one.
    let attempt: Int
    let occasion: String
    let recommendation: UUID?
    let step: ReminderStep?
    /// Whose it is, if it is an account's.
    let account: UUID?
    let email: String
    let language: Language?
    /// Not any more, when somebody has unsubscribed since it was asked for.
    let isWanted: Bool
}

/// Takes mails that are due; should the server end now, they come again after the lease.
struct TakeMail: PostgresStatement {
    static let sql = """
        WITH next AS (
            SELECT id FROM mail WHERE network_id = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $4
            FOR UPDATE SKIP LOCKED
        ), taken AS (
            UPDATE mail x SET attempts = x.attempts + 1, due_at = $3 FROM next
            WHERE x.network_id = $1 AND x.id = next.id
            RETURNING x.id, x.attempts, x.occasion, x.recommendation_id, x.step, x.membership_id, x.email
        )
        SELECT t.id, t.attempts, t.occasion, t.recommendation_id, t.step, a.id, coalesce(t.email, a.email, ''), a.locale,
            (t.email IS NOT NULL OR m.state = 'active')
                AND (t.step IS NOT NULL OR (c.account_id IS NOT NULL AND coalesce(p.mail, 'weekly') <> 'none'))
        FROM taken t
        LEFT JOIN membership m ON m.network_id = $1 AND m.id = t.membership_id
        LEFT JOIN account a ON a.id = m.account_id
        LEFT JOIN consent c ON c.account_id = a.id AND c.purpose = 'mail' AND c.withdrawn_on IS NULL
        LEFT JOIN notification p ON p.account_id = a.id
        """
    let network: UUID
    let now: Date
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(now)
        parameters.append(now.addingTimeInterval(Sendmail.limit + 60))
        parameters.append(limit)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> TakenMail {
        TakenMail(
            id: try row.next(),
            attempt: try row.next(),
            occasion: try row.next(),
            recommendation: try row.next(),
            step: try row.optionalChoice(),
            account: try row.next(),
            email: try row.next(),
            language: try row.optionalChoice(),
            isWanted: try row.next()
        )
    }
}

struct DeleteMail: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM mail WHERE network_id = $1 AND id = $2"
    let network: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
    }
}

/// Puts a mail off that was not taken for now.
struct PutOffMail: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE mail SET due_at = $3 WHERE network_id = $1 AND id = $2"
    let network: UUID
    let id: UUID
    let dueAt: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(dueAt)
    }
}

/// When the next mail of a network is due, if one waits.
struct ReadNextMail: PostgresStatement {
    static let sql = "SELECT due_at FROM mail WHERE network_id = $1 ORDER BY due_at LIMIT 1"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Date { try row.next() }
}

/// The reminders of a day whose answers are owed still; in the record.
struct ReadDueReminders: PostgresStatement {
    static let sql = """
        SELECT m.recommendation_id, m.step FROM reminder m
        WHERE m.network_id = $1 AND m.on_day = $2
            AND NOT EXISTS (
                SELECT FROM answer a WHERE a.network_id = $1 AND a.recommendation_id = m.recommendation_id)
        """
    let network: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
    }
    static func decode(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> (recommendation: UUID, step: ReminderStep) {
        (try row.next(), try row.choice())
    }
}

/// Ends all mail to an account.
struct EndMail: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO notification (account_id, mail) SELECT id, 'none' FROM account WHERE id = $1
        ON CONFLICT (account_id) DO UPDATE SET mail = 'none'
        """
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
}
