import AnonymousTokens
import Crypto
import Foundation

/// A submission as it lies in the inbox: sealed under the key of its batch.
struct StagedSubmission: Codable, Sendable {
    let network: UUID
    @Base64Coded var keyId: [UInt8]
    @Base64Coded var nullifier: [UInt8]
    /// SHA-256 of the request without its padding: the same again is no second one.
    @Base64Coded var digest: [UInt8]
    @Base64Coded var receiptId: [UInt8]
    /// How many mixes it has been carried over.
    var waited = 0
    var message: AnonymousMessage?
    var ballot: AnonymousBallot?
    var endorsement: AnonymousEndorsement?
    var reply: StagedReply?
    /// Whether the author takes back what the receipt leads to.
    var withdraws: Bool?

    func tag(_ key: SymmetricKey) -> [UInt8] { Self.tag(nullifier, key) }
    func receiptTag(_ key: SymmetricKey) -> [UInt8] { Self.tag(receiptId, key) }

    static func tag(_ bytes: [UInt8], _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
    }

    func sealed(_ key: SymmetricKey) throws -> [UInt8] {
        var bytes = try JSONEncoder().encode(self)
        // Padded to the sizes of requests, so that a row's length does not tell what it is.
        bytes.append(Data(repeating: 0x20, count: FixedSize.size(for: bytes.count) - bytes.count))
        return Array(try AES.GCM.seal(bytes, using: key).combined ?? Data())
    }

    static func open(_ sealed: [UInt8], _ key: SymmetricKey) throws -> StagedSubmission {
        try JSONDecoder().decode(Self.self, from: AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key))
    }

    /// What is compared when the same token comes again.
    static func digest(of submission: Submission) -> [UInt8] {
        var content = DigestInput(submission.receiptId)
        switch submission.content {
        case .message(let message):
            content.add(1)
            content.add(message.channel)
            content.add(message.theme)
            content.add(message.unit)
            content.add(message.showUnit ? 1 : 0)
            content.add(message.rating ?? 0)
            content.add(message.text)
            content.add(message.language)
        case .ballot(let ballot):
            content.add(2)
            content.add(ballot.round)
            content.add(ballot.unit)
            for answer in ballot.answers {
                content.add(answer.item)
                content.add(answer.rating)
            }
        case .endorsement(let endorsement):
            content.add(3)
            content.add(endorsement.recommendation)
            content.add(endorsement.support.rating)
        case nil: break
        }
        return Array(SHA256.hash(data: content.bytes))
    }
}

/// Values one after the other, each of them such that no two lists of values look alike.
private struct DigestInput {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func add(_ number: Int) { withUnsafeBytes(of: UInt64(number).bigEndian) { bytes += $0 } }

    mutating func add(_ id: UUID?) {
        add(id == nil ? 0 : 1)
        if let id { withUnsafeBytes(of: id.uuid) { bytes += $0 } }
    }

    mutating func add(_ text: String) {
        add(text.utf8.count)
        bytes += Array(text.utf8)
    }
}

/// Bytes that are coded as base64: as a list of numbers they take ten times as long, for every submission and again at the mix.
@propertyWrapper struct Base64Coded: Codable, Sendable {
    var wrappedValue: [UInt8]

    init(wrappedValue: [UInt8]) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        wrappedValue = Array(try decoder.singleValueContainer().decode(Data.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(wrappedValue))
    }
}
