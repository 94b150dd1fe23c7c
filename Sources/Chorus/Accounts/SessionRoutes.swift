import Foundation
import Hummingbird
import Postgres

/// `/v1/sessions`: signing in with e-mail and password, and out.
struct SessionRoutes: Sendable {
    /// How long a session lasts, in seconds.
    static let lifetime = 30 * 86_400

    let parts: ServerParts

    func add(open: some RouterMethods<AppContext>, signedIn: some RouterMethods<SignedInContext>) {
        open.post("/v1/sessions", use: signIn)
        signedIn.delete("/v1/sessions/current", use: signOut)
    }

    private struct SignInInput: JSONInput {
        let email: String
        let password: String
        let totp: String?

        init(_ fields: inout Fields) {
            email = fields.string("email", length: 3...254).lowercased()
            password = fields.string("password", length: 1...256)
            totp = fields.optionalString("totp", length: 6...60)
        }
    }

    private func signIn(_ request: Request, _ context: AppContext) async throws -> Response {
        let input = try await request.decode(SignInInput.self)
        let guess = parts.guess(at: input.email, request, from: context.remoteAddress)
        let account = try await parts.guesses.count(guess, proof: request.headers[.proof]) {
            let account = try await parts.databases.member.first(ReadAccountByEmail(email: input.email))
            let cost = parts.configuration.passwordCost
            // The same work for an account that does not exist: neither body nor time tells which it was.
            let isRight = try await parts.passwords.run {
                PasswordHash.check(input.password, account?.password, cost: cost)
            }
            return isRight ? account : nil
        }
        guard let account else { throw Problem(.unauthenticated) }
        return try await session(for: account, input.totp, guess, request)
    }

    private func session(
        for account: Account,
        _ totp: String?,
        _ guess: Guess,
        _ request: Request
    ) async throws -> Response {
        let credential = Credential()
        let expiresAt = parts.now().addingTimeInterval(Double(Self.lifetime))
        let statement = InsertSession(
            tokenHash: credential.hash,
            account: account.id,
            expiresAt: expiresAt,
            passwordHash: account.password?.hash,
            secondFactorOn: account.secondFactorOn
        )
        try await make(statement, totp, guess)
        let memberships = try await parts.memberships(of: account.id)
        let answer = SessionAnswer(
            token: credential.text,
            expiresAt: expiresAt,
            account: AccountAnswer(account),
            memberships: memberships.map(SessionAnswer.Membership.init)
        )
        var response = try Response.json(answer, status: .created, headers: [.location: "/v1/sessions/current"])
        if SessionCookie.isSameOrigin(request) {
            let device = KnownDevice.value(for: guess.account, at: parts.now(), parts.secrets.guesses)
            response.headers.append(.init(name: .setCookie, value: KnownDevice.header(device, for: request)))
            let cookie = SessionCookie.header(credential.text, lifetime: Self.lifetime, for: request)
            response.headers.append(.init(name: .setCookie, value: cookie))
        }
        return response
    }

    /// Nobody is let in by a password, or without a second factor, that was changed while it was looked at.
    private func make(_ session: InsertSession, _ totp: String?, _ guess: Guess) async throws {
        guard session.secondFactorOn != nil else {
            let made = try await parts.databases.member.first(session)
            guard made != nil else { throw Problem(.unauthenticated) }
            return
        }
        // Said only now that the password is right.
        guard let totp else { throw Problem(.secondFactorRequired) }
        let made = try await parts.prove(totp, of: session.account, guess) { transaction in
            guard try await transaction.first(session) != nil else { throw Problem(.unauthenticated) }
            return true
        }
        guard made != nil else {
            let error = Problem.FieldError(pointer: "/totp", detail: "is no code that is good now")
            throw Problem(.secondFactorRequired, errors: [error])
        }
    }

    /// What a request that was let in has signed in with.
    static func credential(of request: Request) -> Credential {
        let bearer = request.headers[.authorization].map { $0.dropFirst(7).trimmingWhitespace() }
        return Credential(text: bearer ?? SessionCookie.value(in: request) ?? "")
    }

    private func signOut(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let hash = Self.credential(of: request).hash
        _ = try await parts.databases.member.execute(DeleteSession(tokenHash: hash))
        var response = Response.noContent
        // Also what the browser is known by: who signs out may be somewhere where others come next.
        response.headers.append(.init(name: .setCookie, value: KnownDevice.header("", for: request)))
        response.headers.append(
            .init(name: .setCookie, value: SessionCookie.header("", lifetime: 0, for: request))
        )
        return response
    }
}

private struct SessionAnswer: Encodable {
    struct Membership: Encodable {
        let network: String
        let roles: [String]
        let state: String

        init(_ membership: AccountMembership) {
            network = membership.network.text
            roles = membership.roles
            state = membership.state
        }
    }

    let token: String
    let expiresAt: Date
    let account: AccountAnswer
    let memberships: [Membership]
}

/// Makes a session if password and second factor are still those that were looked at; old sessions of the account go on the way.
struct InsertSession: PostgresStatement {
    static let sql = """
        WITH expired AS (
            DELETE FROM session WHERE account_id = $2 AND expires_at < $3::timestamptz - interval '60 days'
        ), owner AS (
            SELECT id FROM account
            WHERE id = $2 AND password_hash IS NOT DISTINCT FROM $4 AND second_factor_on IS NOT DISTINCT FROM $5
            FOR SHARE
        ), used AS (
            -- Who comes back comes off the list of accounts that nobody uses.
            UPDATE account a SET unused_since = NULL FROM owner WHERE a.id = owner.id AND a.unused_since IS NOT NULL
        )
        INSERT INTO session (token_hash, account_id, expires_at) SELECT $1::bytea, id, $3 FROM owner
        RETURNING account_id
        """
    let tokenHash: [UInt8]
    let account: UUID
    let expiresAt: Date
    /// `nil` for an account without a password.
    var passwordHash: [UInt8]?
    /// `nil` for an account without a second factor.
    var secondFactorOn: PostgresDate?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(tokenHash)
        parameters.append(account)
        parameters.append(expiresAt)
        parameters.append(passwordHash)
        parameters.append(secondFactorOn)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct DeleteSession: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM session WHERE token_hash = $1"
    let tokenHash: [UInt8]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(tokenHash) }
}
