import Foundation
import Postgres

/// All keys of a network as the directory shows them.
struct ReadKeys: PostgresStatement {
    static let sql = """
        SELECT k.key_id, k.scope_id, s.kind, k.epoch, k.n, s.tokens_per_member, s.min_set,
            count_grants(k.network_id, k.key_id), k.issue_from, k.issue_to, k.redeem_to, k.is_closed
        FROM anon_key k JOIN anon_scope s ON s.network_id = k.network_id AND s.id = k.scope_id
        WHERE k.network_id = $1 AND ($2::bytea IS NULL OR k.key_id = $2)
        ORDER BY k.directory_seq, k.key_id
        """
    let network: UUID
    var keyId: [UInt8]?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(keyId)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> AnonymousKey {
        AnonymousKey(
            keyId: try row.next(),
            scope: try row.next(),
            kind: try row.choice(),
            epoch: try row.next(),
            modulus: try row.next(),
            tokensPerMember: try row.next(),
            minSet: try row.next(),
            granted: try row.next(),
            issueFrom: try row.next(),
            issueTo: try row.next(),
            redeemTo: try row.next(),
            isClosed: try row.next()
        )
    }
}

struct ReadKeyNetwork: PostgresStatement {
    static let sql = "SELECT network_id FROM anon_key_network WHERE key_id = $1"
    let keyId: [UInt8]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(keyId) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct ReadDirectoryVersion: PostgresStatement {
    static let sql = "SELECT seq, prev FROM anon_directory WHERE network_id = $1"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (seq: Int, prev: [UInt8]) {
        (try row.next(), try row.next())
    }
}

/// Takes the directory for a change: versions follow one another.
struct LockDirectory: PostgresStatement {
    static let sql = """
        INSERT INTO anon_directory (network_id, seq, prev) VALUES ($1, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (network_id) DO UPDATE SET seq = anon_directory.seq
        RETURNING seq
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

struct SaveDirectoryVersion: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE anon_directory SET seq = $2, prev = $3 WHERE network_id = $1"
    let network: UUID
    let seq: Int
    let prev: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(seq)
        parameters.append(prev)
    }
}

/// Makes a scope when it is new, and its key unless the epoch has one.
struct InsertKey: PostgresStatement {
    static let sql = """
        WITH scope AS (
            INSERT INTO anon_scope (network_id, id, kind, tokens_per_member, min_set, is_restricted)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
        ), place AS (
            INSERT INTO anon_key_network (key_id, network_id) VALUES ($7, $1)
        ), people AS (
            INSERT INTO anon_scope_member (network_id, scope_id, membership_id) SELECT $1, $2, unnest($15::uuid[])
        )
        INSERT INTO anon_key (network_id, key_id, scope_id, epoch, n, sealed_private, issue_from, issue_to, redeem_to,
            directory_seq)
        VALUES ($1, $7, $2, $8, $9, $10, $11, $12, $13, $14)
        RETURNING key_id
        """
    let network: UUID
    let new: NewKey
    let key: SealedKey
    let seq: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(new.scope)
        parameters.append(new.kind.rawValue)
        parameters.append(Int16(new.tokensPerMember))
        parameters.append(Int16(new.minSet))
        parameters.append(new.audience != nil)
        parameters.append(key.keyId)
        parameters.append(new.epoch)
        parameters.append(key.modulus)
        parameters.append(key.sealedPrivate)
        parameters.append(new.issueFrom)
        parameters.append(new.issueTo)
        parameters.append(new.redeemTo)
        parameters.append(seq)
        parameters.append(new.audience ?? [])
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

/// Ends a scope: from the commit on, no submission under its keys is taken.
struct CloseKeys: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE anon_key SET is_closed = true WHERE network_id = $1 AND scope_id = $2"
    let network: UUID
    let scope: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(scope)
    }
}

/// The epochs of a scope that have a key.
struct ReadEpochs: PostgresStatement {
    static let sql = "SELECT epoch FROM anon_key WHERE network_id = $1 AND scope_id = $2"
    let network: UUID
    let scope: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(scope)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
