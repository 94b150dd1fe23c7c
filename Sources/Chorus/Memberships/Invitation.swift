import Crypto
import Foundation
import Postgres

/// A code that lets one person in: the network's slug and 80 random bits, as `slug-XXXX-XXXX-XXXX-XXXX`.
///
/// The slug is inside so that no statement ever has to look for a code in all networks.
struct InvitationCode: Sendable {
    let slug: String
    private let secret: String

    /// Crockford's base 32: no letter that looks like a digit.
    static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    init(slug: String) {
        self.slug = slug
        var generator = SystemRandomNumberGenerator()
        secret = String((0..<16).map { _ in Self.alphabet[Int.random(in: 0..<32, using: &generator)] })
    }

    /// Reads what somebody typed; case, spaces and further dashes in the last part do not matter.
    init?(text: String) {
        let plain = text.uppercased().filter { !$0.isWhitespace }
        let groups = plain.split(separator: "-")
        guard groups.count >= 5 else { return nil }
        secret = groups.suffix(4).joined()
        slug = groups.dropLast(4).joined(separator: "-").lowercased()
        guard secret.count == 16, !slug.isEmpty else { return nil }
    }

    var text: String {
        let groups = stride(from: 0, to: 16, by: 4).map { secret.dropFirst($0).prefix(4) }
        return ([slug] + groups.map(String.init)).joined(separator: "-")
    }

    var hash: [UInt8] { Array(SHA256.hash(data: Array("\(slug)-\(secret)".utf8))) }
}

struct InsertInvitations: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH expired AS (DELETE FROM invitation WHERE network_id = $1 AND expires_on < $4)
        INSERT INTO invitation (network_id, code_hash, expires_on) SELECT $1, unnest($2::bytea[]), $3
        """
    let network: UUID
    let hashes: [[UInt8]]
    let expiresOn: PostgresDate
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(hashes)
        parameters.append(expiresOn)
        parameters.append(today)
    }
}

/// Uses a code up; of two who use the same one at once, one gets it.
struct ReadInvitation: PostgresStatement {
    static let sql = """
        SELECT network_id FROM invitation WHERE network_id = $1 AND code_hash = $2 AND expires_on >= $3
        """
    let network: UUID
    let codeHash: [UInt8]
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(codeHash)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct UseInvitation: PostgresStatement {
    static let sql = """
        DELETE FROM invitation WHERE network_id = $1 AND code_hash = $2 AND expires_on >= $3 RETURNING network_id
        """
    let network: UUID
    let codeHash: [UInt8]
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(codeHash)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
