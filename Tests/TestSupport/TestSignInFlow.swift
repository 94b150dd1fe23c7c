@testable import Chorus
import Foundation
import Testing

extension TestServer {
    /// Runs a server whose network has a provider.
    ///
    /// - Parameters:
    ///   - keys: the provider's; one of RSA by default.
    ///   - trustsEmail: whether an address that it has verified may find a member.
    ///   - roles: who may come by it; the usual ones when empty.
    ///   - clock: moves the server and the provider.
    static func withProvider(
        keys: [TestProvider.Key]? = nil,
        trustsEmail: Bool = false,
        roles: [String] = [],
        clock: TestClock = TestClock(),
        _ body: (TestServer, TestProvider) async throws -> Void
    ) async throws {
        let provider = try TestProvider(keys: try keys ?? [.rsa("one")])
        defer { provider.close() }
        let now = clock.now
        provider.change { $0.now = { now().timeIntervalSince1970 } }
        try await withServer(now: clock.now, configure: { $0.passwordCost = 10 }) { server in
            try await server.offer(provider, trustsEmail: trustsEmail, roles: roles)
            try await body(server, provider)
        }
    }

    /// Sets a provider of the network up.
    func offer(_ provider: TestProvider, issuer: String? = nil, trustsEmail: Bool = false, roles: [String] = [])
        async throws
    {
        _ = try await server.setProvider(
            of: network.slug,
            issuer: issuer ?? provider.issuer,
            clientId: TestProvider.clientId,
            secret: TestProvider.secret,
            name: "Stadt",
            trustsEmail: trustsEmail,
            roles: roles
        )
    }

    var door: String { "/v1/sign-in/\(network.slug)" }

    /// Where a browser is sent to, and what it carries.
    struct Departure: Sendable {
        let url: String
        let cookie: String
    }

    /// Begins a sign-in.
    func depart(_ json: String = #"{"purpose":"signIn"}"#, as person: TestPerson? = nil) async throws -> Departure {
        let reply = try await send("POST", door, json, as: person)
        try #require(reply.status == 200, "\(reply.text)")
        let cookie = try #require(reply.headers["set-cookie"]).prefix { $0 != ";" }
        return Departure(url: reply.json["authorizationUrl"].string, cookie: String(cookie))
    }

    /// Comes back from the provider.
    ///
    /// - Parameters:
    ///   - query: what the provider has sent the browser back with.
    ///   - departure: what the browser carries.
    ///   - person: whose session the browser holds; nobody's by default.
    func comeBack(_ query: String, _ departure: Departure?, holding person: TestPerson? = nil) async throws -> Landing {
        let cookies = [departure?.cookie, person.map { "chorus=\($0.token)" }].compactMap(\.self)
        let headers = ["Cookie": cookies.joined(separator: "; "), "Accept": "text/html"]
        let reply = try await send("GET", "\(door)/callback?\(query)", headers: headers)
        return Landing(reply)
    }

    /// Where a browser ends up.
    struct Landing: Sendable {
        let place: String
        /// Of the session that was begun.
        let token: String?
        let reply: TestReply

        init(_ reply: TestReply) {
            self.reply = reply
            place = reply.headers["location"] ?? "\(reply.status)"
            let cookie = reply.headers["set-cookie"] ?? ""
            token = cookie.hasPrefix("chorus=") ? String(cookie.dropFirst(7).prefix { $0 != ";" }) : nil
        }

        /// Why nobody was let in; empty for who was.
        var refusal: String {
            place.hasPrefix("/#/sign-in/refused/") ? String(place.split(separator: "/")[3]) : ""
        }
    }

    /// Signs somebody in by the provider, from beginning to end.
    func comeBy(
        _ provider: TestProvider,
        _ subject: String,
        _ json: String = #"{"purpose":"signIn"}"#,
        holding person: TestPerson? = nil
    ) async throws -> Landing {
        let departure = try await depart(json, as: person)
        let query = try #require(provider.signIn(subject, at: departure.url), "\(departure.url)")
        return try await comeBack(query, departure, holding: person)
    }

    /// Links somebody who has signed in with a password.
    func link(_ person: TestPerson, _ provider: TestProvider, _ subject: String) async throws -> Landing {
        let json = #"{"purpose":"link","password":"\#(TestSignIn.password)"}"#
        return try await comeBy(provider, subject, json, holding: person)
    }

    /// Whose session a token is.
    func owner(of token: String?) async throws -> UUID? {
        guard let token else { return nil }
        let reply = try await send("GET", "/v1/me", headers: ["Cookie": "chorus=\(token)"])
        return UUID(uuidString: reply.json["id"].string)
    }
}
