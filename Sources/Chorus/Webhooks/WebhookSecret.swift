import Crypto
import Foundation

/// What a receiver knows a notice by: Standard Webhooks 1.0, symmetric signatures.
struct WebhookSecret: Sendable {
    private let bytes: [UInt8]

    /// A new one of 256 random bits.
    init() {
        bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    }

    /// As it is shown once, when it is made: `whsec_` and base64.
    var text: String { "whsec_" + Data(bytes).base64EncodedString() }

    /// What is stored: AES-256-GCM under a key outside the database, bound to its webhook, so that none can be put in another's place.
    func sealed(for webhook: UUID, under key: SymmetricKey) throws -> [UInt8] {
        let box = try AES.GCM.seal(bytes, using: key, authenticating: Array(webhook.text.utf8))
        return Array(box.combined ?? Data())
    }

    /// - Throws: what CryptoKit says when it was sealed under another key or for another webhook.
    init(sealed: [UInt8], for webhook: UUID, under key: SymmetricKey) throws {
        let box = try AES.GCM.SealedBox(combined: sealed)
        bytes = Array(try AES.GCM.open(box, using: key, authenticating: Array(webhook.text.utf8)))
    }

    /// The value of `webhook-signature`.
    ///
    /// - Parameters:
    ///   - id: of the notice, the same at every attempt.
    ///   - timestamp: of the attempt, in seconds since 1970.
    ///   - body: to the byte.
    func signature(id: String, timestamp: Int, body: String) -> String {
        let signed = Array("\(id).\(timestamp).\(body)".utf8)
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: bytes))
        return "v1," + Data(code).base64EncodedString()
    }
}
