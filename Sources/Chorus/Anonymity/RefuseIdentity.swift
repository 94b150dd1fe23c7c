import Hummingbird

/// Refuses an anonymous request that says who sends it: nothing of it is looked at.
struct RefuseIdentity: RouterMiddleware {
    typealias Context = AppContext

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.cookie] == nil, request.headers[.authorization] == nil else {
            throw Problem(.identityAttached)
        }
        return try await next(request, context)
    }
}
