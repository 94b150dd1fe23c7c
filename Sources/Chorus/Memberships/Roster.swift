public import Foundation
import Postgres

extension Server {
    /// Finds a network by slug or id.
    ///
    /// - Throws: ``OperationRefusal``.
    func network(named name: String) async throws -> Network {
        let pool = parts.databases.member
        if let id = UUID(uuidString: name), let found = try await pool.first(ReadNetwork(id: id)) { return found }
        if let found = try await pool.first(ReadNetworkBySlug(slug: name)) { return found }
        throw OperationRefusal("There is no network '\(name)'. `chorus network create` makes one.")
    }

    /// Makes a network.
    ///
    /// - Parameters:
    ///   - slug: short name in addresses and invitation codes.
    ///   - name: its name.
    ///   - employer: whose staff it is of.
    ///   - timeZone: IANA name.
    ///   - keyNoticeDays: how long before its use a key is announced; 7 by default.
    /// - Returns: its id.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func createNetwork(
        slug: String,
        name: String,
        employer: String,
        timeZone: String,
        keyNoticeDays: Int = 7
    ) async throws -> UUID {
        guard slug.wholeMatch(of: /[a-z0-9](-?[a-z0-9]){1,39}/) != nil else {
            throw OperationRefusal("The slug must be lower-case letters, digits and single dashes.")
        }
        guard TimeZone.knownTimeZoneIdentifiers.contains(timeZone) else {
            throw OperationRefusal("The time zone must be an IANA name such as Europe/Berlin.")
        }
        let new = NewNetwork(slug: slug, name: name, employer: employer, timeZone: timeZone)
        do { return try await parts.createNetwork(new, keyNoticeDays: keyNoticeDays).id } catch let error
            as PostgresError
            where error.sqlState == "23505"
        {
            throw OperationRefusal("There is a network '\(slug)' already. Choose another slug.")
        }
    }

    /// Makes an account that signs in with a password.
    ///
    /// - Parameters:
    ///   - email: address that it signs in with.
    ///   - password: at least 12 characters.
    ///   - displayName: shown to others.
    ///   - isAdmin: whether it may create networks.
    ///   - network: slug or id of a network to put it in.
    ///   - roles: its roles there.
    /// - Returns: its id.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func createAccount(
        email: String,
        password: String,
        displayName: String,
        isAdmin: Bool,
        network: String?,
        roles: [String]
    ) async throws -> UUID {
        if let refusal = PasswordPolicy.refusal(password, email: email) {
            throw OperationRefusal("The password \(refusal).")
        }
        let known = roles.compactMap(Role.init(rawValue:))
        guard known.count == roles.count else {
            throw OperationRefusal("Roles are \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let place = network == nil ? nil : try await self.network(named: network ?? "")
        let id = UUID()
        let hash = try PasswordHash(hashing: password, cost: parts.configuration.passwordCost)
        let account = InsertAccount(
            id: id,
            email: email.lowercased(),
            displayName: displayName,
            locale: .de,
            password: hash,
            isAdmin: isAdmin
        )
        do { _ = try await parts.databases.member.execute(account) } catch let error as PostgresError
            where error.sqlState == "23505"
        {
            throw OperationRefusal("There is an account with this e-mail address already.")
        }
        if let place {
            let membership = InsertMembership(
                network: place.id,
                account: id,
                roles: known.isEmpty ? [.member] : known,
                displayName: displayName
            )
            _ = try await parts.databases.member.execute(membership, network: place.id)
        }
        return id
    }

    /// Makes a service account with one role in a network, and its token.
    ///
    /// - Parameters:
    ///   - role: such as `hr`.
    ///   - network: slug or id.
    ///   - name: what the token is for.
    ///   - days: how long it is valid.
    /// - Returns: the token; it is not kept anywhere.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func createToken(role: String, network: String, name: String, days: Int) async throws -> String {
        guard let role = Role(rawValue: role) else {
            throw OperationRefusal("Roles are \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let place = try await self.network(named: network)
        let (account, credential, pool) = (UUID(), Credential(), parts.databases.member)
        _ = try await pool.execute(
            InsertAccount(id: account, email: nil, displayName: name, locale: .de, password: nil)
        )
        let roles: [Role] = Role.insiders.contains(role) && role != .member ? [.member, role] : [role]
        _ = try await pool.execute(
            InsertMembership(network: place.id, account: account, roles: roles, displayName: name),
            network: place.id
        )
        _ = try await pool.execute(
            InsertAPIToken(
                tokenHash: credential.hash,
                id: UUID(),
                account: account,
                name: name,
                scopes: [.read, .write],
                expiresOn: .today(in: .gmt, at: parts.now()).adding(days: days)
            )
        )
        return credential.text
    }

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
            _ = try await transaction.execute(
                ImportMemberships(
                    network: network.id,
                    people: people,
                    credentials: credentials,
                    expiresOn: today.adding(days: 365)
                )
            )
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

struct ImportMemberships: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH given AS (
            SELECT a.id AS account_id, g.membership_id, g.display_name, g.token_hash, g.token_id,
                (SELECT u.id FROM unit u WHERE u.network_id = $1 AND u.name = g.unit ORDER BY u.position LIMIT 1) AS unit_id
            FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::uuid[])
                AS g (email, membership_id, display_name, unit, token_hash, token_id)
            JOIN account a ON a.email = g.email
        ), places AS (
            INSERT INTO account_network (account_id, network_id) SELECT account_id, $1 FROM given ON CONFLICT DO NOTHING
        ), tokens AS (
            INSERT INTO api_token (token_hash, id, account_id, name, scopes, expires_on)
            SELECT token_hash, token_id, account_id, 'roster', ARRAY['read', 'write'], $8 FROM given
        )
        INSERT INTO membership (network_id, id, account_id, roles, unit_id, display_name)
        SELECT $1, membership_id, account_id, ARRAY['member'], unit_id, display_name FROM given
        ON CONFLICT (network_id, account_id) DO NOTHING
        """
    let network: UUID
    let people: [RosterEntry]
    let credentials: [Credential]
    let expiresOn: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(people.map(\.email))
        parameters.append(people.map { _ in UUID() })
        parameters.append(people.map(\.displayName))
        parameters.append(people.map(\.unit))
        parameters.append(credentials.map(\.hash))
        parameters.append(people.map { _ in UUID() })
        parameters.append(expiresOn)
    }
}

extension Server {
    /// Mixes the inbox once, beside a running server if there is one.
    ///
    /// - Parameter now: lets small networks go out too.
    /// - Returns: how many submissions were mixed, and how many wait for company.
    /// - Throws: what PostgreSQL says; nothing is lost then.
    public func mix(now: Bool) async throws -> (mixed: Int, carried: Int) {
        let outcome = try await Mixer(parts: parts).mix(now: now)
        return (outcome.mixed, outcome.carried)
    }
}
