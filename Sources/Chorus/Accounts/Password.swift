import Crypto
import CryptoExtras
import Foundation

/// A password as it is stored: scrypt (RFC 7914) with its own salt and cost.
struct PasswordHash: Equatable, Sendable {
    let hash: [UInt8]
    let salt: [UInt8]
    /// log2 of scrypt's N; r = 8, p = 1.
    let cost: Int

    /// Hashes a password; takes tenths of a second and 128 MiB at cost 17, so never on an event loop.
    init(hashing password: String, cost: Int) throws {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        self.init(hash: try Self.scrypt(password, salt, cost), salt: salt, cost: cost)
    }

    init(hash: [UInt8], salt: [UInt8], cost: Int) {
        self.hash = hash
        self.salt = salt
        self.cost = cost
    }

    func matches(_ password: String) -> Bool {
        guard let other = try? Self.scrypt(password, salt, cost) else { return false }
        return Self.areEqual(other, hash)
    }

    /// Whether a password is right, in a time that is the same for all accounts and for none.
    ///
    /// - Parameters:
    ///   - password: what was typed.
    ///   - hash: the account's; `nil` without an account, and for one that has no password.
    ///   - cost: of new hashes, and of what is not there. An older hash costs less: what is missing of N is worked off.
    static func check(_ password: String, _ hash: PasswordHash?, cost: Int) -> Bool {
        guard let hash else {
            burn(password, cost: cost)
            return false
        }
        let isRight = hash.matches(password)
        // 2^c and 2^c + 2^(c+1) + … + 2^(cost-1) are 2^cost.
        for rest in stride(from: hash.cost, to: cost, by: 1) { burn(password, cost: rest) }
        return isRight
    }

    /// Whether two byte strings of one length are equal, in a time that does not tell where they differ.
    static func areEqual(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        // The brackets matter: both operators bind alike, and without them only the last bytes would decide.
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Takes the time of a real check for an account that does not exist.
    private static func burn(_ password: String, cost: Int) {
        _ = try? scrypt(password, [UInt8](repeating: 0, count: 16), cost)
    }

    private static func scrypt(_ password: String, _ salt: [UInt8], _ cost: Int) throws -> [UInt8] {
        // NFC, so that one password typed on two keyboards is one (RFC 8265).
        let bytes = Array(password.precomposedStringWithCanonicalMapping.utf8)
        let key = try KDF.Scrypt.deriveKey(
            from: bytes,
            salt: salt,
            outputByteCount: 32,
            rounds: 1 << cost,
            blockSize: 8,
            parallelism: 1
        )
        return key.withUnsafeBytes { Array($0) }
    }
}

/// Which passwords are taken (NIST SP 800-63B, section 5.1.1.2: length and a list, no rules of composition).
enum PasswordPolicy {
    static let length = 12...256

    /// - Returns: why a password is refused; `nil` when it is fine.
    static func refusal(_ password: String, email: String) -> String? {
        guard length.contains(password.count) else { return "must be 12 to 256 characters" }
        let plain = password.lowercased()
        let letters = plain.filter(\.isLetter)
        if Set(plain).count < 5 || common.contains(plain) || common.contains(letters) {
            return "is on the list of common passwords"
        }
        let name = email.prefix { $0 != "@" }.lowercased()
        if name.count >= 4, plain.contains(name) { return "must not contain the e-mail address" }
        return nil
    }

    /// Common passwords of twelve characters and more, and the words that common ones are built from, in the languages of
    /// our users; digits and signs around a word are ignored when comparing.
    private static let common: Set<String> = [
        "password", "passwort", "passwortpasswort", "passwordpassword", "kennwort", "meinpasswort", "mypassword",
        "geheim", "geheimespasswort", "qwertyuiop", "qwertzuiop", "qwertyuiopasdf", "qwertzuiopasdf", "asdfghjkl",
        "iloveyou", "ichliebedich", "willkommen", "welcome", "welcometo", "letmein", "administrator", "admin", "stadt",
        "stadtverwaltung", "rathaus", "verwaltung", "sommer", "winter", "fruehling", "herbst", "sonnenschein",
        "schatz", "schalke", "fussball", "football", "baseball", "basketball", "monkey", "dragon", "sunshine",
        "princess", "superman", "batman", "trustno", "whatever", "computer", "internet", "hallo", "hallohallo",
        "changeme", "default", "master", "test", "testtest", "abcdefghijkl", "abcdefghijklm", "abc", "abcabc",
        "123456789012", "1234567890123", "12345678901234", "123456789abc", "1q2w3e4r5t6y", "1qaz2wsx3edc",
        "zaq12wsxcde3", "q1w2e3r4t5y6", "112233445566", "121212121212", "123123123123", "987654321098",
    ]
}
