import Crypto
import Foundation
import Testing

@testable import Chorus

/// Codes of an app, held against the standard's own.
@Suite struct TOTPTests {
    private let totp = TOTP(secret: Array("12345678901234567890".utf8))

    /// RFC 6238, appendix B, of which six digits are the last of eight.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
        (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ])
    func theCodesAreThoseOfTheStandard(second: Int, code: String) {
        let instant = Date(timeIntervalSince1970: Double(second))
        #expect(totp.code(at: TOTP.step(at: instant)) == code)
        #expect(totp.step(of: code, at: instant) == second / 30)
    }

    @Test func aClockMayBeHalfAMinuteWrongAndNoMore() {
        let now = Date(timeIntervalSince1970: 1_700_000_015)
        let step = TOTP.step(at: now)
        for distance in -3...3 {
            let found = totp.step(of: totp.code(at: step + distance), at: now)
            #expect(found == (abs(distance) <= 1 ? step + distance : nil), "\(distance)")
        }
        for text in ["", "12345", "1234567", "abcdef", totp.code(at: step) + "0"] {
            #expect(totp.step(of: text, at: now) == nil, "\(text)")
        }
    }

    @Test func noOtherCodeIsTaken() {
        let now = Date(timeIntervalSince1970: 1_700_000_015)
        let good = Set((-1...1).map { totp.code(at: TOTP.step(at: now) + $0) })
        for number in stride(from: 0, to: 1_000_000, by: 97) {
            let code = String(1_000_000 + number).dropFirst()
            #expect((totp.step(of: String(code), at: now) != nil) == good.contains(String(code)), "\(code)")
        }
    }

    /// RFC 4648, section 10, and the secret of the standard's examples.
    @Test func secretsAreWrittenInBase32() {
        #expect(totp.base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        for (text, base32) in [
            ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
        ] {
            #expect(TOTP(secret: Array(text.utf8)).base32 == base32)
        }
        #expect(TOTP().secret.count == 20 && TOTP().secret != TOTP().secret)
        let address = totp.address(for: "ada@stadt.example")
        #expect(
            address == "otpauth://totp/Chorus:ada%40stadt%2Eexample?secret=\(totp.base32)&issuer=Chorus"
                + "&algorithm=SHA1&digits=6&period=30"
        )
    }

    @Test func aSealedSecretIsOfItsAccountAndItsServer() throws {
        let (key, account) = (SymmetricKey(size: .bits256), UUID())
        let sealed = try totp.sealed(for: account, with: key)
        #expect(TOTP(opening: sealed, of: account, with: key)?.secret == totp.secret)
        #expect(TOTP(opening: sealed, of: UUID(), with: key) == nil, "of another account")
        #expect(TOTP(opening: sealed, of: account, with: SymmetricKey(size: .bits256)) == nil, "of another server")
        #expect(TOTP(opening: [1, 2, 3], of: account, with: key) == nil)
        #expect(try totp.sealed(for: account, with: key) != sealed)
    }
}
