import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Postgres

/// `/v1/sign-in/{slug}`: by the provider of a network, which whoever signs in knows by its short name.
struct ProviderRoutes: Sendable {
    let parts: ServerParts

    func add(open: some RouterMethods<AppContext>) {
        open.get("/v1/sign-in/{slug}", use: show)
        open.post("/v1/sign-in/{slug}", use: begin)
    }

    private struct Shown: Encodable {
        let slug: String
        let name: String
        let mayJoin: Bool
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let (slug, provider) = try await parts.provider(context)
        return try .read(
            Shown(slug: slug, name: provider.name, mayJoin: provider.roles.contains(.member)),
            for: request
        )
    }

    private enum Wish: String, CaseIterable { case signIn, link, join }

    private struct Beginning: JSONInput {
        let wish: Wish
        let password: String?
        let totp: String?
        let newMember: SignInFlow.NewMember?

        init(_ fields: inout Fields) {
            wish = fields.choice("purpose", default: .signIn)
            password = wish == .link ? fields.string("password", length: 1...256) : nil
            totp = wish == .link ? fields.optionalString("totp", length: 6...60) : nil
            guard wish == .join else {
                newMember = nil
                return
            }
            let locale: Language = fields.choice("locale", default: .de)
            newMember = SignInFlow.NewMember(
                invitation: fields.string("invitation", length: 8...120),
                email: fields.email("email"),
                displayName: fields.string("displayName", length: 1...120),
                locale: locale.rawValue,
                consent: fields.optionalString("consent", length: 1...40)
            )
        }
    }

    private struct Begun: Encodable {
        let authorizationUrl: String
    }

    private func begin(_ request: Request, _ context: AppContext) async throws -> Response {
        let input = try await request.decode(Beginning.self)
        let (slug, provider) = try await parts.provider(context)
        let purpose: SignInFlow.Purpose
        switch input.wish {
        case .signIn: purpose = .signIn
        case .link: purpose = .link(account: try await prove(input.password ?? "", input.totp, request, context))
        case .join:
            guard let new = input.newMember else { throw Problem(.invalid) }
            try await check(new, of: provider.network)
            purpose = .join(new)
        }
        let flow = SignInFlow(
            network: provider.network,
            purpose: purpose,
            redirect: "\(parts.publicAddress(for: request))/v1/sign-in/\(slug)/callback",
            now: parts.now()
        )
        let document: ProviderDocument
        do { document = try await parts.providers.document(of: provider.issuer) } catch let failure as ProviderFailure {
            parts.note(failure.rawValue, at: provider)
            throw Problem(.providerUnavailable, headers: [.retryAfter: "30"])
        }
        var response = try Response.json(Begun(authorizationUrl: flow.authorizationURL(at: provider, document)))
        let sealed = try flow.sealed(under: parts.secrets.provider)
        response.headers[.setCookie] = FlowCookie.header(sealed, lifetime: SignInFlow.lifetime, for: request)
        return response
    }

    /// A link is one more way into an account: whoever holds an open session must not be able to make one.
    private func prove(
        _ password: String,
        _ totp: String?,
        _ request: Request,
        _ context: AppContext
    ) async throws -> UUID {
        guard let identity = context.identity else { throw Problem(.unauthenticated) }
        guard identity.scopes == nil else { throw Problem(.forbidden) }
        guard let account = try await parts.databases.member.first(ReadAccount(id: identity.account)),
            let hash = account.password
        else { throw Problem(.forbidden) }
        let guess = parts.guess(of: identity)
        let right = try await parts.guesses.count(guess, proof: request.headers[.proof]) {
            try await parts.passwords.run { hash.matches(password) ? true : nil }
        }
        guard right != nil else { throw Problem.invalid("/password", "is not the password of this account") }
        if account.secondFactorOn != nil { try await proveAgain(totp, of: account.id, guess) }
        return account.id
    }

    /// Whoever comes by the provider is asked for no code here: so it takes one to make that way in.
    private func proveAgain(_ totp: String?, of account: UUID, _ guess: Guess) async throws {
        guard let totp else { throw Problem(.secondFactorRequired) }
        let proved = try await parts.prove(totp, of: account, guess) { _ in true }
        guard proved != nil else {
            let error = Problem.FieldError(pointer: "/totp", detail: "is no code that is good now")
            throw Problem(.secondFactorRequired, errors: [error])
        }
    }

    /// Before anybody is sent away, so that what is wrong is said where it was typed.
    private func check(_ new: SignInFlow.NewMember, of network: UUID) async throws {
        if let version = new.consent { try parts.consentTexts.requireInForce(version, of: .membership, "/consent") }
        let pool = parts.databases.member
        guard let code = InvitationCode(text: new.invitation),
            try await pool.first(ReadNetworkBySlug(slug: code.slug))?.id == network
        else { throw Problem(.invitationUnknown) }
        let today = PostgresDate.today(in: .gmt, at: parts.now())
        let known = ReadInvitation(network: network, codeHash: code.hash, today: today)
        guard try await pool.first(known, network: network) != nil else { throw Problem(.invitationUnknown) }
    }
}

extension ServerParts {
    /// The provider of the network that a route names.
    ///
    /// - Throws: ``Problem`` `notFound` for a network without one and for none: who knows no short name learns none.
    func provider(_ context: AppContext) async throws -> (slug: String, provider: Provider) {
        let pool = databases.member
        guard let slug = context.parameters.get("slug"),
            let network = try await pool.first(ReadNetworkBySlug(slug: slug)),
            let provider = try await pool.first(ReadProvider(network: network.id), network: network.id)
        else { throw Problem(.notFound) }
        return (network.slug, provider)
    }

    /// A line for whoever runs the server: what went wrong at which provider, and nothing of who came.
    func note(_ failure: String, at provider: Provider) {
        logger.warning("a provider could not be used", metadata: ["issuer": "\(provider.issuer)", "why": "\(failure)"])
    }
}
