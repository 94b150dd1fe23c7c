import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

extension TestServer {
    fileprivate var socket: TestSocket { TestSocket(port: port) }

    /// A request as text.
    ///
    /// - Parameters:
    ///   - person: who asks; nobody by default.
    ///   - headers: further lines.
    ///   - body: JSON, announced with its length; none by default.
    fileprivate func text(
        _ method: String,
        _ path: String,
        as person: TestPerson? = nil,
        _ headers: [String] = [],
        body: String? = nil
    ) -> String {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"]
        if let person { lines.append("Authorization: Bearer \(person.token)") }
        lines += headers
        if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    /// Reads until it is kept ready and its reader is known.
    fileprivate func keep(_ path: String, as person: TestPerson) async throws {
        for _ in 0..<500 {
            let reply = try await send("GET", path, as: person)
            #expect(reply.status == 200, "\(path) \(reply.text)")
            let question = BearerQuestion(tokenHash: Credential(text: person.token).hash, network: network.id)
            let isKnown = parts.bearers.find(question) != nil
            if isKnown, parts.ready.answer(to: path, for: person.membership) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("never kept: \(path)")
    }

    fileprivate func event(capacity: Int? = nil, _ extra: String = "", by organiser: TestPerson) async throws -> String
    {
        let body = RSVPTests.newEvent(capacity: capacity, extra: extra)
        let reply = try await send("POST", "\(home)/events", body, as: organiser)
        #expect(reply.status == 201, "\(reply.text)")
        return "\(home)/events/\(reply.json["id"].string)"
    }

    /// Holds an event's row, so that an answer to it has to wait, until the body ends.
    fileprivate func holding(_ path: String, _ body: () async throws -> Void) async throws {
        let id = path.split(separator: "/").last.map(String.init) ?? ""
        let configuration = PostgresConfiguration(server.privateURI, maximumConnections: 1)
        try await withPool(configuration, logger: parts.logger) { pool in
            try await pool.transaction { transaction in
                try await transaction.run("SELECT FROM event WHERE id = '\(id)' FOR UPDATE")
                try await body()
            }
        }
    }

    /// Waits until somebody waits for a lock.
    fileprivate func waitForALock() async throws {
        let waiting = """
            SELECT count(*) FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND datname = current_database()
            """
        for _ in 0..<500 {
            if try await count(waiting) > 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("nobody waits")
    }
}

/// What no lane takes, and no rule forbids.
private let ordinary = "Accept: application/json, text/plain"

/// Requests that are answered on their event loop are answered as the router answers them.
@Suite struct ExpressTests {
    @Test func everyKeptReadIsTheRoutersAnswer() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .organiser, .coordinator)
            let (hr, people) = (try await server.person(.hr), try await server.people(20))
            let path = try await server.event(",\"onlineUrl\":\"https://example.org/x\"", by: coordinator)
            _ = try await server.event(capacity: 3, by: coordinator)
            _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"going\"}", as: people[0])
            let round = try await server.openRound(by: coordinator)
            let release = try await server.vote(in: round, people, closedBy: coordinator) { round.ballot($0 % 5 + 1) }
            let id = release["id"].string
            let draft = "{\"title\":\"Aushang\",\"text\":\"Text\",\"measure\":\"Aushang\",\"evidence\":[]}"
            let made = try await server.send("POST", "\(server.home)/recommendations", draft, as: coordinator)
            let publication = "\(server.home)/recommendations/\(made.json["id"].string)/publication"
            let due = "{\"answerDueOn\":\"\(PostgresDate.today(in: .gmt).adding(days: 30))\"}"
            #expect(try await server.send("PUT", publication, due, as: coordinator).status == 200)

            let events = "\(server.home)/events"
            let reads =
                [people[0], people[1], coordinator].flatMap { reader in
                    [path, events, "\(events)?kind=meeting&limit=1", "\(events)?kind=hearing"].map { ($0, reader) }
                }
                + [(server.home, people[0]), (server.record, hr)].flatMap { base, reader in
                    [
                        "\(base)/releases", "\(base)/releases/\(id)/tables/item", "\(base)/recommendations",
                        "\(base)/recommendations?limit=1",
                    ].map { ($0, reader) }
                }
            for (path, reader) in reads { try await expectSame(path, as: reader, on: server) }
        }
    }

    private func expectSame(_ path: String, as reader: TestPerson, on server: TestServer) async throws {
        try await server.keep(path, as: reader)
        let full = await pair(
            server.text("GET", path, as: reader),
            server.text("GET", path, as: reader, [ordinary]),
            server
        )
        #expect(full.express.status == 200 && full.express.isExpress && !full.router.isExpress, "\(path)")
        #expect(full.express.essence == full.router.essence)
        #expect(full.express.headers.contains { $0.name == "date" && $0.value.hasSuffix(" GMT") })
        #expect(full.router.left == full.express.left - 1, "each counts once")
        let tag = full.express.headers.first { $0.name == "etag" }?.value ?? ""
        for known in [tag, "W/\(tag), \"x\"", "*", "\"x\""] {
            let have = ["If-None-Match: \(known)"]
            let both = await pair(
                server.text("GET", path, as: reader, have),
                server.text("GET", path, as: reader, have + [ordinary]),
                server
            )
            #expect(both.express.isExpress && !both.router.isExpress)
            #expect(both.express.status == (known == "\"x\"" ? 200 : 304))
            #expect(both.express.essence == both.router.essence)
        }
    }

    private func pair(_ express: String, _ router: String, _ server: TestServer) async -> (
        express: TestSocket.Reply, router: TestSocket.Reply
    ) {
        let none = TestSocket.Reply(statusLine: "", headers: [], body: "")
        return (
            await server.socket.exchange(1, .send(express)).first ?? none,
            await server.socket.exchange(1, .send(router)).first ?? none
        )
    }

    @Test func everyAnswerToAnEventIsTheRoutersAnswer() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let people = try await server.people(6)
            let path = try await server.event(capacity: 1, by: organiser)
            let closed = try await server.event(
                ",\"rsvpUntil\":\"\(RFC3339.string(Date().addingTimeInterval(-60)))\"",
                by: organiser
            )
            for person in people { try await server.keep(path, as: person) }
            func put(_ path: String, _ body: String, _ person: TestPerson, _ headers: [String] = []) -> String {
                server.text("PUT", "\(path)/rsvp", as: person, headers, body: body)
            }
            // Said twice it means the same, first here, then there.
            for (index, answer) in ["going", "going", "maybe", "declined", "going"].enumerated() {
                let body = "{\"answer\":\"\(answer)\"}"
                let both = await pair(
                    put(path, body, people[index]),
                    put(path, body, people[index], [ordinary]),
                    server
                )
                #expect(both.express.status == 200 && both.express.isExpress && !both.router.isExpress, "\(index)")
                #expect(both.express.essence == both.router.essence)
                #expect(both.router.left == both.express.left - 1)
            }
            // What is refused, the router refuses, and the limit counts it once.
            let wrong = ["{\"answer\":\"perhaps\"}", "{", "", "[]", "{\"answer\":\"going\",\"x\":1}"].map { (path, $0) }
            let gone = [
                (closed, "{\"answer\":\"going\"}"), ("\(server.home)/events/\(UUID().text)", "{\"answer\":\"going\"}"),
            ]
            for (path, body) in wrong + gone {
                let before = await pair(put(path, body, people[5]), put(path, body, people[5], [ordinary]), server)
                #expect((400...499).contains(before.express.status), "\(body)")
                #expect(before.express.status == before.router.status)
                #expect(before.express.headers.map(\.name).sorted() == before.router.headers.map(\.name).sorted())
            }
            let left = await server.socket.exchange(1, .send(put(path, "{\"answer\":\"maybe\"}", people[5]))).first?
                .left
            let asked = 1 + (wrong + gone).count * 2 + 1
            #expect(left == server.parts.limiter.limit - asked, "none was counted twice")
        }
    }

    // MARK: Who may

    @Test func whoMayNotIsToldByTheRouter() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let (member, hr) = (try await server.person(.member), try await server.person(.hr))
            let path = try await server.event(by: organiser)
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
        let now = Date()
        try await withServer(now: { now }, configure: { $0.requestsPerMinute = 40 }) { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.event(by: organiser)
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

    // MARK: Bytes

    @Test func requestsInOnePacketAreAnsweredInTheirOrder() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.event(by: organiser)
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

    /// The same bytes with and without what keeps a request off the lane.
    @Test func unusualRequestsComeToTheSameEnd() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.event(by: organiser)
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
                // The lane has not handed it on yet when it breaks, so the answer is the one for what cannot be read.
                let expected = item.name == "bad chunk" ? [400] : router.map(\.status)
                #expect(express.map(\.status) == expected, "\(item.name)")
                if let one = express.first, let other = router.first, one.status < 300, !item.first.hasPrefix("HEAD") {
                    #expect(one.essence == other.essence, "\(item.name)")
                }
            }
            #expect(try await server.send("GET", path, as: member).status == 200, "the server is well")
        }
    }

    // MARK: Ends

    /// A client that has said all it has to say still waits for its answer.
    @Test func whoSendsNoMoreIsAnsweredStill() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.event(by: organiser)
            try await server.keep(path, as: member)
            for headers in [[ordinary], []] {
                let put = server.text("PUT", "\(path)/rsvp", as: member, headers, body: "{\"answer\":\"going\"}")
                let broken = put + "\u{1}garbage\r\n\r\n"
                for text in [put, broken] {
                    let socket = server.socket
                    try await server.keep(path, as: member)
                    let replies = try await withThrowingTaskGroup(of: [TestSocket.Reply].self) { group in
                        try await server.holding(path) {
                            group.addTask { await socket.exchange(1, .send(text), .finish) }
                            try await server.waitForALock()
                            try await Task.sleep(for: .milliseconds(50))
                        }
                        return try await group.next() ?? []
                    }
                    #expect(replies.map(\.status).first == 200, "\(headers) \(text.count - put.count)")
                    #expect(replies.first?.isExpress == headers.isEmpty)
                }
            }
        }
    }

    @Test func aClientThatHangsUpHarmsNobodyAndItsAnswerCounts() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let people = try await server.people(3)
            let path = try await server.event(by: organiser)
            for person in people { try await server.keep(path, as: person) }
            func put(_ person: TestPerson) -> String {
                server.text("PUT", "\(path)/rsvp", as: person, body: "{\"answer\":\"going\"}")
            }
            try await server.holding(path) {
                _ = await server.socket.exchange(1, .send(put(people[0])), .pause(.milliseconds(50)), .hangUp)
                // With more behind it.
                _ = await server.socket.exchange(
                    1,
                    .send(put(people[1]) + put(people[1])),
                    .pause(.milliseconds(50)),
                    .hangUp
                )
                try await server.waitForALock()
            }
            #expect(await server.socket.exchange(1, .send(put(people[2]))).map(\.status) == [200])
            for _ in 0..<200 where try await server.count("SELECT count(*) FROM rsvp") < 3 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await server.count("SELECT count(*) FROM rsvp WHERE status = 'going'") == 3)
        }
    }

    @Test(arguments: [true, false]) func aServerThatEndsAnswersWhatItWorksOn(isExpress: Bool) async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.event(by: organiser)
            let headers = isExpress ? [] : [ordinary]
            let put = server.text("PUT", "\(path)/rsvp", as: member, headers, body: "{\"answer\":\"going\"}")
            try await withThrowingTaskGroup(of: [TestSocket.Reply].self) { clients in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let (released, release) = AsyncStream.makeStream(of: Void.self)
                    try await server.withSecondServer { ending in
                        try await ending.keep(path, as: member)
                        let (held, hold) = AsyncStream.makeStream(of: Void.self)
                        group.addTask {
                            try await server.holding(path) {
                                hold.finish()
                                for await _ in released {}
                            }
                        }
                        for await _ in held {}
                        // One whose answer waits, and one whose body is not all there yet.
                        let socket = ending.socket
                        clients.addTask { await socket.exchange(1, .send(put)) }
                        clients.addTask {
                            let parts = [String(put.dropLast(4)), String(put.suffix(4))]
                            return await socket.exchange(
                                1,
                                .send(parts[0]),
                                .pause(.milliseconds(1_200)),
                                .send(parts[1])
                            )
                        }
                        try await server.waitForALock()
                        group.addTask {
                            // By then the server has been told to end.
                            try await Task.sleep(for: .milliseconds(600))
                            release.finish()
                        }
                    }
                    try await group.waitForAll()
                }
                for try await replies in clients {
                    #expect(replies.map(\.status) == [200])
                    #expect(replies.first?.isExpress == isExpress)
                }
            }
        }
    }
}
