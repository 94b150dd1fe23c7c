import HTTPTypes
import Hummingbird

/// Lets pages of the other port use anonymous routes (Fetch Standard, section 3.3): they carry no credentials, so it does not matter
/// whose page asks.
struct AllowAnyOrigin: RouterMiddleware {
    typealias Context = AppContext

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        do {
            var response = try await next(request, context)
            response.headers.set(Self.fields)
            return response
        } catch {
            var problem = Problem(answering: error)
            problem.headers.set(Self.fields)
            throw problem
        }
    }

    private static let fields: HTTPFields = [
        .accessControlAllowOrigin: "*", .accessControlExposeHeaders: "Retry-After",
    ]

    /// The same headers as lines of an answer.
    static let lines = fields.lines

    /// The answer to a browser that asks first.
    static var preflight: Response {
        Response(
            status: .noContent,
            headers: [
                .accessControlAllowOrigin: "*", .accessControlAllowMethods: "GET, POST",
                .accessControlAllowHeaders: "Content-Type, Chorus-Proof", .accessControlMaxAge: "7200",
            ]
        )
    }
}
