import Hummingbird

/// Refuses an anonymous request that says who sends it: nothing of it is looked at.
struct RefuseIdentity: RouterMiddleware {
    typealias Context = AppContext

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard !request.headers.contains(where: { Self.isAttached($0.name.rawName, $0.value) }) else {
            throw Problem(.identityAttached)
        }
        return try await next(request, context)
    }

    /// Whether a header says who somebody is: what they signed in with, or what a proxy found out from their certificate
    /// (RFC 9440, nginx, Apache, Envoy, IIS) or their sign-in.
    ///
    /// Proxies send some of them with every request, empty or with `NONE`.
    static func isAttached(_ name: String, _ value: String) -> Bool {
        // The express lane asks for every header of every submission; most names are out at their first letter.
        guard let first = name.utf8.first, "acrspxACRSPX".utf8.contains(first), !value.isEmpty, value != "NONE" else {
            return false
        }
        let name = name.lowercased().replacing("_", with: "-")
        return name == "cookie" || name.hasSuffix("authorization") || name.contains("client-cert")
            || name.contains("clientcert") || name.contains("ssl-client") || name.hasSuffix("remote-user")
            || name.hasPrefix("x-auth-request-") || name == "x-forwarded-user" || name == "x-forwarded-email"
    }
}
