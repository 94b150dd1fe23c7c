import HTTPTypes
import Hummingbird

/// Headers that every answer carries.
struct SetSecurityHeaders: RouterMiddleware {
    typealias Context = AppContext

    /// What says the same in every answer; the express lane writes these as lines.
    static let fields: HTTPFields = [
        .contentSecurityPolicy: contentSecurityPolicy, .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
    ]

    private static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers.set(Self.fields)
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
}
