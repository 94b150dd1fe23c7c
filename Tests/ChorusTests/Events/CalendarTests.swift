import Foundation
import Testing

@testable import Chorus
@testable import TestSupport

@Suite struct CalendarTests {
    private func body(_ members: [String: String]) throws -> String {
        var all = [
            "title": "Treffen", "kind": "meeting", "startsAt": "2027-03-28T01:30:00+01:00",
            "endsAt": "2027-03-28T03:30:00+02:00", "timeZone": "Europe/Berlin",
        ]
        all.merge(members) { $1 }
        return String(decoding: try JSONEncoder().encode(all), as: UTF8.self)
    }

    private func event(_ members: [String: String], on server: TestServer, by organiser: TestPerson) async throws
        -> String
    {
        let reply = try await server.send("POST", "\(server.home)/events", try body(members), as: organiser)
        #expect(reply.status == 201, "\(reply.text)")
        return "\(server.home)/events/\(reply.json["id"].string)"
    }

    @Test func anEventSurvivesAStrictReaderWhateverItsTextsHold() async throws {
        let title = "Größe; Kosten, \\ und „Ünïcödé“ 🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶🎶"
        let description = "erste Zeile\r\nzweite;\u{301} Zeile\n\u{7}BEGIN:VEVENT\rEnde"
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await event(["title": title, "description": description], on: server, by: organiser)
            _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"going\"}", as: member)
            _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"going\"}", as: organiser)

            let reply = try await server.send("GET", "\(path).ics", as: member)
            #expect(reply.headers["content-type"] == "text/calendar; charset=utf-8")
            let found = try #require(try ICalendarCheck(reply.body).events.first)
            #expect(try ICalendarCheck.unescaped(found.text("SUMMARY")) == title)
            let expected = "erste Zeile\nzweite;\u{301} Zeile\nBEGIN:VEVENT\nEnde"
            #expect(try ICalendarCheck.unescaped(found.text("DESCRIPTION")) == expected)
            #expect(found.all("ATTENDEE").map(\.value) == ["mailto:\(member.account.text)@example.org"], "nobody else")
            #expect(found.all("ATTENDEE").first?.parameters["PARTSTAT"] == "ACCEPTED")
            #expect(!reply.text.contains("Ada"))
        }
    }

    /// Spring and autumn nights in zones north, south, with half hours, and without any change of clocks.
    @Test(arguments: [
        ("Europe/Berlin", "2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z"),
        ("Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T03:30:00Z"),
        ("America/New_York", "2027-03-14T06:30:00Z", "2027-03-14T07:30:00Z"),
        ("Australia/Lord_Howe", "2027-04-03T13:30:00Z", "2027-04-03T16:30:00Z"),
        ("Asia/Kolkata", "2027-01-01T12:00:00Z", "2027-01-01T13:00:00Z"),
        ("UTC", "2027-01-01T12:00:00Z", "2027-01-01T13:00:00Z"),
    ])
    func theZonesThatItCarriesGiveTheSameInstants(_ zone: String, _ start: String, _ end: String) async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let members = ["timeZone": zone, "startsAt": start, "endsAt": end]
            let path = try await event(members, on: server, by: organiser)
            let calendar = try ICalendarCheck(try await server.send("GET", "\(path).ics", as: organiser).body)
            let found = try #require(calendar.events.first)
            #expect(try calendar.instant(#require(found.all("DTSTART").first)) == RFC3339.date(start))
            #expect(try calendar.instant(#require(found.all("DTEND").first)) == RFC3339.date(end))
        }
    }

    @Test func theFeedHoldsOwnAnswersOnlyAndItsKeyCanBeRevoked() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let url = ["onlineUrl": "https://example.org/raum"]
            let going = try await event(url, on: server, by: organiser)
            let waiting = try await event(url, on: server, by: organiser)
            _ = try await event(["title": "ohne Antwort"], on: server, by: organiser)

            let made = try await server.send("POST", "/v1/me/calendar-key", as: member)
            #expect(made.status == 201)
            let key = made.json["key"].string
            let feed = "\(server.home)/calendar.ics?key=\(key)"
            #expect(try ICalendarCheck(try await server.send("GET", feed).body).events.isEmpty)

            _ = try await server.send("PUT", "\(going)/rsvp", "{\"answer\":\"going\"}", as: member)
            _ = try await server.send("PUT", "\(waiting)/rsvp", "{\"answer\":\"maybe\"}", as: member)
            let events = try ICalendarCheck(try await server.send("GET", feed).body).events
            #expect(
                events.compactMap { $0.all("ATTENDEE").first?.parameters["PARTSTAT"] }.sorted() == [
                    "ACCEPTED", "TENTATIVE",
                ]
            )
            #expect(events.count { !$0.text("URL").isEmpty } == 1, "the address is for those who come")

            let stored = try await server.count(
                "SELECT count(*) FROM calendar_key WHERE encode(key_hash, 'escape') LIKE '%\(key)%'"
            )
            #expect(stored == 0)
            #expect(try await server.send("GET", "\(server.home)/calendar.ics?key=wrong").status == 404)
            #expect(try await server.send("GET", "/v1/networks/\(UUID().text)/calendar.ics?key=\(key)").status == 404)
            #expect(try await server.send("DELETE", "/v1/me/calendar-key", as: member).status == 204)
            #expect(try await server.send("GET", feed).status == 404)
        }
    }

    @Test func cancellingRaisesTheSequenceOnceAndStaysVisible() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path = try await event([:], on: server, by: organiser)
            func read() async throws -> ICalendarCheck.Component {
                try #require(
                    try ICalendarCheck(try await server.send("GET", "\(path).ics", as: organiser).body).events.first
                )
            }
            #expect(try await read().text("SEQUENCE") == "0")
            #expect(try await read().text("STATUS") == "CONFIRMED")
            for _ in 0..<2 { #expect(try await server.send("DELETE", path, as: organiser).status == 204) }
            #expect(try await read().text("SEQUENCE") == "1")
            #expect(try await read().text("STATUS") == "CANCELLED")
        }
    }
}
