import Foundation
import Hummingbird
import Postgres

/// `/v1/sessions`: signing in with e-mail and password, and out.
struct SessionRoutes: Sendable {
    /// How long a session lasts, in seconds.
    static let lifetime = 30 * 86_400

    let parts: ServerParts
    let failures: RateLimiter

    func add(open: some RouterMethods<AppContext>, signedIn: some RouterMethods<SignedInContext>) {
        open.post("/v1/sessions", use: signIn)
        signedIn.delete("/v1/sessions/current", use: signOut)
    }

    private struct SignInInput: JSONInput {
        let email: String
        let password: String

        init(_ fields: inout Fields) {
            email = fields.string("email", length: 3...254).lowercased()
            password = fields.string("password", length: 1...256)
            // Accepted and ignored until a second factor can be set up.
            _ = fields.optionalString("totp", length: 6...8)
        }
    }

    private func signIn(_ request: Request, _ context: AppContext) async throws -> Response {
        let input = try await request.decode(SignInInput.self)
        let source = parts.pseudonym(of: context.remoteAddress)
        // Taken before the work and given back for a right password, so that parallel guesses count too.
        _ = try failures.take(.text(input.email))
        _ = try failures.take(.source(source))
        let account = try await parts.databases.member.first(ReadAccountByEmail(email: input.email))
        let cost = parts.configuration.passwordCost
        // The same work for an account that does not exist: neither body nor time tells which it was.
        let isRight = try await parts.compute {
            guard let hash = account?.password else {
                PasswordHash.burn(input.password, cost: cost)
                return false
            }
            return hash.matches(input.password)
        }
        guard let account, isRight else { throw Problem(.unauthenticated) }
        failures.giveBack(.text(input.email))
        failures.giveBack(.source(source))
        return try await session(for: account, request)
    }

    private func session(for account: Account, _ request: Request) async throws -> Response {
        let credential = Credential()
        let expiresAt = parts.now().addingTimeInterval(Double(Self.lifetime))
        let statement = InsertSession(
            tokenHash: credential.hash,
            account: account.id,
            expiresAt: expiresAt,
            passwordHash: account.password?.hash
        )
        // Nobody is let in by a password that was changed while it was looked at.
        guard try await parts.databases.member.first(statement) != nil else { throw Problem(.unauthenticated) }
        let memberships = try await parts.memberships(of: account.id)
        let answer = SessionAnswer(
            token: credential.text,
            expiresAt: expiresAt,
            account: AccountAnswer(account),
            memberships: memberships.map(SessionAnswer.Membership.init)
        )
        var response = try Response.json(answer, status: .created, headers: [.location: "/v1/sessions/current"])
        if SessionCookie.isSameOrigin(request) {
            response.headers[.setCookie] = SessionCookie.header(credential.text, lifetime: Self.lifetime, for: request)
        }
        return response
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
        response.headers[.setCookie] = SessionCookie.header("", lifetime: 0, for: request)
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

/// Makes a session if the password is still the one that was looked at; old sessions of the same account go on the way.
struct InsertSession: PostgresStatement {
    static let sql = """
        WITH expired AS (
            DELETE FROM session WHERE account_id = $2 AND expires_at < $3::timestamptz - interval '60 days'
        ), owner AS (
            SELECT id FROM account WHERE id = $2 AND password_hash IS NOT DISTINCT FROM $4 FOR SHARE
        )
        INSERT INTO session (token_hash, account_id, expires_at) SELECT $1::bytea, id, $3 FROM owner
        RETURNING account_id
        """
    let tokenHash: [UInt8]
    let account: UUID
    let expiresAt: Date
    /// `nil` for an account without a password.
    var passwordHash: [UInt8]?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(tokenHash)
        parameters.append(account)
        parameters.append(expiresAt)
        parameters.append(passwordHash)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct DeleteSession: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM session WHERE token_hash = $1"
    let tokenHash: [UInt8]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(tokenHash) }
}
