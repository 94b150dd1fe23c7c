import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// However bytes arrive and whatever they are, they come to the end that the router would bring them to.
@Suite struct ExpressBytesTests {
    @Test func requestsInOnePacketAreAnsweredInTheirOrder() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.newEvent(by: organiser)
            try await server.keep(path, as: member)
            let get = server.text("GET", path, as: member)
            func put(_ answer: String) -> String {
                server.text("PUT", "\(path)/rsvp", as: member, body: "{\"answer\":\"\(answer)\"}")
            }
            let slow = server.text("GET", "\(server.home)/memberships/me", as: member)
            let missing = server.text("GET", "/v1/nothing", as: member)
            let all = [get, slow, get, put("going"), get, put("maybe"), put("declined"), missing, get, put("x"), get]
            for pieces in [1, 3, 40] {
                _ = try await server.send("DELETE", "\(path)/rsvp", as: member)
                try await server.keep(path, as: member)
                let text = all.joined()
                let size = text.count / pieces + 1
                let steps = stride(from: 0, to: text.count, by: size).flatMap { place -> [TestSocket.Step] in
                    [.send(String(text.dropFirst(place).prefix(size))), .pause(.milliseconds(2))]
                }
                let replies = await server.socket.exchange(all.count, steps)
                #expect(replies.map(\.status) == [200, 200, 200, 200, 200, 200, 200, 404, 200, 422, 200], "\(pieces)")
                guard replies.count == all.count else { continue }
                #expect(replies[0].isExpress && !replies[1].isExpress)
                #expect(replies[0].body == replies[2].body && replies[1].body.contains("displayName"))
                #expect(replies[3].body.contains("\"going\"") && replies[4].body.contains("\"answer\":\"going\""))
                #expect(replies[5].body.contains("\"maybe\"") && replies[6].body.contains("\"declined\""))
                #expect(replies[8].body.contains("\"answer\":\"declined\"") && replies[10].body == replies[8].body)
            }
        }
    }

    /// What is held while an answer takes its time reaches the router also when nothing more arrives.
    @Test func aRequestForTheRouterBehindOneOfTheLaneIsAnswered() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.newEvent(by: organiser)
            try await server.keep(path, as: member)
            let put = server.text("PUT", "\(path)/rsvp", as: member, body: "{\"answer\":\"going\"}")
            let missing = server.text("GET", "/v1/nothing", as: member)
            let replies = await server.socket.exchange(4, .send(put + missing + put + missing))
            #expect(replies.map(\.status) == [200, 404, 200, 404])
            #expect(replies.first?.isExpress == true)
        }
    }

    /// The same bytes with and without what keeps a request off the lane.
    @Test func unusualRequestsComeToTheSameEnd() async throws {
        // Stopped, so that the limit does not begin anew between two requests.
        try await withServer(now: TestClock().now) { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.newEvent(by: organiser)
            try await server.keep(path, as: member)
            let rsvp = "\(path)/rsvp"
            let sign = "Authorization: Bearer \(member.token)"
            let json = "Content-Type: application/json"
            let body = "{\"answer\":\"going\"}"
            let length = "Content-Length: \(body.utf8.count)"
            let padded = body + String(repeating: " ", count: 5_000)
            let chunks = "5\r\n{\"ans\r\nd\r\nwer\":\"going\"}\r\n0\r\n"
            func request(_ first: String, _ lines: [String], _ rest: String = "") -> String {
                ([first] + lines).joined(separator: "\r\n") + "\r\n\r\n" + rest
            }
            let host = "Host: 127.0.0.1"
            let (get, put) = ("GET \(path) HTTP/1.1", "PUT \(rsvp) HTTP/1.1")
            let cases: [(name: String, first: String, lines: [String], rest: String)] = [
                (
                    "larger than the lane takes", put, [host, sign, json, "Content-Length: \(padded.utf8.count)"],
                    padded
                ),
                ("chunks", put, [host, sign, json, "Transfer-Encoding: chunked"], chunks + "\r\n"),
                ("trailers", put, [host, sign, json, "Transfer-Encoding: chunked"], chunks + "X-A: b\r\n\r\n"),
                ("expect", put, [host, sign, json, length, "Expect: 100-continue"], body),
                ("1.0 read", "GET \(path) HTTP/1.0", [host, sign], ""),
                ("1.0 kept alive", "GET \(path) HTTP/1.0", [host, sign, "Connection: keep-alive"], ""),
                ("1.0 answer", "PUT \(rsvp) HTTP/1.0", [host, sign, json, length], body),
                ("close", get, [host, sign, "Connection: close"], ""),
                ("answer and close", put, [host, sign, json, length, "Connection: close"], body),
                ("no host", get, [sign], ""),
                ("no host, answer", put, [sign, json, length], body),
                ("read with a body", get, [host, sign, json, length], body),
                ("read with chunks", get, [host, sign, json, "Transfer-Encoding: chunked"], chunks + "\r\n"),
                ("empty", put, [host, sign, json, "Content-Length: 0"], ""),
                ("no length", put, [host, sign, json], ""),
                ("two lengths", put, [host, sign, json, length, "Content-Length: 3"], body),
                ("length and chunks", put, [host, sign, json, length, "Transfer-Encoding: chunked"], chunks + "\r\n"),
                ("bad length", put, [host, sign, json, "Content-Length: x"], body),
                ("bad chunk", put, [host, sign, json, "Transfer-Encoding: chunked"], "zz\r\n\r\n"),
                ("two bearers", get, [host, sign, sign], ""),
                ("upgrade", get, [host, sign, "Connection: upgrade", "Upgrade: websocket"], ""),
                ("head", "HEAD \(path) HTTP/1.1", [host, sign], ""),
                ("absolute", "GET http://127.0.0.1\(path) HTTP/1.1", [host, sign], ""),
                ("garbage behind", get, [host, sign], "\u{1}\u{2}garbage\r\n\r\n"),
                ("garbage", "\u{16}\u{3}\u{1} x", [], ""), ("binary line", get, [host, sign, "X: a\u{0}b"], ""),
            ]
            var counted = 0
            for item in cases {
                let express = await server.socket.exchange(
                    2,
                    .send(request(item.first, item.lines, item.rest)),
                    .finish
                )
                let router = await server.socket.exchange(
                    2,
                    .send(request(item.first, item.lines + [ordinary], item.rest)),
                    .finish
                )
                #expect(express.map(\.status) == router.map(\.status), "\(item.name)")
                if item.name == "bad chunk" { #expect(router.first?.status == 400) }
                guard let one = express.first, let other = router.first, one.status < 300 else { continue }
                #expect(item.first.hasPrefix("HEAD") || one.essence == other.essence, "\(item.name)")
                #expect(other.left == one.left - 1, "\(item.name): each counts once")
                counted += 1
            }
            #expect(counted > 10)
            #expect(try await server.send("GET", path, as: member).status == 200, "the server is well")
        }
    }
}
