import AnonymousTokens
import Crypto
import Foundation
import Hummingbird
import Postgres

/// The keys of a network as everybody is shown them: who is shown others could be told apart by them.
struct KeyDirectory: Sendable {
    let network: UUID
    let seq: Int
    let prev: [UInt8]
    let bundle: [UInt8]
    let keys: [AnonymousKey]

    /// SHA-256 of the canonical JSON without the digest and without the counts, which move.
    var digest: [UInt8] {
        Array(SHA256.hash(data: json(keys: keys.map { CanonicalJSON.object(members(of: $0)) }).bytes))
    }

    /// The whole answer.
    var answer: CanonicalJSON {
        let keys = keys.map { key in
            CanonicalJSON.object(members(of: key).merging(["granted": .integer(key.granted)]) { $1 })
        }
        guard case .object(let members) = json(keys: keys) else { return .null }
        return .object(members.merging(["digest": .string(digest.hex)]) { $1 })
    }

    private func json(keys: [CanonicalJSON]) -> CanonicalJSON {
        .object([
            "v": .integer(1), "network": .string(network.text), "seq": .integer(seq), "prev": .string(prev.hex),
            "bundleSHA256": .string(bundle.hex), "keys": .array(keys),
        ])
    }

    private func members(of key: AnonymousKey) -> [String: CanonicalJSON] {
        [
            "keyId": .string(key.keyId.hex), "scope": .string(key.scope.text), "kind": .string(key.kind.rawValue),
            "epoch": .string(key.epoch), "n": .string(Base64URL.encode(key.modulus)), "e": .string("AQAB"),
            "tokensPerMember": .integer(key.tokensPerMember), "minSet": .integer(key.minSet),
            "issueFrom": .string(key.issueFrom.description), "issueTo": .string(key.issueTo.description),
            "redeemTo": .string(key.redeemTo.description),
        ]
    }
}

extension ServerParts {
    /// The directory as it stands.
    ///
    /// - Throws: ``Problem`` `notFound` for an unknown network.
    func directory(of network: UUID) async throws -> KeyDirectory {
        let pool = databases.anonymous
        guard let version = try await pool.first(ReadDirectoryVersion(network: network), network: network) else {
            throw Problem(.notFound)
        }
        return KeyDirectory(
            network: network,
            seq: version.seq,
            prev: version.prev,
            bundle: WebClient.bundleDigest,
            keys: try await pool.execute(ReadKeys(network: network), network: network)
        )
    }
}

/// `GET /v1/anonymous/directory`.
struct KeyDirectoryRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/anonymous/directory": ["network"]]

    let parts: ServerParts

    func add(anonymous: some RouterMethods<AnonymousContext>) {
        anonymous.get("directory", use: read)
    }

    private func read(_ request: Request, _ context: AnonymousContext) async throws -> Response {
        guard let network = try request.queryUUID("network") else {
            throw Problem(.malformed, errors: [.init(pointer: "network", detail: "is required")])
        }
        let directory = try await parts.directory(of: network)
        let bytes = directory.answer.bytes
        let tag = EntityTag.of(Data(bytes), version: nil)
        // Public on purpose: a copy in a cache is a witness.
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "public, max-age=60"]
        if EntityTag.matches(request.headers[.ifNoneMatch], tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json; charset=utf-8"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
