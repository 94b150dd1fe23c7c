import Foundation
import Postgres

/// An account's second factor, in force or not.
struct ReadSecondFactor: PostgresStatement {
    static let sql = """
        SELECT f.sealed_secret, a.second_factor_on, (SELECT count(*) FROM recovery_code c WHERE c.account_id = a.id)
        FROM account a LEFT JOIN second_factor f ON f.account_id = a.id
        WHERE a.id = $1
        """
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> SecondFactor {
        SecondFactor(sealedSecret: try row.next(), inForceOn: try row.next(), codesLeft: try row.next())
    }
}

/// Keeps a secret that no code has come of yet; never in place of one that is in force.
///
/// Run with the account locked: a confirmation at the same moment has happened, or comes after it.
struct BeginSecondFactor: PostgresStatement {
    static let sql = """
        INSERT INTO second_factor (account_id, sealed_secret, begun_on)
        SELECT id, $2, $3 FROM account WHERE id = $1 AND second_factor_on IS NULL
        ON CONFLICT (account_id)
        DO UPDATE SET sealed_secret = EXCLUDED.sealed_secret, begun_on = EXCLUDED.begun_on, last_step = NULL
        RETURNING account_id
        """
    let account: UUID
    let sealedSecret: [UInt8]
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(sealedSecret)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Takes a half minute's code; one that was taken, or is older than one that was, is not taken again (RFC 6238, section 5.2).
struct TakeStep: PostgresStatement {
    static let sql = """
        UPDATE second_factor SET last_step = $2
        WHERE account_id = $1 AND sealed_secret IS NOT NULL AND (last_step IS NULL OR last_step < $2)
        RETURNING account_id
        """
    let account: UUID
    let step: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(step)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Takes a recovery code, if it is one.
struct UseRecoveryCode: PostgresStatement {
    static let sql = "DELETE FROM recovery_code WHERE account_id = $1 AND code_hash = $2 RETURNING account_id"
    let account: UUID
    let codeHash: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(codeHash)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// From now on signing in needs a code; sessions that were made without one end.
struct PutSecondFactorInForce: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH ended AS (DELETE FROM session WHERE account_id = $1 AND token_hash <> $3),
            changed AS (UPDATE second_factor SET changed_on = $2 WHERE account_id = $1)
        UPDATE account SET second_factor_on = $2, version = version + 1 WHERE id = $1
        """
    let account: UUID
    let today: PostgresDate
    /// Hash of the session that stays.
    let keeping: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(today)
        parameters.append(keeping)
    }
}

/// Puts new recovery codes in place of all others.
struct ReplaceRecoveryCodes: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH old AS (DELETE FROM recovery_code WHERE account_id = $1),
            changed AS (UPDATE second_factor SET changed_on = $3 WHERE account_id = $1)
        INSERT INTO recovery_code (account_id, code_hash) SELECT $1, unnest($2::bytea[])
        """
    let account: UUID
    let hashes: [[UInt8]]
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(hashes)
        parameters.append(today)
    }
}

/// From now on the password is enough again; that there was a factor stays as news.
struct RemoveSecondFactor: PostgresStatement {
    static let sql = """
        WITH codes AS (DELETE FROM recovery_code WHERE account_id = $1),
            changed AS (
                UPDATE second_factor SET sealed_secret = NULL, last_step = NULL, changed_on = $2 WHERE account_id = $1
            )
        UPDATE account SET second_factor_on = NULL, version = version + 1
        WHERE id = $1 AND second_factor_on IS NOT NULL
        RETURNING id
        """
    let account: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Forgets when codes were taken, secrets that nobody has put in force, and removals that are no news any more.
struct ForgetSecondFactors: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH old AS (
            DELETE FROM second_factor f USING account a
            WHERE a.id = f.account_id AND a.second_factor_on IS NULL
                AND greatest(f.begun_on, f.changed_on) < $1::date - \(NewsWindow.days)
        )
        UPDATE second_factor SET last_step = NULL WHERE last_step < $2
        """
    let today: PostgresDate
    /// Codes of half minutes before it are not taken any more anyhow.
    let step: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(today)
        parameters.append(step)
    }
}
