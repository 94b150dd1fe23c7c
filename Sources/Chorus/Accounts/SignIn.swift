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
        let network = context.parameters.get("network").flatMap { UUID(uuidString: $0) }
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

    static func value(in request: Request) -> String? {
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

    private static func isLocal(_ request: Request) -> Bool {
        let host = (request.head.authority ?? "").split(separator: ":").first.map(String.init) ?? ""
        return host == "localhost" || host == "127.0.0.1"
    }

    /// Fetch metadata where a browser sends it, else the origin (OWASP, Cross-Site Request Forgery Prevention).
    static func isSameOrigin(_ request: Request) -> Bool {
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }) { return site == "same-origin" }
        guard let origin = request.headers[.origin], let authority = request.head.authority else { return false }
        return origin.split(separator: "/").last.map(String.init) == authority
    }
}

/// Who a token belongs to, and the account's place in one network.
struct ReadBearer: PostgresStatement {
    typealias Row = (identity: Identity, member: Member?, expiresAt: Date)

    static let sql = """
        SELECT t.expires_at, a.id, a.is_admin, t.scopes, m.network_id, m.id, m.roles, m.unit_id
        FROM (
            SELECT account_id, NULL::text[] AS scopes, expires_at FROM session WHERE token_hash = $1 AND expires_at > $3
            UNION ALL
            SELECT account_id, scopes, (expires_on + 1)::timestamp AT TIME ZONE 'UTC' FROM api_token
            WHERE token_hash = $1 AND expires_on >= $4
        ) t
        JOIN account a ON a.id = t.account_id
        LEFT JOIN membership m ON m.network_id = $2 AND m.account_id = a.id AND m.state = 'active'
        """

    let tokenHash: [UInt8]
    let network: UUID?
    let now: Date

    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(tokenHash)
        parameters.append(network)
        parameters.append(now)
        parameters.append(PostgresDate.today(in: .gmt, at: now))
    }

    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let expiresAt: Date = try row.next()
        let account: UUID = try row.next()
        let isAdmin: Bool = try row.next()
        let scopes: [String]? = try row.next()
        let identity = Identity(account: account, isAdmin: isAdmin, scopes: scopes.map(Set.init))
        let network: UUID? = try row.next()
        let id: UUID? = try row.next()
        let roles: [String]? = try row.next()
        let unit: UUID? = try row.next()
        guard let network, let id, let roles else { return (identity, nil, expiresAt) }
        let names = Set(roles.compactMap(Role.init(rawValue:)))
        let member = Member(network: network, id: id, account: account, roles: names, unit: unit)
        return (identity, member, expiresAt)
    }
}
