import AnonymousTokens
import Crypto
import Foundation
import Postgres

/// How far a town has gone with a recommendation.
enum Stage: String, CaseIterable, Sendable {
    case draft, pilot, standard

    /// Its place among the others: a town goes on, never back.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A recommendation that travels from town to town, signed by each that has taken it over.
///
/// It is a list of links. Each holds the recommendation as its town has published it, the digest of the link before, and the town's
/// signature over all that; so a third town can check every step, and none of them can be changed, left out or put elsewhere.
struct Package: Sendable {
    /// Why one is refused; the name tells the reader, the place where to look.
    enum Refusal: Error, Equatable {
        /// Says the same in other bytes than its town wrote.
        case altered
        /// The link was changed after it was signed, or is not where it was.
        case forged(link: Int)
        /// Nobody here trusts who signed the link.
        case unknownKey(link: Int, keyId: String)
    }

    /// What a town says of a recommendation.
    struct Link: Sendable, Equatable {
        let town: String
        /// Id of the town's network.
        let network: UUID
        let recommendation: UUID
        let number: Int
        let publishedOn: String
        let stage: Stage
        /// Since when it has this stage there.
        let on: String
        let title: String
        let text: String
        let measure: String
        let theme: String?
        let evidence: [Evidence]
        /// SHA-256 of the link before, in hexadecimal digits; `nil` for the first.
        let previous: String?
        /// Ed25519, 32 bytes.
        let publicKey: [UInt8]
        /// 64 bytes; empty before it is signed.
        var signature: [UInt8] = []
    }

    /// A released number: shares in whole percent and the mean in tenths, as the record has them.
    struct Evidence: Sendable, Equatable {
        let release: Int
        let table: String
        let item: String?
        let unit: String?
        let atLeast: Int
        let negative: Int
        let neutral: Int
        let positive: Int
        let meanTenths: Int
    }

    /// More than towns that pass one on to one another; bounds the work of a check.
    static let maximumLinks = 12
    /// The largest document that is read, in bytes.
    static let maximumSize = 1 << 20

    let links: [Link]

    /// The document, in its one form.
    var json: CanonicalJSON { .object(["links": .array(links.map(\.json)), "v": .integer(1)]) }

    var digest: [UInt8] { Array(SHA256.hash(data: json.bytes)) }

    /// - Parameters:
    ///   - bytes: the document, to the byte as its town wrote it.
    ///   - keys: public keys that are trusted, by their ids in hexadecimal digits.
    /// - Throws: ``Refusal``; ``Problem`` `malformed` or `invalid` with a pointer for each fault.
    init(_ bytes: [UInt8], trusting keys: [String: [UInt8]]) throws {
        links = try Fields.read(bytes, as: PackageForm.self).links
        // A byte that means nothing to a reader of JSON counts as well.
        guard json.bytes == bytes else { throw Refusal.altered }
        var previous: String?
        for (index, link) in links.enumerated() {
            guard link.previous == previous, link.isSigned else { throw Refusal.forged(link: index) }
            guard keys[link.keyId] == link.publicKey else { throw Refusal.unknownKey(link: index, keyId: link.keyId) }
            previous = link.digest
        }
    }

    init(links: [Link]) {
        self.links = links
    }
}

extension Package.Link {
    fileprivate static let kind = "chorus-recommendation"

    /// SHA-256 of the public key, in hexadecimal digits.
    var keyId: String { TownKey.id(of: publicKey).hex }

    /// SHA-256 of the whole link, in hexadecimal digits.
    var digest: String { Array(SHA256.hash(data: json.bytes)).hex }

    /// The same, signed.
    func signed(by key: TownKey) throws -> Self {
        var link = self
        link.signature = try key.signature(of: content.bytes)
        return link
    }

    var isSigned: Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: content.bytes)
    }

    var json: CanonicalJSON {
        guard case .object(var members) = content else { return content }
        members["signature"] = .string(Base64URL.encode(signature))
        return .object(members)
    }

    /// What is signed: everything but the signature, with a name that no other signature of ours has.
    private var content: CanonicalJSON {
        .object([
            "kind": .string(Self.kind), "town": .string(town), "network": .string(network.text),
            "recommendation": .string(recommendation.text), "number": .integer(number),
            "publishedOn": .string(publishedOn), "stage": .string(stage.rawValue), "on": .string(on),
            "title": .string(title), "text": .string(text), "measure": .string(measure),
            "theme": theme.map(CanonicalJSON.string) ?? .null, "evidence": .array(evidence.map(\.json)),
            "previous": previous.map(CanonicalJSON.string) ?? .null,
            "publicKey": .string(Base64URL.encode(publicKey)),
        ])
    }
}

extension Package.Link: JSONInput {
    /// The bounds are those of drafts here, so that what is signed can be taken over.
    init(_ fields: inout Fields) {
        let kind = fields.string("kind", length: 1...60)
        if kind != Self.kind, !kind.isEmpty { fields.refuse("kind", "must be \(Self.kind)") }
        town = fields.string("town", length: 1...200)
        network = fields.uuid("network")
        recommendation = fields.uuid("recommendation")
        number = fields.integer("number", in: 1...1_000_000_000)
        publishedOn = fields.day("publishedOn").description
        stage = fields.choice("stage", default: .draft)
        on = fields.day("on").description
        title = fields.string("title", length: 1...300)
        text = fields.string("text", length: 1...50_000)
        measure = fields.string("measure", length: 1...5_000)
        theme = fields.optionalString("theme", length: 1...200)
        evidence = fields.objects("evidence", count: 0...50)
        previous = fields.optionalString("previous", length: 64...64)
        publicKey = fields.bytes("publicKey", count: 32)
        signature = fields.bytes("signature", count: 64)
    }
}

extension Package.Evidence {
    fileprivate var json: CanonicalJSON {
        .object([
            "release": .integer(release), "table": .string(table), "item": item.map(CanonicalJSON.string) ?? .null,
            "unit": unit.map(CanonicalJSON.string) ?? .null, "atLeast": .integer(atLeast),
            "negative": .integer(negative), "neutral": .integer(neutral), "positive": .integer(positive),
            "meanTenths": .integer(meanTenths),
        ])
    }

    /// A cell as the record shows it.
    init(_ evidence: RecommendationAnswer.Evidence) {
        func percent(_ share: Double) -> Int { Int((share * 100).rounded()) }
        let cell = evidence.cell
        release = evidence.releaseNumber
        table = evidence.table
        item = cell.itemText
        unit = cell.unitName
        atLeast = cell.atLeast
        negative = percent(cell.negative)
        neutral = percent(cell.neutral)
        positive = percent(cell.positive)
        meanTenths = Int((cell.mean * 10).rounded())
    }
}

extension Package.Evidence: JSONInput {
    init(_ fields: inout Fields) {
        release = fields.integer("release", in: 1...1_000_000_000)
        table = fields.string("table", length: 1...20)
        item = fields.optionalString("item", length: 1...2_000)
        unit = fields.optionalString("unit", length: 1...200)
        atLeast = fields.integer("atLeast", in: 0...1_000_000_000)
        negative = fields.integer("negative", in: 0...100)
        neutral = fields.integer("neutral", in: 0...100)
        positive = fields.integer("positive", in: 0...100)
        meanTenths = fields.integer("meanTenths", in: 10...50)
    }
}

/// The document as it is read, before anything in it is believed.
struct PackageForm: JSONInput {
    let links: [Package.Link]

    init(_ fields: inout Fields) {
        links = fields.objects("links", count: 1...Package.maximumLinks)
        _ = fields.integer("v", in: 1...1)
    }
}

/// What a town signs with: Ed25519 (RFC 8032), made when it is first asked for, in a file outside the databases.
struct TownKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// - Throws: ``DataDirectory/Failure``; what CryptoKit says.
    init(of network: UUID, in data: DataDirectory) throws {
        key = try .init(rawRepresentation: data.secret("town-key-\(network.text)"))
    }

    var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    func signature(of bytes: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: bytes)) }

    /// SHA-256.
    static func id(of publicKey: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: publicKey)) }
}
