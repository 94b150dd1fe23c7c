import Foundation
import Hummingbird
import Postgres

/// `/v1/me/sessions`: where an account is signed in, as far as the server knows, which is only since when.
struct OwnSessionRoutes: Sendable {
    let parts: ServerParts

    func add(signedIn: some RouterMethods<SignedInContext>) {
        signedIn.get("/v1/me/sessions", use: list)
        signedIn.delete("/v1/me/sessions", use: endOthers)
        signedIn.delete("/v1/me/sessions/{session}", use: end)
    }

    private struct Shown: Encodable {
        let id: String
        let createdOn: String
        /// Always `null`: nobody writes down when somebody was here.
        @ExplicitNull var lastUsedOn: String?
        let isCurrent: Bool
    }

    private func list(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let statement = ReadOwnSessions(
            account: context.identity.account,
            now: parts.now(),
            current: SessionRoutes.credential(of: request).hash
        )
        let sessions = try await parts.databases.member.execute(statement).map { session in
            // The end is kept and the beginning is not: all sessions are of one length.
            let created = session.expiresAt.addingTimeInterval(Double(-SessionRoutes.lifetime))
            let day = PostgresDate.today(in: .gmt, at: created)
            return Shown(id: session.id.text, createdOn: day.description, isCurrent: session.isCurrent)
        }
        return try .read(Page(sessions, limit: sessions.count, cursor: { [$0.id] }), for: request)
    }

    /// All at once, also those that were made since the list was read.
    private func endOthers(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let current = SessionRoutes.credential(of: request).hash
        let statement = EndOtherSessions(account: context.identity.account, current: current)
        _ = try await parts.databases.member.execute(statement)
        return .noContent
    }

    private func end(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let statement = EndOwnSession(account: context.identity.account, id: try context.id("session"))
        guard let ended = try await parts.databases.member.first(statement) else { throw Problem(.notFound) }
        var response = Response.noContent
        if ended == SessionRoutes.credential(of: request).hash {
            response.headers[.setCookie] = SessionCookie.header("", lifetime: 0, for: request)
        }
        return response
    }
}

/// The sessions of an account that are good still, the newest first; more than any person has are not shown.
///
/// They have no id of their own: one that comes of the token's hash says nothing of it and needs no place.
struct ReadOwnSessions: PostgresStatement {
    typealias Row = (id: UUID, expiresAt: Date, isCurrent: Bool)

    static let id = "encode(substr(sha256('session'::bytea || token_hash), 1, 16), 'hex')::uuid"
    static let sql = """
        SELECT \(id), expires_at, token_hash = $3 FROM session WHERE account_id = $1 AND expires_at > $2
        ORDER BY expires_at DESC, token_hash
        LIMIT 200
        """
    let account: UUID
    let now: Date
    let current: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(now)
        parameters.append(current)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        (try row.next(), try row.next(), try row.next())
    }
}

/// Ends a session of an account, and says which token it was of.
struct EndOwnSession: PostgresStatement {
    static let sql = "DELETE FROM session WHERE account_id = $1 AND \(ReadOwnSessions.id) = $2 RETURNING token_hash"
    let account: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

/// Ends all sessions of an account but one.
struct EndOtherSessions: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM session WHERE account_id = $1 AND token_hash <> $2"
    let account: UUID
    let current: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(current)
    }
}

/// Whose session it is, while it is open.
struct ReadSessionAccount: PostgresStatement {
    static let sql = "SELECT account_id FROM session WHERE token_hash = $1"
    let tokenHash: [UInt8]
    func bind(_ parameters: inout PostgresParameters) { parameters.append(tokenHash) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
