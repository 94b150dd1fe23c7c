import Foundation
import Hummingbird
import Postgres

/// `/v1/consent-texts` and `/v1/me/consents`: what can be agreed to, and what one has agreed to.
struct ConsentRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/consent-texts/{purpose}": ["version", "language"]]

    let parts: ServerParts

    func add(open: some RouterMethods<AppContext>, signedIn: some RouterMethods<SignedInContext>) {
        open.get("/v1/consent-texts/{purpose}", use: text)
        signedIn.get("/v1/me/consents/{purpose}", use: read)
        signedIn.put("/v1/me/consents/{purpose}", use: give)
        signedIn.delete("/v1/me/consents/{purpose}", use: withdraw)
    }

    private var pool: PostgresPool { parts.databases.member }
    private var today: PostgresDate { .today(in: .gmt, at: parts.now()) }

    private func purpose(_ context: some RequestContext) throws(Problem) -> ConsentPurpose {
        guard let purpose = context.parameters.get("purpose").flatMap(ConsentPurpose.init(rawValue:)) else {
            throw Problem(.notFound)
        }
        return purpose
    }

    private struct TextAnswer: Encodable {
        let purpose: String
        let version: String
        let language: String
        let isInForce: Bool
        let points: [String]
        /// The one in force last.
        let versions: [String]
    }

    /// Without sign-in: it is read before there is an account.
    private func text(_ request: Request, _ context: AppContext) async throws -> Response {
        let (purpose, texts) = (try purpose(context), parts.consentTexts)
        let language = try request.queryChoice("language", of: Language.self) ?? context.language
        let version = request.uri.queryParameters["version"].map(String.init)
        guard let text = texts.text(of: purpose, version: version, in: language) else { throw Problem(.notFound) }
        let answer = TextAnswer(
            purpose: purpose.rawValue,
            version: text.version,
            language: language.rawValue,
            isInForce: text.version == texts.versionInForce(of: purpose),
            points: text.points,
            versions: texts.versions(of: purpose)
        )
        return try .read(answer, for: request).speaking(language)
    }

    private func read(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let purpose = try purpose(context)
        let consents = try await pool.execute(ReadConsents(account: context.identity.account))
        guard let consent = consents.first(where: { $0.purpose == purpose }) else { throw Problem(.notFound) }
        return try .read(parts.consentTexts.answer(consent), for: request)
    }

    private struct Given: JSONInput {
        let textVersion: String
        init(_ fields: inout Fields) { textVersion = fields.string("textVersion", length: 1...40) }
    }

    private func give(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let purpose = try purpose(context)
        let input = try await request.decode(Given.self)
        try parts.consentTexts.requireInForce(input.textVersion, of: purpose, "/textVersion")
        _ = try await pool.execute(
            UpsertConsent(
                account: context.identity.account,
                purpose: purpose,
                textVersion: input.textVersion,
                day: today
            )
        )
        return try await read(request, context)
    }

    /// Withdrawing the consent to membership leaves every network and deletes what was kept there.
    private func withdraw(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let purpose = try purpose(context)
        if purpose == .membership { try await parts.leaveAllNetworks(context.identity.account) }
        _ = try await pool.execute(
            WithdrawConsent(account: context.identity.account, purpose: purpose, day: today)
        )
        return .noContent
    }
}
