import Foundation
import Postgres

/// All keys of a network as the directory shows them.
struct ReadKeys: PostgresStatement {
    static let sql = """
        SELECT k.key_id, k.scope_id, s.kind, k.epoch, k.n, s.tokens_per_member, s.min_set,
            CASE WHEN $5 THEN count_grants(k.network_id, k.key_id) ELSE 0 END, k.issue_from, k.issue_to, k.redeem_to, k.is_closed, k.directory_seq
        FROM anon_key k JOIN anon_scope s ON s.network_id = k.network_id AND s.id = k.scope_id
        WHERE k.network_id = $1 AND ($2::bytea IS NULL OR k.key_id = $2)
            AND k.directory_seq > $3 AND ($4::integer IS NULL OR k.directory_seq <= $4)
        ORDER BY k.directory_seq, k.key_id
        """
    let network: UUID
    var keyId: [UInt8]?
    /// Only keys that came with a later version of the directory.
    var after = 0
    /// Only keys that came with this version of the directory or before.
    var upTo: Int?
    /// Whether it is counted how many members have tokens, which takes the longer the more they are; otherwise it reads as nobody.
    var countsGrants = true
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(keyId)
        parameters.append(after)
        parameters.append(upTo)
        parameters.append(countsGrants)
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
            isClosed: try row.next(),
            directorySeq: try row.next()
        )
    }
}

struct ReadKeyNetwork: PostgresStatement {
    static let sql = "SELECT network_id FROM anon_key_network WHERE key_id = $1"
    let keyId: [UInt8]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(keyId) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Versions of the directory, the newest first or, after one of them, in their order.
struct ReadDirectoryVersions: PostgresStatement {
    static let sql = """
        SELECT seq, prev, bundle, digest FROM anon_directory_version
        WHERE network_id = $1 AND ($2::integer IS NULL OR seq > $2)
        ORDER BY CASE WHEN $2::integer IS NULL THEN -seq ELSE seq END
        LIMIT $3
        """
    let network: UUID
    var after: Int?
    var limit = 0
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> DirectoryVersion {
        DirectoryVersion(seq: try row.next(), prev: try row.next(), bundle: try row.next(), digest: try row.next())
    }
}

struct InsertDirectoryVersion: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO anon_directory_version (network_id, seq, prev, bundle, digest) VALUES ($1, $2, $3, $4, $5)
        """
    let network: UUID
    let version: DirectoryVersion
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(version.seq)
        parameters.append(version.prev)
        parameters.append(version.bundle)
        parameters.append(version.digest)
    }
}

/// Takes the directory for a change: versions follow one another.
struct LockDirectory: PostgresStatement {
    static let sql = """
        INSERT INTO anon_directory (network_id) VALUES ($1)
        ON CONFLICT (network_id) DO UPDATE SET network_id = excluded.network_id
        RETURNING network_id
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Erases the private parts of keys under which nothing is taken any more.
struct ErasePrivateKeys: PostgresStatement {
    static let sql = """
        UPDATE anon_key SET sealed_private = NULL
        WHERE network_id = $1 AND redeem_to < $2 AND sealed_private IS NOT NULL
        RETURNING key_id
        """
    let network: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

/// Deletes the nullifiers of keys under which nothing is taken any more.
struct DeleteNullifiers: PostgresStatement {
    typealias Row = Void
    static let sql = """
        DELETE FROM spent_token s USING anon_key k
        WHERE s.network_id = $1 AND k.network_id = $1 AND k.key_id = s.key_id AND k.redeem_to < $2
        """
    let network: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
    }
}

/// Makes a scope when it is new, and its key unless the epoch has one.
struct InsertKey: PostgresStatement {
    static let sql = """
        WITH scope AS (
            INSERT INTO anon_scope (network_id, id, kind, tokens_per_member, min_set, is_restricted, audience_size)
            VALUES ($1, $2, $3, $4, $5, $6, $16) ON CONFLICT DO NOTHING
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
        parameters.append(new.audience?.count)
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

/// Forgets who had tokens of keys that are over, and who was asked in rounds that are long past.
struct ForgetParticipants: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT forget_participants($1, $2, $3)"
    let network: UUID
    let today: PostgresDate
    let askedBefore: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
        parameters.append(askedBefore)
    }
}
