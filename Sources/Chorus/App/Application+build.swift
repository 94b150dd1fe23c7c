import Foundation
import Hummingbird
import Logging

/// Builds the router: read it from top to bottom and see the server.
///
/// - Parameters:
///   - parts: what the server is made of.
///   - answersOtherMethods: whether paths answer 405 for other methods; true by default.
func buildRouter(_ parts: ServerParts, answersOtherMethods: Bool = true) -> Router<AppContext> {
    let router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: SetSecurityHeaders())
    router.add(middleware: AnswerProblems())
    // A group, so that a method that a path does not have is 405 before its parameters are looked at.
    let routes = router.group("").add(middleware: RefuseUnknownParameters(allowed: allParameters))

    HealthRoutes(parts: parts).add(to: routes)
    WebRoutes().add(to: routes)

    // Anonymous input: a chain of its own, without log, sign-in or limits that know an account.
    let anonymous = routes.group("/v1/anonymous")
        .add(middleware: RefuseIdentity())
        .group("", context: AnonymousContext.self)
    KeyDirectoryRoutes(parts: parts).add(anonymous: anonymous)
    SubmissionRoutes(parts: parts).add(anonymous: anonymous)
    AuthorReplyRoutes(parts: parts).add(anonymous: anonymous)

    // Everything that knows who asks.
    let limiter = RateLimiter(limit: parts.configuration.requestsPerMinute, now: parts.now)
    let failures = RateLimiter(limit: parts.configuration.failedSignInsPerMinute, now: parts.now)
    let open = routes.group("")
        .add(middleware: LogRequests())
        .add(middleware: RequireJSON())
        .add(middleware: SignIn(parts: parts))
        .add(middleware: LimitRequests(parts: parts, limiter: limiter))
        .add(middleware: RememberAnswers(parts: parts))
    let signedIn = open.group("", context: SignedInContext.self)
    let member = open.group("/v1/networks/{network}", context: MemberContext.self)
    let record = open.group("/v1/hr/networks/{network}", context: RecordContext.self)

    SessionRoutes(parts: parts, failures: failures).add(open: open, signedIn: signedIn)
    AccountRoutes(parts: parts).add(open: open, signedIn: signedIn)
    NetworkRoutes(parts: parts).add(signedIn: signedIn, member: member)
    MembershipRoutes(parts: parts).add(signedIn: signedIn, member: member)
    EventRoutes(parts: parts).add(member: member)
    CalendarFeedRoutes(parts: parts).add(open: open, signedIn: signedIn)
    TokenIssueRoutes(parts: parts).add(member: member)
    ChannelRoutes(parts: parts).add(member: member)
    RoundRoutes(parts: parts).add(member: member)
    ReleaseRoutes(parts: parts).add(record: record, member: member)
    RecommendationRoutes(parts: parts).add(member: member)
    HRRecommendationRoutes(parts: parts).add(record: record)

    if answersOtherMethods { answerOtherMethods(on: router) }
    return router
}

/// Every route as `GET /path`, without HEAD and without the answers for other methods; the contract is held against it.
func routeNames(_ parts: ServerParts) -> Set<String> {
    let routes = buildRouter(parts, answersOtherMethods: false).routes.filter { $0.method != .head }
    return Set(routes.map { "\($0.method.rawValue) \($0.path.description)" })
}

/// The query parameters of every route that has any.
private let allParameters = [
    NetworkRoutes.parameters, MembershipRoutes.parameters, EventRoutes.parameters, CalendarFeedRoutes.parameters,
    KeyDirectoryRoutes.parameters, ChannelRoutes.parameters, RoundRoutes.parameters, ReleaseRoutes.parameters,
    RecommendationRoutes.parameters, HRRecommendationRoutes.parameters,
].reduce(into: [:]) { $0.merge($1) { $0.union($1) } }

/// Answers 405 with `Allow` where a path exists but not with that method (RFC 9110 section 15.5.6).
private func answerOtherMethods(on router: Router<AppContext>) {
    let methods: [HTTPRequest.Method] =
        [.get, .head, .post, .put, .patch, .delete, .options, .trace] + [HTTPRequest.Method("QUERY")].compactMap(\.self)
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
