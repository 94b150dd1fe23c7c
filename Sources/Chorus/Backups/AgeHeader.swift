import Crypto
import CryptoExtras
import Foundation

/// The head of a file in the format of age (https://c2sp.org/age): for each recipient the file's key, so that only
/// they have it.
///
/// A format of its own would need its own program to open a backup when this one is gone; `age -d` opens these.
/// Written here because age takes a passphrase from a terminal only, which no timer has, and a restore is to need no
/// other program.
enum AgeHeader {
    enum Failure: Error { case malformed, noKey }

    private static let version = "age-encryption.org/v1"
    /// log2 of scrypt's N, as age itself takes it: a second and 256 MiB.
    static let cost = 18
    /// More would let a file from elsewhere take all memory.
    private static let greatestCost = 20

    /// - Parameters:
    ///   - recipients: one passphrase alone, or public keys.
    ///   - cost: of a passphrase; 18 by default, less in tests.
    /// - Returns: the head, and the key of what follows.
    static func make(for recipients: [AgeRecipient], cost: Int = cost) throws -> (head: [UInt8], key: SymmetricKey) {
        let fileKey = SymmetricKey(size: .bits128)
        var text = version + "\n"
        for recipient in recipients { text += try stanza(for: recipient, fileKey, cost) }
        text += "---"
        text += " " + base64(Data(code(of: text, fileKey))) + "\n"
        let nonce = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        return (Array(text.utf8) + nonce, payloadKey(fileKey, nonce))
    }

    /// - Parameters:
    ///   - identities: whoever may open it.
    ///   - line: gives the next line without its end.
    ///   - nonce: gives the 16 bytes after the head.
    /// - Throws: ``Failure``; what CryptoKit throws.
    static func open(
        with identities: [AgeIdentity],
        line: () throws -> String,
        nonce: () throws -> [UInt8]
    ) throws -> SymmetricKey {
        guard try line() == version else { throw Failure.malformed }
        var text = version + "\n"
        var fileKey: SymmetricKey?
        while true {
            let head = try line()
            if head.hasPrefix("--- ") {
                guard let fileKey else { throw Failure.noKey }
                guard let given = data(String(head.dropFirst(4))), code(of: text + "---", fileKey) == Array(given)
                else {
                    throw Failure.malformed
                }
                return payloadKey(fileKey, Data(try nonce()))
            }
            let body = try line()
            text += head + "\n" + body + "\n"
            let words = head.split(separator: " ").map(String.init)
            guard words.first == "->", text.utf8.count < 65_536, let body = data(body) else { throw Failure.malformed }
            for identity in identities where fileKey == nil { fileKey = try? unwrap(words, body, identity) }
        }
    }

    private static func stanza(for recipient: AgeRecipient, _ fileKey: SymmetricKey, _ cost: Int) throws -> String {
        switch recipient {
        case .publicKey(let bytes):
            let mine = Curve25519.KeyAgreement.PrivateKey()
            let share = mine.publicKey.rawRepresentation
            let theirs = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)
            let wrap = key(try mine.sharedSecretFromKeyAgreement(with: theirs), share + bytes)
            return "-> X25519 \(base64(share))\n\(base64(try sealed(fileKey, wrap)))\n"
        case .passphrase(let passphrase):
            let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
            let wrap = try key(passphrase, salt, cost)
            return "-> scrypt \(base64(salt)) \(cost)\n\(base64(try sealed(fileKey, wrap)))\n"
        }
    }

    private static func unwrap(_ words: [String], _ body: Data, _ identity: AgeIdentity) throws -> SymmetricKey {
        switch (identity, words.count > 1 ? words[1] : "") {
        case (.privateKey(let bytes), "X25519"):
            guard words.count == 3, let share = data(words[2]) else { throw Failure.malformed }
            let mine = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
            let theirs = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: share)
            let secret = try mine.sharedSecretFromKeyAgreement(with: theirs)
            return try opened(body, key(secret, share + mine.publicKey.rawRepresentation))
        case (.passphrase(let passphrase), "scrypt"):
            guard words.count == 4, let salt = data(words[2]), let cost = Int(words[3]), (1...greatestCost) ~= cost
            else { throw Failure.malformed }
            return try opened(body, try key(passphrase, salt, cost))
        default: throw Failure.noKey
        }
    }

    private static func key(_ secret: SharedSecret, _ salt: Data) -> SymmetricKey {
        let info = Data("\(version)/X25519".utf8)
        return secret.hkdfDerivedSymmetricKey(using: SHA256.self, salt: salt, sharedInfo: info, outputByteCount: 32)
    }

    private static func key(_ passphrase: String, _ salt: Data, _ cost: Int) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Array(passphrase.utf8),
            salt: Data("\(version)/scrypt".utf8) + salt,
            outputByteCount: 32,
            rounds: 1 << cost,
            blockSize: 8,
            parallelism: 1
        )
    }

    /// A key that is used once may have a nonce of zeros.
    private static func sealed(_ fileKey: SymmetricKey, _ wrap: SymmetricKey) throws -> Data {
        let box = try ChaChaPoly.seal(fileKey.withUnsafeBytes { Data($0) }, using: wrap, nonce: zeros())
        return box.ciphertext + box.tag
    }

    private static func opened(_ body: Data, _ wrap: SymmetricKey) throws -> SymmetricKey {
        guard body.count == 32 else { throw Failure.malformed }
        let box = try ChaChaPoly.SealedBox(nonce: zeros(), ciphertext: body.prefix(16), tag: body.suffix(16))
        return SymmetricKey(data: try ChaChaPoly.open(box, using: wrap))
    }

    private static func zeros() throws -> ChaChaPoly.Nonce { try ChaChaPoly.Nonce(data: Data(count: 12)) }

    private static func payloadKey(_ fileKey: SymmetricKey, _ nonce: Data) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: fileKey, salt: nonce, info: Data("payload".utf8), outputByteCount: 32)
    }

    private static func code(of text: String, _ fileKey: SymmetricKey) -> [UInt8] {
        let info = Data("header".utf8)
        let key = HKDF<SHA256>.deriveKey(inputKeyMaterial: fileKey, info: info, outputByteCount: 32)
        return Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
    }

    /// Without padding, as age writes it.
    private static func base64(_ data: Data) -> String {
        String(data.base64EncodedString().prefix { $0 != "=" })
    }

    private static func data(_ text: String) -> Data? {
        Data(base64Encoded: text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
    }
}
