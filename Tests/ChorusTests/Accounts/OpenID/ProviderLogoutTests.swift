import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Signing out at the provider ends what came by it here (OpenID Connect Back-Channel Logout 1.0).
@Suite struct ProviderLogoutTests {
    @Test func aLogoutTokenEndsTheSessionsItNamesOnEveryServer() async throws {
        try await TestServer.withProvider { server, provider in
            let (ada, eve) = (try await server.signedIn(), try await server.signedIn())
            _ = try await server.link(ada.person, provider, "u1")
            _ = try await server.link(eve.person, provider, "u2")
            let first = try #require(try await server.comeBy(provider, "u1").token)
            provider.change { $0.claims = { $0["sid"] = .string("other") } }
            let second = try #require(try await server.comeBy(provider, "u1").token)
            let third = try #require(try await server.comeBy(provider, "u2").token)
            try await server.withSecondServer { other in
                for token in [first, second, third] { #expect(try await other.owner(of: token) != nil) }
                // By the provider's session: that one alone.
                let bySession = provider.logoutToken { $0["sid"] = .string("session of u1") }
                let reply = try await server.logOut("logout_token=\(bySession)")
                #expect(reply.status == 200, "\(reply.text)")
                #expect(reply.headers["cache-control"] == "no-store")
                #expect(try await server.owner(of: first) == nil)
                #expect(try await soon { try await other.owner(of: first) == nil })
                #expect(try await server.owner(of: second) == ada.person.account)
                // By subject: all of theirs, and nobody else's. What they have signed in to with a password stays.
                let bySubject = provider.logoutToken { $0["sub"] = .string("u1") }
                #expect(try await server.logOut("logout_token=\(bySubject)").status == 200)
                #expect(try await server.owner(of: second) == nil)
                #expect(try await server.owner(of: third) == eve.person.account)
                #expect(try await server.send("GET", "/v1/me", as: ada.person).status == 200)
                // Once.
                #expect(try await server.logOut("logout_token=\(bySubject)").problem == "logout-refused")
                #expect(try await other.logOut("logout_token=\(bySubject)").problem == "logout-refused")
            }
        }
    }

    @Test func aSessionWithoutANameEndsWithAnyOfItsSubject() async throws {
        try await TestServer.withProvider(keys: [.ec("one")]) { server, provider in
            let (ada, eve) = (try await server.signedIn(), try await server.signedIn())
            _ = try await server.link(ada.person, provider, "u1")
            _ = try await server.link(eve.person, provider, "u2")
            let named = try #require(try await server.comeBy(provider, "u1").token)
            provider.change { $0.claims = { $0["sid"] = nil } }
            let nameless = try #require(try await server.comeBy(provider, "u1").token)
            let other = try #require(try await server.comeBy(provider, "u2").token)
            // Whose session that is, it does not say.
            let bySession = provider.logoutToken { $0["sid"] = .string("third") }
            #expect(try await server.logOut("logout_token=\(bySession)").status == 200)
            #expect(try await server.owner(of: nameless) == ada.person.account)
            let byBoth = provider.logoutToken {
                $0["sub"] = .string("u1")
                $0["sid"] = .string("third")
            }
            #expect(try await server.logOut("logout_token=\(byBoth)").status == 200)
            #expect(try await server.owner(of: nameless) == nil)
            #expect(try await server.owner(of: named) == ada.person.account, "of another session of theirs")
            #expect(try await server.owner(of: other) == eve.person.account)
        }
    }

    @Test func noOtherTokenEndsASession() async throws {
        let clock = TestClock()
        try await TestServer.withProvider(keys: [.ec("one")], clock: clock) { server, provider in
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            let token = try #require(try await server.comeBy(provider, "u1").token)
            let lies: [(String, @Sendable (inout [String: JSONValue]) -> Void)] = [
                ("an ID token", { $0["events"] = nil }),
                ("another event", { $0["events"] = .object(["x": .object([:])]) }),
                (
                    "an event that is no object",
                    { $0["events"] = .object(["http://schemas.openid.net/event/backchannel-logout": .bool(true)]) }
                ),
                ("a nonce", { $0["nonce"] = .string("x") }),
                ("no id", { $0["jti"] = nil }),
                ("another issuer", { $0["iss"] = .string("http://127.0.0.1:1") }),
                ("another audience", { $0["aud"] = .string("x") }),
                ("expired", { $0["exp"] = .integer($0["iat", default: .null].int - 120) }),
                ("old", { $0["iat"] = .integer($0["iat", default: .null].int - 3_600) }),
            ]
            for (name, lie) in lies {
                let forged = provider.logoutToken { claims in
                    claims["sub"] = .string("u1")
                    lie(&claims)
                }
                let reply = try await server.logOut("logout_token=\(forged)")
                #expect(reply.status == 400, "\(name)")
                #expect(reply.problem == "logout-refused", "\(name)")
            }
            let nobody = provider.logoutToken()
            #expect(try await server.logOut("logout_token=\(nobody)").status == 400, "neither subject nor session")
            for form in ["", "logout_token=", "logout_token=a.b.c", "x=y", "logout_token=a&logout_token=b"] {
                #expect(try await server.logOut(form).status == 400, "\(form)")
            }
            #expect(try await server.send("POST", "\(server.door)/logout", "{}").status == 415)
            #expect(try await server.logOut(String(repeating: "x", count: 60_000)).status == 413)
            #expect(try await server.owner(of: token) == ada.person.account)
            let good = provider.logoutToken { $0["sub"] = .string("u1") }
            #expect(try await server.logOut("logout_token=\(good)").status == 200)
            #expect(try await server.owner(of: token) == nil)
            #expect(try await server.count("SELECT count(*) FROM provider_logout") == 1)
            clock.pass(days: 1)
            _ = try await server.parts.databases.member.execute(
                ForgetLogouts(network: server.network.id, now: clock.now()),
                network: server.network.id
            )
            #expect(try await server.count("SELECT count(*) FROM provider_logout") == 0)
        }
    }
}

extension TestServer {
    /// Sends what a provider sends.
    func logOut(_ form: String) async throws -> TestReply {
        let headers = ["Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"]
        return try await send("POST", "\(door)/logout", headers: headers, bytes: Array(form.utf8))
    }
}
