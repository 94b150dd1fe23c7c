import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Signing in by a provider: who is let in, who is linked, and who becomes a member.
@Suite struct ProviderSignInTests {
    private func invitation(_ server: TestServer) async throws -> String {
        let coordinator = try await server.person(.coordinator)
        let day = PostgresDate.today(in: .gmt).adding(days: 30)
        let body = #"{"count":1,"expiresOn":"\#(day)"}"#
        return try await server.send("POST", "\(server.home)/invitations", body, as: coordinator).json["codes"][0]
            .string
    }

    private static let version = ConsentTexts.embedded.versionInForce(of: .membership)

    private func joining(_ code: String, email: String, consent: String? = version) -> String {
        let read = consent.map { ",\"consent\":\"\($0)\"" } ?? ""
        return
            #"{"purpose":"join","invitation":"\#(code)","email":"\#(email)","displayName":"Olga","locale":"en"\#(read)}"#
    }

    @Test func whoHasLinkedAProviderSignsInByIt() async throws {
        try await TestServer.withProvider { server, provider in
            let shown = try await server.send("GET", server.door)
            #expect(
                shown.json
                    == .object(["slug": .string(server.network.slug), "name": .string("Stadt"), "mayJoin": .bool(true)])
            )
            let ada = try await server.signedIn()
            let offered = try await server.send("GET", "/v1/me/provider-links", as: ada.person).json["items"]
            #expect(offered[0]["slug"].string == server.network.slug && offered[0]["linkedOn"] == .null)
            #expect(try await server.link(ada.person, provider, "u1").place == "/#/me/security")
            let landing = try await server.comeBy(provider, "u1")
            #expect(landing.reply.status == 303)
            #expect(landing.place == "/")
            #expect(try await server.owner(of: landing.token) == ada.person.account)
            // Case matters in a subject (Core 1.0, section 2).
            #expect(try await server.comeBy(provider, "U1").refusal == "unknown")
            let links = try await server.send("GET", "/v1/me/provider-links", as: ada.person).json["items"]
            #expect(links.array.map { $0["issuer"].string } == [provider.issuer])
            #expect(links[0]["isCurrent"] == .bool(false))
            #expect(links[0]["signOutUrl"] == .null)
            let token = try #require(landing.token)
            let own = try await server.send(
                "GET",
                "/v1/me/provider-links",
                headers: ["Cookie": "chorus=\(token)"]
            ).json["items"]
            #expect(own[0]["isCurrent"] == .bool(true))
            #expect(own[0]["signOutUrl"].string.hasPrefix("\(provider.issuer)/end?client_id=chorus&"))
            let export = try await server.send("GET", "/v1/me/export", as: ada.person).json["providerLinks"]
            #expect(export[0]["issuer"].string == provider.issuer)
            #expect(export[0].names == ["issuer", "linkedOn", "network"])
        }
    }

    @Test func whoIsNobodyYetIsLetInByNothingAndMakesNothing() async throws {
        try await TestServer.withProvider(trustsEmail: true) { server, provider in
            let before = try await server.fingerprint()
            #expect(try await server.comeBy(provider, "stranger").refusal == "unknown")
            #expect(try await server.fingerprint() == before)
            for slug in ["nirgends", "a b", "%00"] {
                #expect(try await server.send("GET", "/v1/sign-in/\(slug)").status == 404, "\(slug)")
            }
            let other = NewNetwork(slug: "ohne-anbieter", name: "b", employer: "c")
            _ = try await server.parts.createNetwork(other, keyNoticeDays: 0)
            let (without, none) = (
                try await server.send("GET", "/v1/sign-in/ohne-anbieter"),
                try await server.send("GET", "/v1/sign-in/xx")
            )
            // Nobody learns which networks there are.
            #expect(without.status == none.status && without.problem == none.problem)
        }
    }

    @Test func anInvitationMakesAMemberWhoComesByTheProviderFromThenOn() async throws {
        try await TestServer.withProvider { server, provider in
            let code = try await invitation(server)
            let email = "\(UUID().text)@example.org"
            let landing = try await server.comeBy(provider, "new", joining(code, email: email))
            let account = try #require(try await server.owner(of: landing.token), "\(landing.place)")
            let me = try await server.send("GET", "/v1/me", headers: ["Cookie": "chorus=\(landing.token ?? "")"])
            #expect(me.json["email"].string == email)
            #expect(me.json["memberships"].array.map { $0["roles"] } == [.array([.string("member")])])
            let given = "SELECT text_version FROM consent WHERE account_id = '\(account.text)'"
            #expect(try await server.texts(given) == [Self.version])
            #expect(try await server.owner(of: server.comeBy(provider, "new").token) == account)
            // A code is good once, and said to be bad where it was typed.
            let again = try await server.send("POST", server.door, joining(code, email: "x@example.org"))
            #expect(again.problem == "invitation-unknown")
            // An address that somebody has is not taken from them, and nobody learns with one code that somebody has it.
            let second = joining(try await invitation(server), email: email)
            #expect(try await server.comeBy(provider, "other", second).refusal == "invitation")
            let third = joining(try await invitation(server), email: "b\(email)")
            #expect(try await server.comeBy(provider, "other", third).place == "/")
        }
    }

    @Test func whatIsAgreedToIsWhatWasReadBeforeGoingToTheProvider() async throws {
        try await TestServer.withProvider { server, provider in
            let code = try await invitation(server)
            let never = try await server.send(
                "POST",
                server.door,
                joining(code, email: "a@example.org", consent: "1999")
            )
            #expect(never.pointers == ["/consent"])
            let without = joining(code, email: "a@example.org", consent: nil)
            #expect(try await server.comeBy(provider, "a", without).place == "/", "the code is good still")
            #expect(try await server.count("SELECT count(*) FROM consent") == 0, "nobody's consent is made up")
            // As if the text in force were of the time while they were at the provider.
            let network = server.network
            let known = try await server.parts.databases.member.first(
                ReadProvider(network: network.id),
                network: network.id
            )
            let new = SignInFlow.NewMember(
                invitation: try await invitation(server),
                email: "b@example.org",
                displayName: "Bo",
                locale: "de",
                consent: "2026-01"
            )
            let flow = SignInFlow(
                network: network.id,
                purpose: .join(new),
                redirect: "http://127.0.0.1:\(server.port)\(server.door)/callback",
                now: server.parts.now()
            )
            let document = try await server.parts.providers.document(of: provider.issuer)
            let url = flow.authorizationURL(at: try #require(known), document)
            let cookie = "chorus-sign-in=\(try flow.sealed(under: server.parts.secrets.provider))"
            let query = try #require(provider.signIn("b", at: url))
            #expect(try await server.comeBack(query, TestServer.Departure(url: url, cookie: cookie)).place == "/")
            #expect(try await server.texts("SELECT text_version FROM consent") == ["2026-01"])
        }
    }

    @Test func anAddressFindsAMemberOnlyWhenItIsVerifiedAndTheOperatorTrustsIt() async throws {
        try await TestServer.withProvider(trustsEmail: true) { server, provider in
            func without(_ roles: [Role]) async throws -> TestSignIn {
                let person = try await server.person(roles: roles)
                return TestSignIn(email: "\(person.account.text)@example.org", person: person)
            }
            let (ada, chair) = (try await without([.member]), try await without([.member, .coordinator]))
            func say(_ email: String, _ more: [String: JSONValue]) {
                provider.change { $0.claims = { $0.merge(more.merging(["email": .string(email)]) { $1 }) { $1 } } }
            }
            // As Microsoft Entra ID: whoever administers any tenant writes what they like here ("nOAuth").
            say(ada.email, ["preferred_username": .string(ada.email), "upn": .string(ada.email), "tid": .string("t")])
            #expect(try await server.comeBy(provider, "entra").refusal == "unknown")
            say(ada.email, ["email_verified": .string("true")])
            #expect(try await server.comeBy(provider, "text").refusal == "unknown")
            say(ada.email, ["email_verified": .integer(1)])
            #expect(try await server.comeBy(provider, "one").refusal == "unknown")
            say(ada.email, ["email_verified": .bool(false)])
            #expect(try await server.comeBy(provider, "false").refusal == "unknown")
            // Nobody gets the rights of a coordinator by an address.
            say(chair.email, ["email_verified": .bool(true)])
            #expect(try await server.comeBy(provider, "chair").refusal == "unknown")
            // As Keycloak.
            say(ada.email.uppercased(), ["email_verified": .bool(true), "preferred_username": .string("ada")])
            let landing = try await server.comeBy(provider, "kc")
            #expect(try await server.owner(of: landing.token) == ada.person.account)
            // From then on by issuer and subject, whatever the address is; and nobody else by the address.
            say("other@example.org", [:])
            #expect(try await server.owner(of: server.comeBy(provider, "kc").token) == ada.person.account)
            say(ada.email, ["email_verified": .bool(true)])
            #expect(try await server.comeBy(provider, "kc2").refusal == "unknown")
        }
    }

    @Test func anAddressFindsNobodyWhoHasAPassword() async throws {
        try await TestServer.withProvider(trustsEmail: true) { server, provider in
            // Made by whoever knew an invitation, with the address of somebody else.
            let prepared = try await server.signedIn()
            provider.change { $0.say(prepared.email) }
            #expect(try await server.comeBy(provider, "owner").refusal == "unknown")
            #expect(try await server.count("SELECT count(*) FROM provider_link") == 0)
            // With the password they do it by themselves.
            #expect(try await server.link(prepared.person, provider, "owner").place == "/#/me/security")
            let landing = try await server.comeBy(provider, "owner")
            #expect(try await server.owner(of: landing.token) == prepared.person.account)
        }
    }

    @Test func aProviderThatIsNotTrustedFindsNobodyByAnAddress() async throws {
        try await TestServer.withProvider { server, provider in
            let email = "\(try await server.person(.member).account.text)@example.org"
            provider.change { $0.say(email) }
            let departure = try await server.depart()
            #expect(!departure.url.contains("email"), "what is not used is not asked for")
            #expect(try await server.comeBy(provider, "kc").refusal == "unknown")
        }
    }

    @Test func aProviderOpensOnlyWhatTheOperatorSays() async throws {
        try await TestServer.withProvider { server, provider in
            let moderator = try await server.signedIn([.member, .moderator])
            let admin = try await server.signedIn(isAdmin: true)
            #expect(try await server.link(moderator.person, provider, "m").refusal == "role")
            #expect(try await server.link(admin.person, provider, "a").refusal == "role")
            try await server.offer(provider, roles: ["member", "moderator"])
            #expect(try await server.link(moderator.person, provider, "m").place == "/#/me/security")
            #expect(try await server.comeBy(provider, "m").place == "/")
            try await server.offer(provider)
            #expect(try await server.comeBy(provider, "m").refusal == "role")
        }
    }

    @Test func linkingNeedsThePasswordAndTheSameSession() async throws {
        try await TestServer.withProvider { server, provider in
            let (ada, eve) = (try await server.signedIn(), try await server.signedIn())
            let path = server.door
            let wrong = try await server.send("POST", path, #"{"purpose":"link","password":"x"}"#, as: ada.person)
            #expect(wrong.pointers == ["/password"])
            let json = #"{"purpose":"link","password":"\#(TestSignIn.password)"}"#
            #expect(try await server.send("POST", path, json).status == 401)
            let program = try await server.person(.member)
            #expect(try await server.send("POST", path, json, as: program).status == 403)
            let departure = try await server.depart(json, as: ada.person)
            let query = try #require(provider.signIn("u1", at: departure.url))
            #expect(try await server.comeBack(query, departure, holding: eve.person).refusal == "session")
            #expect(try await server.comeBack(query, departure).refusal != "")
            #expect(try await server.link(ada.person, provider, "u1").place == "/#/me/security")
            // Once more is no fault; somebody else's stays theirs, and one's own stays what it is.
            #expect(try await server.link(ada.person, provider, "u1").place == "/#/me/security")
            #expect(try await server.link(eve.person, provider, "u1").refusal == "linked")
            #expect(try await server.link(ada.person, provider, "u2").refusal == "linked")
        }
    }

    @Test func linkingNeedsACodeWhereTheAccountHasASecondFactor() async throws {
        let clock = TestClock()
        try await TestServer.withProvider(clock: clock) { server, provider in
            let member = try await server.signedIn()
            let factor = try await server.secondFactor(of: member)
            func json(_ code: String?) -> String {
                let totp = code.map { ",\"totp\":\"\($0)\"" } ?? ""
                return "{\"purpose\":\"link\",\"password\":\"\(TestSignIn.password)\"\(totp)}"
            }
            func ask(_ code: String?) async throws -> TestReply {
                try await server.send("POST", server.door, json(code), as: factor.person)
            }
            let asked = try await ask(nil)
            #expect(asked.status == 401 && asked.problem == "second-factor-required" && asked.pointers == [])
            #expect(asked.headers["set-cookie"] == nil, "nobody sets out")
            clock.pass(seconds: 30)
            let good = factor.totp.code(at: TOTP.step(at: clock.now()))
            let wrong = try await ask(good == "123456" ? "123457" : "123456")
            #expect(wrong.problem == "second-factor-required" && wrong.pointers == ["/totp"], "\(wrong.text)")
            #expect(try await ask("12345").pointers == ["/totp"], "too short")
            let landing = try await server.comeBy(provider, "u1", json(good), holding: factor.person)
            #expect(landing.place == "/#/me/security")
            #expect(try await ask(good).pointers == ["/totp"], "used")
            #expect(try await ask(factor.recoveryCodes[0]).status == 200)
        }
    }

    @Test func whateverFailsOnTheWayBackTheBrowserIsSentOn() async throws {
        try await TestServer.withProvider { server, provider in
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            // As when the key file is not the one that it was sealed under.
            try await server.run("UPDATE provider SET sealed_secret = decode('00', 'hex')", on: .private)
            let landing = try await server.comeBy(provider, "u1")
            #expect(landing.reply.status == 303, "\(landing.reply.text)")
            #expect(landing.place == "/#/sign-in/refused/provider")
            #expect(landing.reply.cookies == ["chorus-sign-in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"])
        }
    }

    @Test func unlinkingEndsWhatCameByItAndLeavesTheLastWayIn() async throws {
        try await TestServer.withProvider { server, provider in
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            let token = try #require(try await server.comeBy(provider, "u1").token)
            let path = "/v1/me/provider-links/\(server.network.id.text)"
            // What a server has kept of a sign-in must go too.
            #expect(try await server.owner(of: token) == ada.person.account)
            #expect(try await server.send("DELETE", path, as: ada.person).status == 204)
            #expect(try await server.owner(of: token) == nil)
            #expect(try await server.send("GET", "/v1/me", as: ada.person).status == 200)
            #expect(try await server.send("DELETE", path, as: ada.person).status == 404)
            #expect(try await server.comeBy(provider, "u1").refusal == "unknown")
            let landing = try await server.comeBy(
                provider,
                "new",
                joining(try await invitation(server), email: "\(UUID().text)@example.org")
            )
            let own = TestPerson(account: UUID(), membership: UUID(), token: try #require(landing.token))
            #expect(try await server.send("DELETE", path, as: own).problem == "last-sign-in")
            let kept = try await server.send("GET", "/v1/me/provider-links", as: own).json["items"]
            #expect(kept[0]["isCurrent"] == .bool(true))
            #expect(try await server.send("DELETE", "/v1/me", as: own).status == 204)
            let left = "SELECT (SELECT count(*) FROM provider_link) + (SELECT count(*) FROM provider_session)"
            #expect(try await server.count(left) == 0)
        }
    }

    @Test func aPasswordResetEndsTheLink() async throws {
        try await TestServer.withProvider { server, provider in
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            try await server.server.resetPassword(email: ada.email, password: "ein-neues-langes-wort")
            #expect(try await server.comeBy(provider, "u1").refusal == "unknown")
        }
    }

    @Test func settingAProviderUpIsAuditedAndItsSecretIsNotInTheDatabase() async throws {
        try await TestServer.withProvider { server, provider in
            let read = "SELECT content::text FROM audit_entry WHERE kind = 'provider' ORDER BY position"
            let first = try await server.texts(read)
            #expect(first.count == 1)
            #expect(first.first?.contains(provider.issuer) == true)
            #expect(first.first?.contains(#""before":null"#) == true)
            let sealed = try await server.texts("SELECT encode(sealed_secret, 'escape') FROM provider")
            #expect(sealed.count == 1)
            #expect(!sealed[0].contains("Geheimnis"))
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            let token = try #require(try await server.comeBy(provider, "u1").token)
            let subjects = try await server.texts("SELECT provider_link::text FROM provider_link")
            #expect(subjects.count == 1 && !subjects[0].contains("u1"))
            try await server.server.removeProvider(of: server.network.slug)
            #expect(try await server.texts(read).last?.contains(#""after":null"#) == true)
            server.parts.changes.everythingChanged()
            #expect(try await server.owner(of: token) == nil)
            #expect(try await server.send("GET", server.door).status == 404)
            #expect(try await server.count("SELECT count(*) FROM provider_link") == 0)
            await #expect(throws: OperationRefusal.self) {
                try await server.offer(provider, issuer: "http://example.org")
            }
            await #expect(throws: OperationRefusal.self) { try await server.offer(provider, roles: ["chef"]) }
        }
    }
}

extension TestProvider.Conduct {
    /// Says of whoever signs in that it has verified their address.
    fileprivate mutating func say(_ email: String) {
        claims = { claims in
            claims["email"] = .string(email)
            claims["email_verified"] = .bool(true)
        }
    }
}
