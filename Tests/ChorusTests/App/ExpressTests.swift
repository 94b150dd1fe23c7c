import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Requests that are answered on their event loop are answered as the router answers them.
@Suite struct ExpressTests {
    @Test func everyKeptReadIsTheRoutersAnswer() async throws {
        // Stopped, so that the limit does not begin anew between two requests.
        try await withServer(now: TestClock().now) { server in
            let coordinator = try await server.person(.member, .organiser, .coordinator)
            let (hr, people) = (try await server.person(.hr), try await server.people(20))
            let path = try await server.newEvent(",\"onlineUrl\":\"https://example.org/x\"", by: coordinator)
            _ = try await server.newEvent(capacity: 3, by: coordinator)
            _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"going\"}", as: people[0])
            let round = try await server.openRound(by: coordinator)
            let release = try await server.vote(in: round, people, closedBy: coordinator) { round.ballot($0 % 5 + 1) }
            let id = release["id"].string
            let draft =
                "{\"title\":\"Aushang\",\"text\":\"Text\",\"measure\":\"Aushang\",\"evidence\":[],\(TestServer.provenance)}"
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
        let full = await server.pair(
            server.text("GET", path, as: reader),
            server.text("GET", path, as: reader, [ordinary])
        )
        #expect(full.express.status == 200 && full.express.isExpress && !full.router.isExpress, "\(path)")
        #expect(full.express.essence == full.router.essence)
        #expect(full.express.headers.contains { $0.name == "date" && $0.value.hasSuffix(" GMT") })
        #expect(full.router.left == full.express.left - 1, "each counts once")
        let tag = full.express.headers.first { $0.name == "etag" }?.value ?? ""
        for known in [tag, "W/\(tag), \"x\"", "*", "\"x\""] {
            let have = ["If-None-Match: \(known)"]
            let both = await server.pair(
                server.text("GET", path, as: reader, have),
                server.text("GET", path, as: reader, have + [ordinary])
            )
            #expect(both.express.isExpress && !both.router.isExpress)
            #expect(both.express.status == (known == "\"x\"" ? 200 : 304))
            #expect(both.express.essence == both.router.essence)
        }
    }

    @Test func everyAnswerToAnEventIsTheRoutersAnswer() async throws {
        // Stopped, so that the limit does not begin anew between two requests.
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let organiser = try await server.person(.member, .organiser)
            let people = try await server.people(6)
            let path = try await server.newEvent(capacity: 1, by: organiser)
            let closed = try await server.newEvent(
                ",\"rsvpUntil\":\"\(RFC3339.string(clock.now().addingTimeInterval(-60)))\"",
                by: organiser
            )
            for person in people { try await server.keep(path, as: person) }
            func put(_ path: String, _ body: String, _ person: TestPerson, _ headers: [String] = []) -> String {
                server.text("PUT", "\(path)/rsvp", as: person, headers, body: body)
            }
            // Said twice it means the same, first here, then there.
            for (index, answer) in ["going", "going", "maybe", "declined", "going"].enumerated() {
                let body = "{\"answer\":\"\(answer)\"}"
                let both = await server.pair(
                    put(path, body, people[index]),
                    put(path, body, people[index], [ordinary])
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
                let before = await server.pair(put(path, body, people[5]), put(path, body, people[5], [ordinary]))
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
}
