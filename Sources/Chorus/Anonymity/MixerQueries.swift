import Foundation
import Postgres

/// Takes the right to mix until the transaction ends; false when another process has it.
struct LockMixing: PostgresStatement {
    static let sql = "SELECT pg_try_advisory_xact_lock(7231650419)"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Bool { try row.next() }
}

/// Notes which instant of the clock is mixed for.
///
/// A tick that lies further ahead than clocks differ was noted by a clock that stood wrong, and holds nobody up.
struct ClaimTick: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO mix_clock (tick) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET tick = EXCLUDED.tick
        """
    let tick: Date
    /// Seconds between two mixes.
    let every: Double
    func bind(_ parameters: inout PostgresParameters) { parameters.append(tick) }
}

/// Whether nobody has mixed for an instant of the clock, or for a later one, yet.
struct IsTickFree: PostgresStatement {
    static let sql = """
        SELECT NOT EXISTS (
            SELECT FROM mix_clock WHERE tick >= $1 AND tick <= $1::timestamptz + make_interval(secs => 2 * $2::float8))
        """
    let claim: ClaimTick
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(claim.tick)
        parameters.append(claim.every)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Bool { try row.next() }
}

/// Closes the open batch, after those who are writing to it.
struct CloseBatch: PostgresStatement {
    static let sql = "UPDATE anon_batch SET is_open = false WHERE is_open RETURNING id"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Takes a closed batch for this transaction; of two mixers one gets it.
struct LockBatch: PostgresStatement {
    static let sql = "SELECT id FROM anon_batch WHERE id = $1 AND NOT is_open FOR UPDATE"
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct ReadInbox: PostgresStatement {
    static let sql = "SELECT sealed FROM anon_inbox WHERE batch_id = $1"
    let batch: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(batch) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

struct DeleteBatch: PostgresStatement {
    typealias Row = Void
    // Two statements in one: the rows go first, because the foreign key looks at the end of the statement.
    static let sql = """
        WITH rows AS (DELETE FROM anon_inbox WHERE batch_id = $1) DELETE FROM anon_batch WHERE id = $1
        """
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
}

/// Closes a batch whatever comes, so that it can be taken.
struct CloseLostBatch: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE anon_batch SET is_open = false WHERE id = $1"
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
}

struct CarrySubmissions: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO anon_inbox (batch_id, tag, receipt_tag, sealed)
        SELECT $1, c.tag, c.receipt_tag, c.sealed
        FROM unnest($2::bytea[], $3::bytea[], $4::bytea[]) AS c (tag, receipt_tag, sealed)
        ON CONFLICT DO NOTHING
        """
    let batch: UUID
    let tags: [[UInt8]]
    let receiptTags: [[UInt8]]
    let sealed: [[UInt8]]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(batch)
        parameters.append(tags)
        parameters.append(receiptTags)
        parameters.append(sealed)
    }
}

/// Spends tokens; those that were spent before are not among the rows.
struct InsertSpentTokens: PostgresStatement {
    static let sql = """
        INSERT INTO spent_token (network_id, key_id, nullifier)
        SELECT $1, t.key_id, t.nullifier FROM unnest($2::bytea[], $3::bytea[]) AS t (key_id, nullifier)
        ON CONFLICT DO NOTHING
        RETURNING nullifier
        """
    let network: UUID
    let keyIds: [[UInt8]]
    let nullifiers: [[UInt8]]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(keyIds)
        parameters.append(nullifiers)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

struct InsertThreads: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO thread (lookup, network_id, message_id)
        SELECT t.lookup, $1, t.message_id FROM unnest($2::bytea[], $3::uuid[]) AS t (lookup, message_id)
        ON CONFLICT DO NOTHING
        """
    let network: UUID
    let threads: [(lookup: [UInt8], message: UUID)]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(threads.map(\.lookup))
        parameters.append(threads.map(\.message))
    }
}

/// The numbers beside messages, apart from their texts.
///
/// All that wait for the end of the month are written anew, in a random order and under new ids: those of one mix cannot be told
/// from those before, so that nobody finds the text beside a number.
struct InsertThemeRatings: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH earlier AS (
            DELETE FROM theme_rating WHERE network_id = $1 RETURNING key_id, theme_id, rating, closes_waited
        )
        INSERT INTO theme_rating (network_id, id, key_id, theme_id, rating, closes_waited)
        SELECT $1, gen_random_uuid(), r.key_id, r.theme_id, r.rating, r.closes_waited
        FROM (
            SELECT g.key_id, g.theme_id, g.rating, 0::smallint AS closes_waited
            FROM unnest($2::bytea[], $3::uuid[], $4::smallint[]) AS g (key_id, theme_id, rating)
            UNION ALL
            SELECT * FROM earlier
        ) r
        ORDER BY random()
        """
    let network: UUID
    let submissions: [StagedSubmission]
    func bind(_ parameters: inout PostgresParameters) {
        let rated = submissions.compactMap { staged in
            staged.message.flatMap { message in message.rating.map { (staged.keyId, message.theme, $0) } }
        }
        parameters.append(network)
        parameters.append(rated.map(\.0))
        parameters.append(rated.map(\.1))
        parameters.append(rated.map { Int16($0.2) })
    }
}
