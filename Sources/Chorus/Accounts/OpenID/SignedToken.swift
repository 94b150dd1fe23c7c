import AnonymousTokens
import Foundation
import JWTKit

/// A token whose signature has not been looked at yet (RFC 7515).
struct SignedToken: Sendable {
    /// The longest that is read, in bytes.
    private static let limit = 32_768

    let text: String
    let algorithm: SigningAlgorithm
    let keyId: String?

    private struct Header: Decodable {
        let alg: String
        let kid: String?
        let crit: [String]?
    }

    /// - Throws: ``TokenRefusal`` for another form, an algorithm that is not allowed, or an extension that must be understood.
    init(_ text: String) throws(TokenRefusal) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.limit, parts.count == 3, let bytes = Base64URL.decode(String(parts[0])),
            let header = try? JSONDecoder().decode(Header.self, from: Data(bytes))
        else { throw .malformed }
        guard let algorithm = SigningAlgorithm(rawValue: header.alg) else { throw .algorithm }
        guard header.crit == nil else { throw .malformed }
        self.text = text
        self.algorithm = algorithm
        keyId = header.kid
    }
}

/// Why a token is not believed; says what was wrong and nothing that stood in it.
enum TokenRefusal: String, Error, Equatable {
    case malformed, algorithm, signature, issuer, audience, expired, notYet, nonce, subject, event, replayed
}

/// What a provider says in an ID token or a logout token, as far as it is used here.
struct TokenClaims: JWTPayload, Sendable {
    /// How far the clocks of both may be apart, in seconds.
    static let skew = 60.0
    /// How old a token may be when it comes: it is made for the moment, in seconds.
    static let age = 300.0

    let issuer: String
    let subject: String?
    let audience: Audience
    let authorizedParty: String?
    let expiresAt: Double?
    let issuedAt: Double
    let notBefore: Double?
    let nonce: String?
    let session: String?
    let id: String?
    let email: String?
    let emailVerified: StrictBool?
    let events: [String: Event]?

    enum CodingKeys: String, CodingKey {
        case issuer = "iss"
        case subject = "sub"
        case audience = "aud"
        case authorizedParty = "azp"
        case expiresAt = "exp"
        case issuedAt = "iat"
        case notBefore = "nbf"
        case nonce
        case session = "sid"
        case id = "jti"
        case email
        case emailVerified = "email_verified"
        case events
    }

    /// One or several.
    struct Audience: Codable, Sendable {
        let names: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = try? container.decode(String.self) {
                names = [name]
            } else {
                names = try container.decode([String].self)
            }
        }

        func encode(to encoder: any Encoder) throws { try names.encode(to: encoder) }
    }

    /// `true` and nothing that only looks like it.
    struct StrictBool: Codable, Sendable {
        let isTrue: Bool

        init(from decoder: any Decoder) throws {
            isTrue = (try? decoder.singleValueContainer().decode(Bool.self)) == true
        }

        func encode(to encoder: any Encoder) throws { try isTrue.encode(to: encoder) }
    }

    /// An object, of which nothing is read.
    struct Event: Codable, Sendable {
        private enum Nothing: CodingKey {}

        init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Nothing.self) }

        func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: Nothing.self) }
    }

    /// What is claimed is looked at by ``checkSignIn(by:nonce:now:)`` and ``checkLogout(by:now:)``, which know what was asked.
    func verify(using algorithm: some JWTAlgorithm) {}
}

extension TokenClaims {
    /// Whether this is the ID token that a sign-in asked for (OpenID Connect Core 1.0, section 3.1.3.7).
    ///
    /// - Returns: the subject.
    /// - Throws: ``TokenRefusal``.
    func checkSignIn(by provider: Provider, nonce expected: String, now: Date) throws(TokenRefusal) -> String {
        try checkOrigin(provider, now)
        guard let expiresAt, expiresAt + Self.skew > now.timeIntervalSince1970 else { throw .expired }
        guard nonce == expected, events == nil else { throw .nonce }
        guard let subject, (1...255).contains(subject.utf8.count) else { throw .subject }
        return subject
    }

    /// Whether this is a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6).
    ///
    /// Some providers leave `exp` out, which the standard asks for since its last errata: the age bounds those.
    ///
    /// - Returns: the token's own id.
    /// - Throws: ``TokenRefusal``.
    func checkLogout(by provider: Provider, now: Date) throws(TokenRefusal) -> String {
        try checkOrigin(provider, now)
        if let expiresAt, expiresAt + Self.skew <= now.timeIntervalSince1970 { throw .expired }
        guard nonce == nil else { throw .nonce }
        guard events?["http://schemas.openid.net/event/backchannel-logout"] != nil else { throw .event }
        guard subject != nil || session != nil else { throw .subject }
        guard let id, (1...255).contains(id.utf8.count) else { throw .replayed }
        return id
    }

    private func checkOrigin(_ provider: Provider, _ now: Date) throws(TokenRefusal) {
        guard issuer == provider.issuer else { throw .issuer }
        let isForUs = audience.names.contains(provider.clientId)
        // A token that several may take says for whom it was made.
        let isOurs = authorizedParty == provider.clientId || (authorizedParty == nil && audience.names.count == 1)
        guard isForUs, isOurs else { throw .audience }
        let age = now.timeIntervalSince1970 - issuedAt
        guard age >= -Self.skew else { throw .notYet }
        guard age <= Self.age + Self.skew else { throw .expired }
        if let notBefore, notBefore - Self.skew > now.timeIntervalSince1970 { throw .notYet }
    }

    /// An address that the provider says it has verified; lower case, as accounts have theirs.
    var verifiedEmail: String? { emailVerified?.isTrue == true ? email?.lowercased() : nil }
}
