import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Postgres

/// `/v1/sign-in/{slug}/callback`: where a provider sends the browser back to, with whatever it adds to the address (RFC 6749, section
/// 4.1.2).
struct ProviderCallbackRoutes: Sendable {
    let parts: ServerParts

    func add(to routes: some RouterMethods<AppContext>) {
        routes.get("/v1/sign-in/{slug}/callback", use: finish)
    }

    /// Always sends the browser on: what it came with shall not stay in its history, and where it goes is never what somebody sent.
    private func finish(_ request: Request, _ context: AppContext) async throws -> Response {
        var arrival: Arrival
        do {
            arrival = try await arrive(request, context)
        } catch let refusal as SignInRefusal {
            arrival = .refused(refusal)
        } catch let error as PostgresError where Problem(sqlError: error).name == .unavailable {
            arrival = .refused(.busy)
        } catch {
            // The type alone: a description could quote what somebody sent.
            context.logger.error(
                "a sign-in by a provider failed",
                metadata: ["error": "\(type(of: error))", "request": "\(context.requestId)"]
            )
            arrival = .refused(.provider)
        }
        var response = Response(status: .seeOther, headers: [.location: arrival.place])
        let over = FlowCookie.header("", lifetime: 0, for: request)
        response.headers.append(.init(name: .setCookie, value: over))
        if let session = arrival.session {
            let cookie = SessionCookie.header(session.text, lifetime: SessionRoutes.lifetime, for: request)
            response.headers.append(.init(name: .setCookie, value: cookie))
        }
        return response
    }

    private struct Arrival {
        let place: String
        var session: Credential?

        /// Says what to do next, and where, if it is known that they set out from there.
        static func refused(_ reason: SignInRefusal, at slug: String? = nil) -> Self {
            Self(place: (["/#/sign-in/refused", reason.rawValue] + (slug.map { [$0] } ?? [])).joined(separator: "/"))
        }
    }

    private func arrive(_ request: Request, _ context: AppContext) async throws -> Arrival {
        let source = parts.pseudonym(of: context.remoteAddress)
        guard parts.limiter.takeIfLeft(.source(source)) != nil else { throw SignInRefusal.busy }
        let query = request.uri.query ?? ""
        guard let cookie = FlowCookie.value(in: request),
            let flow = SignInFlow.open(cookie, under: parts.secrets.provider, now: parts.now()),
            FormText.value(of: "state", in: query) == flow.state
        else { throw SignInRefusal.begun }
        let found = try? await parts.provider(context)
        guard let (slug, provider) = found, provider.network == flow.network else { throw SignInRefusal.begun }
        do {
            return try await arrive(try await visitor(query, flow, provider), flow, request)
        } catch let refusal as SignInRefusal {
            return .refused(refusal, at: slug)
        }
    }

    private func arrive(_ visitor: Visitor, _ flow: SignInFlow, _ request: Request) async throws -> Arrival {
        let signIn = ProviderSignIn(parts: parts)
        switch flow.purpose {
        case .signIn: return Arrival(place: "/", session: try await signIn.session(for: visitor))
        case .join(let new):
            return Arrival(place: "/", session: try await signIn.session(for: visitor, newMember: new))
        case .link(let account):
            let held = SessionCookie.value(in: request).map { Credential(text: $0) }
            guard let held, let bearer = try await parts.bearer(of: held, in: nil),
                bearer.identity.account == account, bearer.identity.scopes == nil
            else { throw SignInRefusal.session }
            try await signIn.link(visitor, with: account)
            return Arrival(place: "/#/me/security")
        }
    }

    /// - Throws: ``SignInRefusal``.
    private func visitor(_ query: String, _ flow: SignInFlow, _ provider: Provider) async throws -> Visitor {
        do {
            let document = try await parts.providers.document(of: provider.issuer)
            // Another provider's answer is not taken for this one's (RFC 9207).
            let named = FormText.value(of: "iss", in: query)
            guard named == provider.issuer || (named == nil && !document.alwaysNamesIssuer) else {
                throw TokenRefusal.issuer
            }
            guard let code = FormText.value(of: "code", in: query) else { throw SignInRefusal.declined }
            let secret = try provider.secret(under: parts.secrets.provider)
            let text = try await parts.providers.connection.idToken(
                for: code,
                of: flow,
                at: provider,
                secret: secret,
                document
            )
            let claims = try await parts.providers.claims(of: SignedToken(text), by: provider.issuer)
            let subject = try claims.checkSignIn(by: provider, nonce: flow.nonce, now: parts.now())
            return Visitor(claims, subject: subject, from: provider, parts.secrets.provider)
        } catch let failure as ProviderFailure {
            parts.note(failure.rawValue, at: provider)
            throw SignInRefusal.provider
        } catch let refusal as TokenRefusal {
            parts.note("token-\(refusal.rawValue)", at: provider)
            throw SignInRefusal.provider
        }
    }
}
