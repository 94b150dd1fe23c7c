import Foundation
import Postgres

/// Who signs in by a credential.
struct Bearer: Sendable {
    let identity: Identity
    /// The account's place in the network of the route.
    let member: Member?
    let expiresAt: Date
}

/// A credential, and the network where a membership is looked for.
struct BearerQuestion: Hashable, Sendable {
    /// SHA-256 of the credential.
    let tokenHash: [UInt8]
    let network: UUID?
}

/// Answers `nil` for an unknown or expired credential.
typealias BearerGatherer = PostgresGatherer<BearerQuestion, Bearer?>

extension BearerGatherer {
    /// Gathers the sign-ins of many requests, whatever their networks, into one statement.
    ///
    /// - Parameters:
    ///   - pool: of members.
    ///   - bearers: keeps who was found.
    ///   - changes: says what is still good.
    ///   - now: the present instant.
    convenience init(
        pool: PostgresPool,
        bearers: KnownBearers,
        changes: Changes,
        now: @escaping @Sendable () -> Date
    ) {
        self.init { questions, done in
            let marks = questions.map { changes.mark($0.network, .people) }
            pool.execute(FindBearers(questions: questions, now: now())) { outcome in
                done(
                    outcome.map { rows in
                        var found = [Bearer?](repeating: nil, count: questions.count)
                        for row in rows where found.indices.contains(row.place - 1) {
                            found[row.place - 1] = row.bearer
                        }
                        for (index, bearer) in found.enumerated() {
                            if let bearer { bearers.keep(bearer, questions[index], marks[index]) }
                        }
                        return found
                    }
                )
            }
        }
    }
}

/// Who credentials belong to, and the accounts' places in the networks that go with them.
struct FindBearers: PostgresStatement {
    typealias Row = (place: Int, bearer: Bearer)

    static let sql = """
        SELECT place, expires_at, account_id, is_admin, scopes, network_id, membership_id, roles, unit_id
        FROM find_bearers($1, $2, $3, $4)
        """
    /// Stands for no network: nothing is in it.
    private static let nowhere = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    let questions: [BearerQuestion]
    let now: Date

    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(questions.map { $0.tokenHash })
        parameters.append(questions.map { $0.network ?? Self.nowhere })
        parameters.append(now)
        parameters.append(PostgresDate.today(in: .gmt, at: now))
    }

    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let place: Int = try row.next()
        let expiresAt: Date = try row.next()
        let account: UUID = try row.next()
        let isAdmin: Bool = try row.next()
        let scopes: [String]? = try row.next()
        let identity = Identity(account: account, isAdmin: isAdmin, scopes: scopes.map(Set.init))
        let network: UUID? = try row.next()
        let id: UUID? = try row.next()
        let roles: [String]? = try row.next()
        let unit: UUID? = try row.next()
        guard let network, let id, let roles else {
            return (place, Bearer(identity: identity, member: nil, expiresAt: expiresAt))
        }
        let names = Set(roles.compactMap(Role.init(rawValue:)))
        let member = Member(network: network, id: id, account: account, roles: names, unit: unit)
        return (place, Bearer(identity: identity, member: member, expiresAt: expiresAt))
    }
}
