import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// R3 beyond pairs of rosters: sums that, put together, would isolate one person (anonymity.md, section 5.5).
@Suite struct AdmissionSumTests {
    private let question = "War es gut?"

    private func event(_ server: TestServer, _ going: some Sequence<TestPerson>, by coordinator: TestPerson)
        async throws
        -> String
    {
        let path = "\(server.home)/events"
        let id = try await server.send("POST", path, RSVPTests.newEvent(capacity: 90), as: coordinator).json["id"]
            .string
        for person in going {
            _ = try await server.send("PUT", "\(path)/\(id)/rsvp", "{\"answer\":\"going\"}", as: person)
        }
        return id
    }

    /// Whether the question may be asked of an event's guests; of the whole network without one.
    private func admits(_ server: TestServer, event: String? = nil, by coordinator: TestPerson) async throws -> Bool {
        let opens = RFC3339.string(Date().addingTimeInterval(-3_600))
        let closes = RFC3339.string(Date().addingTimeInterval(86_400))
        let audience = event.map { "{\"kind\":\"event\",\"event\":\"\($0)\"}" } ?? "{\"kind\":\"network\"}"
        let body = """
            {"title":"R","opensAt":"\(opens)","closesAt":"\(closes)","items":[{"text":"\(question)"}],"audience":\(audience)}
            """
        let made = try await server.send("POST", "\(server.home)/rounds", body, as: coordinator)
        let path = "\(server.home)/rounds/\(made.json["id"].string)/opening"
        return try await server.send("PUT", path, as: coordinator).json["state"].string == "open"
    }

    @Test func guestsWhoAreAUnitAndOneMoreAreHeldAgainstItsCell() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator, .organiser)
            let unit = UUID()
            _ = try await server.parts.databases.member.execute(
                ReplaceUnits(network: server.network.id, units: [(unit, "Amt", nil)]),
                network: server.network.id
            )
            let (inside, outside) = (try await server.people(12, unit: unit), try await server.people(14))
            #expect(try await admits(server, by: coordinator))
            let guests = try await event(server, inside + outside.prefix(1), by: coordinator)
            let isAdmitted = try await admits(server, event: guests, by: coordinator)
            #expect(!isAdmitted, "the guests minus the unit's cell are one person")
        }
    }

    @Test func guestsOfTwoEventsAndOneMoreAreHeldAgainstBothTogether() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator, .organiser)
            let people = try await server.people(40)
            for going in [people[0..<10], people[10..<20]] {
                let guests = try await event(server, going, by: coordinator)
                #expect(try await admits(server, event: guests, by: coordinator))
            }
            let guests = try await event(server, people[0..<21], by: coordinator)
            let isAdmitted = try await admits(server, event: guests, by: coordinator)
            #expect(!isAdmitted, "the third minus the first and the second is one person")
        }
    }

    @Test func somebodyWhoLeftStaysInTheAudienceThatTheyWereIn() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator, .organiser)
            let people = try await server.people(30)
            let guests = try await event(server, people[0..<13], by: coordinator)
            #expect(try await admits(server, event: guests, by: coordinator))
            #expect(try await server.send("DELETE", "/v1/me", as: people[12]).status == 204)
            let others = try await event(server, people[0..<12], by: coordinator)
            let isAdmitted = try await admits(server, event: others, by: coordinator)
            #expect(!isAdmitted, "the first minus the second is the person who left")
        }
    }
}
