import Foundation
import Postgres
import Testing

@testable import Chorus
@testable import TestSupport

@Suite struct EventTests {
    private func create(_ members: String, on server: TestServer, by organiser: TestPerson) async throws -> TestReply {
        let body = "{\"title\":\"Treffen\",\"kind\":\"meeting\",\"timeZone\":\"Europe/Berlin\",\(members)}"
        return try await server.send("POST", "\(server.home)/events", body, as: organiser)
    }

    private func times(_ day: Int) -> String {
        "\"startsAt\":\"2027-02-\(10 + day)T18:00:00+01:00\",\"endsAt\":\"2027-02-\(10 + day)T20:00:00+01:00\""
    }

    @Test func pagesShowEveryEventOnceInOrder() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            // Equal starts, so that the order within them matters too.
            for day in [3, 1, 1, 1, 2, 5, 4] {
                #expect(try await create(times(day), on: server, by: organiser).status == 201)
            }
            var (seen, path) = ([(String, String)](), "\(server.home)/events?limit=2")
            while !path.isEmpty {
                let page = try await server.send("GET", path, as: organiser).json
                #expect(page["items"].array.count <= 2)
                seen += page["items"].array.map { ($0["startsAt"].string, $0["id"].string) }
                let next = page["next"].string
                path = next.isEmpty ? "" : "\(server.home)/events?limit=2&after=\(next)"
            }
            #expect(seen.count == 7)
            #expect(Set(seen.map(\.1)).count == 7)
            #expect(seen.map(\.0) == seen.map(\.0).sorted())
        }
    }

    @Test func filtersNarrowTheListAndWrongOnesAreNamed() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            for day in 1...3 { _ = try await create(times(day), on: server, by: organiser) }
            let events = "\(server.home)/events"
            let between = "from=2027-02-12T00:00:00Z&to=2027-02-13T00:00:00Z"
            #expect(try await server.send("GET", "\(events)?\(between)", as: organiser).json["items"].array.count == 1)
            #expect(try await server.send("GET", "\(events)?kind=hearing", as: organiser).json["items"].array.isEmpty)
            for wrong in ["kind=party", "from=yesterday", "limit=0", "limit=201", "after=x", "colour=red"] {
                let reply = try await server.send("GET", "\(events)?\(wrong)", as: organiser)
                #expect(reply.status == 400)
                #expect(reply.pointers == [String(wrong.prefix { $0 != "=" })])
            }
        }
    }

    /// However long events last, and also over the change to summer time: the list begins with the first that is not over.
    @Test func theListFromAnInstantHasAllThatEndAfterIt() async throws {
        try await withServer { server in
            let network = server.network.id
            try await server.run(
                """
                INSERT INTO event (network_id, id, title, description, kind, location, starts_at, ends_at, time_zone, visibility,
                    created_at, updated_at)
                SELECT '\(network)', gen_random_uuid(), 'Treffen', '', 'meeting', '', t, t + length, 'Europe/Berlin', 'members',
                    now(), now()
                FROM (
                    SELECT '2027-03-01T00:00:00Z'::timestamptz + random() * interval '60 days' AS t,
                        CASE WHEN n % 20 = 0 THEN random() * interval '50 days' ELSE random() * interval '3 hours' END
                            + interval '1 second' AS length
                    FROM generate_series(1, 120) n) drawn
                """,
                on: .private
            )
            for day in stride(from: -1, through: 115, by: 4) {
                let instant = Date(timeIntervalSince1970: 1_803_859_200 + Double(day) * 86_400 + 1_800)
                let list = ReadEvents(
                    network: network,
                    member: UUID(),
                    from: instant,
                    to: nil,
                    kind: nil,
                    after: nil,
                    limit: 200
                )
                let found = try await server.parts.databases.member.execute(list, network: network).map(\.id.text)
                let expected = try await server.texts(
                    """
                    SELECT id::text FROM event WHERE ends_at > '\(RFC3339.string(instant))' ORDER BY starts_at, id
                    """
                )
                #expect(found == expected, "\(instant)")
                #expect(day > -1 || found.count == 120)
            }
        }
    }

    @Test func aReadIsNotRepeatedWhileNothingChanged() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path =
                "\(server.home)/events/\(try await create(times(1), on: server, by: organiser).json["id"].string)"
            let tag = try await server.send("GET", path, as: organiser).headers["etag"] ?? ""
            #expect(try await server.send("GET", path, as: organiser, headers: ["If-None-Match": tag]).status == 304)
            let member = try await server.person(.member)
            _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"maybe\"}", as: member)
            #expect(
                try await server.send("GET", path, as: organiser, headers: ["If-None-Match": tag]).json["maybe"].int
                    == 1
            )
            // Somebody's answer does not stale the organiser's edit; another edit does.
            let change = "{\"title\":\"Neuer Titel\",\"rsvpUntil\":\"2027-02-01T00:00:00Z\"}"
            let first = try await server.send("PATCH", path, change, as: organiser, headers: ["If-Match": tag])
            #expect(first.json["title"].string == "Neuer Titel")
            #expect(
                try await server.send("PATCH", path, change, as: organiser, headers: ["If-Match": tag]).status == 412
            )
        }
    }

    @Test func whatIsRefusedIsNamedAndNothingIsStored() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let wrong: [(String, String)] = [
                ("\"startsAt\":\"2027-02-11T18:00:00Z\",\"endsAt\":\"2027-02-11T18:00:00Z\"", "/endsAt"),
                ("\(times(1)),\"capacity\":0", "/capacity"), ("\(times(1)),\"seats\":3", "/seats"),
                ("\(times(1)),\"rsvpUntil\":\"2027-03-01T00:00:00Z\"", "/rsvpUntil"),
                ("\(times(1)),\"onlineUrl\":\"https://a.example/\\r\\nATTENDEE:x\"", "/onlineUrl"),
                ("\(times(1)),\"onlineUrl\":\"javascript:alert(1)\"", "/onlineUrl"),
                ("\(times(1)),\"rrule\":\"FREQ=SECONDLY;COUNT=2\"", "/rrule"),
                // The start is a Thursday.
                ("\(times(1)),\"rrule\":\"FREQ=WEEKLY;BYDAY=MO;COUNT=2\"", "/rrule"),
            ]
            for (members, pointer) in wrong {
                let reply = try await create(members, on: server, by: organiser)
                #expect(reply.status == 422, "\(members)")
                #expect(reply.pointers == [pointer])
            }
            #expect(try await server.count("SELECT count(*) FROM event") == 0)
            #expect(try await create(times(1), on: server, by: server.person(.member)).status == 403)
        }
    }

    @Test func aSeriesIsSeparateEventsOfOneSeries() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let made = try await create(
                "\(times(1)),\"rrule\":\"FREQ=MONTHLY;BYDAY=2TH;COUNT=3\"",
                on: server,
                by: organiser
            )
            #expect(made.status == 201)
            let events = try await server.send("GET", "\(server.home)/events", as: organiser).json["items"].array
            let expected = ["2027-02-11T18:00:00+01:00", "2027-03-11T18:00:00+01:00", "2027-04-08T18:00:00+02:00"]
            #expect(events.map { $0["startsAt"].string } == expected)
            #expect(Set(events.map { $0["series"].string }) == [made.json["series"].string])
            #expect(made.json["id"] == events[0]["id"])
            // One of them can be cancelled without the others.
            let second = "\(server.home)/events/\(events[1]["id"].string)"
            #expect(try await server.send("DELETE", second, as: organiser).status == 204)
            let after = try await server.send("GET", "\(server.home)/events", as: organiser).json["items"].array
            #expect(after.map { $0["cancelled"].isTrue } == [false, true, false])
            let change = try await server.send(
                "PATCH",
                second,
                "{\"capacity\":3}",
                as: organiser,
                headers: ["If-Match": "*"]
            )
            #expect(change.problem == "event-cancelled")
        }
    }

    @Test func anotherNetworkKnowsNothingOfIt() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let id = try await create(times(1), on: server, by: organiser).json["id"].string
            let other = try await server.parts.createNetwork(
                NewNetwork(slug: "fremd", name: "Fremd", employer: "Anderswo"),
                keyNoticeDays: 0
            )
            let paths = ["\(server.home)/events/\(UUID().text)", "/v1/networks/\(other.id.text)/events/\(id)"]
            for path in paths {
                for (method, suffix) in [
                    ("GET", ""), ("GET", ".ics"), ("GET", "/attendees"), ("DELETE", ""), ("DELETE", "/rsvp"),
                ] {
                    #expect(
                        try await server.send(method, path + suffix, as: organiser).status == 404,
                        "\(method) \(suffix)"
                    )
                }
                #expect(
                    try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"going\"}", as: organiser).status == 404
                )
            }
            let hr = try await server.person(.hr)
            #expect(try await server.send("GET", "\(server.home)/events", as: hr).status == 403)
        }
    }
}
