import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Anonymous routes on a port of their own.
@Suite struct DoorTests {
    @Test func eachDoorServesItsOwnRoutesOnly() async throws {
        try await withServer { server in
            let named = routeNames(server.parts, .named)
            let anonymous = routeNames(server.parts, .anonymous)
            #expect(named.union(anonymous) == routeNames(server.parts))
            #expect(named.allSatisfy { !$0.contains(" /v1/anonymous") })
            let health: Set = ["GET /healthz", "GET /readyz", "GET /metrics"]
            #expect(named.intersection(anonymous) == health)
            #expect(anonymous.subtracting(health).allSatisfy { $0.contains(" /v1/anonymous") })
            #expect(anonymous.count > health.count)
        }
    }

    @Test func pagesOfTheOtherPortMayAskWithoutCredentials() async throws {
        try await withServer(configure: { $0.anonymousPort = 0 }) { server in
            let door = try #require(server.anonymous)
            let body = "{\"receiptId\":\"\(Base64URL.encode(TestServer.randomReceipt()))\"}"
            let asked = try await door.send("OPTIONS", "/v1/anonymous/inbox")
            #expect(asked.status == 204)
            #expect(asked.headers["access-control-allow-origin"] == "*")
            #expect(asked.headers["access-control-allow-headers"]?.contains("Chorus-Proof") == true)
            #expect(asked.headers["access-control-allow-credentials"] == nil)
            let reply = try await door.send("POST", "/v1/anonymous/inbox", body)
            #expect(reply.status == 200)
            #expect(reply.headers["access-control-allow-origin"] == "*")
            #expect(reply.headers["set-cookie"] == nil)
            #expect(reply.headers["cache-control"] == "no-store")
            let refused = try await door.send("POST", "/v1/anonymous/inbox", "{}")
            #expect(refused.status == 422)
            #expect(refused.headers["access-control-allow-origin"] == "*", "a page may read what was wrong")
            #expect(try await door.send("GET", "/v1/me").status == 404)
            #expect(try await server.anonymous("inbox", "{\"receiptId\":\"x\"}").status == 404, "not beside the rest")
        }
    }
}
