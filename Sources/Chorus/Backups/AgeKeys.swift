import Crypto
import Foundation

/// For whom something is encrypted.
enum AgeRecipient: Sendable {
    /// The public key of an identity that need not be on this machine.
    case publicKey([UInt8])
    case passphrase(String)

    /// - Parameter text: `age1…`, as `age-keygen` and `chorus keys new` print it.
    init?(publicKey text: String) {
        guard let bytes = Bech32.decode(text, "age"), bytes.count == 32 else { return nil }
        self = .publicKey(bytes)
    }
}

/// What opens something.
enum AgeIdentity: Sendable {
    case privateKey([UInt8])
    case passphrase(String)

    /// The identities of a file that `age-keygen` or `chorus keys new` wrote.
    ///
    /// - Parameter text: lines; those that begin with `#` are comments.
    /// - Returns: empty when a line is no identity.
    static func read(_ text: String) -> [Self] {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingWhitespace() }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        let keys = lines.compactMap { Bech32.decode($0, "age-secret-key-") }.filter { $0.count == 32 }
        return keys.count == lines.count ? keys.map { .privateKey($0) } : []
    }

    /// A new one, in writing, and the recipient that goes with it.
    static func make() -> (identity: String, recipient: String) {
        let key = Curve25519.KeyAgreement.PrivateKey()
        return (
            Bech32.encode("age-secret-key-", Array(key.rawRepresentation)).uppercased(),
            Bech32.encode("age", Array(key.publicKey.rawRepresentation))
        )
    }
}
