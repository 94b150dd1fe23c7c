import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Who may not, or no more, is told so by the router.
@Suite struct ExpressGateTests {
    @Test func whoMayNotIsToldByTheRouter() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let (member, hr) = (try await server.person(.member), try await server.person(.hr))
            let path = try await server.newEvent(by: organiser)
            try await server.keep(path, as: member)
            let credential = Credential()
            let token = InsertAPIToken(
                tokenHash: credential.hash,
                id: UUID(),
                account: member.account,
                name: "reads",
                scopes: [.read],
                expiresOn: .today(in: .gmt).adding(days: 9)
            )
            _ = try await server.parts.databases.member.execute(token)
            let reader = TestPerson(account: member.account, membership: member.membership, token: credential.text)
            let session = try await server.session(of: member)
            let body = "{\"answer\":\"going\"}"
            try await server.keep(path, as: reader)
            func status(_ text: String) async -> (Int, Bool) {
                let reply = await server.socket.exchange(1, .send(text)).first
                return (reply?.status ?? 0, reply?.isExpress ?? false)
            }
            #expect(await status(server.text("GET", path, as: reader)) == (200, true))
            #expect(await status(server.text("PUT", "\(path)/rsvp", as: reader, body: body)) == (403, false))
            #expect(await status(server.text("PUT", "\(path)/rsvp", as: hr, body: body)) == (403, false))
            #expect(await status(server.text("GET", path, as: hr)) == (403, false))
            #expect(await status(server.text("GET", path)) == (401, false))
            #expect(await status(server.text("GET", path, ["Authorization: Bearer nobody"])) == (401, false))
            #expect(await status(server.text("GET", path, ["Authorization: Basic x"])) == (401, false))
            #expect(await status(server.text("GET", path, as: member, ["Accept: text/html"])) == (406, false))
            // The cookie of a browser: the same site may, others may not.
            let cookie = "Cookie: chorus=\(session.token)"
            let put = server.text("PUT", "\(path)/rsvp", [cookie, "Sec-Fetch-Site: cross-site"], body: body)
            #expect(await status(put) == (403, false))
            let own = server.text("PUT", "\(path)/rsvp", [cookie, "Sec-Fetch-Site: same-origin"], body: body)
            #expect(await status(own) == (200, false))
            #expect(await status(server.text("GET", path, [cookie])) == (200, false))
            #expect(await status(server.text("POST", "\(path)/rsvp", as: member, body: body)) == (405, false))
            #expect(await status(server.text("GET", "\(path)?x=1", as: member)) == (400, false))
            let plain = server.text(
                "PUT",
                "\(path)/rsvp",
                as: member,
                ["Content-Type: text/plain", "Content-Length: 2"]
            )
            #expect(await status(plain + "{}").0 == 415)
        }
    }

    @Test func overTheLimitTheRouterRefuses() async throws {
        try await withServer(now: TestClock().now, configure: { $0.requestsPerMinute = 40 }) { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.newEvent(by: organiser)
            try await server.keep(path, as: member)
            let get = server.text("GET", path, as: member)
            var replies: [TestSocket.Reply] = []
            for _ in 0..<42 { replies += await server.socket.exchange(1, .send(get)) }
            let served = replies.prefix { $0.status == 200 }
            #expect(served.allSatisfy { $0.isExpress })
            #expect(served.map(\.left) == Array((0..<served.count).reversed()), "to the last one")
            #expect(replies.dropFirst(served.count).allSatisfy { $0.status == 429 && !$0.isExpress })
            #expect(replies.count == 42 && served.count < 40)
            let put = server.text("PUT", "\(path)/rsvp", as: member, body: "{\"answer\":\"going\"}")
            #expect(await server.socket.exchange(1, .send(put)).map(\.status) == [429])
            #expect(try await server.count("SELECT count(*) FROM rsvp") == 0)
        }
    }
}
