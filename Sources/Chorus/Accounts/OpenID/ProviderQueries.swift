import Foundation
import Postgres

struct ReadProvider: PostgresStatement {
    static let sql = """
        SELECT network_id, issuer, client_id, sealed_secret, name, trusts_email, roles FROM provider WHERE network_id = $1
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Provider {
        let network: UUID = try row.next()
        let (issuer, clientId): (String, String) = (try row.next(), try row.next())
        let secret: [UInt8]? = try row.next()
        let name: String = try row.next()
        let trustsEmail: Bool = try row.next()
        let roles: [String] = try row.next()
        return Provider(
            network: network,
            issuer: issuer,
            clientId: clientId,
            sealedSecret: secret,
            name: name,
            trustsEmail: trustsEmail,
            roles: Set(roles.compactMap(Role.init(rawValue:)))
        )
    }
}

/// Sets a network's provider; of another issuer than before, whoever came by that one comes no more.
struct SaveProvider: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH others AS (DELETE FROM provider_link WHERE network_id = $1 AND issuer <> $2)
        INSERT INTO provider (network_id, issuer, client_id, sealed_secret, name, trusts_email, roles)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (network_id) DO UPDATE SET issuer = EXCLUDED.issuer, client_id = EXCLUDED.client_id,
            sealed_secret = EXCLUDED.sealed_secret, name = EXCLUDED.name, trusts_email = EXCLUDED.trusts_email,
            roles = EXCLUDED.roles
        """
    let provider: Provider
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(provider.network)
        parameters.append(provider.issuer)
        parameters.append(provider.clientId)
        parameters.append(provider.sealedSecret)
        parameters.append(provider.name)
        parameters.append(provider.trustsEmail)
        parameters.append(provider.roles.map(\.rawValue).sorted())
    }
}

/// Takes a network's provider away, with all that leads to it.
struct DeleteProvider: PostgresStatement {
    static let sql = """
        WITH links AS (DELETE FROM provider_link WHERE network_id = $1),
            logouts AS (DELETE FROM provider_logout WHERE network_id = $1)
        DELETE FROM provider WHERE network_id = $1 RETURNING network_id
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// All sessions that came by a network's provider; they are ended by ``EndSessions``.
struct TakeAllProviderSessions: PostgresStatement {
    static let sql = "DELETE FROM provider_session WHERE network_id = $1 RETURNING token_hash"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

/// Which account comes under a provider's subject.
struct ReadLinkedAccount: PostgresStatement {
    static let sql = """
        SELECT m.account_id FROM provider_link l JOIN membership m ON m.network_id = l.network_id AND m.id = l.membership_id
        WHERE l.network_id = $1 AND l.subject_hash = $2
        """
    let network: UUID
    let subjectHash: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(subjectHash)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Links a member with a subject, if neither is linked otherwise.
struct InsertProviderLink: PostgresStatement {
    static let sql = """
        INSERT INTO provider_link (network_id, membership_id, issuer, subject_hash, linked_on) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        RETURNING membership_id
        """
    let network: UUID
    let membership: UUID
    let issuer: String
    let subjectHash: [UInt8]
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
        parameters.append(issuer)
        parameters.append(subjectHash)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// A link as its owner sees it.
struct ProviderLink: Sendable {
    let network: UUID
    let issuer: String
    let linkedOn: PostgresDate
    /// Whether the session that asks came by it.
    let isCurrent: Bool
}

struct ReadProviderLink: PostgresStatement {
    static let sql = """
        SELECT l.network_id, l.issuer, l.linked_on, EXISTS (
            SELECT FROM provider_session s WHERE s.network_id = $1 AND s.token_hash = $3)
        FROM provider_link l WHERE l.network_id = $1 AND l.membership_id = $2
        """
    let network: UUID
    let membership: UUID
    let tokenHash: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
        parameters.append(tokenHash)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ProviderLink {
        ProviderLink(
            network: try row.next(),
            issuer: try row.next(),
            linkedOn: try row.next(),
            isCurrent: try row.next()
        )
    }
}

struct DeleteProviderLink: PostgresStatement {
    static let sql = """
        DELETE FROM provider_link WHERE network_id = $1 AND membership_id = $2 RETURNING subject_hash
        """
    let network: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

/// Notes which session of a provider's a session came of.
struct InsertProviderSession: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO provider_session (network_id, token_hash, subject_hash, sid_hash) VALUES ($1, $2, $3, $4)
        """
    let network: UUID
    let tokenHash: [UInt8]
    let subjectHash: [UInt8]
    let sidHash: [UInt8]?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(tokenHash)
        parameters.append(subjectHash)
        parameters.append(sidHash)
    }
}

/// The sessions that a logout token is about: of one session of the provider's where it names one, else all of the subject's.
///
/// Where a token names both, those of the subject's that came without the name of a session go too: each could be the one.
struct TakeProviderSessions: PostgresStatement {
    static let sql = """
        DELETE FROM provider_session
        WHERE network_id = $1 AND ($2::bytea IS NULL OR subject_hash = $2)
            AND ($3::bytea IS NULL OR sid_hash = $3 OR (sid_hash IS NULL AND $2::bytea IS NOT NULL))
            AND ($2::bytea IS NOT NULL OR $3::bytea IS NOT NULL)
        RETURNING token_hash
        """
    let network: UUID
    let subjectHash: [UInt8]?
    let sidHash: [UInt8]?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(subjectHash)
        parameters.append(sidHash)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

struct EndSessions: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM session WHERE token_hash = ANY ($1)"
    let tokenHashes: [[UInt8]]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(tokenHashes) }
}

/// Uses a logout token up; nothing comes back for one that was used.
///
/// Those that are too old to be good go on the way.
struct UseLogoutToken: PostgresStatement {
    static let sql = """
        WITH old AS (DELETE FROM provider_logout WHERE network_id = $1 AND forget_at < $3)
        INSERT INTO provider_logout (network_id, token_hash, forget_at) VALUES ($1, $2, $4)
        ON CONFLICT DO NOTHING
        RETURNING network_id
        """
    let network: UUID
    let tokenHash: [UInt8]
    let now: Date
    let forgetAt: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(tokenHash)
        parameters.append(now)
        parameters.append(forgetAt)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Logout tokens that nobody can use again.
struct ForgetLogouts: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM provider_logout WHERE network_id = $1 AND forget_at < $2"
    let network: UUID
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(now)
    }
}
