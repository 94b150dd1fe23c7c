import Foundation
import HTTPTypes
import Hummingbird
import Postgres

/// Finds out who asks: account, rights and the place in the network of the route.
struct SignIn: RouterMiddleware {
    typealias Context = AppContext

    let parts: ServerParts

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let credential = try Self.credential(of: request) else { return try await next(request, context) }
        let network = context.parameters.get("network").flatMap { UUID(utf8: $0.utf8) }
        // An unknown token is nobody: the contexts answer 401, and a stale cookie does not keep anybody from signing in.
        guard let bearer = try await parts.bearer(of: credential, in: network) else {
            return try await next(request, context)
        }
        let needed: TokenScope = request.method.isSafe ? .read : .write
        if let scopes = bearer.identity.scopes, !scopes.contains(needed.rawValue) { throw Problem(.forbidden) }
        var context = context
        context.identity = bearer.identity
        context.membership = bearer.member
        return try await next(request, context)
    }

    /// - Throws: ``Problem`` `crossOrigin` for an unsafe request with a cookie from another site.
    private static func credential(of request: Request) throws(Problem) -> Credential? {
        if let header = request.headers[.authorization] {
            guard header.lowercased().hasPrefix("bearer ") else { throw Problem(.unauthenticated) }
            return Credential(text: header.dropFirst(7).trimmingWhitespace())
        }
        guard let cookie = SessionCookie.value(in: request) else { return nil }
        if !request.method.isSafe, !SessionCookie.isSameOrigin(request) { throw Problem(.crossOrigin) }
        return Credential(text: cookie)
    }
}

extension HTTPRequest.Method {
    /// Whether the method changes nothing (RFC 9110, section 9.2.1).
    var isSafe: Bool { self == .get || self == .head || self == .options }
}

/// The web client's cookie: out of reach for scripts and other sites.
enum SessionCookie {
    static let secureName = "__Host-chorus"
    /// On http://localhost only, where a browser takes no `__Host-` cookie.
    static let plainName = "chorus"

    static func value(in request: Request) -> String? { value(of: secureName, orLocally: plainName, in: request) }

    /// The value of a cookie that has another name where a browser on this machine asks without encryption.
    static func value(of secureName: String, orLocally plainName: String, in request: Request) -> String? {
        for pair in (request.headers[.cookie] ?? "").split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { $0.trimmingWhitespace() }
            guard parts.count == 2 else { continue }
            if parts[0] == secureName || (parts[0] == plainName && isLocal(request)) { return parts[1] }
        }
        return nil
    }

    /// - Parameter lifetime: in seconds; 0 removes the cookie.
    static func header(_ value: String, lifetime: Int, for request: Request) -> String {
        let attributes = "Path=/; Max-Age=\(lifetime); HttpOnly; SameSite=Lax"
        return isLocal(request)
            ? "\(plainName)=\(value); \(attributes)" : "\(secureName)=\(value); \(attributes); Secure"
    }

    /// Whether the asker's browser is on this machine, and asks without encryption.
    static func isLocal(_ request: Request) -> Bool {
        if request.isSecure { return false }
        let host = (request.head.authority ?? "").split(separator: ":").first.map(String.init) ?? ""
        return host == "localhost" || host == "127.0.0.1"
    }

    /// Fetch metadata where a browser sends it, else the origin (OWASP, Cross-Site Request Forgery Prevention).
    static func isSameOrigin(_ request: Request) -> Bool {
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }) { return site == "same-origin" }
        guard let origin = request.headers[.origin], let authority = request.head.authority else { return false }
        // The same name without encryption is somebody on the way, where it is known that the asker's connection has some.
        if request.isSecure { return origin == "https://\(authority)" }
        return origin.split(separator: "/").last.map(String.init) == authority
    }
}
