import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// API tokens, passwords and consents: what a person holds besides a name.
@Suite struct CredentialTests {
    private static let password = "richtig-pferd-batterie"

    /// Somebody who signs in with a password.
    private func withPerson(
        now: @escaping @Sendable () -> Date = { Date() },
        _ body: (TestServer, TestPerson, String) async throws -> Void
    ) async throws {
        try await withServer(now: now) { server in
            let email = "\(UUID().text)@example.org"
            _ = try await server.server.createAccount(
                email: email,
                password: Self.password,
                displayName: "Ada",
                isAdmin: false,
                network: server.network.id.text,
                roles: ["member"]
            )
            try await body(server, try #require(try await signIn(server, email, Self.password)), email)
        }
    }

    private func signIn(_ server: TestServer, _ email: String, _ password: String) async throws -> TestPerson? {
        let body = "{\"email\":\"\(email)\",\"password\":\"\(password)\"}"
        let reply = try await server.send("POST", "/v1/sessions", body)
        return reply.status == 201 ? token(reply) : nil
    }

    private func token(_ reply: TestReply) -> TestPerson {
        TestPerson(account: UUID(), membership: UUID(), token: reply.json["token"].string)
    }

    @Test func anAPITokenDoesWhatItsScopesSayUntilItEnds() async throws {
        try await withPerson { server, person, _ in
            func make(_ scopes: String) async throws -> TestReply {
                let body =
                    "{\"name\":\"Programm\",\"scopes\":[\(scopes)],\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
                return try await server.send("POST", "/v1/me/api-tokens", body, as: person)
            }
            let reader = try await make("\"read\"")
            #expect(reader.status == 201, "\(reader.text)")
            let writer = try await make("\"write\"")
            #expect(try await make("\"everything\"").pointers == ["/scopes"])
            #expect(try await server.send("GET", "/v1/me", as: token(reader)).status == 200)
            #expect(try await server.send("PATCH", "/v1/me", "{}", as: token(reader)).status == 403)
            #expect(try await server.send("GET", "/v1/me", as: token(writer)).status == 403)
            #expect(try await server.send("PATCH", "/v1/me", "{}", as: token(writer)).status == 200)
            // A token cannot make what outlives it.
            let again = "{\"name\":\"x\",\"scopes\":[\"read\"],\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            #expect(try await server.send("POST", "/v1/me/api-tokens", again, as: token(writer)).status == 403)
            let list = try await server.send("GET", "/v1/me/api-tokens", as: person).json["items"].array
            #expect(list.count == 2)
            #expect(list.allSatisfy { $0["token"] == .null }, "shown once only")
            let path = "/v1/me/api-tokens/\(reader.json["id"].string)"
            #expect(try await server.send("DELETE", path, as: person).status == 204)
            #expect(try await server.send("DELETE", path, as: person).status == 404)
            #expect(try await server.send("GET", "/v1/me", as: token(reader)).status == 401)
        }
    }

    /// One byte that fits must not make up for those that do not: of two thousand, one in 256 would be let in.
    @Test func noWrongPasswordIsTakenForARightOne() throws {
        let hash = try PasswordHash(hashing: Self.password, cost: 1)
        #expect(hash.matches(Self.password))
        for number in 0..<2_000 { #expect(!hash.matches("\(Self.password)\(number)")) }
        #expect(!PasswordHash.areEqual([1, 2, 3], [4, 2, 3]) && !PasswordHash.areEqual([1, 2, 3], [1, 2]))
        #expect(PasswordHash.areEqual([1, 2, 3], [1, 2, 3]))
    }

    @Test func aPasswordIsCheckedAtTheSamePriceWhateverItsHashCost() throws {
        let hash = try PasswordHash(hashing: Self.password, cost: 2)
        #expect(PasswordHash.check(Self.password, hash, cost: 6))
        #expect(!PasswordHash.check("ein-falsches-wort", hash, cost: 6))
        #expect(!PasswordHash.check(Self.password, nil, cost: 6))
    }

    @Test func aNewPasswordEndsAllOtherSessions() async throws {
        try await withPerson { server, person, email in
            let other = try #require(try await signIn(server, email, Self.password))
            func change(_ current: String, _ new: String) async throws -> TestReply {
                let body = "{\"current\":\"\(current)\",\"password\":\"\(new)\"}"
                return try await server.send("PUT", "/v1/me/password", body, as: person)
            }
            let wrong = try await change("falsch", "ein-anderes-langes-wort")
            #expect(wrong.pointers == ["/current"], "\(wrong.text)")
            #expect(try await change(Self.password, "kurz").pointers == ["/password"])
            #expect(try await change(Self.password, "passwordpassword").pointers == ["/password"])
            #expect(try await change(Self.password, "ein-anderes-langes-wort").status == 204)
            #expect(try await server.send("GET", "/v1/me", as: person).status == 200)
            #expect(try await server.send("GET", "/v1/me", as: other).status == 401)
            #expect(try await signIn(server, email, Self.password) == nil)
            #expect(try await signIn(server, email, "ein-anderes-langes-wort") != nil)
        }
    }

    /// Asks for something, and changes the account before what is asked for gets its lock.
    ///
    /// - Returns: the answer.
    private func overtaking(
        _ ask: @escaping @Sendable () async throws -> TestReply,
        of account: UUID,
        on server: TestServer,
        by change: some PostgresStatement & Sendable
    ) async throws -> TestReply? {
        // The server's own pool may have one connection only.
        let setup = PostgresConfiguration(server.server.privateURI, maximumConnections: 1)
        return try await withThrowingTaskGroup(of: TestReply.self) { group in
            try await withPool(setup, logger: server.parts.logger) {
                try await $0.transaction { transaction in
                    _ = try await transaction.execute(LockAccount(id: account))
                    group.addTask { try await ask() }
                    try await server.waitForALock()
                    _ = try await transaction.execute(change)
                }
            }
            return try await group.next()
        }
    }

    private func account(of person: TestPerson, on server: TestServer) async throws -> UUID {
        try #require(UUID(uuidString: try await server.send("GET", "/v1/me", as: person).json["id"].string))
    }

    /// Whoever has taken an account over may change its password at the very moment in which it is set anew for its owner.
    @Test func aPasswordThatIsSetMeanwhileIsNotUndone() async throws {
        try await withPerson { server, person, email in
            let account = try await account(of: person, on: server)
            let new = try PasswordHash(hashing: "von-der-koordination", cost: server.parts.configuration.passwordCost)
            let body = "{\"current\":\"\(Self.password)\",\"password\":\"ein-anderes-langes-wort\"}"
            let late = try await overtaking(
                { try await server.send("PUT", "/v1/me/password", body, as: person) },
                of: account,
                on: server,
                by: UpdatePassword(id: account, password: new, keeping: [])
            )
            #expect(late?.status == 401)
            #expect(try await signIn(server, email, "ein-anderes-langes-wort") == nil)
            #expect(try await signIn(server, email, "von-der-koordination") != nil)
        }
    }

    /// The same of a token, which a reset would have ended.
    @Test func aTokenIsNotMadeByASessionThatEndsMeanwhile() async throws {
        try await withPerson { server, person, _ in
            let account = try await account(of: person, on: server)
            let body = "{\"name\":\"Programm\",\"scopes\":[\"read\"],\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            let late = try await overtaking(
                { try await server.send("POST", "/v1/me/api-tokens", body, as: person) },
                of: account,
                on: server,
                by: EndOtherSessions(account: account, current: [])
            )
            #expect(late?.status == 401)
            #expect(try await server.count("SELECT count(*) FROM api_token WHERE account_id = '\(account.text)'") == 0)
        }
    }

    @Test func consentIsGivenReadAndWithdrawn() async throws {
        try await withServer { server in
            let member = try await server.person(.member)
            let mail = "/v1/me/consents/mail"
            #expect(try await server.send("GET", mail, as: member).status == 404)
            let given = try await server.send("PUT", mail, "{\"textVersion\":\"2026-11\"}", as: member)
            #expect(given.json["textVersion"].string == "2026-11")
            #expect(given.json["withdrawnOn"] == .null)
            #expect(try await server.send("DELETE", mail, as: member).status == 204)
            #expect(try await server.send("GET", mail, as: member).json["withdrawnOn"] != .null)
            #expect(try await server.send("GET", server.home, as: member).status == 200, "mail is not membership")
            let membership = "/v1/me/consents/membership"
            _ = try await server.send("PUT", membership, "{\"textVersion\":\"2026-11\"}", as: member)
            #expect(try await server.send("DELETE", membership, as: member).status == 204)
            #expect(try await server.send("GET", server.home, as: member).status == 404)
            #expect(
                try await server.count("SELECT count(*) FROM membership WHERE account_id = '\(member.account)'") == 0
            )
            // Whoever has withdrawn is not signed up again in their absence.
            let coordinator = try await server.person(.member, .coordinator)
            let asked = try await server.send("POST", "\(server.home)/join-requests", "{}", as: member)
            let decision = "\(server.home)/join-requests/\(asked.json["id"].string)/decision"
            #expect(
                try await server.send("PUT", decision, "{\"decision\":\"approved\"}", as: coordinator).status == 409
            )
            _ = try await server.send("PUT", membership, "{\"textVersion\":\"2026-11\"}", as: member)
            #expect(
                try await server.send("PUT", decision, "{\"decision\":\"approved\"}", as: coordinator).status == 200
            )
        }
    }
}
