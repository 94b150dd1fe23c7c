import AnonymousTokens
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// A client of the API over loopback.
struct DemoClient: Sendable {
    let port: Int

    func send(
        _ method: String,
        _ path: String,
        _ body: [String: JSONValue]? = nil,
        as token: String? = nil
    ) async throws -> JSONValue {
        var headers: HTTPHeaders = ["Host": "127.0.0.1"]
        if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        var bytes: [UInt8] = []
        if let body {
            headers.add(name: "Content-Type", value: "application/json")
            bytes = Array(try JSONEncoder().encode(body))
            if path.hasPrefix("/v1/anonymous/") { bytes = FixedSize.padded(bytes) ?? bytes }
        }
        headers.add(name: "Content-Length", value: "\(bytes.count)")
        let head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: method), uri: path, headers: headers)
        let (status, answer) = try await exchange(head, bytes)
        guard (200..<300).contains(status.code) else {
            throw OperationRefusal("The demo town was refused by its own server: \(method) \(path) (\(status.code)).")
        }
        guard answer.readableBytes > 0 else { return .null }
        return try JSONParser.parse(Array(answer.readableBytesView))
    }

    /// One request on a connection of its own; no more is needed between a process and itself.
    private func exchange(_ head: HTTPRequestHead, _ body: [UInt8]) async throws -> (HTTPResponseStatus, ByteBuffer) {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: body))))
            try await outbound.write(.end(nil))
            var (status, bytes) = (HTTPResponseStatus.internalServerError, ByteBuffer())
            for try await part in inbound {
                switch part {
                case .head(let head): status = head.status
                case .body(let part): bytes.writeImmutableBuffer(part)
                case .end: return (status, bytes)
                }
            }
            throw OperationRefusal("The demo town's own server did not answer.")
        }
    }

    func submit(_ token: Token?, _ content: [String: JSONValue]) async throws {
        guard let token else { return }
        let receipt = (0..<32).map { _ in UInt8.random(in: 0...255) }
        let signed: [String: JSONValue] = [
            "input": .string(Base64URL.encode(token.input.bytes)),
            "signature": .string(Base64URL.encode(token.signature)),
        ]
        let body: [String: JSONValue] = [
            "v": .integer(1), "token": .object(signed), "receiptId": .string(Base64URL.encode(receipt)),
        ]
        _ = try await send("POST", "/v1/anonymous/submissions", body.merging(content) { $1 })
    }

    /// Fetches the tokens of all open keys for some members.
    func wallets(of members: [String], network: String) async throws -> [DemoWallet] {
        let directory = try await send("GET", "/v1/anonymous/directory?network=\(network)")
        let keys = try directory["keys"].array.map { try DemoKey($0, network: network) }
        var wallets: [DemoWallet] = []
        for member in members {
            let asked = try keys.map { key in (key, try key.blind()) }
            let requests = asked.map { key, blinded in
                JSONValue.object([
                    "keyId": .string(key.keyId),
                    "blinded": .array(blinded.map { .string(Base64URL.encode($0.blinded)) }),
                ])
            }
            let body: [String: JSONValue] = ["directoryDigest": directory["digest"], "requests": .array(requests)]
            let results = try await send("POST", "/v1/networks/\(network)/anonymous-tokens", body, as: member)[
                "results"
            ].array
            var tokens: [String: [Token]] = [:]
            for ((key, blinded), result) in zip(asked, results) {
                let signatures = result["blindSignatures"].array.compactMap { Base64URL.decode($0.string) }
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

    init(_ key: JSONValue, network: String) throws {
        keyId = key["keyId"].string
        scope = key["scope"].string
        context = TokenContext(network: network, scope: scope, epoch: key["epoch"].string)
        publicKey = try IssuerPublicKey(
            modulus: Base64URL.decode(key["n"].string) ?? [],
            exponent: Base64URL.decode(key["e"].string) ?? []
        )
        count = key["tokensPerMember"].int
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
