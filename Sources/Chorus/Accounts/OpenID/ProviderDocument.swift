import Foundation

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is used here.
struct ProviderDocument: Decodable, Sendable {
    let issuer: String
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let keysAddress: String
    let endSessionEndpoint: String?
    private let tokenAuthentication: [String]?
    private let namesIssuer: Bool?

    private enum CodingKeys: String, CodingKey {
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case keysAddress = "jwks_uri"
        case endSessionEndpoint = "end_session_endpoint"
        case tokenAuthentication = "token_endpoint_auth_methods_supported"
        case namesIssuer = "authorization_response_iss_parameter_supported"
    }

    /// Whether it names itself in what it sends a browser back with (RFC 9207).
    var alwaysNamesIssuer: Bool { namesIssuer == true }

    /// Whether the client secret stands in the form: only where the header, which is the standard's first choice, is not understood.
    var takesSecretInForm: Bool {
        guard let methods = tokenAuthentication else { return false }
        return !methods.contains("client_secret_basic") && methods.contains("client_secret_post")
    }

    /// Where an issuer says it.
    static func address(of issuer: String) -> String {
        "\(issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer)/.well-known/openid-configuration"
    }

    /// - Throws: ``ProviderFailure`` when it is another one's, or names an address that may not be asked.
    func check(issuer expected: String, plainHosts: Set<String>) throws(ProviderFailure) {
        guard issuer == expected else { throw .wrongIssuer }
        for address in [authorizationEndpoint, tokenEndpoint, keysAddress, endSessionEndpoint].compactMap(\.self) {
            guard ProviderAddress.isAllowed(address, plainHosts: plainHosts) else { throw .addressRefused }
        }
    }
}

/// Why a provider could not be used; names what went wrong and nothing that was sent.
enum ProviderFailure: String, Error {
    /// No answer in time, or no connection.
    case unreachable
    /// An answer that is no success, a redirect, too long, or not of the form.
    case unusable
    /// The document at the issuer's address is of another issuer.
    case wrongIssuer
    /// An address that is not encrypted and that the operator has not named.
    case addressRefused
    /// The provider refused the code.
    case codeRefused
}
