import AnonymousTokens
import Crypto
import Foundation
import Hummingbird

/// A cookie by which a browser is known again in which an account has signed in before (OWASP, "Slow down online guessing attacks with
/// device cookies"): what strangers guess does not hold it up.
///
/// Its text is `NONCE.DAY.MAC`. The account is in the MAC alone: who finds the cookie learns that somebody was here, and not who.
enum KnownDevice {
    /// How long a browser is known, in days.
    static let days = 180

    /// Makes the cookie's value.
    ///
    /// - Parameters:
    ///   - account: what is typed where an account is named.
    ///   - now: the present instant.
    ///   - key: known to the servers only.
    static func value(for account: String, at now: Date, _ key: SymmetricKey) -> String {
        let nonce = Base64URL.encode((0..<16).map { _ in UInt8.random(in: 0...255) })
        let day = Int(now.timeIntervalSince1970) / 86_400 + days
        return "\(nonce).\(day).\(Base64URL.encode(Array(mac(nonce, day, account, key))))"
    }

    /// What the browser is counted by.
    ///
    /// - Returns: `nil` unless the value was made for this account and is not too old.
    static func nonce(in value: String, for account: String, at now: Date, _ key: SymmetricKey) -> String? {
        let parts = value.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0].utf8.count == 22, let day = Int(parts[1]),
            let given = Base64URL.decode(parts[2]),
            HMAC<SHA256>.isValidAuthenticationCode(given, authenticating: text(parts[0], day, account), using: key),
            day >= Int(now.timeIntervalSince1970) / 86_400
        else { return nil }
        return parts[0]
    }

    private static func mac(_ nonce: String, _ day: Int, _ account: String, _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: text(nonce, day, account), using: key))
    }

    private static func text(_ nonce: String, _ day: Int, _ account: String) -> [UInt8] {
        Array("device \(nonce).\(day) \(account)".utf8)
    }
}

extension KnownDevice {
    /// The cookie's value, where a browser of this server's own pages sends it.
    static func value(in request: Request) -> String? {
        SessionCookie.value(of: "__Host-chorus-device", orLocally: "chorus-device", in: request)
    }

    /// - Parameter value: an empty one removes the cookie.
    static func header(_ value: String, for request: Request) -> String {
        let attributes = "Path=/; Max-Age=\(value.isEmpty ? 0 : days * 86_400); HttpOnly; SameSite=Strict"
        return SessionCookie.isLocal(request)
            ? "chorus-device=\(value); \(attributes)" : "__Host-chorus-device=\(value); \(attributes); Secure"
    }
}
