import Foundation
import Postgres

extension Server {
    /// Makes memberships in bulk and one API token for each.
    ///
    /// - Parameters:
    ///   - csv: columns `email,displayName,unit,locale`; the unit by name, may be empty.
    ///   - network: slug or id.
    /// - Returns: `email,token` as CSV; the tokens are kept nowhere else.
    /// - Throws: ``OperationRefusal`` naming the line; what PostgreSQL says.
    public func importRoster(_ csv: String, network name: String) async throws -> String {
        let network = try await network(named: name)
        let people = try RosterEntry.read(csv)
        let today = PostgresDate.today(in: .gmt, at: parts.now())
        let credentials = people.map { _ in Credential() }
        try await parts.databases.member.transaction(network: network.id) { transaction in
            let units = try await transaction.execute(ReadUnits(network: network.id))
            let known = Set(units.map(\.name))
            if let index = people.firstIndex(where: { !$0.unit.isEmpty && !known.contains($0.unit) }) {
                throw OperationRefusal("Line \(index + 2): there is no unit '\(people[index].unit)' in this network.")
            }
            _ = try await transaction.execute(ImportAccounts(people: people))
            let accounts = try await transaction.execute(ReadRosterAccounts(emails: people.map(\.email)))
            guard accounts.count == people.count else {
                throw OperationRefusal("An account was deleted meanwhile. Nothing was imported; do it again.")
            }
            let members = ImportMemberships(network: network.id, people: people, accounts: accounts)
            _ = try await transaction.execute(members)
            let tokens = InsertRosterTokens(
                accounts: accounts,
                credentials: credentials,
                expiresOn: today.adding(days: 365)
            )
            _ = try await transaction.execute(tokens)
        }
        return CSV.text([["email", "token"]] + zip(people, credentials).map { [$0.email, $1.text] })
    }
}

/// One line of a roster.
struct RosterEntry: Sendable {
    let email: String
    let displayName: String
    let unit: String
    let locale: Language

    static func read(_ csv: String) throws -> [RosterEntry] {
        let rows = CSV.rows(csv)
        guard rows.first == ["email", "displayName", "unit", "locale"] else {
            throw OperationRefusal("The first line must be email,displayName,unit,locale.")
        }
        let people = try rows.dropFirst().enumerated().map { index, row in
            guard row.count == 4, row[0].contains("@"), !row[1].isEmpty,
                let locale = Language(rawValue: row[3].isEmpty ? "de" : row[3])
            else { throw OperationRefusal("Line \(index + 2) is not email,displayName,unit,locale.") }
            return RosterEntry(email: row[0].lowercased(), displayName: row[1], unit: row[2], locale: locale)
        }
        guard Set(people.map(\.email)).count == people.count else {
            throw OperationRefusal("An e-mail address stands twice.")
        }
        return people
    }
}

struct ImportAccounts: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO account (id, email, display_name, locale)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
        ON CONFLICT (email) DO NOTHING
        """
    let people: [RosterEntry]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(people.map { _ in UUID() })
        parameters.append(people.map(\.email))
        parameters.append(people.map(\.displayName))
        parameters.append(people.map(\.locale.rawValue))
    }
}

/// The accounts under some addresses, in their order.
struct ReadRosterAccounts: PostgresStatement {
    static let sql = """
        SELECT a.id FROM unnest($1::text[]) WITH ORDINALITY AS g (email, place) JOIN account a ON a.email = g.email ORDER BY g.place
        """
    let emails: [String]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(emails) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Gives accounts their place in a network; who is in it already stays as they are.
struct ImportMemberships: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH given AS (
            SELECT g.account_id, g.membership_id, g.display_name,
                (SELECT u.id FROM unit u WHERE u.network_id = $1 AND u.name = g.unit ORDER BY u.position LIMIT 1) AS unit_id
            FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) AS g (account_id, membership_id, display_name, unit)
        ), places AS (
            INSERT INTO account_network (account_id, network_id) SELECT account_id, $1 FROM given ON CONFLICT DO NOTHING
        )
        INSERT INTO membership (network_id, id, account_id, roles, unit_id, display_name)
        SELECT $1, membership_id, account_id, ARRAY['member'], unit_id, display_name FROM given
        ON CONFLICT (network_id, account_id) DO NOTHING
        """
    let network: UUID
    let people: [RosterEntry]
    /// Of each of them.
    let accounts: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(accounts)
        parameters.append(people.map { _ in UUID() })
        parameters.append(people.map(\.displayName))
        parameters.append(people.map(\.unit))
    }
}

/// A statement of its own, because on a cluster tokens are on every machine and memberships on that of their network.
struct InsertRosterTokens: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO api_token (token_hash, id, account_id, name, scopes, expires_on)
        SELECT g.token_hash, g.id, g.account_id, 'roster', ARRAY['read', 'write'], $4
        FROM unnest($1::bytea[], $2::uuid[], $3::uuid[]) AS g (token_hash, id, account_id)
        """
    let accounts: [UUID]
    /// One for each of them.
    let credentials: [Credential]
    let expiresOn: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(credentials.map(\.hash))
        parameters.append(accounts.map { _ in UUID() })
        parameters.append(accounts)
        parameters.append(expiresOn)
    }
}

extension Server {
    /// Mixes the inbox once, beside a running server if there is one.
    ///
    /// - Parameter now: lets small networks go out too.
    /// - Returns: how many submissions were mixed, and how many wait for company.
    /// - Throws: ``OperationRefusal`` where no anonymous input is taken; what PostgreSQL says. Nothing is lost then.
    public func mix(now: Bool) async throws -> (mixed: Int, carried: Int) {
        guard parts.configuration.takesAnonymous else {
            throw OperationRefusal("CHORUS_ANONYMOUS is off here. Mix where anonymous input is taken.")
        }
        let outcome = try await Mixer(parts: parts).mix(now: now)
        return (outcome.mixed, outcome.carried)
    }
}
