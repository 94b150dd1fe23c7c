import Foundation
import Postgres

struct ReadAccountByEmail: PostgresStatement {
    static let sql = """
        SELECT id, email, display_name, locale, is_admin, password_hash, password_salt, password_cost,
            second_factor_on, version
        FROM account WHERE email = $1
        """
    let email: String
    func bind(_ parameters: inout PostgresParameters) { parameters.append(email) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Account { try Account(&row) }
}

struct ReadAccount: PostgresStatement {
    static let sql = """
        SELECT id, email, display_name, locale, is_admin, password_hash, password_salt, password_cost,
            second_factor_on, version
        FROM account WHERE id = $1
        """
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Account { try Account(&row) }
}

extension Account {
    fileprivate init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        id = try row.next()
        email = try row.next()
        displayName = try row.next()
        locale = try row.choice()
        isAdmin = try row.next()
        let hash: [UInt8]? = try row.next()
        let salt: [UInt8]? = try row.next()
        let cost: Int? = try row.next()
        if let hash, let salt, let cost {
            password = PasswordHash(hash: hash, salt: salt, cost: cost)
        } else {
            password = nil
        }
        secondFactorOn = try row.next()
        version = try row.next()
    }
}

/// Makes an account, unless there is one with its address.
struct InsertAccount: PostgresStatement {
    static let sql = """
        INSERT INTO account (id, email, display_name, locale, password_hash, password_salt, password_cost, is_admin)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (email) DO NOTHING
        RETURNING id
        """
    let id: UUID
    let email: String?
    let displayName: String
    let locale: Language
    let password: PasswordHash?
    var isAdmin = false
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(email)
        parameters.append(displayName)
        parameters.append(locale.rawValue)
        parameters.append(password?.hash)
        parameters.append(password?.salt)
        parameters.append(password.map { Int16($0.cost) })
        parameters.append(isAdmin)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct UpdateAccount: PostgresStatement {
    static let sql = """
        UPDATE account SET display_name = coalesce($2, display_name), locale = coalesce($3, locale), version = version + 1
        WHERE id = $1 RETURNING version
        """
    let id: UUID
    let displayName: String?
    let locale: Language?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(displayName)
        parameters.append(locale?.rawValue)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

struct UpdatePassword: PostgresStatement {
    typealias Row = Void
    /// Every other session ends: whoever knew the old password is out.
    static let sql = """
        WITH ended AS (DELETE FROM session WHERE account_id = $1 AND token_hash <> $5)
        UPDATE account SET password_hash = $2, password_salt = $3, password_cost = $4, version = version + 1 WHERE id = $1
        """
    let id: UUID
    let password: PasswordHash
    let keeping: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(password.hash)
        parameters.append(password.salt)
        parameters.append(Int16(password.cost))
        parameters.append(keeping)
    }
}

struct DeleteAccount: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM account WHERE id = $1"
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
}

struct ReadAccountNetworks: PostgresStatement {
    static let sql = "SELECT network_id FROM account_network WHERE account_id = $1 ORDER BY network_id"
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct ReadOwnMembership: PostgresStatement {
    static let sql = """
        SELECT network_id, id, roles, state, unit_id, display_name, version
        FROM membership WHERE network_id = $1 AND account_id = $2
        """
    let network: UUID
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(account)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> AccountMembership {
        AccountMembership(
            network: try row.next(),
            id: try row.next(),
            roles: try row.next(),
            state: try row.next(),
            unit: try row.next(),
            displayName: try row.next(),
            version: try row.next()
        )
    }
}

struct InsertAPIToken: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO api_token (token_hash, id, account_id, name, scopes, expires_on) VALUES ($1, $2, $3, $4, $5, $6)
        """
    let tokenHash: [UInt8]
    let id: UUID
    let account: UUID
    let name: String
    let scopes: [TokenScope]
    let expiresOn: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(tokenHash)
        parameters.append(id)
        parameters.append(account)
        parameters.append(name)
        parameters.append(scopes.map(\.rawValue))
        parameters.append(expiresOn)
    }
}

struct ReadAPITokens: PostgresStatement {
    static let sql = "SELECT id, name, scopes, expires_on FROM api_token WHERE account_id = $1 ORDER BY name, id"
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> APITokenAnswer {
        let id: UUID = try row.next()
        let name: String = try row.next()
        let scopes: [String] = try row.next()
        let expires: PostgresDate = try row.next()
        return APITokenAnswer(id: id.text, name: name, scopes: scopes, expiresOn: expires.description, token: nil)
    }
}

struct DeleteAPIToken: PostgresStatement {
    static let sql = "DELETE FROM api_token WHERE account_id = $1 AND id = $2 RETURNING id"
    let account: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// An API token; its text is there only in the answer that made it.
struct APITokenAnswer: Encodable, Sendable {
    let id: String
    let name: String
    let scopes: [String]
    let expiresOn: String
    let token: String?
}
