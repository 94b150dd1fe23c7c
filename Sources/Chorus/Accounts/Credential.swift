import AnonymousTokens
import Crypto
import Foundation

/// A token that its bearer signs in with: 256 random bits, of which the server keeps SHA-256 only.
struct Credential: Sendable {
    let text: String

    /// Makes a new one.
    init() {
        text = Base64URL.encode(SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }

    init(text: String) {
        self.text = text
    }

    /// What is stored and looked up.
    var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
}
