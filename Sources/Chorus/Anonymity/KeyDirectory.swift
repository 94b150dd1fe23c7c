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

    fileprivate func members(of key: AnonymousKey) -> [String: CanonicalJSON] {
        [
            "keyId": .string(key.keyId.hex), "scope": .string(key.scope.text), "kind": .string(key.kind.rawValue),
            "epoch": .string(key.epoch), "n": .string(Base64URL.encode(key.modulus)), "e": .string("AQAB"),
            "tokensPerMember": .integer(key.tokensPerMember), "minSet": .integer(key.minSet),
            "issueFrom": .string(key.issueFrom.description), "issueTo": .string(key.issueTo.description),
            "redeemTo": .string(key.redeemTo.description),
        ]
    }
}

/// One link of the chain that the directory is.
struct DirectoryVersion: Sendable {
    let seq: Int
    /// Digest of the version before.
    let prev: [UInt8]
    /// Digest of the web client that is served with it.
    let bundle: [UInt8]
    let digest: [UInt8]
}

extension KeyDirectory {
    /// What a version of the directory shows.
    init(_ version: DirectoryVersion, network: UUID, keys: [AnonymousKey]) {
        self.init(network: network, seq: version.seq, prev: version.prev, bundle: version.bundle, keys: keys)
    }
}

/// A version with only the keys that came with it: whoever has the versions before it can compute its digest.
private struct DirectoryLink: Encodable, Sendable {
    let version: DirectoryVersion
    let directory: KeyDirectory

    func encode(to encoder: any Encoder) throws {
        // The first version of a chain may be of a network that had keys before.
        let isFirst = version.prev.allSatisfy { $0 == 0 }
        let new = directory.keys.filter { key in
            key.directorySeq == version.seq || isFirst && key.directorySeq < version.seq
        }
        let link = CanonicalJSON.object([
            "seq": .integer(version.seq), "prev": .string(version.prev.hex),
            "bundleSHA256": .string(version.bundle.hex), "digest": .string(version.digest.hex),
            "keys": .array(new.map { .object(directory.members(of: $0)) }),
        ])
        try link.encode(to: encoder)
    }
}

extension ServerParts {
    /// The directory as it stands.
    ///
    /// - Parameters:
    ///   - network: whose.
    ///   - countsGrants: whether it is counted how many members have tokens; true by default. The digest is without the counts.
    /// - Throws: ``Problem`` `notFound` for an unknown network.
    func directory(of network: UUID, countsGrants: Bool = true) async throws -> KeyDirectory {
        let pool = databases.anonymous
        guard let version = try await pool.first(ReadDirectoryVersions(network: network), network: network) else {
            throw Problem(.notFound)
        }
        // Keys of a version that begins in this moment are left to its readers.
        let statement = ReadKeys(network: network, upTo: version.seq, countsGrants: countsGrants)
        let keys = try await pool.execute(statement, network: network)
        return KeyDirectory(version, network: network, keys: keys)
    }
}

extension ServerParts {
    /// Each version of a network's directory with the keys that came with it, as `GET /v1/anonymous/directory/versions` gives them.
    func directoryLinks(of network: UUID) async throws -> [JSONValue] {
        let (pool, limit) = (databases.anonymous, 200)
        var links: [JSONValue] = []
        var after = 0
        while true {
            let page = ReadDirectoryVersions(network: network, after: after, limit: limit)
            let found = try await pool.execute(page, network: network).prefix(limit)
            guard let last = found.last?.seq else { return links }
            let keys = try await pool.execute(ReadKeys(network: network, after: after, upTo: last), network: network)
            for version in found {
                let directory = KeyDirectory(version, network: network, keys: keys)
                let link = try JSONEncoder().encode(DirectoryLink(version: version, directory: directory))
                links.append(try JSONParser.parse(Array(link)))
            }
            after = last
        }
    }
}

/// `GET /v1/anonymous/directory`.
struct KeyDirectoryRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/anonymous/directory": ["network"],
        "/v1/anonymous/directory/versions": ["network", "limit", "after"],
    ]

    let parts: ServerParts

    func add(anonymous: some RouterMethods<AnonymousContext>) {
        anonymous.get("directory", use: read)
        anonymous.get("directory/versions", use: versions)
    }

    private func read(_ request: Request, _ context: AnonymousContext) async throws -> Response {
        let network = try Self.network(request)
        return Self.publicly(request, try await parts.directory(of: network).answer.bytes)
    }

    /// The chain from its first version, so that anybody can compute every digest.
    private func versions(_ request: Request, _ context: AnonymousContext) async throws -> Response {
        let network = try Self.network(request)
        let page = try PageRequest(request)
        let after = try page.afterNumber() ?? 0
        let pool = parts.databases.anonymous
        let found = try await pool.execute(
            ReadDirectoryVersions(network: network, after: after, limit: page.limit),
            network: network
        )
        guard !found.isEmpty || after > 0 else { throw Problem(.notFound) }
        let last = found.prefix(page.limit).last?.seq ?? after
        let keys = try await pool.execute(
            ReadKeys(network: network, after: after, upTo: last),
            network: network
        )
        let links = found.map { version in
            DirectoryLink(version: version, directory: KeyDirectory(version, network: network, keys: keys))
        }
        return try .read(Page(links, limit: page.limit, cursor: { ["\($0.version.seq)"] }), for: request)
    }

    private static func network(_ request: Request) throws(Problem) -> UUID {
        guard let network = try request.queryUUID("network") else {
            throw Problem(.malformed, errors: [.init(pointer: "network", detail: "is required")])
        }
        return network
    }

    private static func publicly(_ request: Request, _ bytes: [UInt8]) -> Response {
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
