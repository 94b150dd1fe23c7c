import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// How people want to be told, and whom the network names.
@Suite struct NotificationTests {
    @Test func everybodyChoosesForThemselves() async throws {
        try await withServer { server in
            let (member, other) = (try await server.person(.member), try await server.person(.member))
            let path = "/v1/me/notifications"
            let before = try await server.send("GET", path, as: member)
            #expect(before.json["mail"].string == "weekly")
            #expect(before.json["calendarAlarms"] == .bool(true))
            #expect(before.json["mailConsent"] == .bool(false))
            let chosen = try await server.send("PUT", path, "{\"mail\":\"daily\",\"calendarAlarms\":false}", as: member)
            #expect(chosen.status == 200, "\(chosen.text)")
            _ = try await server.send("PUT", "/v1/me/consents/mail", "{\"textVersion\":\"2026-11\"}", as: member)
            let after = try await server.send("GET", path, as: member)
            #expect(after.json["mail"].string == "daily")
            #expect(after.json["mailConsent"] == .bool(true))
            #expect(try await server.send("GET", path, as: other).json["mail"].string == "weekly")
            // A read mark changes nothing else.
            _ = try await server.send("PUT", "/v1/me/news/read", "{\"until\":\"2026-01-01T00:00:00Z\"}", as: member)
            #expect(try await server.send("GET", path, as: member).json["mail"].string == "daily")
            for bad in ["{}", "{\"mail\":\"hourly\",\"calendarAlarms\":true}", "{\"mail\":\"none\"}"] {
                #expect(try await server.send("PUT", path, bad, as: member).status == 422)
            }
        }
    }

    @Test func thePersonalCalendarRemindsUnlessItIsSwitchedOff() async throws {
        try await withServer { server in
            let (organiser, member) = (try await server.person(.member, .organiser), try await server.person(.member))
            let made = try await server.send(
                "POST",
                "\(server.home)/events",
                RSVPTests.newEvent(capacity: 9),
                as: organiser
            )
            let path = "\(server.home)/events/\(made.json["id"].string)"
            let key = try await server.send("POST", "/v1/me/calendar-key", as: member).json["key"].string
            func alarms(_ answer: String) async throws -> Int {
                _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"\(answer)\"}", as: member)
                let feed = try await server.send("GET", "\(server.home)/calendar.ics?key=\(key)")
                _ = try ICalendarCheck(feed.body)
                return feed.text.components(separatedBy: "BEGIN:VALARM").count - 1
            }
            #expect(try await alarms("going") == 1)
            #expect(try await alarms("declined") == 0)
            let until = RFC3339.string(Date().addingTimeInterval(3_600))
            let change = "{\"rsvpUntil\":\"\(until)\"}"
            let changed = try await server.send("PATCH", path, change, as: organiser, headers: ["If-Match": "*"])
            #expect(changed.status == 200, "\(changed.text)")
            #expect(try await alarms("maybe") == 2)
            let single = try await server.send("GET", "\(path).ics", as: member)
            #expect(!single.text.contains("VALARM"), "what somebody takes away once is theirs to remember")
            _ = try await server.send(
                "PUT",
                "/v1/me/notifications",
                "{\"mail\":\"weekly\",\"calendarAlarms\":false}",
                as: member
            )
            #expect(try await alarms("going") == 0)
        }
    }

    @Test func theNetworkNamesDeputyBodiesAndGrace() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let member = try await server.person(.member)
            let path = "\(server.home)/answer-duty-contacts"
            let before = try await server.send("GET", path, as: coordinator)
            #expect(before.json["graceDays"].int == 14)
            #expect(before.json["deputy"] == .null)
            for person in [member, hr] { #expect(try await server.send("GET", path, as: person).status == 403) }
            let body = """
                {"deputy":{"name":"Vertretung","email":"V@example.org"},"bodies":[{"name":"Rat","email":"rat@example.org"}],\
                "graceDays":3}
                """
            #expect(try await server.send("PUT", path, body, as: coordinator).status == 428)
            let tag = ["If-Match": before.headers["etag"] ?? ""]
            let saved = try await server.send("PUT", path, body, as: coordinator, headers: tag)
            #expect(saved.json["deputy"]["email"].string == "v@example.org", "\(saved.text)")
            #expect(try await server.send("PUT", path, body, as: coordinator, headers: tag).problem == "stale")
            for email in [
                "a\\n@example.org", "a@b\\r\\nBcc: c@d", "-f@example.org ", "ä@example.org", "\\\"a b\\\"@c", "a,b@c",
            ] {
                let bad = body.replacing("rat@example.org", with: email)
                let reply = try await server.send("PUT", path, bad, as: coordinator, headers: ["If-Match": "*"])
                #expect(reply.problem == "invalid", "\(email)")
            }
            let id = try await NewsTests.publish(server, by: coordinator)
            clock.pass(days: 34)
            try await server.parts.keepJobs()
            try await server.parts.jobRunner.runDue()
            try await server.parts.deliveryRunner.runDue()
            server.parts.changes.everythingChanged()
            let seen = try await server.send("GET", "\(server.record)/recommendations/\(id)", as: hr)
            #expect(seen.json["reminders"].array.map { $0["step"].string } == ["overdue", "escalated"])
            let owed = try await server.send("GET", "\(server.record)/answer-duty", as: hr)
            #expect(owed.json["escalated"].int == 1)
            #expect(owed.json["graceDays"].int == 3)
        }
    }
}
