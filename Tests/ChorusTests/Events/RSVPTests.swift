import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct RSVPTests {
    static func newEvent(capacity: Int?, startsIn days: Int = 30, extra: String = "") -> String {
        let start = RFC3339.string(Date().addingTimeInterval(Double(days) * 86_400))
        let end = RFC3339.string(Date().addingTimeInterval(Double(days) * 86_400 + 7_200))
        let seats = capacity.map(String.init) ?? "null"
        return """
            {"title":"Stammtisch","kind":"meeting","startsAt":"\(start)","endsAt":"\(end)","capacity":\(seats)\(extra)}
            """
    }

    private func event(on server: TestServer, by organiser: TestPerson, capacity: Int?, extra: String = "") async throws
        -> String
    {
        let reply = try await server.send(
            "POST",
            "\(server.home)/events",
            Self.newEvent(capacity: capacity, extra: extra),
            as: organiser
        )
        #expect(reply.status == 201, "\(reply.text)")
        return "\(server.home)/events/\(reply.json["id"].string)"
    }

    private func answer(_ path: String, _ people: some Sequence<TestPerson>, _ answer: String?, on server: TestServer)
        async throws -> [TestReply]
    {
        try await withThrowingTaskGroup(of: TestReply.self) { group in
            for person in people {
                group.addTask {
                    if let answer {
                        return try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"\(answer)\"}", as: person)
                    }
                    return try await server.send("DELETE", "\(path)/rsvp", as: person)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func twoHundredRaceForTwentySeatsAndTheWaitlistMovesUpInOrder() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path = try await event(on: server, by: organiser, capacity: 70)
            let early = try await server.people(50)
            let late = try await server.people(200)
            for reply in try await answer(path, early, "going", on: server) {
                #expect(reply.json["status"].string == "going")
            }

            let replies = try await answer(path, late, "going", on: server)
            #expect(replies.count { $0.json["status"].string == "going" } == 20)
            let positions = replies.filter { $0.json["status"].string == "waitlisted" }.map {
                $0.json["waitlistPosition"].int
            }
            #expect(positions.sorted() == Array(1...180))

            // Who stands where, before and after fifty of those with a seat withdraw at once.
            let before = try await places(of: late, path, server)
            for reply in try await answer(path, early, nil, on: server) { #expect(reply.status == 204) }
            let after = try await places(of: late, path, server)
            for (person, place) in before {
                let expected = place == 0 || place <= 50 ? 0 : place - 50
                #expect(after[person] == expected, "promoted in order")
            }
            let event = try await server.send("GET", path, as: organiser).json
            #expect(event["going"].int == 70)
            #expect(event["waitlisted"].int == 130)
        }
    }

    /// 0 for a seat, else the place on the waitlist.
    private func places(of people: [TestPerson], _ path: String, _ server: TestServer) async throws -> [UUID: Int] {
        try await withThrowingTaskGroup(of: (UUID, Int).self) { group in
            for person in people {
                group.addTask {
                    let own = try await server.send("GET", path, as: person).json["myRsvp"]
                    return (person.account, own["status"].string == "going" ? 0 : own["waitlistPosition"].int)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    @Test func aRaceOfAnswersAndWithdrawalsNeverOverfillsAnEvent() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path = try await event(on: server, by: organiser, capacity: 5)
            let people = try await server.people(40)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for person in people {
                    group.addTask {
                        for answer in ["going", "maybe", "going", "declined", "going"] {
                            _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"\(answer)\"}", as: person)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let event = try await server.send("GET", path, as: organiser).json
            #expect(event["going"].int == 5)
            #expect(event["waitlisted"].int == 35)
            #expect(try await server.count("SELECT count(*) FROM rsvp WHERE status = 'going'") == 5)
        }
    }

    @Test func aLargerCapacityPromotesFromTheWaitlist() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path = try await event(on: server, by: organiser, capacity: 1)
            let people = try await server.people(3)
            for person in people { _ = try await answer(path, [person], "going", on: server) }
            let stale = try await server.send(
                "PATCH",
                path,
                "{\"capacity\":2}",
                as: organiser,
                headers: ["If-Match": "\"99-x\""]
            )
            #expect(stale.status == 412)
            #expect(try await server.send("PATCH", path, "{\"capacity\":2}", as: organiser).status == 428)
            let tag = try await server.send("GET", path, as: organiser).headers["etag"] ?? ""
            let changed = try await server.send(
                "PATCH",
                path,
                "{\"capacity\":2}",
                as: organiser,
                headers: ["If-Match": tag]
            )
            #expect(changed.status == 200)
            #expect(changed.json["going"].int == 2)
            #expect(try await places(of: people, path, server)[people[2].account] == 1)
        }
    }

    @Test func afterTheDeadlineAndAfterCancellationNobodyCanAnswer() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let over = RFC3339.string(Date().addingTimeInterval(-60))
            let closed = try await event(on: server, by: organiser, capacity: nil, extra: ",\"rsvpUntil\":\"\(over)\"")
            let late = try await server.send("PUT", "\(closed)/rsvp", "{\"answer\":\"going\"}", as: member)
            #expect(late.status == 409)
            #expect(late.problem == "rsvp-closed")
            let path = try await event(on: server, by: organiser, capacity: nil)
            #expect(try await server.send("DELETE", path, as: organiser).status == 204)
            let cancelled = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"going\"}", as: member)
            #expect(cancelled.problem == "event-cancelled")
            #expect(try await server.send("GET", "\(path).ics", as: member).text.contains("STATUS:CANCELLED"))
        }
    }

    @Test func namesAreForTheOrganiserAndTheAddressForThoseWhoCome() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let other = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await event(
                on: server,
                by: organiser,
                capacity: nil,
                extra: ",\"onlineUrl\":\"https://example.org/x\""
            )
            #expect(try await server.send("GET", path, as: member).json["onlineUrl"] == .null)
            _ = try await answer(path, [member], "going", on: server)
            #expect(try await server.send("GET", path, as: member).json["onlineUrl"].string == "https://example.org/x")
            #expect(
                try await server.send("GET", "\(path)/attendees", as: organiser).json["items"][0]["name"].string
                    == "Ada"
            )
            #expect(try await server.send("GET", "\(path)/attendees", as: other).status == 403)
            #expect(try await server.send("GET", "\(path)/attendees", as: member).status == 403)
            let outsider = try await server.person()
            #expect(try await server.send("GET", path, as: outsider).status == 404)
            #expect(try await server.send("GET", path).status == 401)
        }
    }
}
