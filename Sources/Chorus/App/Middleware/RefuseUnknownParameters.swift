import Hummingbird

/// Refuses query parameters that a route does not have: what is silently ignored would be believed to work,
/// and an ad-hoc filter on released numbers must not even look possible.
struct RefuseUnknownParameters: RouterMiddleware {
    typealias Context = AppContext

    /// Route template (`/v1/networks/{network}/events`) to the names it takes on GET.
    let allowed: [String: Set<String>]

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        let known = request.method == .get || request.method == .head ? allowed[context.endpointPath ?? ""] ?? [] : []
        let given = request.uri.queryParameters.map { String($0.key) }
        let unknown = Set(given).subtracting(known).sorted()
        guard unknown.isEmpty else {
            throw Problem(
                .unknownParameter,
                errors: unknown.map { .init(pointer: $0, detail: "is not a parameter of this route") }
            )
        }
        guard Set(given).count == given.count else {
            throw Problem(.malformed, errors: [.init(pointer: "", detail: "a query parameter stands twice")])
        }
        return try await next(request, context)
    }
}
