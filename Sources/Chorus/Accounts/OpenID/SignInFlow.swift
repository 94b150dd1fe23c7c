import AnonymousTokens
import Crypto
import Foundation
import Hummingbird

/// A sign-in that is under way at a provider.
///
/// The browser carries it, sealed, so that nothing grows here however many begin one and do not come back.
struct SignInFlow: Codable, Sendable {
    /// How long somebody may take, in seconds.
    static let lifetime = 900

    /// What somebody wants to do.
    enum Purpose: Codable, Sendable {
        case signIn
        /// Sign in by the provider from now on.
        case link(account: UUID)
        /// Become a member, with an invitation.
        case join(NewMember)
    }

    /// Who becomes a member.
    struct NewMember: Codable, Sendable {
        let invitation: String
        let email: String
        let displayName: String
        let locale: String
        /// The version of the consent to membership that was read; `nil` when none was given yet.
        ///
        /// Another one may be in force when they come back: nobody has agreed to that.
        let consent: String?
    }

    let network: UUID
    let purpose: Purpose
    /// Where the provider sends the browser back to; the same text in both requests.
    let redirect: String
    let state: String
    let nonce: String
    /// Of PKCE (RFC 7636).
    let verifier: String
    /// In seconds since 1970.
    let endsAt: Double

    init(network: UUID, purpose: Purpose, redirect: String, now: Date) {
        self.network = network
        self.purpose = purpose
        self.redirect = redirect
        state = Credential().text
        nonce = Credential().text
        verifier = Credential().text
        endsAt = now.timeIntervalSince1970 + Double(Self.lifetime)
    }

    /// Where the browser is sent to (OpenID Connect Core 1.0, section 3.1.2.1).
    ///
    /// No more is asked for than is used: an address only where it may find a member, and never a name.
    func authorizationURL(at provider: Provider, _ document: ProviderDocument) -> String {
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
        let query = FormText.form([
            ("response_type", "code"), ("client_id", provider.clientId), ("redirect_uri", redirect),
            ("scope", provider.trustsEmail ? "openid email" : "openid"), ("state", state), ("nonce", nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ])
        let address = document.authorizationEndpoint
        return "\(address)\(address.contains("?") ? "&" : "?")\(query)"
    }

    private static let sealedFor = "sign-in flow"

    /// - Throws: what sealing throws.
    func sealed(under keys: ProviderKeys) throws -> String {
        Base64URL.encode(try keys.seal(Array(try JSONEncoder().encode(self)), for: Self.sealedFor))
    }

    /// - Returns: `nil` for what was not sealed here, or is over.
    static func open(_ text: String, under keys: ProviderKeys, now: Date) -> SignInFlow? {
        guard text.utf8.count <= 4_000, let sealed = Base64URL.decode(text),
            let bytes = try? keys.open(sealed, for: sealedFor),
            let flow = try? JSONDecoder().decode(SignInFlow.self, from: Data(bytes)),
            now.timeIntervalSince1970 < flow.endsAt
        else { return nil }
        return flow
    }
}

/// The cookie in which a browser carries a sign-in to a provider and back.
enum FlowCookie {
    private static func name(for request: Request) -> String {
        SessionCookie.isLocal(request) ? "chorus-sign-in" : "__Host-chorus-sign-in"
    }

    static func value(in request: Request) -> String? {
        let name = name(for: request)
        for pair in (request.headers[.cookie] ?? "").split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { $0.trimmingWhitespace() }
            if parts.count == 2, parts[0] == name { return parts[1] }
        }
        return nil
    }

    /// `Lax`, because the browser comes back from another site.
    ///
    /// - Parameter lifetime: in seconds; 0 removes it.
    static func header(_ value: String, lifetime: Int, for request: Request) -> String {
        let secure = SessionCookie.isLocal(request) ? "" : "; Secure"
        return "\(name(for: request))=\(value); Path=/; Max-Age=\(lifetime); HttpOnly; SameSite=Lax\(secure)"
    }
}
