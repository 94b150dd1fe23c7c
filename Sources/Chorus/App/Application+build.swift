import Foundation
import Hummingbird
import Logging

/// What is served at one port.
enum Door: CaseIterable, Sendable {
    case everything
    /// Everything but anonymous routes, which have a port of their own.
    case named
    case anonymous
}

/// Builds the router: read it from top to bottom and see the server.
///
/// - Parameters:
///   - parts: what the server is made of.
///   - door: what is served; everything by default.
///   - answersOtherMethods: whether paths answer 405 for other methods; true by default.
func buildRouter(
    _ parts: ServerParts,
    _ door: Door = .everything,
    answersOtherMethods: Bool = true
) -> Router<AppContext> {
    let router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RecogniseCaller(callers: Callers(parts.configuration)))
    router.add(middleware: SetSecurityHeaders())
    router.add(middleware: AnswerProblems())
    // A group, so that a method that a path does not have is 405 before its parameters are looked at.
    let routes = router.group("").add(middleware: RefuseUnknownParameters(allowed: allParameters))

    HealthRoutes(parts: parts).add(to: routes)
    if !parts.configuration.takesAnonymous {
        addNoAnonymous(to: router)
    } else if door != .named {
        addAnonymous(to: routes, parts, isForeign: door == .anonymous)
    }
    if door != .anonymous { addNamed(to: routes, returning: router.group(""), parts) }

    if answersOtherMethods { answerOtherMethods(on: router, isForeign: door == .anonymous) }
    return router
}

/// The requests that are answered on their event loop while nothing about them is unusual; everything else, and whatever goes
/// wrong with these, takes the way of ``buildRouter(_:_:answersOtherMethods:)``.
func expressLanes(_ parts: ServerParts, _ door: Door) -> [any ExpressLane] {
    // Each request is to have its line in the log then, which the router writes.
    guard parts.logger.logLevel > .debug else { return [] }
    let gate = ExpressGate(parts: parts)
    let named: [any ExpressLane] = [ExpressReads(gate: gate), ExpressRSVP(gate: gate)]
    let anonymous = ExpressSubmissions(parts: parts, isForeign: door == .anonymous)
    let takesAnonymous = door != .named && parts.configuration.takesAnonymous
    return (door == .anonymous ? [] : named) + (takesAnonymous ? [anonymous] : [])
}

/// Anonymous input: a chain of its own, without log, sign-in or limits that know an account.
///
/// - Parameter isForeign: whether pages come from another origin than these routes.
private func addAnonymous(to routes: RouterGroup<AppContext>, _ parts: ServerParts, isForeign: Bool) {
    let chain = routes.group("/v1/anonymous")
    if isForeign { chain.add(middleware: AllowAnyOrigin()) }
    let anonymous =
        chain
        .add(middleware: RefuseIdentity())
        .add(middleware: LimitAddresses(parts: parts))
        .group("", context: AnonymousContext.self)
    // Tokens bound how many submissions there can be; nothing but work bounds reads without a name.
    SubmissionRoutes(parts: parts).add(anonymous: anonymous)
    let reads = anonymous.group("").add(middleware: AskForWork(parts: parts))
    KeyDirectoryRoutes(parts: parts).add(anonymous: reads)
    InboxRoutes(parts: parts).add(anonymous: reads)
    AuthorReplyRoutes(parts: parts).add(anonymous: reads)
    WithdrawalRoutes(parts: parts).add(anonymous: reads)
}

/// A server that has no part in the inbox says so; nothing about the request is looked at.
private func addNoAnonymous(to router: Router<AppContext>) {
    for method: HTTPRequest.Method in [.get, .post] {
        router.on("/v1/anonymous/**", method: method) { _, _ -> Response in throw Problem.unavailable() }
    }
}

/// Everything that knows who asks, and the files that everybody gets.
///
/// - Parameter returning: for browsers that come back from elsewhere, with parameters that only the other side knows.
private func addNamed(to routes: RouterGroup<AppContext>, returning: RouterGroup<AppContext>, _ parts: ServerParts) {
    WebRoutes(parts: parts).add(to: routes)
    // Asked by mail programs, which have no sign-in and take whatever is given.
    UnsubscribeRoutes(parts: parts).add(to: routes.group("").add(middleware: LimitRequests(parts: parts)))
    let everybody = routes.group("").add(middleware: LogRequests()).add(middleware: LimitRequests(parts: parts))
    PublicRecordRoutes(parts: parts).add(pages: everybody, data: everybody.group("").add(middleware: RequireJSON()))
    let open = routes.group("")
        .add(middleware: LogRequests())
        .add(middleware: RequireJSON())
        .add(middleware: SignIn(parts: parts))
        .add(middleware: LimitRequests(parts: parts))
        .add(middleware: NoteChanges(parts: parts))
        .add(middleware: RememberAnswers(parts: parts))
    let signedIn = open.group("", context: SignedInContext.self)
    let member = open.group("/v1/networks/{network}", context: MemberContext.self)
    let drafting = open.group("/v1/networks/{network}", context: DraftingContext.self)
    let record = open.group("/v1/hr/networks/{network}", context: RecordContext.self)

    SessionRoutes(parts: parts).add(open: open, signedIn: signedIn)
    SecondFactorRoutes(parts: parts).add(signedIn: signedIn)
    AccountRoutes(parts: parts).add(open: open, signedIn: signedIn)
    ConsentRoutes(parts: parts).add(open: open, signedIn: signedIn)
    OwnSessionRoutes(parts: parts).add(signedIn: signedIn)
    ProviderRoutes(parts: parts).add(open: open)
    ProviderCallbackRoutes(parts: parts).add(to: returning.add(middleware: LogRequests()))
    ProviderLogoutRoutes(parts: parts).add(to: everybody)
    ProviderLinkRoutes(parts: parts).add(signedIn: signedIn)
    PasswordResetRoutes(parts: parts).add(open: open, member: member)
    NetworkRoutes(parts: parts).add(signedIn: signedIn, member: member)
    MembershipRoutes(parts: parts).add(signedIn: signedIn, member: member)
    EventRoutes(parts: parts).add(member: member)
    CalendarFeedRoutes(parts: parts).add(open: open, signedIn: signedIn)
    TokenIssueRoutes(parts: parts).add(member: member)
    ChannelRoutes(parts: parts).add(member: member)
    RoundRoutes(parts: parts).add(member: member)
    PosterRoutes(parts: parts).add(signedIn: signedIn, member: member)
    ReleaseRoutes(parts: parts).add(record: record, member: member)
    RecommendationRoutes(parts: parts).add(member: member, drafting: drafting)
    DraftRoutes(parts: parts).add(member: member, drafting: drafting)
    DraftingRoutes(parts: parts).add(drafting: drafting, member: member, record: record)
    PackageRoutes(parts: parts).add(member: member)
    TrustedTownRoutes(parts: parts).add(member: member)
    HRRecommendationRoutes(parts: parts).add(record: record)
    WebhookRoutes(parts: parts).add(record: record)
    ReportRoutes(parts: parts).add(record: record, member: member)
    AuditRoutes(parts: parts).add(signedIn: signedIn)
    AnswerDutyRoutes(parts: parts).add(record: record, member: member)
    AnswerDutyContactRoutes(parts: parts).add(member: member)
    FollowRoutes(parts: parts).add(member: member)
    NewsRoutes(parts: parts).add(signedIn: signedIn)
    NotificationRoutes(parts: parts).add(signedIn: signedIn)
    DigestRoutes(parts: parts).add(member: member)
    RuleRoutes(parts: parts).add(member: member)
    SuggestionRoutes(parts: parts).add(member: member)
    ComparisonRoutes(parts: parts).add(record: record, member: member)
    ThemeSummaryRoutes(parts: parts).add(member: member)
}

/// Every route as `GET /path`, without HEAD and without the answers for other methods; the contract is held against it.
func routeNames(_ parts: ServerParts, _ door: Door = .everything) -> Set<String> {
    let routes = buildRouter(parts, door, answersOtherMethods: false).routes.filter { $0.method != .head }
    return Set(routes.map { "\($0.method.rawValue) \($0.path.description)" })
}

/// The query parameters of every route that has any.
private let allParameters = [
    NetworkRoutes.parameters, MembershipRoutes.parameters, EventRoutes.parameters, CalendarFeedRoutes.parameters,
    KeyDirectoryRoutes.parameters, ChannelRoutes.parameters, RoundRoutes.parameters, ReleaseRoutes.parameters,
    RecommendationRoutes.parameters, HRRecommendationRoutes.parameters, AuditRoutes.parameters, NewsRoutes.parameters,
    DraftingRoutes.parameters,
    SuggestionRoutes.parameters, ThemeSummaryRoutes.parameters, PublicRecordRoutes.parameters,
    WebhookRoutes.parameters, ReportRoutes.parameters, PosterRoutes.parameters,
    ConsentRoutes.parameters,
].reduce(into: [:]) { $0.merge($1) { $0.union($1) } }

/// Answers 405 with `Allow` where a path exists but not with that method (RFC 9110 section 15.5.6).
///
/// - Parameter isForeign: whether a browser asks first whether a page of another origin may use them.
private func answerOtherMethods(on router: Router<AppContext>, isForeign: Bool) {
    let methods: [HTTPRequest.Method] =
        [.get, .head, .post, .put, .patch, .delete, .options, .trace] + [HTTPRequest.Method("QUERY")].compactMap(\.self)
    let byPath = Dictionary(grouping: router.routes, by: \.path.description).mapValues { Set($0.map(\.method)) }
    for (path, known) in byPath {
        let answered = known.contains(.get) ? known.union([.head]) : known
        let allow = answered.map(\.rawValue).sorted().joined(separator: ", ")
        for method in methods where !answered.contains(method) {
            router.on(RouterPath(path), method: method) { _, _ -> Response in
                if isForeign, method == .options { return AllowAnyOrigin.preflight }
                throw Problem(.methodNotAllowed, headers: [.allow: allow])
            }
        }
    }
}
