import Hummingbird

/// Answers 406 to who takes neither JSON nor what the route gives instead (RFC 9110, section 15.5.7).
struct RequireJSON: RouterMiddleware {
    typealias Context = AppContext

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let accept = request.headers[.accept] else { return try await next(request, context) }
        let path = context.endpointPath ?? ""
        let given =
            path.hasSuffix(".ics") ? "text/calendar" : path.hasSuffix(".csv") ? "text/csv" : "application/json"
        let family = given.prefix { $0 != "/" } + "/*"
        let ranges = accept.split(separator: ",").map { $0.prefix { $0 != ";" }.trimmingWhitespace().lowercased() }
        guard ranges.contains(where: { $0 == "*/*" || $0 == given || $0 == family || $0 == "application/problem+json" })
        else {
            throw Problem(.notAcceptable)
        }
        return try await next(request, context)
    }
}
