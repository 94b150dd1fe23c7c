import Foundation
import Postgres

/// Who a membership's account is, for ``ResetSubject/mayBeHelped``; the roles stay until the transaction ends.
struct ReadResetSubject: PostgresStatement {
    static let sql = """
        SELECT a.id, m.roles, m.state = 'active', a.email IS NOT NULL, a.is_admin
        FROM membership m JOIN account a ON a.id = m.account_id
        WHERE m.network_id = $1 AND m.id = $2
        FOR NO KEY UPDATE OF m
        """
    let network: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (
        account: UUID, roles: [String], isActive: Bool, hasEmail: Bool, isAdmin: Bool
    ) {
        (try row.next(), try row.next(), try row.next(), try row.next(), try row.next())
    }
}

extension PostgresTransaction {
    /// Who a membership's account is; `nil` when there is no such membership.
    ///
    /// Two statements, because on a cluster the networks of an account are on several machines.
    func resetSubject(_ membership: UUID, in network: UUID) async throws -> ResetSubject? {
        guard let found = try await first(ReadResetSubject(network: network, membership: membership)) else {
            return nil
        }
        return ResetSubject(
            account: found.account,
            roles: Set(found.roles),
            isActive: found.isActive,
            hasEmail: found.hasEmail,
            isAdmin: found.isAdmin,
            networks: try await execute(ReadAccountNetworks(account: found.account)).count
        )
    }
}

/// Keeps a new code, which ends the one before; or notes that there was a reset without one.
struct SavePasswordReset: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO password_reset (network_id, membership_id, code_hash, made_on, expires_on, used_on)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (network_id, membership_id) DO UPDATE SET code_hash = EXCLUDED.code_hash, made_on = EXCLUDED.made_on,
            expires_on = EXCLUDED.expires_on, used_on = EXCLUDED.used_on, attempts = 0
        """
    let network: UUID
    let membership: UUID
    /// `nil` for a reset by the operator.
    let codeHash: [UInt8]?
    let today: PostgresDate
    let expiresOn: PostgresDate
    var usedOn: PostgresDate?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
        parameters.append(codeHash)
        parameters.append(today)
        parameters.append(expiresOn)
        parameters.append(usedOn)
    }
}

/// Waits for whoever tries a code for the same address, and writes something that nobody reads.
///
/// An address with an open code is waited for and written to; this makes one without as slow, so that the time of a refusal does not
/// tell who is somebody here.
struct BeginAttempt: PostgresStatement {
    typealias Row = Void
    static let sql = """
        SELECT pg_advisory_xact_lock(hashtextextended($1, 0)), pg_logical_emit_message(true, 'chorus', '')
        """
    let email: String
    func bind(_ parameters: inout PostgresParameters) { parameters.append("reset \(email)") }
}

/// Uses one attempt up, if one is left, and gives what the code must be.
struct TakeAttempt: PostgresStatement {
    static let sql = """
        UPDATE password_reset r SET attempts = r.attempts + 1
        FROM membership m
        WHERE r.network_id = $1 AND m.network_id = $1 AND m.account_id = $2 AND r.membership_id = m.id
            AND r.code_hash IS NOT NULL AND r.attempts < \(PasswordReset.attempts) AND r.expires_on >= $3
        RETURNING r.membership_id, r.code_hash
        """
    let network: UUID
    let account: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(account)
        parameters.append(today)
    }
    static func decode(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> (membership: UUID, codeHash: [UInt8]) {
        (try row.next(), try row.next())
    }
}

/// Ends a code that was right.
struct UsePasswordReset: PostgresStatement {
    typealias Row = Void
    static let sql = """
        UPDATE password_reset SET code_hash = NULL, used_on = $3 WHERE network_id = $1 AND membership_id = $2
        """
    let network: UUID
    let membership: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
        parameters.append(today)
    }
}

/// A member's own resets.
struct ReadOwnResets: PostgresStatement {
    static let sql = """
        SELECT network_id, made_on, expires_on, used_on FROM password_reset WHERE network_id = $1 AND membership_id = $2
        """
    let network: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ExportedReset {
        let network: UUID = try row.next()
        let (made, expires): (PostgresDate, PostgresDate) = (try row.next(), try row.next())
        let used: PostgresDate? = try row.next()
        return ExportedReset(
            network: network.text,
            madeOn: made.description,
            expiresOn: expires.description,
            usedOn: used?.description
        )
    }
}

/// Forgets codes that are over, and resets that are no news any more.
struct ForgetResets: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH old AS (
            DELETE FROM password_reset
            WHERE network_id = $1 AND greatest(used_on, made_on, expires_on) < $2::date - \(NewsWindow.days)
        )
        UPDATE password_reset SET code_hash = NULL
        WHERE network_id = $1 AND expires_on < $2 AND expires_on >= $2::date - \(NewsWindow.days) AND code_hash IS NOT NULL
        """
    let network: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
    }
}

/// Asks for one mail a day at most, to a member who gets any.
struct InsertResetMail: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO mail (network_id, id, membership_id, occasion, due_at)
        SELECT $1, gen_random_uuid(), m.id, $3, $4::timestamptz + random() * $5::float8 * interval '1 second'
        FROM membership m
        JOIN account a ON a.id = m.account_id AND a.email IS NOT NULL
        JOIN consent c ON c.account_id = a.id AND c.purpose = 'mail' AND c.withdrawn_on IS NULL
        LEFT JOIN notification p ON p.account_id = a.id
        WHERE m.network_id = $1 AND m.id = $2 AND m.state = 'active' AND coalesce(p.mail, 'weekly') <> 'none'
        ON CONFLICT DO NOTHING
        """
    let network: UUID
    let membership: UUID
    let occasion: String
    let dueAt: Date
    /// In seconds.
    let spread: Double
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
        parameters.append(occasion)
        parameters.append(dueAt)
        parameters.append(spread)
    }
}

/// Keeps the password of an account as it is until the transaction ends.
struct LockAccount: PostgresStatement {
    static let sql = "SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE"
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Ends what programs and calendars of an account read with.
struct EndCredentials: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH calendar AS (DELETE FROM calendar_key WHERE account_id = $1)
        DELETE FROM api_token WHERE account_id = $1
        """
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
}
