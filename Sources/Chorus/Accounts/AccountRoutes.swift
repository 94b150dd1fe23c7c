import Foundation
import Hummingbird
import Postgres

/// `/v1/accounts` and `/v1/me`: what a person holds, sees and ends of their own.
struct AccountRoutes: Sendable {
    let parts: ServerParts

    func add(open: some RouterMethods<AppContext>, signedIn: some RouterMethods<SignedInContext>) {
        open.post("/v1/accounts", use: create)
        signedIn.get("/v1/me", use: read)
        signedIn.patch("/v1/me", use: update)
        signedIn.delete("/v1/me", use: erase)
        signedIn.put("/v1/me/password", use: changePassword)
        signedIn.get("/v1/me/export", use: export)
        signedIn.get("/v1/me/api-tokens", use: listTokens)
        signedIn.post("/v1/me/api-tokens", use: createToken)
        signedIn.delete("/v1/me/api-tokens/{apiToken}", use: deleteToken)
    }

    private var pool: PostgresPool { parts.databases.member }
    private var today: PostgresDate { .today(in: .gmt, at: parts.now()) }

    // MARK: Joining

    private struct NewAccount: JSONInput {
        let invitation: String
        let email: String
        let password: String
        let displayName: String
        let locale: Language
        /// The version of the consent to membership that was read; `nil` when none was given yet.
        let consent: String?

        init(_ fields: inout Fields) {
            invitation = fields.string("invitation", length: 8...120)
            email = fields.email("email")
            password = fields.string("password", length: 1...1_000)
            displayName = fields.string("displayName", length: 1...120)
            locale = fields.choice("locale", default: .de)
            consent = fields.optionalString("consent", length: 1...40)
            if let refusal = PasswordPolicy.refusal(password, email: email) { fields.refuse("password", refusal) }
        }
    }

    private func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let input = try await request.decode(NewAccount.self)
        // Before the code is used up.
        if let version = input.consent { try parts.consentTexts.requireInForce(version, of: .membership, "/consent") }
        guard let code = InvitationCode(text: input.invitation) else { throw Problem(.invitationUnknown) }
        let found = try await pool.first(ReadNetworkBySlug(slug: code.slug))
        guard let network = found?.id else { throw Problem(.invitationUnknown) }
        // Before the costly part, so that nobody without a code can keep the processors busy.
        let known = ReadInvitation(network: network, codeHash: code.hash, today: today)
        guard try await pool.first(known, network: network) != nil else { throw Problem(.invitationUnknown) }
        let cost = parts.configuration.passwordCost
        let password = input.password
        let hash = try await parts.passwords.run { try PasswordHash(hashing: password, cost: cost) }
        let account = InsertAccount(
            id: UUID(),
            email: input.email,
            displayName: input.displayName,
            locale: input.locale,
            password: hash
        )
        guard try await parts.join(network, by: code, account, consent: input.consent) else {
            throw Problem(.invitationUnknown)
        }
        return try .created(try await me(account.id), at: "/v1/me")
    }

    // MARK: Oneself

    private struct Me: Encodable {
        struct Membership: Encodable {
            let network: String
            let id: String
            let roles: [String]
            let state: String
            @ExplicitNull var unit: String?
            let displayName: String
        }

        let id: String
        @ExplicitNull var email: String?
        let displayName: String
        let locale: String
        let isAdmin: Bool
        let memberships: [Membership]
        /// What became of the consent to membership: `none` before it was given.
        let membershipConsent: String
        let version: Int
    }

    private func me(_ id: UUID) async throws -> Me {
        guard let account = try await pool.first(ReadAccount(id: id)) else { throw Problem(.unauthenticated) }
        let memberships = try await parts.memberships(of: id).map {
            Me.Membership(
                network: $0.network.text,
                id: $0.id.text,
                roles: $0.roles,
                state: $0.state,
                unit: $0.unit.text,
                displayName: $0.displayName
            )
        }
        let consents = try await pool.execute(ReadConsents(account: id))
        let consent = consents.first { $0.purpose == .membership }.map(parts.consentTexts.answer)
        return Me(
            id: account.id.text,
            email: account.email,
            displayName: account.displayName,
            locale: account.locale.rawValue,
            isAdmin: account.isAdmin,
            memberships: memberships,
            membershipConsent: consent?.state.rawValue ?? "none",
            version: account.version
        )
    }

    private func read(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let me = try await me(context.identity.account)
        return try .read(me, for: request, version: me.version)
    }

    private struct Change: JSONInput {
        let displayName: String?
        let locale: Language?

        init(_ fields: inout Fields) {
            displayName = fields.optionalString("displayName", length: 1...120)
            locale = fields.optionalChoice("locale")
        }
    }

    private func update(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let change = try await request.decode(Change.self)
        let id = context.identity.account
        _ = try await pool.execute(UpdateAccount(id: id, displayName: change.displayName, locale: change.locale))
        return try await read(request, context)
    }

    private struct PasswordChange: JSONInput {
        let current: String
        let password: String

        init(_ fields: inout Fields) {
            current = fields.string("current", length: 1...1_000)
            password = fields.string("password", length: 1...1_000)
            if let refusal = PasswordPolicy.refusal(password, email: "") { fields.refuse("password", refusal) }
        }
    }

    private func changePassword(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let change = try await request.decode(PasswordChange.self)
        guard let account = try await pool.first(ReadAccount(id: context.identity.account)), let old = account.password
        else {
            throw Problem(.forbidden)
        }
        let cost = parts.configuration.passwordCost
        let new = try await parts.guesses.count(parts.guess(of: context.identity), proof: request.headers[.proof]) {
            try await parts.passwords.run {
                old.matches(change.current) ? try PasswordHash(hashing: change.password, cost: cost) : nil
            }
        }
        guard let new else { throw Problem.invalid("/current", "is not the current password") }
        let keeping = SessionRoutes.credential(of: request).hash
        try await pool.transaction { transaction in
            // A reset may have come while the password was looked at: it is not to be undone.
            _ = try await transaction.execute(LockAccount(id: account.id))
            guard try await transaction.first(ReadAccount(id: account.id))?.password == old else {
                throw Problem(.unauthenticated)
            }
            try await parts.setPassword(new, of: account.id, keeping: keeping, transaction)
        }
        return .noContent
    }

    private struct Export: Encodable {
        let me: Me
        let consents: [ConsentAnswer]
        let apiTokens: [APITokenAnswer]
        let rsvps: [ExportedRSVP]
        let drafting: [ExportedDrafting]
        let follows: [ExportedFollow]
        let passwordResets: [ExportedReset]
        let providerLinks: [ExportedProviderLink]
        let secondFactor: SecondFactorAnswer
        let notifications: NotificationAnswer
        let other: [ExportedRow]
        let note: String
    }

    private func export(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let id = context.identity.account
        var rsvps: [ExportedRSVP] = []
        var drafting: [ExportedDrafting] = []
        var follows: [ExportedFollow] = []
        var resets: [ExportedReset] = []
        var links: [ExportedProviderLink] = []
        for membership in try await parts.memberships(of: id) {
            drafting += try await pool.execute(
                ReadOwnDrafting(network: membership.network, membership: membership.id),
                network: membership.network
            )
            let followed = ReadFollows(network: membership.network, membership: membership.id)
            follows += try await pool.execute(followed, network: membership.network).map {
                ExportedFollow(network: membership.network.text, recommendation: $0.text)
            }
            resets += try await pool.execute(
                ReadOwnResets(network: membership.network, membership: membership.id),
                network: membership.network
            )
            let link = ReadProviderLink(network: membership.network, membership: membership.id, tokenHash: [])
            links += try await pool.execute(link, network: membership.network).map(ExportedProviderLink.init)
            rsvps += try await pool.execute(
                ReadOwnRSVPs(network: membership.network, membership: membership.id),
                network: membership.network
            )
        }
        return try .json(
            Export(
                me: try await me(id),
                consents: try await pool.execute(ReadConsents(account: id)).map(parts.consentTexts.answer),
                apiTokens: try await pool.execute(ReadAPITokens(account: id)),
                rsvps: rsvps,
                drafting: drafting,
                follows: follows,
                passwordResets: resets,
                providerLinks: links,
                secondFactor: SecondFactorAnswer(try await pool.first(ReadSecondFactor(account: id))),
                notifications: try await parts.notificationAnswer(of: id),
                other: try await parts.ownRows(of: id),
                note: "Anonymous messages and ballots are not here: nothing joins them with you."
            )
        )
    }

    /// Erasure: what belongs to an account goes with it, in every network.
    private func erase(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try await parts.leaveAllNetworks(context.identity.account)
        _ = try await pool.execute(DeleteAccount(id: context.identity.account))
        return .noContent
    }

    // MARK: Tokens for programs

    private struct NewToken: JSONInput {
        let name: String
        let scopes: [TokenScope]
        let expiresOn: PostgresDate

        init(_ fields: inout Fields) {
            name = fields.string("name", length: 1...120)
            let names = fields.strings("scopes", count: 1...2, length: 1...20)
            scopes = names.compactMap(TokenScope.init(rawValue:))
            expiresOn = fields.day("expiresOn")
            if scopes.count < names.count { fields.refuse("scopes", "must be of read, write") }
        }
    }

    private func createToken(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let input = try await request.decode(NewToken.self)
        guard input.expiresOn > today, input.expiresOn <= today.adding(days: 730) else {
            throw Problem.invalid("/expiresOn", "must be a day within the next two years")
        }
        let credential = Credential()
        let id = UUID()
        let insert = InsertAPIToken(
            tokenHash: credential.hash,
            id: id,
            account: context.identity.account,
            name: input.name,
            scopes: input.scopes,
            expiresOn: input.expiresOn
        )
        let own = ReadSessionAccount(tokenHash: SessionRoutes.credential(of: request).hash)
        try await pool.transaction { transaction in
            // A reset ends all tokens and all sessions: what was asked by one of them a moment before makes none.
            _ = try await transaction.execute(LockAccount(id: insert.account))
            guard try await transaction.first(own) == insert.account else { throw Problem(.unauthenticated) }
            _ = try await transaction.execute(insert)
        }
        let answer = APITokenAnswer(
            id: id.text,
            name: input.name,
            scopes: input.scopes.map(\.rawValue),
            expiresOn: input.expiresOn.description,
            token: credential.text
        )
        return try .created(answer, at: "/v1/me/api-tokens/\(id.text)")
    }

    private func listTokens(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let tokens = try await pool.execute(ReadAPITokens(account: context.identity.account))
        return try .read(Page(tokens, limit: tokens.count, cursor: { [$0.id] }), for: request)
    }

    private func deleteToken(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let statement = DeleteAPIToken(account: context.identity.account, id: try context.id("apiToken"))
        guard try await pool.first(statement) != nil else { throw Problem(.notFound) }
        return .noContent
    }

}

extension ServerParts {
    /// Uses an invitation up and makes account, membership and, if it was given, consent.
    ///
    /// An address that has an account already uses the code up too, and is refused like a wrong code: nobody finds out with one code
    /// who else is here.
    ///
    /// - Parameters:
    ///   - network: of the code.
    ///   - code: that somebody brought.
    ///   - account: that is made.
    ///   - version: of the text of membership that was agreed to; `nil` when none was.
    ///   - more: what is done in the same transaction, with the new membership; nothing by default.
    /// - Returns: false when the address has an account already.
    /// - Throws: ``Problem`` `invitationUnknown`; `PostgresError`; what `more` throws, and then nothing was done.
    func join(
        _ network: UUID,
        by code: InvitationCode,
        _ account: InsertAccount,
        consent version: String?,
        more: @Sendable (UUID, PostgresTransaction) async throws -> Void = { _, _ in }
    ) async throws -> Bool {
        let day = PostgresDate.today(in: .gmt, at: now())
        let membership = InsertMembership(
            network: network,
            account: account.id,
            roles: [.member],
            displayName: account.displayName
        )
        return try await databases.member.transaction(network: network) { transaction in
            let use = UseInvitation(network: network, codeHash: code.hash, today: day)
            if try await transaction.execute(use).isEmpty { throw Problem(.invitationUnknown) }
            guard try await transaction.first(account) != nil else { return false }
            _ = try await transaction.execute(membership)
            if let version {
                let consent = UpsertConsent(account: account.id, purpose: .membership, textVersion: version, day: day)
                _ = try await transaction.execute(consent)
            }
            try await more(membership.id, transaction)
            return true
        }
    }
}

extension Fields {
    /// An e-mail address, lower case; only its form is looked at.
    mutating func email(_ name: String) -> String {
        let text = string(name, length: 3...254).lowercased()
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        if !text.isEmpty, parts.count != 2 || parts.contains("") || text.contains(where: \.isWhitespace) {
            refuse(name, "must be an e-mail address")
        }
        return text
    }
}
