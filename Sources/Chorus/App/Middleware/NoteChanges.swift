import Foundation
import Hummingbird

/// Raises the numbers of what a request changed before it is answered, so that nobody reads older than their own write.
///
/// What it did is not looked at: a write too many costs a read of the database, one too few would be believed.
struct NoteChanges: RouterMiddleware {
    typealias Context = AppContext

    /// Routes that change nothing that is kept, or raise the numbers themselves.
    private static let exempt: Set<String> = [
        "/v1/sessions", "/v1/networks/{network}/events/{event}/rsvp", "/v1/networks/{network}/anonymous-tokens",
        "/v1/me/news/read", "/v1/me/notifications", "/v1/networks/{network}/recommendations/{recommendation}/follow",
    ]

    let parts: ServerParts

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        // Who is not signed in changes nothing that is kept, and must not be able to have it dropped.
        guard !request.method.isSafe, context.identity != nil, !Self.exempt.contains(context.endpointPath ?? "") else {
            return try await next(request, context)
        }
        // Even what failed may have changed something on its way.
        defer {
            if let network = context.parameters.get("network").flatMap({ UUID(utf8: $0.utf8) }) {
                parts.changes.changed(network)
            } else {
                parts.changes.everythingChanged()
            }
        }
        return try await next(request, context)
    }
}
