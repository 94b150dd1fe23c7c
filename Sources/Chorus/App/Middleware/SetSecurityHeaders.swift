import HTTPTypes
import Hummingbird

/// Headers that every answer carries.
struct SetSecurityHeaders: RouterMiddleware {
    typealias Context = AppContext

    /// What says the same in every answer that is no page; the express lane writes these as lines.
    static let fields: HTTPFields = [
        .contentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
    ]

    /// What is said to those who have asked by https: that they shall do so for a year (RFC 6797).
    static let secure: HTTPFields = [.strictTransportSecurity: "max-age=31536000"]

    /// What a page says: it runs and loads what this server serves and nothing else, no text becomes script (W3C Trusted
    /// Types; the one policy names the service worker), and no page of another origin gets hold of its window.
    private static let page: HTTPFields = [
        .contentSecurityPolicy:
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
            + "font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
            + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types chorus",
        .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer", .openerPolicy: "same-origin",
        .permissionsPolicy: "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ]

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let isPage = response.headers[.contentType]?.hasPrefix("text/html") == true
        // A service worker is held to the rules that come with its own file.
        let isScript = response.headers[.contentType]?.hasPrefix("text/javascript") == true
        // A browser puts the headers of a 304 in place of those that it kept (RFC 9111, 3.2): a page must not lose its own.
        let isKept = response.status == .notModified && !request.uri.path.hasPrefix("/v1/")
        response.headers.set(isPage || isScript || isKept ? Self.page : Self.fields)
        if request.isSecure { response.headers.set(Self.secure) }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}

extension HTTPFields {
    /// Takes other fields in place of its own of these names.
    mutating func set(_ fields: HTTPFields) {
        for field in fields { self[field.name] = field.value }
    }

    /// As lines of an answer, each with its line end.
    var lines: String { map { "\($0.name.rawName): \($0.value)\r\n" }.joined() }
}

extension HTTPField.Name {
    /// `Referrer-Policy` of the W3C recommendation; HTTPTypes does not name it.
    fileprivate static let referrerPolicy = HTTPField.Name(parsed: "referrer-policy") ?? .referer
    /// `Cross-Origin-Opener-Policy` of HTML.
    fileprivate static let openerPolicy = HTTPField.Name(parsed: "cross-origin-opener-policy") ?? .referer
    /// `Permissions-Policy` of the W3C draft.
    fileprivate static let permissionsPolicy = HTTPField.Name(parsed: "permissions-policy") ?? .referer
}
