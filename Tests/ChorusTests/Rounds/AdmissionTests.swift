import Disclosure
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// T21 and the rules of admission R1 and R3 (anonymity.md, section 5.5).
@Suite struct AdmissionTests {
    private let parameters = Parameters(k: 5)
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let people = (0..<60).map { _ in UUID() }

    private func isRefused(_ new: Set<UUID>?, after old: Set<UUID>?, days: Double = 30, isSameItem: Bool = true) -> Bool
    {
        let earlier = EarlierAudience(
            opensAt: start,
            closesAt: start,
            members: old,
            isSameItem: isSameItem
        )
        let breach = Admission.breach(
            audience: new,
            opensAt: start.addingTimeInterval(days * 86_400),
            against: [earlier],
            roster: Roster(people.map { ($0, nil) }, units: []),
            parameters
        )
        return breach?.problem.name == .admissionRefused && breach?.problem.errors.map(\.pointer) == ["/audience"]
    }

    @Test func t21AudiencesThatDifferByAFewAreNotAskedTheSame() {
        let twenty = Set(people[0..<20])
        #expect(!isRefused(twenty, after: twenty), "the very same people")
        #expect(isRefused(Set(people[0..<21]), after: twenty), "one more")
        #expect(isRefused(Set(people[1..<20]), after: twenty), "one fewer")
        #expect(isRefused(Set(people[1..<21]), after: twenty), "one for another")
        #expect(isRefused(Set(people[0..<29]), after: twenty), "nine more")
        #expect(!isRefused(Set(people[0..<30]), after: twenty), "ten more")
        #expect(!isRefused(Set(people[20..<40]), after: twenty), "other people")
        #expect(isRefused(Set(people[0..<55]), after: nil), "all but five")
        #expect(isRefused(nil, after: Set(people[0..<55])), "and the other way round")
        #expect(
            isRefused(Set(people[0..<21]), after: twenty, isSameItem: false),
            "a new id for the same text does not help"
        )
    }

    @Test func theWholeNetworkIsAskedTheSameAgainAfterFourWeeks() {
        #expect(isRefused(nil, after: nil, days: 27))
        #expect(!isRefused(nil, after: nil, days: 28))
    }

    @Test func t21AnEventOfNineIsNotAskedAndASecondEventWithOneMoreNeither() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator, .organiser)
            let members = try await server.people(12)
            func event(_ going: ArraySlice<TestPerson>) async throws -> String {
                let made = try await server.send(
                    "POST",
                    "\(server.home)/events",
                    RSVPTests.newEvent(capacity: 50),
                    as: coordinator
                )
                let id = made.json["id"].string
                for person in going {
                    let path = "\(server.home)/events/\(id)/rsvp"
                    #expect(try await server.send("PUT", path, "{\"answer\":\"going\"}", as: person).status == 200)
                }
                return id
            }
            func open(_ event: String, _ text: String) async throws -> TestReply {
                let opens = RFC3339.string(Date().addingTimeInterval(-3_600))
                let closes = RFC3339.string(Date().addingTimeInterval(86_400))
                let body = """
                    {"title":"Nach dem Treffen","opensAt":"\(opens)","closesAt":"\(closes)","items":[{"text":"\(text)"}],\
                    "audience":{"kind":"event","event":"\(event)"}}
                    """
                let made = try await server.send("POST", "\(server.home)/rounds", body, as: coordinator)
                #expect(made.status == 201, "\(made.text)")
                return try await server.send(
                    "PUT",
                    "\(server.home)/rounds/\(made.json["id"].string)/opening",
                    as: coordinator
                )
            }
            let nine = try await open(try await event(members[0..<9]), "War es gut?")
            #expect(nine.problem == "admission-refused")
            #expect(nine.json["errors"][0]["detail"].string.hasPrefix("R1"))
            let ten = try await open(try await event(members[0..<10]), "War es gut?")
            #expect(ten.json["state"].string == "open", "\(ten.text)")
            let asked = try #require(UUID(uuidString: ten.json["id"].string))
            #expect(try await server.wallet(of: members[0]).tokens[asked]?.count == 1)
            #expect(
                try await server.wallet(of: members[11]).tokens[asked]?.isEmpty ?? true,
                "who did not come has no voice"
            )
            let eleven = try await open(try await event(members[0..<11]), "War es gut?")
            #expect(eleven.problem == "admission-refused")
            #expect(eleven.json["errors"][0]["detail"].string.hasPrefix("R3"), "\(eleven.text)")
            let other = try await open(try await event(members[0..<11]), "Kommen Sie wieder?")
            #expect(other.json["state"].string == "open", "another question: \(other.text)")
        }
    }
}
