import Foundation
import Hummingbird
import Postgres

/// `/v1/sign-in/{slug}/logout`: where a provider says that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).
struct ProviderLogoutRoutes: Sendable {
    /// The largest body taken, in bytes.
    private static let limit = 40_000

    let parts: ServerParts

    func add(to routes: some RouterMethods<AppContext>) {
        routes.post("/v1/sign-in/{slug}/logout", use: end)
    }

    private func end(_ request: Request, _ context: AppContext) async throws -> Response {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.trimmingWhitespace().lowercased()
        guard type == "application/x-www-form-urlencoded" else { throw Problem(.unsupportedMediaType) }
        var body: [UInt8] = []
        for try await chunk in request.body {
            body.append(contentsOf: chunk.readableBytesView)
            guard body.count <= Self.limit else { throw Problem(.tooLarge) }
        }
        let (_, provider) = try await parts.provider(context)
        guard let text = FormText.value(of: "logout_token", in: String(decoding: body, as: UTF8.self)) else {
            throw Problem(.logoutRefused)
        }
        do {
            let claims = try await parts.providers.claims(of: SignedToken(text), by: provider.issuer)
            let id = try claims.checkLogout(by: provider, now: parts.now())
            try await end(claims, id, provider)
        } catch let refusal as TokenRefusal {
            parts.note("logout-\(refusal.rawValue)", at: provider)
            throw Problem(.logoutRefused)
        } catch let failure as ProviderFailure {
            parts.note(failure.rawValue, at: provider)
            throw Problem(.providerUnavailable, headers: [.retryAfter: "30"])
        }
        return Response(status: .ok)
    }

    private func end(_ claims: TokenClaims, _ id: String, _ provider: Provider) async throws {
        let (keys, now, network) = (parts.secrets.provider, parts.now(), provider.network)
        let use = UseLogoutToken(
            network: network,
            tokenHash: keys.hash(.logout, id, by: provider.issuer),
            now: now,
            // After that it is too old to be taken at all.
            forgetAt: now.addingTimeInterval(TokenClaims.age + 3 * TokenClaims.skew)
        )
        let take = TakeProviderSessions(
            network: network,
            subjectHash: claims.subject.map { keys.hash(.subject, $0, by: provider.issuer) },
            sidHash: claims.session.map { keys.hash(.session, $0, by: provider.issuer) }
        )
        try await parts.databases.member.transaction(network: network) { transaction in
            guard try await transaction.first(use) != nil else { throw TokenRefusal.replayed }
            let ended = try await transaction.execute(take)
            _ = try await transaction.execute(EndSessions(tokenHashes: ended))
        }
        // Nobody is signed in here, so that nothing else says it to what this server keeps.
        parts.changes.peopleChanged()
    }
}
