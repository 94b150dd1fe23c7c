import Crypto
import Foundation

/// Time-based one-time passwords as the usual apps make them: SHA-1, half minutes, six digits (RFC 6238; RFC 4226, section 5.3).
struct TOTP: Sendable {
    /// How long a code is shown, in seconds.
    static let period = 30
    static let digits = 6

    /// 160 random bits, the length of the hash (RFC 4226, section 4, R6).
    let secret: [UInt8]

    /// Makes a new one.
    init() {
        secret = SymmetricKey(size: .init(bitCount: 160)).withUnsafeBytes { Array($0) }
    }

    init(secret: [UInt8]) {
        self.secret = secret
    }

    /// The half minute in which an instant lies, counted from 1970.
    static func step(at instant: Date) -> Int { Int(instant.timeIntervalSince1970.rounded(.down)) / period }

    /// The code of a half minute.
    func code(at step: Int) -> String {
        let counter = withUnsafeBytes(of: UInt64(step).bigEndian) { Array($0) }
        let mac = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret))
        )
        let offset = Int(mac[19] & 0x0F)
        let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.count) + text
    }

    /// The half minute that a code is of: the present one, or one before or after it for clocks that are not quite right
    /// (RFC 6238, section 5.2).
    ///
    /// - Parameters:
    ///   - code: six digits.
    ///   - instant: the present one.
    /// - Returns: `nil` for a code of none of them.
    func step(of code: String, at instant: Date) -> Int? {
        let now = Self.step(at: instant)
        var found: Int?
        // All three are compared, and wholly, so that the time of an answer says nothing of the code.
        for step in now - 1...now + 1 {
            if PasswordHash.areEqual(self.code(at: step).utf8, code.utf8) { found = step }
        }
        return found
    }

    /// What people type into an app by hand: base 32 without padding (RFC 4648, section 6).
    var base32: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var (text, buffer, bits) = ("", 0, 0)
        for byte in secret {
            (buffer, bits) = (buffer << 8 | Int(byte), bits + 8)
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[buffer >> bits & 31])
            }
            buffer &= (1 << bits) - 1
        }
        return bits > 0 ? text + String(alphabet[buffer << (5 - bits) & 31]) : text
    }

    /// What a QR code carries to an app (the apps' common form, "Key Uri Format" of Google Authenticator's wiki).
    ///
    /// - Parameter account: whose it is, shown in the app.
    func address(for account: String) -> String {
        let name = account.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "otpauth://totp/Chorus:\(name)?secret=\(base32)&issuer=Chorus&algorithm=SHA1"
            + "&digits=\(Self.digits)&period=\(Self.period)"
    }
}

extension TOTP {
    /// As it is stored: nobody who has the database alone can make codes, nor put one account's secret in another's place.
    func sealed(for account: UUID, with key: SymmetricKey) throws -> [UInt8] {
        let box = try AES.GCM.seal(secret, using: key, authenticating: Self.owner(account))
        return Array(box.combined ?? Data())
    }

    /// - Returns: `nil` when it cannot be opened, as after the key was lost.
    init?(opening sealed: [UInt8], of account: UUID, with key: SymmetricKey) {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let secret = try? AES.GCM.open(box, using: key, authenticating: Self.owner(account))
        else { return nil }
        self.init(secret: Array(secret))
    }

    private static func owner(_ account: UUID) -> [UInt8] { Array("totp \(account.text)".utf8) }
}
