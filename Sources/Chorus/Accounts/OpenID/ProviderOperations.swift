import Foundation
import Postgres

/// What an operator does with the provider of a network on the command line.
extension Server {
    /// A provider as an operator sees it; its secret is shown to nobody.
    public struct ProviderReport: Encodable, Sendable {
        /// Compared to the letter with what the provider says.
        public let issuer: String
        /// Under which the server is known there.
        public let clientId: String
        /// Whether there is a client secret.
        public let hasSecret: Bool
        /// What stands on the button.
        public let name: String
        /// Whether an address that the provider has verified may find a member.
        public let trustsEmail: Bool
        /// Who may come by it.
        public let roles: [String]
        /// To be registered at the provider, below the address of the server.
        public let callback: String
        /// To be registered at the provider for back-channel logout.
        public let logout: String

        fileprivate init(_ provider: Provider, of network: Network) {
            issuer = provider.issuer
            clientId = provider.clientId
            hasSecret = provider.sealedSecret != nil
            name = provider.name
            trustsEmail = provider.trustsEmail
            roles = provider.roles.map(\.rawValue).sorted()
            callback = "/v1/sign-in/\(network.slug)/callback"
            logout = "/v1/sign-in/\(network.slug)/logout"
        }
    }

    /// Sets the provider of a network up, or changes it; the network's audit chain gets an entry.
    ///
    /// - Parameters:
    ///   - network: slug or id.
    ///   - issuer: its address, to the letter.
    ///   - clientId: under which the server is known there.
    ///   - secret: the client's; `nil` for a client without one.
    ///   - name: what stands on the button.
    ///   - trustsEmail: whether an address that it has verified may find a member.
    ///   - roles: who may come by it; those to whom it opens nothing that is the network's alone when empty.
    /// - Returns: what was set up.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func setProvider(
        of network: String,
        issuer: String,
        clientId: String,
        secret: String?,
        name: String,
        trustsEmail: Bool,
        roles: [String]
    ) async throws -> ProviderReport {
        let known = roles.compactMap(Role.init(rawValue:))
        guard known.count == roles.count else {
            throw OperationRefusal("Roles are \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard (8...300).contains(issuer.count), !issuer.contains("?"),
            ProviderAddress.isAllowed(issuer, plainHosts: parts.configuration.providerHosts)
        else {
            throw OperationRefusal(
                "The issuer must be an https address without a query. CHORUS_PROVIDER_HOSTS names hosts that need no encryption."
            )
        }
        guard (1...255).contains(clientId.count), (1...80).contains(name.count) else {
            throw OperationRefusal("The client id has 1 to 255 characters, the name 1 to 80.")
        }
        let place = try await self.network(named: network)
        let provider = try Provider(
            network: place.id,
            issuer: issuer,
            clientId: clientId,
            sealedSecret: nil,
            name: name,
            trustsEmail: trustsEmail,
            roles: known.isEmpty ? Provider.usualRoles : Set(known)
        ).keeping(secret, under: parts.secrets.provider)
        try await parts.databases.member.transaction(network: place.id) { transaction in
            let before = try await transaction.first(ReadProvider(network: place.id))
            if let before, before.issuer != issuer { try await endSessions(of: place.id, transaction) }
            _ = try await transaction.execute(SaveProvider(provider: provider))
            try await parts.note(.provider(before: before, after: provider), in: place.id, transaction)
        }
        return ProviderReport(provider, of: place)
    }

    /// Takes the provider of a network away, with its links and the sessions that came by it.
    ///
    /// - Parameter name: slug or id of the network.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func removeProvider(of name: String) async throws {
        let place = try await network(named: name)
        try await parts.databases.member.transaction(network: place.id) { transaction in
            guard let before = try await transaction.first(ReadProvider(network: place.id)) else {
                throw OperationRefusal("The network '\(place.slug)' has no provider.")
            }
            try await endSessions(of: place.id, transaction)
            _ = try await transaction.execute(DeleteProvider(network: place.id))
            try await parts.note(.provider(before: before, after: nil), in: place.id, transaction)
        }
    }

    private func endSessions(of network: UUID, _ transaction: PostgresTransaction) async throws {
        let ended = try await transaction.execute(TakeAllProviderSessions(network: network))
        _ = try await transaction.execute(EndSessions(tokenHashes: ended))
    }

    /// The provider of a network.
    ///
    /// - Parameter name: slug or id of the network.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func provider(of name: String) async throws -> ProviderReport {
        let place = try await network(named: name)
        let read = ReadProvider(network: place.id)
        guard let provider = try await parts.databases.member.first(read, network: place.id) else {
            throw OperationRefusal("The network '\(place.slug)' has no provider.")
        }
        return ProviderReport(provider, of: place)
    }
}
