import Foundation
import Postgres

/// Notes that a server is there, and forgets those that are gone.
struct SeePeer: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH gone AS (DELETE FROM peer WHERE seen_at < now() - interval '1 hour' AND id <> $1)
        INSERT INTO peer (id, secrets, directory, takes_anonymous, seen_at) VALUES ($1, $2, $3, $4, now())
        ON CONFLICT (id) DO UPDATE SET seen_at = now()
        """
    let peer: Peer
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(peer.id)
        parameters.append(peer.secrets)
        parameters.append(peer.directory)
        parameters.append(peer.takesAnonymous)
    }
}

/// How many of the others that run have other secrets (those of one directory have the same, though a newer version may have made one
/// more there since the others started), and how many take anonymous input into another directory.
struct FindStrangers: PostgresStatement {
    static let sql = """
        SELECT count(*) FILTER (WHERE secrets <> $2 AND directory <> $3),
            count(*) FILTER (WHERE directory <> $3 AND takes_anonymous AND $4)
        FROM peer
        WHERE id <> $1 AND seen_at > now() - interval '1 minute'
        """
    let peer: Peer
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(peer.id)
        parameters.append(peer.secrets)
        parameters.append(peer.directory)
        parameters.append(peer.takesAnonymous)
    }
    static func decode(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> (secrets: Int, directory: Int) {
        (try row.next(), try row.next())
    }
}

/// How many servers run, and how many of them take anonymous input.
struct CountPeers: PostgresStatement {
    static let sql = """
        SELECT count(*), count(*) FILTER (WHERE takes_anonymous) FROM peer WHERE seen_at > now() - interval '1 minute'
        """
    static func decode(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> (all: Int, anonymous: Int) {
        (try row.next(), try row.next())
    }
}

/// A server that ends says so.
struct ForgetPeer: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM peer WHERE id = $1"
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
}
