import Crypto
import CryptoExtras
import Foundation

/// What PostgreSQL keeps of a password (RFC 5802, section 3; RFC 7677), made on this side.
///
/// The password itself never travels in a statement that a log of PostgreSQL could hold, PostgreSQL does not have to hash it
/// at each start, and whether a login still has its password can be seen by comparison.
struct SCRAMVerifier: Equatable, Sendable {
    /// As `pg_authid.rolpassword` holds it.
    let text: String

    /// As many as PostgreSQL itself takes.
    private static let rounds = 4_096

    /// The verifier of a login, always the same as long as its password is.
    ///
    /// - Parameters:
    ///   - password: one of our own, of 256 random bits.
    ///   - role: whose it is.
    init(password: String, role: String) throws {
        // Whoever tries to log in is told the salt; it says nothing of such a password.
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("chorus salt of \(role)".utf8),
            using: SymmetricKey(data: Array(password.utf8))
        )
        try self.init(password: password, salt: Array(code.prefix(16)))
    }

    /// - Parameter password: in ASCII, so that SASLprep (RFC 4013) changes nothing.
    init(password: String, salt: [UInt8]) throws {
        let salted = try KDF.Insecure.PBKDF2.deriveKey(
            from: Array(password.utf8),
            salt: salt,
            using: .sha256,
            outputByteCount: 32,
            unsafeUncheckedRounds: Self.rounds
        )
        let stored = Self.base64(SHA256.hash(data: Array(Self.key("Client Key", salted))))
        let server = Self.base64(Self.key("Server Key", salted))
        text = "SCRAM-SHA-256$\(Self.rounds):\(Self.base64(salt))$\(stored):\(server)"
    }

    private static func key(_ name: String, _ salted: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(name.utf8), using: salted)
    }

    private static func base64(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }
}
