import AnonymousTokens
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// JSON as the demo writes and reads it.
enum DemoValue: Codable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([DemoValue])
    case object([String: DemoValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([DemoValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: DemoValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    subscript(_ name: String) -> DemoValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }
    var text: String { if case .text(let text) = self { text } else { "" } }
    var whole: Int { if case .integer(let value) = self { value } else { 0 } }
    var elements: [DemoValue] { if case .list(let list) = self { list } else { [] } }
}

/// A client of the API over loopback.
struct DemoClient: Sendable {
    let port: Int

    func send(
        _ method: String,
        _ path: String,
        _ body: [String: DemoValue]? = nil,
        as token: String? = nil
    ) async throws -> DemoValue {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .RAW(value: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 22)
        guard (200..<300).contains(response.status.code) else {
            throw OperationRefusal("The demo town was refused by its own server (\(response.status.code)).")
        }
        guard bytes.readableBytes > 0 else { return .null }
        return try JSONDecoder().decode(DemoValue.self, from: Data(bytes.readableBytesView))
    }

    func submit(_ token: Token?, _ content: [String: DemoValue]) async throws {
        guard let token else { return }
        let receipt = (0..<32).map { _ in UInt8.random(in: 0...255) }
        let signed: [String: DemoValue] = [
            "input": .text(Base64URL.encode(token.input.bytes)), "signature": .text(Base64URL.encode(token.signature)),
        ]
        let body: [String: DemoValue] = [
            "v": .integer(1), "token": .object(signed), "receiptId": .text(Base64URL.encode(receipt)),
        ]
        _ = try await send("POST", "/v1/anonymous/submissions", body.merging(content) { $1 })
    }

    /// Fetches the tokens of all open keys for some members.
    func wallets(of members: [String], network: String) async throws -> [DemoWallet] {
        let directory = try await send("GET", "/v1/anonymous/directory?network=\(network)")
        let keys = try directory["keys"].elements.map { try DemoKey($0, network: network) }
        var wallets: [DemoWallet] = []
        for member in members {
            let asked = try keys.map { key in (key, try key.blind()) }
            let requests = asked.map { key, blinded in
                DemoValue.object([
                    "keyId": .text(key.keyId), "blinded": .list(blinded.map { .text(Base64URL.encode($0.blinded)) }),
                ])
            }
            let body: [String: DemoValue] = ["directoryDigest": directory["digest"], "requests": .list(requests)]
            let results = try await send("POST", "/v1/networks/\(network)/anonymous-tokens", body, as: member)[
                "results"
            ].elements
            var tokens: [String: [Token]] = [:]
            for ((key, blinded), result) in zip(asked, results) {
                let signatures = result["blindSignatures"].elements.compactMap { Base64URL.decode($0.text) }
                tokens[key.scope] = try zip(blinded, signatures).map { try $0.token(from: $1) }
            }
            wallets.append(DemoWallet(network: network, tokens: tokens))
        }
        return wallets
    }
}

/// A key of the directory, as a client checks it.
private struct DemoKey {
    let keyId: String
    let scope: String
    private let context: TokenContext
    private let publicKey: IssuerPublicKey
    private let count: Int

    init(_ key: DemoValue, network: String) throws {
        keyId = key["keyId"].text
        scope = key["scope"].text
        context = TokenContext(network: network, scope: scope, epoch: key["epoch"].text)
        publicKey = try IssuerPublicKey(
            modulus: Base64URL.decode(key["n"].text) ?? [],
            exponent: Base64URL.decode(key["e"].text) ?? []
        )
        count = key["tokensPerMember"].whole
    }

    func blind() throws -> [BlindedToken] {
        try (0..<count).map { _ in try publicKey.blind(TokenInput(context: context, keyId: publicKey.keyId)) }
    }
}

/// Unspent tokens of one member.
struct DemoWallet {
    let network: String
    private var tokens: [String: [Token]]

    init(network: String, tokens: [String: [Token]]) {
        self.network = network
        self.tokens = tokens
    }

    mutating func takeMessage() -> Token? { take(scope: network) }

    mutating func take(scope: String) -> Token? {
        guard tokens[scope]?.isEmpty == false else { return nil }
        return tokens[scope]?.removeLast()
    }
}
