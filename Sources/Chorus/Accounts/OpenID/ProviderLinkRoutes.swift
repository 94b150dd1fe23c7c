import Foundation
import Hummingbird
import Postgres

/// `/v1/me/provider-links`: by which of their networks' providers somebody signs in, or could.
struct ProviderLinkRoutes: Sendable {
    let parts: ServerParts

    func add(signedIn: some RouterMethods<SignedInContext>) {
        signedIn.get("/v1/me/provider-links", use: list)
        signedIn.delete("/v1/me/provider-links/{providerLink}", use: unlink)
    }

    private struct Shown: Encodable {
        let network: String
        let slug: String
        let name: String
        let issuer: String
        @ExplicitNull var linkedOn: String?
        let isCurrent: Bool
        @ExplicitNull var signOutUrl: String?
    }

    private func list(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let tokenHash = SessionRoutes.credential(of: request).hash
        let pool = parts.databases.member
        var shown: [Shown] = []
        for membership in try await parts.memberships(of: context.identity.account) {
            let id = membership.network
            guard let provider = try await pool.first(ReadProvider(network: id), network: id),
                let network = try await pool.first(ReadNetwork(id: id))
            else { continue }
            let read = ReadProviderLink(network: id, membership: membership.id, tokenHash: tokenHash)
            let link = try await pool.first(read, network: id)
            let isCurrent = link?.isCurrent == true
            shown.append(
                Shown(
                    network: id.text,
                    slug: network.slug,
                    name: provider.name,
                    issuer: provider.issuer,
                    linkedOn: link?.linkedOn.description,
                    isCurrent: isCurrent,
                    signOutUrl: isCurrent ? await signOutURL(at: provider, request) : nil
                )
            )
        }
        return try .read(Page(shown, limit: shown.count, cursor: { [$0.network] }), for: request)
    }

    /// Where somebody signs out at the provider too (OpenID Connect RP-Initiated Logout 1.0); the provider asks them, because no ID
    /// token is kept that would prove who they are.
    private func signOutURL(at provider: Provider, _ request: Request) async -> String? {
        guard let address = try? await parts.providers.document(of: provider.issuer).endSessionEndpoint else {
            return nil
        }
        let query = FormText.form([
            ("client_id", provider.clientId), ("post_logout_redirect_uri", "\(parts.publicAddress(for: request))/"),
        ])
        return "\(address)\(address.contains("?") ? "&" : "?")\(query)"
    }

    /// Ends the link and what came by it; the last way in is left.
    private func unlink(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let (account, network) = (context.identity.account, try context.id("providerLink"))
        let pool = parts.databases.member
        guard let own = try await pool.first(ReadOwnMembership(network: network, account: account), network: network)
        else { throw Problem(.notFound) }
        let ended = try await pool.transaction(network: network) { transaction in
            let delete = DeleteProviderLink(network: network, membership: own.id)
            _ = try await transaction.execute(LockAccount(id: account))
            guard let subject = try await transaction.first(delete) else { throw Problem(.notFound) }
            guard try await transaction.first(ReadAccount(id: account))?.password != nil else {
                throw Problem(.lastSignIn)
            }
            let take = TakeProviderSessions(network: network, subjectHash: subject, sidHash: nil)
            let ended = try await transaction.execute(take)
            _ = try await transaction.execute(EndSessions(tokenHashes: ended))
            return ended
        }
        var response = Response.noContent
        if ended.contains(SessionRoutes.credential(of: request).hash) {
            response.headers[.setCookie] = SessionCookie.header("", lifetime: 0, for: request)
        }
        return response
    }
}

/// A link in the export of all data about somebody.
struct ExportedProviderLink: Encodable, Sendable {
    let network: String
    let issuer: String
    let linkedOn: String

    init(_ link: ProviderLink) {
        network = link.network.text
        issuer = link.issuer
        linkedOn = link.linkedOn.description
    }
}
