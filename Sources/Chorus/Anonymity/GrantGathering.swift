import Foundation
import Postgres

/// A member who asks for tokens, until the batch leaves.
struct GrantWish: Sendable {
    struct Key: Sendable {
        let id: [UInt8]
        /// SHA-256 of the blinded values, which themselves go nowhere.
        let digest: [UInt8]
    }

    let network: UUID
    let membership: UUID
    let keys: [Key]
}

/// What is noted of a member and a key.
struct TokenGrant: Sendable {
    /// Of the blinded values that may be signed: those of the first request.
    let digest: [UInt8]
    /// `nil` when the key is over.
    let sealedPrivate: [UInt8]?
}

/// Answers what is noted of each key, by its id; a key without a note is one that the member may have no tokens of.
typealias GrantGatherer = PostgresGatherer<GrantWish, [[UInt8]: TokenGrant]>

extension GrantGatherer {
    /// Gathers what many members ask for, whatever their networks, into one transaction.
    ///
    /// - Parameter pool: of members.
    convenience init(pool: PostgresPool) {
        self.init(largestBatch: 64) { wishes, done in
            pool.execute(GrantTokens(wishes: wishes)) { outcome in
                done(outcome.map { rows in GrantTokens.answers(to: wishes, rows) })
            }
        }
    }
}

/// Notes who gets tokens of which keys, unless they have some already, and reads what is noted then.
struct GrantTokens: PostgresStatement {
    typealias Row = (place: Int, grant: TokenGrant)

    static let sql = "SELECT place, request_digest, sealed_private FROM grant_tokens($1, $2, $3, $4)"
    let wishes: [GrantWish]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(wishes.flatMap { wish in wish.keys.map { _ in wish.network } })
        parameters.append(wishes.flatMap { wish in wish.keys.map { _ in wish.membership } })
        parameters.append(wishes.flatMap { $0.keys.map(\.id) })
        parameters.append(wishes.flatMap { $0.keys.map(\.digest) })
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        (try row.next(), TokenGrant(digest: try row.next(), sealedPrivate: try row.next()))
    }

    /// One answer for each wish.
    static func answers(to wishes: [GrantWish], _ rows: [Row]) -> [[[UInt8]: TokenGrant]] {
        let notes = Dictionary(rows.map { ($0.place, $0.grant) }) { first, _ in first }
        var place = 0
        return wishes.map { wish in
            wish.keys.reduce(into: [:]) { answer, key in
                place += 1
                answer[key.id] = notes[place]
            }
        }
    }
}
