@testable import Chorus
import Crypto
import Foundation
import Testing

/// Somebody who signs in with a password and an app.
struct TestFactor: Sendable {
    let email: String
    /// Signed in.
    let person: TestPerson
    let totp: TOTP
    let recoveryCodes: [String]
}

extension TestServer {
    /// Sets up a second factor, by the code of the present half minute, which is used up by it.
    func secondFactor(of member: TestSignIn) async throws -> TestFactor {
        let totp = try await begunFactor(of: member)
        let confirmed = try await confirm(totp.code(at: TOTP.step(at: parts.now())), by: member.person)
        #expect(confirmed.status == 200, "\(confirmed.text)")
        let codes = confirmed.json["codes"].array.map(\.string)
        return TestFactor(email: member.email, person: member.person, totp: totp, recoveryCodes: codes)
    }

    /// Begins to set one up.
    func begunFactor(of member: TestSignIn) async throws -> TOTP {
        let body = "{\"password\":\"\(TestSignIn.password)\"}"
        let begun = try await send("PUT", "/v1/me/second-factor/secret", body, as: member.person)
        #expect(begun.status == 200, "\(begun.text)")
        return TOTP(secret: try #require(Self.bytes(base32: begun.json["secret"].string)))
    }

    func confirm(_ code: String, by person: TestPerson) async throws -> TestReply {
        try await send("PUT", "/v1/me/second-factor/confirmation", "{\"code\":\"\(code)\"}", as: person)
    }

    /// Signs in, as a page of this server does when `cookie` is given.
    func session(
        _ email: String,
        _ password: String = TestSignIn.password,
        totp: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> TestReply {
        let code = totp.map { ",\"totp\":\"\($0)\"" } ?? ""
        let body = "{\"email\":\"\(email)\",\"password\":\"\(password)\"\(code)}"
        return try await send("POST", "/v1/sessions", body, headers: headers)
    }

    private static func bytes(base32 text: String) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var (bytes, buffer, bits): ([UInt8], Int, Int) = ([], 0, 0)
        for letter in text {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            (buffer, bits) = (buffer << 5 | value, bits + 5)
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> bits & 0xFF))
                buffer &= (1 << bits) - 1
            }
        }
        return bytes
    }
}

/// Works for a puzzle, as the web client does.
///
/// - Returns: the value of `Chorus-Proof`.
func solved(_ challenge: String, _ difficulty: Int) -> String {
    var beginning = SHA256()
    beginning.update(data: Array("\(challenge).".utf8))
    var counter = 0
    while true {
        var hash = beginning
        hash.update(data: Array(String(counter).utf8))
        if Challenge.zeroBits(hash.finalize()) >= difficulty { return "\(challenge).\(counter)" }
        counter += 1
    }
}
