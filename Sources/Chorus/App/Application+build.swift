import Foundation
import Hummingbird
import Logging

/// What the server is made of; built by the command line, the demo and the tests alike.
struct ServerParts: Sendable {
    let configuration: ServerConfiguration
    let databases: Databases
    let logger: Logger
}

/// Builds the router: read it from top to bottom and see the server.
func buildRouter(_ parts: ServerParts) -> Router<AppContext> {
    let router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: SetSecurityHeaders())
    router.add(middleware: AnswerProblems())

    // Anonymous input: a chain of its own, without log, sign-in or limits that know an account.

    // Everything that knows who asks.
    let open = router.group()
    open.add(middleware: LogRequests())

    answerOtherMethods(on: router)
    return router
}

/// Answers 405 with `Allow` where a path exists but not with that method (RFC 9110 section 15.5.6).
private func answerOtherMethods(on router: Router<AppContext>) {
    let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
    let byPath = Dictionary(grouping: router.routes, by: \.path.description).mapValues { Set($0.map(\.method)) }
    for (path, known) in byPath {
        let answered = known.contains(.get) ? known.union([.head]) : known
        let allow = answered.map(\.rawValue).sorted().joined(separator: ", ")
        for method in methods where !answered.contains(method) {
            router.on(RouterPath(path), method: method) { _, _ -> Response in
                throw Problem(.methodNotAllowed, headers: [.allow: allow])
            }
        }
    }
}
