import AnonymousTokens
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The HTTP API as a client of it sees it.
struct ReplayClient: Sendable {
    struct Nothing: Codable, Sendable {
        init() {}
        init(from decoder: any Decoder) {}
    }

    struct Reply<Value: Sendable>: Sendable {
        let value: Value
        let version: String?
    }

    let server: String

    /// Sends a request, and again when the server asks for patience.
    func send<Answer: Decodable & Sendable>(
        _ method: String,
        _ path: String,
        _ body: (any Encodable)? = nil,
        as token: String? = nil,
        version: String? = nil,
        answer: Answer.Type = Nothing.self
    ) async throws -> Reply<Answer> {
        var request = HTTPClientRequest(url: server + path)
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let version { request.headers.add(name: "If-Match", value: version) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            let bytes = Array(try JSONEncoder().encode(body))
            let isAnonymous = path.hasPrefix("/v1/anonymous/")
            request.body = .bytes(ByteBuffer(bytes: isAnonymous ? FixedSize.padded(bytes) ?? bytes : bytes))
        }
        while true {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            let bytes = try await response.body.collect(upTo: 1 << 24)
            if response.status == .tooManyRequests {
                let seconds = response.headers.first(name: "Retry-After").flatMap { Int($0) } ?? 1
                try await Task.sleep(for: .seconds(max(1, seconds)))
                continue
            }
            let data = Data(bytes.readableBytesView)
            guard (200..<300).contains(response.status.code) else {
                let told = String(decoding: data.prefix(600), as: UTF8.self)
                throw ReplayFailure("\(method) \(path) was answered with \(response.status.code): \(told)")
            }
            let value = try JSONDecoder().decode(Answer.self, from: data.isEmpty ? Data("{}".utf8) : data)
            return Reply(value: value, version: response.headers.first(name: "ETag"))
        }
    }
}

/// Unspent tokens of one person, by scope.
struct Wallet: Sendable {
    var tokens: [String: [Token]] = [:]

    mutating func take(_ scope: String) -> Token? { tokens[scope]?.popLast() }
}

/// The public keys of a network.
struct Directory: Decodable, Sendable {
    struct Key: Decodable, Sendable {
        let keyId: String
        let scope: String
        let epoch: String
        let n: String
        let e: String
        let tokensPerMember: Int
    }

    let keys: [Key]
    let digest: String
}

private struct TokenRequest: Encodable {
    struct One: Encodable {
        let keyId: String
        let blinded: [String]
    }

    let directoryDigest: String
    let requests: [One]
}

private struct TokenAnswer: Decodable, Sendable {
    struct One: Decodable, Sendable {
        let keyId: String
        let blindSignatures: [String]?
    }

    let results: [One]
}

extension ReplayClient {
    /// Fetches a member's tokens for all open keys: blinds, asks once, unblinds and tests each signature.
    func wallet(of member: String, network: String, _ directory: Directory) async throws -> Wallet {
        var asked: [[BlindedToken]] = []
        for key in directory.keys {
            guard let modulus = Base64URL.decode(key.n), let exponent = Base64URL.decode(key.e) else {
                throw ReplayFailure("The directory shows a key that is no base64url.")
            }
            let publicKey = try IssuerPublicKey(modulus: modulus, exponent: exponent)
            let context = TokenContext(network: network, scope: key.scope, epoch: key.epoch)
            asked.append(
                try (0..<key.tokensPerMember).map { _ in
                    try publicKey.blind(TokenInput(context: context, keyId: publicKey.keyId))
                }
            )
        }
        let requests = zip(directory.keys, asked).map { key, blinded in
            TokenRequest.One(keyId: key.keyId, blinded: blinded.map { Base64URL.encode($0.blinded) })
        }
        let answer = try await send(
            "POST",
            "/v1/networks/\(network)/anonymous-tokens",
            TokenRequest(directoryDigest: directory.digest, requests: requests),
            as: member,
            answer: TokenAnswer.self
        )
        var wallet = Wallet()
        for (index, result) in answer.value.results.enumerated() where asked.indices.contains(index) {
            let signatures = (result.blindSignatures ?? []).compactMap { Base64URL.decode($0) }
            wallet.tokens[directory.keys[index].scope] = try zip(asked[index], signatures).map {
                try $0.token(from: $1)
            }
        }
        return wallet
    }
}

/// What is posted without a name.
struct Submission: Encodable, Sendable {
    struct Signed: Encodable, Sendable {
        let input: String
        let signature: String
    }

    struct Message: Encodable, Sendable {
        let channel: String
        let text: String
        let language = "de"
        let showUnit = false
    }

    struct Ballot: Encodable, Sendable {
        struct Answer: Encodable, Sendable {
            let item: String
            let rating: Int
        }

        let round: String
        let unit: String
        let answers: [Answer]
    }

    let v = 1
    let token: Signed
    let receiptId: String
    let message: Message?
    let ballot: Ballot?

    init(_ token: Token, message: Message? = nil, ballot: Ballot? = nil) {
        self.token = Signed(input: Base64URL.encode(token.input.bytes), signature: Base64URL.encode(token.signature))
        var generator = SystemRandomNumberGenerator()
        receiptId = Base64URL.encode((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        self.message = message
        self.ballot = ballot
    }
}
