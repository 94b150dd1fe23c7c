import AnonymousTokens
@testable import Chorus
import Crypto
import CryptoExtras
import Foundation
import Synchronization

/// An OpenID Provider on loopback that signs with keys of its own, and lies when a test wants it to.
final class TestProvider: Sendable {
    /// A key that it signs with.
    enum Key: Sendable {
        case rsa(_RSA.Signing.PrivateKey, id: String?, algorithm: String)
        case ec(P256.Signing.PrivateKey, id: String?)

        static func rsa(_ id: String?, _ algorithm: String = "RS256") throws -> Key {
            .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048), id: id, algorithm: algorithm)
        }

        static func ec(_ id: String?) -> Key { .ec(P256.Signing.PrivateKey(), id: id) }

        fileprivate var id: String? {
            switch self {
            case .rsa(_, let id, _), .ec(_, let id): id
            }
        }

        fileprivate var algorithm: String {
            switch self {
            case .rsa(_, _, let algorithm): algorithm
            case .ec: "ES256"
            }
        }

        /// The public part, as in a key set.
        var published: JSONValue {
            var members: [String: JSONValue] = ["use": .string("sig")]
            if let id { members["kid"] = .string(id) }
            switch self {
            case .rsa(let key, _, _):
                let numbers = try? key.publicKey.getKeyPrimitives()
                members["kty"] = .string("RSA")
                members["n"] = .string(Base64URL.encode(Array(numbers?.modulus ?? Data())))
                members["e"] = .string(Base64URL.encode(Array(numbers?.publicExponent ?? Data())))
            case .ec(let key, _):
                let point = Array(key.publicKey.rawRepresentation)
                members["kty"] = .string("EC")
                members["crv"] = .string("P-256")
                members["x"] = .string(Base64URL.encode(Array(point.prefix(32))))
                members["y"] = .string(Base64URL.encode(Array(point.suffix(32))))
            }
            return .object(members)
        }

        func sign(_ text: String) -> [UInt8] {
            let bytes = Array(text.utf8)
            switch self {
            case .rsa(let key, _, let algorithm):
                let padding: _RSA.Signing.Padding = algorithm == "PS256" ? .PSS : .insecurePKCS1v1_5
                let signature = try? key.signature(for: SHA256.hash(data: bytes), padding: padding)
                return Array(signature?.rawRepresentation ?? Data())
            case .ec(let key, _): return Array((try? key.signature(for: bytes))?.rawRepresentation ?? Data())
            }
        }

        /// What somebody who knows the public part alone could sign with, where that were taken for a secret.
        var publicText: [UInt8] {
            switch self {
            case .rsa(let key, _, _): Array(key.publicKey.pemRepresentation.utf8)
            case .ec(let key, _): Array(key.publicKey.pemRepresentation.utf8)
            }
        }
    }

    /// What it says, and what a test changes of it.
    struct Conduct: Sendable {
        var keys: [Key]
        /// Of the document; its own address where nothing is set.
        var issuer: String?
        /// Changes the claims of a token, as JSON members, before it is signed.
        var claims: @Sendable (inout [String: JSONValue]) -> Void = { _ in }
        /// Makes something else of what was to be signed.
        var token: (@Sendable (_ header: [String: JSONValue], _ claims: [String: JSONValue]) -> String)?
        /// Whether tokens name their key.
        var namesKey = true
        /// Answers a path otherwise.
        var answers: [String: String] = [:]
        /// In seconds since 1970.
        var now: @Sendable () -> Double = { Date().timeIntervalSince1970 }
        fileprivate var codes: [String: (challenge: String, redirect: String, nonce: String, subject: String)] = [:]
        /// How often each path was asked.
        var asked: [String: Int] = [:]
    }

    static let clientId = "chorus"
    static let secret = "ein Geheimnis: mit/Zeichen"

    private final class State: Sendable {
        let conduct: Mutex<Conduct>
        init(_ conduct: Conduct) { self.conduct = Mutex(conduct) }
    }

    private let state: State
    private let listener: TestListener

    init(keys: [Key]) throws {
        let state = State(Conduct(keys: keys))
        self.state = state
        listener = try TestListener { Self.answer($0, state) }
    }

    var issuer: String { "http://127.0.0.1:\(listener.port)" }

    func change(_ change: (inout Conduct) -> Void) { state.conduct.withLock { change(&$0) } }

    func asked(_ path: String) -> Int { state.conduct.withLock { $0.asked[path] ?? 0 } }

    func close() { listener.close() }

    /// What a browser brings back after somebody has signed in there.
    ///
    /// - Parameter url: where it was sent to.
    /// - Returns: the query of the callback; `nil` for a request without what the standard asks for.
    func signIn(_ subject: String, at url: String) -> String? {
        guard let query = url.split(separator: "?").last.map(String.init),
            let state = FormText.value(of: "state", in: query), let nonce = FormText.value(of: "nonce", in: query),
            let redirect = FormText.value(of: "redirect_uri", in: query),
            let challenge = FormText.value(of: "code_challenge", in: query),
            FormText.value(of: "code_challenge_method", in: query) == "S256",
            FormText.value(of: "response_type", in: query) == "code",
            FormText.value(of: "client_id", in: query) == Self.clientId
        else { return nil }
        let code = UUID().text
        change { $0.codes[code] = (challenge, redirect, nonce, subject) }
        return FormText.form([("code", code), ("state", state), ("session_state", "x")])
    }

    /// A logout token.
    func logoutToken(_ change: (inout [String: JSONValue]) -> Void = { _ in }) -> String {
        let port = listener.port
        return state.conduct.withLock { conduct in
            var claims = Self.claims(port, conduct.now())
            claims["jti"] = .string(UUID().text)
            claims["events"] = .object(["http://schemas.openid.net/event/backchannel-logout": .object([:])])
            change(&claims)
            return Self.signed(claims, conduct)
        }
    }

    private static func claims(_ port: Int, _ now: Double) -> [String: JSONValue] {
        [
            "iss": .string("http://127.0.0.1:\(port)"), "aud": .string(clientId), "iat": .integer(Int(now)),
            "exp": .integer(Int(now) + 300),
        ]
    }

    private static func text(_ members: [String: JSONValue]) -> String { JSONValue.object(members).written }

    /// The two parts of a token that are signed.
    static func unsigned(_ header: [String: JSONValue], _ claims: [String: JSONValue]) -> String {
        [header, claims].map { Base64URL.encode(Array(text($0).utf8)) }.joined(separator: ".")
    }

    private static func signed(_ claims: [String: JSONValue], _ conduct: Conduct) -> String {
        guard let key = conduct.keys.first else { return "" }
        var header: [String: JSONValue] = ["alg": .string(key.algorithm), "typ": .string("JWT")]
        if conduct.namesKey, let id = key.id { header["kid"] = .string(id) }
        if let token = conduct.token { return token(header, claims) }
        let text = unsigned(header, claims)
        return "\(text).\(Base64URL.encode(key.sign(text)))"
    }

    private static func answer(_ request: TestListener.Request, _ state: State) -> String? {
        let path = String(request.target.prefix { $0 != "?" })
        let port = Int((request.headers["host"] ?? "").split(separator: ":").last ?? "") ?? 0
        return state.conduct.withLock { conduct -> String? in
            conduct.asked[path, default: 0] += 1
            if let other = conduct.answers[path] { return other }
            let own = "http://127.0.0.1:\(port)"
            switch path {
            case "/.well-known/openid-configuration":
                return TestListener.reply(
                    200,
                    text([
                        "issuer": .string(conduct.issuer ?? own), "authorization_endpoint": .string("\(own)/authorize"),
                        "token_endpoint": .string("\(own)/token"), "jwks_uri": .string("\(own)/keys"),
                        "end_session_endpoint": .string("\(own)/end"),
                    ])
                )
            case "/keys": return TestListener.reply(200, text(["keys": .array(conduct.keys.map(\.published))]))
            case "/token": return exchange(request, port, &conduct)
            default: return TestListener.reply(404)
            }
        }
    }

    private static func exchange(_ request: TestListener.Request, _ port: Int, _ conduct: inout Conduct) -> String {
        func value(_ name: String) -> String { FormText.value(of: name, in: request.body) ?? "" }
        let pair = "\(FormText.encode(clientId)):\(FormText.encode(secret))"
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(value("code_verifier").utf8))))
        // A code is good once.
        guard request.headers["authorization"] == "Basic \(Data(pair.utf8).base64EncodedString())",
            let code = conduct.codes.removeValue(forKey: value("code")), code.challenge == challenge,
            code.redirect == value("redirect_uri"), value("grant_type") == "authorization_code"
        else { return TestListener.reply(400, #"{"error":"invalid_grant"}"#) }
        var claims = claims(port, conduct.now())
        claims["sub"] = .string(code.subject)
        claims["nonce"] = .string(code.nonce)
        claims["sid"] = .string("session of \(code.subject)")
        conduct.claims(&claims)
        let token = signed(claims, conduct)
        return TestListener.reply(200, #"{"access_token":"x","token_type":"Bearer","id_token":"\#(token)"}"#)
    }
}
