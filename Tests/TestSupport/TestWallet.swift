import AnonymousTokens
@testable import Chorus
import Foundation

/// What a member's program keeps: unspent tokens.
struct TestWallet: Sendable {
    /// Tokens by scope.
    let tokens: [UUID: [Token]]
}

extension TestAPI {
    /// Fetches tokens of all open keys for a member, as the client does: directory, blinding, one call, unblinding.
    ///
    /// - Parameters:
    ///   - person: the member.
    ///   - claimed: the context that is blinded; a dishonest client's is another than the key's.
    func wallet(
        of person: TestPerson,
        claiming claimed: (TokenContext) -> TokenContext = { $0 }
    ) async throws -> TestWallet {
        let directory = try await send("GET", "/v1/anonymous/directory?network=\(network.id.text)").json
        var asked: [(scope: UUID, blinded: [BlindedToken])] = []
        var requests: [String] = []
        for key in directory["keys"].array {
            guard let modulus = Base64URL.decode(key["n"].string), let scope = UUID(uuidString: key["scope"].string)
            else { continue }
            let publicKey = try IssuerPublicKey(modulus: modulus, exponent: IssuerPublicKey.exponent)
            let context = claimed(TokenContext(network: network.id.text, scope: scope.text, epoch: key["epoch"].string))
            let blinded = try (0..<key["tokensPerMember"].int).map { _ in
                try publicKey.blind(TokenInput(context: context, keyId: publicKey.keyId))
            }
            asked.append((scope, blinded))
            let values = blinded.map { "\"\(Base64URL.encode($0.blinded))\"" }.joined(separator: ",")
            requests.append("{\"keyId\":\"\(key["keyId"].string)\",\"blinded\":[\(values)]}")
        }
        let body =
            "{\"directoryDigest\":\"\(directory["digest"].string)\",\"requests\":[\(requests.joined(separator: ","))]}"
        let reply = try await send("POST", "\(home)/anonymous-tokens", body, as: person)
        var tokens: [UUID: [Token]] = [:]
        for (index, entry) in asked.enumerated() {
            let signatures = reply.json["results"][index]["blindSignatures"].array.compactMap {
                Base64URL.decode($0.string)
            }
            tokens[entry.scope] = try zip(entry.blinded, signatures).map { try $0.token(from: $1) }
        }
        return TestWallet(tokens: tokens)
    }

    /// Sends a submission.
    ///
    /// - Parameters:
    ///   - token: spent with it.
    ///   - receiptId: 32 bytes; random ones by default.
    ///   - content: such as `"message":{…}`.
    func submit(
        _ token: Token?,
        receiptId: [UInt8] = TestServer.randomReceipt(),
        _ content: String,
        headers: [String: String] = [:]
    ) async throws -> TestReply {
        guard let token else { throw CocoaError(.coderValueNotFound) }
        let body = """
            {"v":1,"token":{"input":"\(Base64URL.encode(token.input.bytes))","signature":"\(Base64URL.encode(token.signature))"},\
            "receiptId":"\(Base64URL.encode(receiptId))",\(content)}
            """
        let padded = FixedSize.padded(Array(body.utf8))
        return try await send("POST", "/v1/anonymous/submissions", headers: headers, bytes: padded)
    }

    /// Makes a channel and gives its id.
    func channel(by coordinator: TestPerson) async throws -> String {
        let body =
            "{\"name\":\"Kummerkasten\",\"policy\":\"Wir lesen alles.\",\"themes\":[{\"name\":\"Alltag\"}],\"kind\":\"feedback\"}"
        return try await send("POST", "\(home)/channels", body, as: coordinator).json["id"].string
    }
}

extension TestServer {
    /// A receipt that nobody has had.
    static func randomReceipt() -> [UInt8] { (0..<32).map { _ in UInt8.random(in: 0...255) } }

    /// A message for a channel, as part of a submission.
    static func message(_ text: String, channel: String, theme: String? = nil, rating: Int? = nil) -> String {
        """
        "message":{"channel":"\(channel)","theme":\(theme.map { "\"\($0)\"" } ?? "null"),"unit":null,"showUnit":false,\
        "rating":\(rating.map(String.init) ?? "null"),"text":"\(text)","language":"de"}
        """
    }
}
