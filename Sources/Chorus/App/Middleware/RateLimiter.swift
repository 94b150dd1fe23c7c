import AnonymousTokens
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Synchronization

/// Counts events per key in windows of a minute, in memory only and never written down.
final class RateLimiter: Sendable {
    /// What is counted.
    enum Key: Hashable, Sendable {
        case account(UUID)
        /// A pseudonym of an address.
        case source(String)
        /// Whatever was typed where an account is named.
        case text(String)
    }

    private struct Window {
        var minute: Int
        var counts: [Key: Int] = [:]
    }

    let limit: Int
    private let now: @Sendable () -> Date
    private let window: Mutex<Window>

    /// - Parameters:
    ///   - limit: how many events a minute one key may have.
    ///   - now: the present instant.
    init(limit: Int, now: @escaping @Sendable () -> Date) {
        self.limit = limit
        self.now = now
        window = Mutex(Window(minute: 0))
    }

    /// Takes back what ``take(_:)`` counted.
    func giveBack(_ key: Key) { _ = used(key, adding: -1) }

    /// Counts unless the limit is reached.
    ///
    /// - Returns: how many are left in this minute; `nil` when none was, and then nothing is counted.
    func takeIfLeft(_ key: Key) -> Int? {
        let used = used(key, adding: 1)
        guard used > limit else { return limit - used }
        giveBack(key)
        return nil
    }

    /// Counts and refuses past the limit.
    ///
    /// - Returns: how many are left in this minute.
    func take(_ key: Key) throws(Problem) -> Int {
        let used = used(key, adding: 1)
        guard used <= limit else { throw refusal }
        return limit - used
    }

    /// Seconds until the counts start anew.
    var reset: Int { 60 - Int(now().timeIntervalSince1970) % 60 }

    private var refusal: Problem { Problem(.tooManyRequests, headers: [.retryAfter: String(reset)]) }

    private func used(_ key: Key, adding amount: Int) -> Int {
        let minute = Int(now().timeIntervalSince1970) / 60
        return window.withLock { window in
            // A full table starts anew rather than grow: a flood of keys must not take the server's memory.
            if window.minute != minute || window.counts.count > 100_000 { window = Window(minute: minute) }
            window.counts[key, default: 0] += amount
            return window.counts[key, default: 0]
        }
    }
}

/// Limits how often one account, or one address without an account, may ask.
struct LimitRequests: RouterMiddleware {
    typealias Context = AppContext

    let parts: ServerParts

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        let limiter = parts.limiter
        let key =
            context.identity.map { .account($0.account) }
            ?? RateLimiter.Key.source(parts.pseudonym(of: context.remoteAddress))
        let left = try limiter.take(key)
        var response = try await next(request, context)
        for (name, value) in Self.fields(left: left, limiter) {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        return response
    }

    /// Names and values of draft-ietf-httpapi-ratelimit-headers.
    static func fields(left: Int, _ limiter: RateLimiter) -> [(name: String, value: String)] {
        [
            ("RateLimit", "\"minute\";r=\(left);t=\(limiter.reset)"),
            ("RateLimit-Policy", "\"minute\";q=\(limiter.limit);w=60"),
        ]
    }
}

/// Limits how often one address may use anonymous routes.
///
/// Its answers do not say how much is left: people behind one address could see there that another of them has been here.
struct LimitAddresses: RouterMiddleware {
    typealias Context = AppContext

    let parts: ServerParts

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        _ = try parts.anonymousLimiter.take(.source(parts.pseudonym(of: context.remoteAddress)))
        return try await next(request, context)
    }
}

extension ServerParts {
    /// A name for an address that means nothing tomorrow and nothing outside this process.
    func pseudonym(of address: IPAddress?) -> String {
        let day = Int(now().timeIntervalSince1970) / 86_400
        let text = "\(day):\(address?.source.bits ?? 0)"
        return Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: secrets.idempotency))
    }
}
