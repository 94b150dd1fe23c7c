import AnonymousTokens
import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What a provider, or somebody who pretends to be one, can send: only what was asked for, from whom it was asked, is believed.
@Suite struct ProviderForgeryTests {
    /// A change of what a token claims that nobody may get away with.
    private static let lies: [(name: String, change: @Sendable (inout [String: JSONValue]) -> Void)] = [
        ("another issuer", { $0["iss"] = .string("http://127.0.0.1:1") }),
        ("an issuer with a slash", { $0["iss"] = .string($0["iss", default: .null].string + "/") }),
        ("another audience", { $0["aud"] = .string("somebody") }),
        ("no audience", { $0["aud"] = nil }),
        ("an empty audience", { $0["aud"] = .array([]) }),
        ("several audiences and no party", { $0["aud"] = .array([.string("chorus"), .string("x")]) }),
        ("another party", { $0["azp"] = .string("x") }),
        ("another nonce", { $0["nonce"] = .string("x") }),
        ("no nonce", { $0["nonce"] = nil }),
        ("expired", { $0["exp"] = .integer($0["iat", default: .null].int - 120) }),
        ("no end", { $0["exp"] = nil }),
        ("issued long ago", { $0["iat"] = .integer($0["iat", default: .null].int - 7_200) }),
        ("issued tomorrow", { $0["iat"] = .integer($0["iat", default: .null].int + 86_400) }),
        ("not yet good", { $0["nbf"] = .integer($0["iat", default: .null].int + 7_200) }),
        ("no subject", { $0["sub"] = nil }),
        ("an empty subject", { $0["sub"] = .string("") }),
        ("a number for a subject", { $0["sub"] = .integer(1) }),
        ("a logout", { $0["events"] = .object(["x": .object([:])]) }),
    ]

    @Test func noLieInATokenIsBelieved() async throws {
        try await TestServer.withProvider(keys: [.ec("one")]) { server, provider in
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            for lie in Self.lies {
                provider.change { $0.claims = lie.change }
                let landing = try await server.comeBy(provider, "u1")
                #expect(landing.refusal == "provider", "\(lie.name)")
                #expect(landing.token == nil, "\(lie.name)")
            }
            // The same road with nothing changed, and with what Keycloak adds.
            provider.change { $0.claims = { $0["azp"] = .string("chorus") } }
            #expect(try await server.comeBy(provider, "u1").place == "/")
            provider.change {
                $0.claims = { claims in
                    claims["aud"] = .array([.string("chorus"), .string("account")])
                    claims["azp"] = .string("chorus")
                    claims["typ"] = .string("ID")
                }
            }
            #expect(try await server.comeBy(provider, "u1").place == "/")
        }
    }

    /// What somebody makes of claims, without the key.
    private typealias Forgery = @Sendable ([String: JSONValue], [String: JSONValue]) -> String

    private static func unsigned(_ algorithm: String, _ kid: String?, _ claims: [String: JSONValue]) -> String {
        var header: [String: JSONValue] = ["alg": .string(algorithm)]
        if let kid { header["kid"] = .string(kid) }
        return TestProvider.unsigned(header, claims)
    }

    @Test func onlyThePublishedKeySigns() async throws {
        let key = try TestProvider.Key.rsa("one")
        let other = TestProvider.Key.ec("one")
        try await TestServer.withProvider(keys: [key]) { server, provider in
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            let forgeries: [(String, Forgery)] = [
                ("none", { Self.unsigned("none", nil, $1) + "." }),
                ("None", { Self.unsigned("None", "one", $1) + "." }),
                ("no signature", { Self.unsigned("RS256", "one", $1) + "." }),
                ("no third part", { Self.unsigned("RS256", "one", $1) }),
                (
                    "the public key as a secret",
                    { _, claims in
                        let text = Self.unsigned("HS256", "one", claims)
                        let secret = SymmetricKey(data: key.publicText)
                        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: secret)
                        return "\(text).\(Base64URL.encode(Array(code)))"
                    }
                ),
                (
                    "another key under the same name",
                    { _, claims in
                        let text = Self.unsigned("ES256", "one", claims)
                        return "\(text).\(Base64URL.encode(other.sign(text)))"
                    }
                ),
                (
                    "its own key in the header",
                    { _, claims in
                        let header: [String: JSONValue] = [
                            "alg": .string("ES256"), "kid": .string("one"), "jwk": other.published,
                        ]
                        let text = TestProvider.unsigned(header, claims)
                        return "\(text).\(Base64URL.encode(other.sign(text)))"
                    }
                ),
                (
                    "an extension that must be understood",
                    { header, claims in
                        let header = header.merging(["crit": .array([.string("b64")])]) { $1 }
                        let text = TestProvider.unsigned(header, claims)
                        return "\(text).\(Base64URL.encode(key.sign(text)))"
                    }
                ),
                ("not a token", { _, _ in "a.b.c" }),
            ]
            for (name, forgery) in forgeries {
                provider.change { $0.token = forgery }
                #expect(try await server.comeBy(provider, "u1").refusal == "provider", "\(name)")
            }
            provider.change { $0.token = nil }
            #expect(try await server.comeBy(provider, "u1").place == "/")
        }
    }

    @Test func keysAreChangedWithoutNoticeAndAskedForNoMoreOftenThanThat() async throws {
        let clock = TestClock()
        try await TestServer.withProvider(clock: clock) { server, provider in
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            #expect(provider.asked("/keys") == 1)
            let second = try TestProvider.Key.rsa("two", "PS256")
            provider.change { $0.keys = [second] }
            #expect(try await server.comeBy(provider, "u1").place == "/")
            #expect(provider.asked("/keys") == 2)
            #expect(try await server.comeBy(provider, "u1").place == "/")
            #expect(provider.asked("/keys") == 2, "what is known is not asked for")
            // Without a name, and the key changed: any of the algorithm is tried.
            let (old, third) = (TestProvider.Key.ec("x"), TestProvider.Key.ec("three"))
            provider.change {
                $0.keys = [third, old, second]
                $0.namesKey = false
            }
            #expect(try await server.comeBy(provider, "u1").place == "/")
            #expect(provider.asked("/keys") == 3)
            // A flood of names that nobody knows.
            for index in 0..<12 {
                let token = provider.logoutToken { $0["sub"] = .string("\(index)") }
                let parts = token.split(separator: ".")
                let header = Base64URL.encode(Array(#"{"alg":"ES256","kid":"\#(index)"}"#.utf8))
                let form = "logout_token=\(header).\(parts[1]).\(parts[2])"
                let reply = try await server.logOut(form)
                #expect(reply.problem == "logout-refused")
            }
            #expect(provider.asked("/keys") <= 3 + 5)
            clock.pass(seconds: 61)
            provider.change { $0.keys = [.ec("four")] }
            #expect(try await server.comeBy(provider, "u1").place == "/")
        }
    }

    @Test func whatComesBackMustBeWhatWentAway() async throws {
        let clock = TestClock()
        try await TestServer.withProvider(clock: clock) { server, provider in
            let ada = try await server.signedIn()
            _ = try await server.link(ada.person, provider, "u1")
            let departure = try await server.depart()
            let query = try #require(provider.signIn("u1", at: departure.url))
            #expect(try await server.comeBack(query, nil).refusal == "begun", "another browser")
            let other = try await server.depart()
            #expect(try await server.comeBack(query, other).refusal == "begun", "another sign-in's state")
            #expect(try await server.comeBack("\(query)&state=x", departure).refusal == "begun", "twice")
            let mixed = "\(query)&iss=\(FormText.encode("https://evil.example"))"
            #expect(try await server.comeBack(mixed, departure).refusal == "provider", "another issuer's answer")
            let named = "\(query)&iss=\(FormText.encode(provider.issuer))"
            #expect(try await server.comeBack(named, departure).place == "/")
            // The browser forgets it, and the code is used up.
            #expect(try await server.comeBack(query, departure).refusal == "provider", "replayed")
            let declined = try await server.depart()
            let state = try #require(FormText.value(of: "state", in: String(declined.url.split(separator: "?")[1])))
            #expect(try await server.comeBack("error=access_denied&state=\(state)", declined).refusal == "declined")
            let slow = try await server.depart()
            let late = try #require(provider.signIn("u1", at: slow.url))
            clock.pass(seconds: Double(SignInFlow.lifetime))
            #expect(try await server.comeBack(late, slow).refusal == "begun", "too late")
            let place = "//evil.example"
            for text in ["", "code=1", "state=", "redirect_uri=\(place)", "code=%FF&state=%00", "&&&=&"] {
                let landing = try await server.comeBack(text, departure)
                #expect(landing.place == "/#/sign-in/refused/begun", "\(text)")
            }
        }
    }

    @Test func aProviderIsAskedOnlyWhereItWasCheckedAndOnlySoLong() async throws {
        try await TestServer.withProvider { server, provider in
            let document = "/.well-known/openid-configuration"
            func begin() async throws -> TestReply {
                try await server.send("POST", server.door, #"{"purpose":"signIn"}"#)
            }
            let moved = TestListener.reply(302, headers: ["Location": "\(provider.issuer)/elsewhere"])
            func named(_ end: String) -> String {
                let own = provider.issuer
                return TestListener.reply(
                    200,
                    #"{"issuer":"\#(own)","authorization_endpoint":"\#(own)/a","token_endpoint":"\#(end)","jwks_uri":"\#(own)/keys"}"#
                )
            }
            let lies = [
                moved, TestListener.reply(200, "{}"), TestListener.reply(500, "{}"), named("http://example.org/token"),
                named("file:///etc/passwd"), named("https://user@example.org/"),
                TestListener.reply(200, String(repeating: " ", count: 300_000)),
            ]
            for (index, lie) in lies.enumerated() {
                provider.change { $0.answers[document] = lie }
                let known = KnownProviders(plainHosts: [], now: { Date() })
                await #expect(throws: ProviderFailure.self, "\(index)") {
                    try await known.document(of: provider.issuer)
                }
            }
            #expect(provider.asked("/elsewhere") == 0)
            let before = provider.asked(document)
            let first = try await begin()
            #expect(first.problem == "provider-unavailable")
            #expect(first.headers["retry-after"] != nil)
            #expect(try await begin().problem == "provider-unavailable")
            #expect(
                provider.asked(document) == before + 1,
                "a provider that does not answer is left alone for a moment"
            )
            provider.change { $0.answers = [:] }
            provider.change { $0.issuer = "\(provider.issuer)/" }
            let known = KnownProviders(plainHosts: [], now: { Date() })
            await #expect(throws: ProviderFailure.wrongIssuer) { try await known.document(of: provider.issuer) }
        }
    }

    @Test func onlyEncryptedAddressesAreAskedUnlessTheOperatorSaysSo() {
        func isAllowed(_ address: String) -> Bool {
            ProviderAddress.isAllowed(address, plainHosts: ["id.intern", "10.0.0.1:8080"])
        }
        for address in [
            "https://id.example/realms/a", "http://127.0.0.1:8080", "http://localhost/x", "http://[::1]:80/",
            "http://id.intern/a",
            "http://10.0.0.1:8080/",
        ] { #expect(isAllowed(address), "\(address)") }
        for address in [
            "http://id.example", "http://10.0.0.1/", "ftp://id.intern", "https://a@b.example", "https://0x7f.1/",
            "http://127.1/",
            "https://id.example/#x", "", "javascript:alert(1)", "http://localhost.example/",
        ] { #expect(!isAllowed(address), "\(address)") }
    }
}
