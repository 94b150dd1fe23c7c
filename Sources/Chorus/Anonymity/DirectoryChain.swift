import AnonymousTokens
import Crypto

/// A key directory as somebody reads it who does not trust the server: every digest is computed from the keys themselves
/// (anonymity.md, section 3.4; the idea is that of RFC 9162, with one log for each network that is small enough to read whole).
struct DirectoryChain: Sendable {
    /// What is wrong with a chain, and in which version.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case malformed(what: String)
        case outOfOrder(expected: Int, found: Int)
        case broken(seq: Int)
        case wrongDigest(seq: Int)
        case wrongKey(seq: Int, keyId: String)
        case twoKeys(seq: Int, scope: String, epoch: String)
        case anotherHistory(seq: Int)

        var description: String {
            switch self {
            case .malformed(let what): "This is no key directory: \(what)."
            case .outOfOrder(let expected, let found):
                "Version \(expected) is missing: version \(found) stands in its place."
            case .broken(let seq): "Version \(seq) does not follow from the version before it."
            case .wrongDigest(let seq): "The digest of version \(seq) is not that of its keys."
            case .wrongKey(let seq, let keyId): "Key \(keyId) of version \(seq) is not sound or not what its name says."
            case .twoKeys(let seq, let scope, let epoch):
                "Version \(seq) has a second key for \(scope) in \(epoch): members could be told apart by their key."
            case .anotherHistory(let seq):
                "Version \(seq) is not the one that was saved: the server shows another history than before."
            }
        }
    }

    /// What the first version names as the one before it.
    static let beginning = String(repeating: "0", count: 64)

    /// Id of the network.
    let network: String
    /// Number of the newest version; 0 before the first.
    private(set) var seq = 0
    /// SHA-256 of the web client that is served with the newest version.
    private(set) var bundle = ""
    /// Digests by version, in hexadecimal digits.
    private(set) var digests: [Int: String] = [:]
    private var keys: [CanonicalJSON] = []
    private var keyIds: Set<String> = []
    private var places: Set<String> = []

    /// An empty chain.
    ///
    /// - Parameter network: its id, lower case.
    init(network: String) {
        self.network = network
    }

    /// Digest of the newest version; zeros before the first.
    var digest: String { digests[seq] ?? Self.beginning }
    /// How many keys there are.
    var count: Int { keys.count }

    /// Takes one more version: its number, what it names as the one before, its web client, and the keys that came with it.
    ///
    /// - Throws: ``Fault``; the chain is as before then.
    mutating func append(_ link: JSONValue) throws(Fault) {
        var next = self
        next.seq = link["seq"].int
        next.bundle = link["bundleSHA256"].string
        guard next.seq >= 1 else { throw .malformed(what: "a version has no number") }
        // The first may have any number: networks that are older than their chain begin later.
        guard seq == 0 || next.seq == seq + 1 else { throw .outOfOrder(expected: seq + 1, found: next.seq) }
        guard link["prev"].string == digest else { throw .broken(seq: next.seq) }
        for key in link["keys"].array { try next.add(key) }
        next.digests[next.seq] = next.digest(prev: digest)
        guard link["digest"].string == next.digest else { throw .wrongDigest(seq: next.seq) }
        self = next
    }

    private mutating func add(_ key: JSONValue) throws(Fault) {
        let keyId = key["keyId"].string
        guard let modulus = Base64URL.decode(key["n"].string), key["e"].string == "AQAB",
            let publicKey = try? IssuerPublicKey(modulus: modulus, exponent: IssuerPublicKey.exponent),
            publicKey.keyId.hex == keyId, keyIds.insert(keyId).inserted
        else { throw .wrongKey(seq: seq, keyId: keyId) }
        let (scope, epoch) = (key["scope"].string, key["epoch"].string)
        guard places.insert("\(scope) \(epoch)").inserted else { throw .twoKeys(seq: seq, scope: scope, epoch: epoch) }
        guard let canonical = CanonicalJSON(key) else { throw .malformed(what: "a key has a fraction") }
        keys.append(canonical)
    }

    private func digest(prev: String) -> String {
        let version = CanonicalJSON.object([
            "v": .integer(1), "network": .string(network), "seq": .integer(seq), "prev": .string(prev),
            "bundleSHA256": .string(bundle), "keys": .array(keys),
        ])
        return Array(SHA256.hash(data: version.bytes)).hex
    }

    /// Whether the directory that members are shown is the newest version.
    ///
    /// - Parameter directory: what `GET /v1/anonymous/directory` answers.
    /// - Throws: ``Fault``.
    func check(shown directory: JSONValue) throws(Fault) {
        guard directory["seq"].int == seq, directory["digest"].string == digest,
            directory["bundleSHA256"].string == bundle, directory["network"].string == network
        else { throw .wrongDigest(seq: directory["seq"].int) }
        let shown = directory["keys"].array.compactMap { key -> CanonicalJSON? in
            guard case .object(var members) = key else { return nil }
            members["granted"] = nil
            return CanonicalJSON(.object(members))
        }
        guard shown == keys else { throw .wrongDigest(seq: seq) }
    }

    /// Whether this chain is an earlier one, continued.
    ///
    /// - Throws: ``Fault`` `anotherHistory`.
    func check(continues earlier: DirectoryChain) throws(Fault) {
        guard network == earlier.network, digests[earlier.seq] == earlier.digest else {
            throw .anotherHistory(seq: earlier.seq)
        }
    }

    /// Twelve digits of the digest that people can read to each other: the first 8 bytes, modulo 10^12.
    var shortCode: String { Self.shortCode(ofDigest: digest) }

    /// - Parameter digest: in hexadecimal digits.
    static func shortCode(ofDigest digest: String) -> String {
        let number = ([UInt8](hex: String(digest.prefix(16))) ?? []).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let digits = String(number % 1_000_000_000_000)
        let padded = Array(String(repeating: "0", count: 12 - digits.count) + digits)
        return [padded[0..<4], padded[4..<8], padded[8..<12]].map { String($0) }.joined(separator: " ")
    }
}

extension CanonicalJSON {
    /// The same value; `nil` when it has a number that is no integer.
    init?(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number: return nil
        case .string(let value): self = .string(value)
        case .array(let values):
            let elements = values.compactMap(CanonicalJSON.init)
            guard elements.count == values.count else { return nil }
            self = .array(elements)
        case .object(let values):
            let members = values.compactMapValues(CanonicalJSON.init)
            guard members.count == values.count else { return nil }
            self = .object(members)
        }
    }
}
