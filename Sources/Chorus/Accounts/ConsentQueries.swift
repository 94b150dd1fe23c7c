import Foundation
import Postgres

struct UpsertConsent: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO consent (account_id, purpose, text_version, given_on) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account_id, purpose)
        DO UPDATE SET text_version = EXCLUDED.text_version, given_on = EXCLUDED.given_on, withdrawn_on = NULL
        """
    let account: UUID
    let purpose: ConsentPurpose
    let textVersion: String
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(purpose.rawValue)
        parameters.append(textVersion)
        parameters.append(day)
    }
}

struct WithdrawConsent: PostgresStatement {
    typealias Row = Void
    static let sql = """
        UPDATE consent SET withdrawn_on = $3 WHERE account_id = $1 AND purpose = $2 AND withdrawn_on IS NULL
        """
    let account: UUID
    let purpose: ConsentPurpose
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(purpose.rawValue)
        parameters.append(day)
    }
}

struct ReadConsents: PostgresStatement {
    static let sql = """
        SELECT purpose, text_version, given_on, withdrawn_on FROM consent WHERE account_id = $1 ORDER BY purpose
        """
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Consent {
        Consent(
            purpose: try row.choice(),
            textVersion: try row.next(),
            givenOn: try row.next(),
            withdrawnOn: try row.next()
        )
    }
}
