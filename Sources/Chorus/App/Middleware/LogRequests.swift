import Hummingbird
import Logging

/// One line a request, by route template: never a path, a query, an address or an account.
///
/// Not used on `/v1/anonymous`, which leaves no line at all.
struct LogRequests: RouterMiddleware {
    typealias Context = AppContext

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        context.logger.debug(
            "request",
            metadata: [
                "request": "\(context.requestId)", "method": "\(request.method)",
                "route": "\(context.endpointPath ?? "")", "status": "\(response.status.code)",
            ]
        )
        return response
    }
}
