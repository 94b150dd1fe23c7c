import AnonymousTokens
import Foundation
import JWTKit

/// How a provider may sign: public-key algorithms only (RFC 8725, section 3.1).
///
/// `none` is not among them, and neither is any HMAC, under which a public key would be a secret that everybody knows.
enum SigningAlgorithm: String, CaseIterable, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// Type and curve of its keys (RFC 7518, section 6; RFC 8037).
    fileprivate var keyKind: (type: String, curve: String?) {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: ("RSA", nil)
        case .es256: ("EC", "P-256")
        case .es384: ("EC", "P-384")
        case .es512: ("EC", "P-521")
        case .edDSA: ("OKP", "Ed25519")
        }
    }
}

/// A public key of a provider's (RFC 7517).
struct SigningKey: Decodable, Sendable {
    private let type: String
    private let use: String?
    private let algorithm: String?
    let id: String?
    private let curve: String?
    private let modulus: String?
    private let exponent: String?
    private let x: String?
    private let y: String?

    private enum CodingKeys: String, CodingKey {
        case type = "kty"
        case use
        case algorithm = "alg"
        case id = "kid"
        case curve = "crv"
        case modulus = "n"
        case exponent = "e"
        case x, y
    }

    /// Whether it can be what a token was signed with.
    func fits(_ algorithm: SigningAlgorithm, id: String?) -> Bool {
        let kind = algorithm.keyKind
        return type == kind.type && curve == kind.curve && (use ?? "sig") == "sig"
            && (self.algorithm ?? algorithm.rawValue) == algorithm.rawValue && (id == nil || self.id == id)
            && (type != "RSA" || (modulus.flatMap(Base64URL.decode)?.drop { $0 == 0 }.count ?? 0) >= 256)
    }

    /// The claims of a token, if this key has signed it with this algorithm; `nil` otherwise.
    func claims(of token: String, _ algorithm: SigningAlgorithm) async -> TokenClaims? {
        let name = JWKIdentifier(string: id ?? "")
        let key: JWK
        switch type {
        case "RSA":
            key = .rsa(.init(rawValue: algorithm.rawValue), identifier: name, modulus: modulus, exponent: exponent)
        case "EC":
            let curve = curve.flatMap(ECDSACurve.init(rawValue:))
            key = .ecdsa(.init(rawValue: algorithm.rawValue), identifier: name, x: x, y: y, curve: curve)
        default: key = .octetKeyPair(.eddsa, identifier: name, x: x, y: nil, curve: .ed25519)
        }
        // A collection of one: no other key, and no other algorithm than the one that was allowed, is tried.
        let keys = JWTKeyCollection()
        guard (try? await keys.add(jwk: key, isDefault: true)) != nil else { return nil }
        return try? await keys.verify(token, as: TokenClaims.self)
    }
}

/// The keys of a provider; one that is not understood is left out and spoils no other.
struct SigningKeys: Decodable, Sendable {
    /// More than any provider has; each costs work where a token names none.
    private static let most = 30

    let keys: [SigningKey]

    private enum CodingKeys: String, CodingKey { case keys }

    private struct Lenient: Decodable {
        let key: SigningKey?
        init(from decoder: any Decoder) { key = try? SigningKey(from: decoder) }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let all = try container.decode([Lenient].self, forKey: .keys)
        keys = Array(all.compactMap(\.key).prefix(Self.most))
    }

    /// The claims of a token that one of the keys has signed: the named one, or where none is named any of its algorithm.
    func claims(of token: SignedToken) async -> TokenClaims? {
        for key in keys where key.fits(token.algorithm, id: token.keyId) {
            if let claims = await key.claims(of: token.text, token.algorithm) { return claims }
        }
        return nil
    }
}
