import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct HealthTests {
    @Test func theServerSaysHowItIs() async throws {
        try await withServer { server in
            #expect(try await server.send("GET", "/healthz").json["status"].string == "ok")
            #expect(try await server.send("GET", "/readyz").json["status"].string == "ready")
            let home = try await server.send("GET", "/")
            #expect(home.status == 200)
            #expect(home.headers["content-type"] == "text/html; charset=utf-8")
            #expect(try await server.send("GET", "/openapi.yaml").text.contains("openapi: 3.1.0"))
            #expect(try await server.send("GET", "/docs.css").headers["content-type"] == "text/css; charset=utf-8")
        }
    }

    @Test func metricsCountAndNameNobody() async throws {
        try await withServer { server in
            let member = try await server.person(.member)
            _ = try await server.send("GET", "/v1/me", as: member)
            let metrics = try await server.send("GET", "/metrics")
            #expect(metrics.status == 200)
            #expect(metrics.text.contains("chorus_postgres_"), "health figures of the pools")
            for secret in [member.account.text, server.network.id.text, "/v1/anonymous"] {
                #expect(!metrics.text.contains(secret))
            }
        }
    }

    @Test func whatAProxyHandsOnGetsNoFigures() async throws {
        try await withServer { server in
            for name in ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"] {
                let answer = try await server.send("GET", "/metrics", headers: [name: "203.0.113.7"])
                #expect(answer.status == 404)
            }
        }
    }

    @Test func withoutItsDatabaseTheServerIsAliveButNotReady() async throws {
        try await withServer { server in
            for (_, pool) in server.parts.databases.all { await pool.close() }
            #expect(try await server.send("GET", "/healthz").status == 200)
            let ready = try await server.send("GET", "/readyz")
            #expect(ready.status == 503)
            #expect(ready.headers["retry-after"] != nil)
        }
    }

    @Test func everyAnswerCarriesItsSecurityHeaders() async throws {
        try await withServer { server in
            let member = try await server.person(.member)
            for reply in [
                try await server.send("GET", "/docs"), try await server.send("GET", "/v1/me", as: member),
                try await server.send("GET", "/v1/me"), try await server.send("GET", "/nowhere"),
            ] {
                let policy = reply.headers["content-security-policy"] ?? ""
                #expect(policy.contains("default-src") && !policy.contains("unsafe-"))
                #expect(reply.headers["x-content-type-options"] == "nosniff")
                #expect(reply.headers["referrer-policy"] == "no-referrer")
            }
            #expect(try await server.send("GET", "/v1/me", as: member).headers["cache-control"] == "no-store")
        }
    }
}
