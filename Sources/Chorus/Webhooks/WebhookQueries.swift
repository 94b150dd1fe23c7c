import Foundation
import Postgres

/// Adds a webhook; nothing when the network has as many as it may.
struct InsertWebhook: PostgresStatement {
    /// How many receivers a network may have.
    static let maximum = 10
    static let sql = """
        INSERT INTO webhook (network_id, id, url, events, sealed_secret, created_on, told_until)
        SELECT $1, $2, $3, $4, $5, $6, $7
        WHERE (SELECT count(*) FROM webhook WHERE network_id = $1) < $8
        RETURNING id
        """
    let network: UUID
    let webhook: Webhook
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(webhook.id)
        parameters.append(webhook.url)
        parameters.append(webhook.events)
        parameters.append(webhook.sealedSecret)
        parameters.append(webhook.createdOn)
        parameters.append(webhook.toldUntil)
        parameters.append(Self.maximum)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct ReadWebhooks: PostgresStatement {
    static let sql = """
        SELECT id, url, events, created_on, sealed_secret, told_until FROM webhook
        WHERE network_id = $1 AND ($2::uuid IS NULL OR id = $2)
        ORDER BY id
        """
    let network: UUID
    var id: UUID?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Webhook {
        Webhook(
            id: try row.next(),
            url: try row.next(),
            events: try row.next(),
            createdOn: try row.next(),
            sealedSecret: try row.next(),
            toldUntil: try row.next()
        )
    }
}

struct DeleteWebhook: PostgresStatement {
    static let sql = "DELETE FROM webhook WHERE network_id = $1 AND id = $2 RETURNING id"
    let network: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// What the record has noted after a stamp, about so many; of one transaction all or nothing, because they share their stamp.
struct ReadChanges: PostgresStatement {
    static let sql = """
        SELECT c.recorded_at, c.id, c.event, c.subject_id, c.number, c.on_day FROM change c
        WHERE c.network_id = $1 AND c.recorded_at > $2 AND c.recorded_at <= (
            SELECT max(n.recorded_at) FROM (
                SELECT recorded_at FROM change WHERE network_id = $1 AND recorded_at > $2 ORDER BY recorded_at LIMIT $3
            ) n)
        ORDER BY c.recorded_at, c.id
        """
    let network: UUID
    let since: Date
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(since)
        parameters.append(limit)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (at: Date, notice: WebhookNotice) {
        (try row.next(), try notice(&row))
    }
    private static func notice(_ row: inout PostgresRow) throws(PostgresDecodingError) -> WebhookNotice {
        WebhookNotice(
            id: try row.next(),
            event: try row.next(),
            subject: try row.next(),
            number: try row.next(),
            day: try row.next()
        )
    }
}

/// Lets notices wait, due in the order in which they are given; those that wait already, or were given up, are left alone.
struct InsertDeliveries: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO webhook_delivery (network_id, webhook_id, id, event, subject_id, number, on_day, due_at)
        SELECT $1, $2, n.id, n.event, n.subject_id, n.number, n.on_day,
            $3::timestamptz - interval '1 microsecond' * (cardinality($4::uuid[]) - n.place)
        FROM unnest($4::uuid[], $5::text[], $6::uuid[], $7::int8[], $8::date[])
            WITH ORDINALITY AS n (id, event, subject_id, number, on_day, place)
        ON CONFLICT DO NOTHING
        """
    let network: UUID
    let webhook: UUID
    let notices: [WebhookNotice]
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(webhook)
        parameters.append(now)
        parameters.append(notices.map(\.id))
        parameters.append(notices.map(\.event))
        parameters.append(notices.map(\.subject))
        parameters.append(notices.map(\.number))
        parameters.append(notices.map(\.day))
    }
}

/// Notes up to where in the record a receiver is, or waits to be, told.
struct MoveWebhook: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE webhook SET told_until = $3 WHERE network_id = $1 AND id = $2"
    let network: UUID
    let id: UUID
    let toldUntil: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(toldUntil)
    }
}

/// Takes the notice that has been due longest for one attempt; its next one is due from this moment.
struct TakeDelivery: PostgresStatement {
    static let sql = """
        UPDATE webhook_delivery d
        SET attempts = d.attempts + 1, due_at = $3 + make_interval(secs => ($4::float8[])[d.attempts + 1])
        FROM (
            SELECT id FROM webhook_delivery
            WHERE network_id = $1 AND webhook_id = $2 AND state = 'waiting' AND due_at <= $3
                AND attempts < cardinality($4::float8[])
            ORDER BY due_at, id
            LIMIT 1
        ) n
        WHERE d.network_id = $1 AND d.webhook_id = $2 AND d.id = n.id
        RETURNING d.id, d.event, d.subject_id, d.number, d.on_day
        """
    let network: UUID
    let webhook: UUID
    let now: Date
    /// Seconds to the next attempt, for each attempt in turn.
    let waits: [Double]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(webhook)
        parameters.append(now)
        parameters.append(waits)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> WebhookNotice {
        WebhookNotice(
            id: try row.next(),
            event: try row.next(),
            subject: try row.next(),
            number: try row.next(),
            day: try row.next()
        )
    }
}

struct EndDelivery: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM webhook_delivery WHERE network_id = $1 AND webhook_id = $2 AND id = $3"
    let network: UUID
    let webhook: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(webhook)
        parameters.append(id)
    }
}

/// Notes why an attempt failed, and gives the notice up after the last one.
struct FailDelivery: PostgresStatement {
    typealias Row = Void
    static let sql = """
        UPDATE webhook_delivery
        SET failure = $4, failed_on = $5, state = CASE WHEN attempts >= $6 THEN 'dead' ELSE 'waiting' END
        WHERE network_id = $1 AND webhook_id = $2 AND id = $3
        """
    let network: UUID
    let webhook: UUID
    let id: UUID
    /// A status code or a kind of error.
    let reason: String
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(webhook)
        parameters.append(id)
        parameters.append(reason)
        parameters.append(today)
        parameters.append(JobTiming.attempts)
    }
}

/// Gives up what came due again after its last attempt, which ended its server, and deletes letters that have been dead for 90 days.
struct TidyDeliveries: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH old AS (
            DELETE FROM webhook_delivery
            WHERE network_id = $1 AND webhook_id = $2 AND state = 'dead' AND failed_on < $4::date - 90
        )
        UPDATE webhook_delivery
        SET state = 'dead', failed_on = $4, failure = coalesce(failure, 'did not come to an end')
        WHERE network_id = $1 AND webhook_id = $2 AND state = 'waiting' AND due_at <= $3 AND attempts >= $5
        """
    let network: UUID
    let webhook: UUID
    let now: Date
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(webhook)
        parameters.append(now)
        parameters.append(today)
        parameters.append(JobTiming.attempts)
    }
}

struct ReadDeadLetters: PostgresStatement {
    static let sql = """
        SELECT id, event, subject_id, number, on_day, attempts, failure, failed_on FROM webhook_delivery
        WHERE network_id = $1 AND webhook_id = $2 AND state = 'dead' AND ($3::uuid IS NULL OR id > $3)
        ORDER BY id
        LIMIT $4
        """
    let network: UUID
    let webhook: UUID
    var after: UUID?
    var limit = 1
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(webhook)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> DeadLetter {
        let id: UUID = try row.next()
        let event: String = try row.next()
        let subject: UUID? = try row.next()
        let isRelease = event == WebhookEvent.releasePublished.rawValue
        return DeadLetter(
            id: id.text,
            event: event,
            recommendation: isRelease ? nil : subject.text,
            release: isRelease ? subject.text : nil,
            number: try row.next(),
            day: try row.next(PostgresDate.self).description,
            attempts: try row.next(),
            failure: try row.next(String?.self) ?? "",
            failedOn: try row.next(PostgresDate?.self)?.description ?? ""
        )
    }
}

/// Lets a dead letter be tried again, from now on and as often as the first time.
struct RedeliverLetter: PostgresStatement {
    static let sql = """
        UPDATE webhook_delivery SET state = 'waiting', attempts = 0, due_at = $4
        WHERE network_id = $1 AND webhook_id = $2 AND id = $3 AND state = 'dead'
        RETURNING id
        """
    let network: UUID
    let webhook: UUID
    let id: UUID
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(webhook)
        parameters.append(id)
        parameters.append(now)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
