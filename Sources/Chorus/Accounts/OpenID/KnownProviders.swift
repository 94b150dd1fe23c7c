import Foundation

/// What is known of providers, so that not every sign-in asks for it: their documents for an hour, and their keys until a token comes
/// that none of them has signed.
actor KnownProviders {
    /// How long a document is good, in seconds.
    private static let lifetime = 3_600.0
    /// How long a provider that did not answer is left alone, in seconds.
    private static let pause = 5.0
    /// How often a minute keys are asked for anew: what a stranger sends must not become a flood at the provider.
    private static let refetches = 5

    private struct Known {
        let document: ProviderDocument
        var keys: SigningKeys
        let at: Date
    }

    let connection = ProviderConnection()
    private let plainHosts: Set<String>
    private let now: @Sendable () -> Date
    private let limiter: RateLimiter
    private var known: [String: Known] = [:]
    private var failed: [String: Date] = [:]
    /// Those who come while a provider is asked wait for the same answer.
    private var asking: [String: Task<Known, any Error>] = [:]

    /// - Parameters:
    ///   - plainHosts: `host` or `host:port` that may be asked without encryption.
    ///   - now: the present instant.
    init(plainHosts: Set<String>, now: @escaping @Sendable () -> Date) {
        self.plainHosts = plainHosts
        self.now = now
        limiter = RateLimiter(limit: Self.refetches, now: now)
    }

    /// What an issuer says of itself.
    ///
    /// - Throws: ``ProviderFailure``.
    func document(of issuer: String) async throws -> ProviderDocument { try await find(issuer).document }

    /// The claims of a token that an issuer has signed.
    ///
    /// - Throws: ``TokenRefusal`` `signature`; ``ProviderFailure``.
    func claims(of token: SignedToken, by issuer: String) async throws -> TokenClaims {
        if let claims = await (try await find(issuer)).keys.claims(of: token) { return claims }
        // Keys are changed without notice, and a new one is met first in a token.
        guard limiter.takeIfLeft(.text(issuer)) != nil else { throw TokenRefusal.signature }
        known[issuer] = nil
        guard let claims = await (try await find(issuer)).keys.claims(of: token) else { throw TokenRefusal.signature }
        return claims
    }

    private func find(_ issuer: String) async throws -> Known {
        if let known = known[issuer], (0..<Self.lifetime).contains(now().timeIntervalSince(known.at)) { return known }
        if let failure = failed[issuer], (0..<Self.pause).contains(now().timeIntervalSince(failure)) {
            throw ProviderFailure.unreachable
        }
        if let asking = asking[issuer] { return try await asking.value }
        let (connection, plainHosts, at) = (connection, plainHosts, now())
        // In a task of its own: others wait for its answer too, and must not lose it when the first of them goes.
        let task = Task { try await Self.ask(issuer, by: connection, plainHosts, at) }
        asking[issuer] = task
        defer { asking[issuer] = nil }
        do {
            let found = try await task.value
            known[issuer] = found
            failed[issuer] = nil
            return found
        } catch {
            failed[issuer] = now()
            throw error
        }
    }

    private static func ask(
        _ issuer: String,
        by connection: ProviderConnection,
        _ plainHosts: Set<String>,
        _ at: Date
    ) async throws -> Known {
        guard ProviderAddress.isAllowed(issuer, plainHosts: plainHosts) else { throw ProviderFailure.addressRefused }
        let document = try await connection.read(ProviderDocument.address(of: issuer), as: ProviderDocument.self)
        try document.check(issuer: issuer, plainHosts: plainHosts)
        let keys = try await connection.read(document.keysAddress, as: SigningKeys.self)
        return Known(document: document, keys: keys, at: at)
    }
}
