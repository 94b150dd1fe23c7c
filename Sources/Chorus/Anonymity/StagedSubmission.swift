import AnonymousTokens
import Crypto
import Foundation

/// A submission as it lies in the inbox: sealed under the key of its batch.
struct StagedSubmission: Codable, Sendable {
    let network: UUID
    let keyId: [UInt8]
    let nullifier: [UInt8]
    /// SHA-256 of the request without its padding: the same again is no second one.
    let digest: [UInt8]
    let receiptId: [UInt8]
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
    static func digest(of submission: Submission) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let content =
            switch submission.content {
            case .message(let message): try encoder.encode(message)
            case .ballot(let ballot): try encoder.encode(ballot)
            case .endorsement(let endorsement): try encoder.encode(endorsement)
            case nil: Data()
            }
        return Array(SHA256.hash(data: Data(submission.receiptId) + content))
    }
}
