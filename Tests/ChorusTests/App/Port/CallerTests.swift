import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The one decision who asks, where it counts.
@Suite struct CallerTests {
    @Test func whoComesThroughATrustedProxyIsCountedByTheirOwnAddress() async throws {
        try await withServer(
            now: TestClock().now,
            configure: {
                $0.trustedProxies = TrustedProxies("127.0.0.0/8") ?? TrustedProxies()
                $0.requestsPerMinute = 5
            }
        ) { server in
            func statuses(_ address: String) async throws -> [Int] {
                var found: [Int] = []
                for _ in 0..<7 {
                    let reply = try await server.send("GET", "/v1/me", headers: ["X-Forwarded-For": address])
                    found.append(reply.status)
                }
                return found
            }
            let first = try await statuses("198.51.100.1")
            let second = try await statuses("198.51.100.2")
            let invented = try await statuses("6.6.6.6, 198.51.100.2")
            #expect(first.suffix(2) == [429, 429])
            #expect(second.prefix(5) == [401, 401, 401, 401, 401])
            #expect(invented.suffix(1) == [429], "what a client adds changes nothing")
        }
    }

    @Test func cookiesAndOriginsFollowTheSchemeOfTheAsker() async throws {
        try await withServer(configure: { $0.trustedProxies = TrustedProxies("127.0.0.1") ?? TrustedProxies() }) {
            server in
            _ = try await server.server.createAccount(
                email: "ada@example.org",
                password: "korrekt-pferd-batterie",
                displayName: "Ada",
                isAdmin: false,
                network: nil,
                roles: []
            )
            let body = "{\"email\":\"ada@example.org\",\"password\":\"korrekt-pferd-batterie\"}"
            func cookie(_ headers: [String: String]) async throws -> String {
                let reply = try await server.send("POST", "/v1/sessions", body, headers: headers)
                #expect(reply.status == 201, "\(reply.text)")
                return reply.headers["set-cookie"] ?? ""
            }
            let here = "http://127.0.0.1:\(server.port)"
            let there = "https://127.0.0.1:\(server.port)"
            #expect(try await cookie(["Origin": here]).hasPrefix("chorus="))
            let secure = try await cookie(["Origin": there, "X-Forwarded-Proto": "https"])
            #expect(secure.hasPrefix("__Host-chorus=") && secure.hasSuffix("Secure"))
            #expect(try await cookie(["Origin": here, "X-Forwarded-Proto": "https"]).isEmpty, "not the same origin")
        }
    }

    @Test(arguments: ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Proto", "X-Forwarded-Host"])
    func figuresAreNotForwarded(header: String) async throws {
        try await withServer { server in
            let direct = try await server.send("GET", "/metrics")
            let forwarded = try await server.send("GET", "/metrics", headers: [header: "127.0.0.1"])
            #expect((direct.status, forwarded.status) == (200, 404))
        }
    }

    /// By the lane and by the router.
    @Test func anonymousRoutesRefuseCertificatesThatAProxyHasSeen() async throws {
        try await withServer { server in
            for header in ["X-Client-Cert", "SSL_CLIENT_S_DN", "X-Forwarded-Client-Cert", "Proxy-Authorization"] {
                let before = try await server.fingerprint()
                let reply = try await server.send(
                    "POST",
                    "/v1/anonymous/submissions",
                    "{}",
                    headers: [header: "CN=Ada"]
                )
                #expect(reply.status == 400 && reply.text.contains("identity-attached"), "\(header) \(reply.text)")
                #expect(try await server.fingerprint() == before)
            }
        }
    }
}
