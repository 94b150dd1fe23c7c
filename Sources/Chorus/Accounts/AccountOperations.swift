public import Foundation
import Postgres

/// What an operator does with accounts on the command line; each all or nothing.
extension Server {
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
        try await parts.databases.member.transaction(network: place?.id) { transaction in
            guard try await transaction.first(account) != nil else {
                throw OperationRefusal("There is an account with this e-mail address already.")
            }
            guard let place else { return }
            let membership = InsertMembership(
                network: place.id,
                account: id,
                roles: known.isEmpty ? [.member] : known,
                displayName: displayName
            )
            _ = try await transaction.execute(membership)
            try await parts.noteRoles(from: [], to: membership.roles.map(\.rawValue), in: place.id, transaction)
        }
        return id
    }

    /// Sets the password of an account, whatever its roles and networks, and ends all that it signs in with.
    ///
    /// Its networks' audit chains get an entry, and its owner is told as of a reset by a coordinator.
    ///
    /// - Parameters:
    ///   - email: address of the account.
    ///   - password: at least 12 characters.
    ///   - removesSecondFactor: whether the password is enough again; false by default, so that nobody loses a second factor because
    ///     somebody else has forgotten to ask.
    /// - Returns: whether signing in needs a code as well.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    @discardableResult
    public func resetPassword(email: String, password: String, removesSecondFactor: Bool = false) async throws -> Bool {
        if let refusal = PasswordPolicy.refusal(password, email: email) {
            throw OperationRefusal("The password \(refusal).")
        }
        let pool = parts.databases.member
        guard let account = try await pool.first(ReadAccountByEmail(email: email.lowercased())) else {
            throw OperationRefusal("There is no account with this e-mail address.")
        }
        let hash = try PasswordHash(hashing: password, cost: parts.configuration.passwordCost)
        let today = PostgresDate.today(in: .gmt, at: parts.now())
        let places = try await parts.memberships(of: account.id)
        // Said before it is done: an entry too many is looked into, one that a crash has swallowed is not.
        for place in places {
            try await pool.transaction(network: place.network) { transaction in
                let reset = SavePasswordReset(
                    network: place.network,
                    membership: place.id,
                    codeHash: nil,
                    today: today,
                    expiresOn: today,
                    usedOn: today
                )
                _ = try await transaction.execute(reset)
                _ = try await transaction.execute(DeleteProviderLink(network: place.network, membership: place.id))
                try await parts.note(.reset(.operator), in: place.network, transaction)
            }
        }
        try await pool.transaction { transaction in
            try await parts.setPassword(hash, of: account.id, keeping: nil, transaction)
            guard removesSecondFactor else { return }
            _ = try await transaction.execute(RemoveSecondFactor(account: account.id, today: today))
        }
        for place in places { try await parts.askForMail(to: place.id, in: place.network, on: today) }
        return account.secondFactorOn != nil && !removesSecondFactor
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
        let (account, credential) = (UUID(), Credential())
        let roles: [Role] = Role.insiders.contains(role) && role != .member ? [.member, role] : [role]
        let token = InsertAPIToken(
            tokenHash: credential.hash,
            id: UUID(),
            account: account,
            name: name,
            scopes: [.read, .write],
            expiresOn: .today(in: .gmt, at: parts.now()).adding(days: days)
        )
        try await parts.databases.member.transaction(network: place.id) { transaction in
            _ = try await transaction.execute(
                InsertAccount(id: account, email: nil, displayName: name, locale: .de, password: nil)
            )
            _ = try await transaction.execute(
                InsertMembership(network: place.id, account: account, roles: roles, displayName: name)
            )
            _ = try await transaction.execute(token)
            try await parts.noteRoles(from: [], to: roles.map(\.rawValue), in: place.id, transaction)
        }
        return credential.text
    }
}
