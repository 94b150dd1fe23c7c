import Disclosure
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Looking beforehand whether a round can be opened: the decision is the one of opening it, and nothing changes.
@Suite struct AdmissionCheckTests {
    private func draft(
        _ server: TestServer,
        by coordinator: TestPerson,
        _ question: String = "Respekt?",
        scheme: Scheme = .s1,
        more: String = ""
    ) async throws -> String {
        let opens = RFC3339.string(Date().addingTimeInterval(-3_600))
        let closes = RFC3339.string(Date().addingTimeInterval(86_400))
        let body = """
            {"title":"Klima","opensAt":"\(opens)","closesAt":"\(closes)","items":[{"text":"\(question)"\(more)}],\
            "scheme":"\(scheme.rawValue)"}
            """
        let made = try await server.send("POST", "\(server.home)/rounds", body, as: coordinator)
        #expect(made.status == 201, "\(made.text)")
        return "\(server.home)/rounds/\(made.json["id"].string)"
    }

    private func rules(_ reply: TestReply) -> [String: Bool] {
        Dictionary(
            uniqueKeysWithValues: reply.json["rules"].array.map { ($0["rule"].string, $0["holds"] == .bool(true)) }
        )
    }

    /// Looks, opens, and expects the same of both.
    private func admits(_ server: TestServer, _ path: String, by coordinator: TestPerson) async throws -> [String: Bool]
    {
        let before = try await server.fingerprint()
        let looked = try await server.send("GET", "\(path)/admission", as: coordinator)
        #expect(looked.status == 200, "\(looked.text)")
        #expect(try await server.fingerprint() == before)
        let opened = try await server.send("PUT", "\(path)/opening", as: coordinator)
        let isOpen = opened.json["state"].string == "open"
        #expect((looked.json["admitted"] == .bool(true)) == isOpen, "\(looked.text) \(opened.text)")
        #expect(rules(looked).values.contains(false) == !isOpen)
        if !isOpen {
            let named = opened.json["errors"][0]["detail"].string.prefix(2)
            #expect(rules(looked)[String(named)] == false, "the rule that the refusal names: \(named)")
        }
        return rules(looked)
    }

    @Test func lookingAndOpeningDecideAlike() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let few = try await draft(server, by: coordinator)
            let refused = try await admits(server, few, by: coordinator)
            #expect(refused == ["R1": false, "R2": true, "R3": true, "R4": true, "R5": true])
            _ = try await server.people(19)
            #expect(try await admits(server, few, by: coordinator).values.allSatisfy { $0 })
            // Open, so there is nothing to look at beforehand any more.
            #expect(try await server.send("GET", "\(few)/admission", as: coordinator).status == 409)
            let closed = try await server.send("PUT", "\(few)/closure", as: coordinator)
            #expect(closed.status == 200 || closed.status == 202)
            let again = try await draft(server, by: coordinator)
            #expect(try await admits(server, again, by: coordinator)["R3"] == true, "a new id, the same text")
            let guests = try await event(server, going: 10, by: coordinator)
            let second = try await admits(server, guests, by: coordinator)
            #expect(second["R1"] == true && second["R3"] == true, "ten guests and a new question")
            for number in 0..<20 {
                let strict = try await draft(server, by: coordinator, "Frage \(number)?", scheme: .s2)
                let found = try await admits(server, strict, by: coordinator)
                if found["S2"] == false { return }
            }
            Issue.record("the budget of a year never ended")
        }
    }

    private func event(_ server: TestServer, going: Int, by coordinator: TestPerson) async throws -> String {
        let organiser = try await server.person(.member, .organiser)
        let made = try await server.send(
            "POST",
            "\(server.home)/events",
            RSVPTests.newEvent(capacity: 50),
            as: organiser
        )
        let id = made.json["id"].string
        for person in try await server.people(going) {
            let path = "\(server.home)/events/\(id)/rsvp"
            #expect(try await server.send("PUT", path, "{\"answer\":\"going\"}", as: person).status == 200)
        }
        let opens = RFC3339.string(Date().addingTimeInterval(-3_600))
        let closes = RFC3339.string(Date().addingTimeInterval(86_400))
        let body = """
            {"title":"Danach","opensAt":"\(opens)","closesAt":"\(closes)","items":[{"text":"War es gut?"}],\
            "audience":{"kind":"event","event":"\(id)"}}
            """
        let round = try await server.send("POST", "\(server.home)/rounds", body, as: coordinator)
        let path = "\(server.home)/rounds/\(round.json["id"].string)"
        let looked = try await server.send("GET", "\(path)/admission", as: coordinator)
        #expect(looked.json["leaves"].array.count == 1, "guests have no units: \(looked.text)")
        #expect(looked.json["leaves"][0]["population"].int == going)
        return path
    }

    @Test func smallUnitsAreNamedWithWhereTheyCount() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (office, large, small) = (UUID(), UUID(), UUID())
            _ = try await server.parts.databases.member.execute(
                ReplaceUnits(
                    network: server.network.id,
                    units: [(office, "Amt", nil), (large, "Abteilung", office), (small, "Referat", office)]
                ),
                network: server.network.id
            )
            _ = try await server.people(10, unit: office)
            _ = try await server.people(12, unit: large)
            _ = try await server.people(9, unit: small)
            let path = try await draft(server, by: coordinator)
            let looked = try await server.send("GET", "\(path)/admission", as: coordinator)
            let leaves = Dictionary(
                uniqueKeysWithValues: looked.json["leaves"].array.map { ($0["unit"].string, $0) }
            )
            #expect(leaves.count == 4)
            #expect(leaves[""]?["population"].int == 1)
            #expect(leaves[office.text]?["isUsed"] == .bool(true), "with people of its own")
            #expect(leaves[large.text]?["isUsed"] == .bool(true))
            #expect(leaves[small.text]?["isUsed"] == .bool(false))
            #expect(leaves[small.text]?["foldsInto"].string == office.text)
            #expect(leaves[small.text]?["unitName"].string == "Referat")
            for (language, word) in [("de", "Einheiten"), ("de-simple", "Bereiche"), ("en", "Units")] {
                let headers = ["Accept-Language": language]
                let said = try await server.send("GET", "\(path)/admission", as: coordinator, headers: headers)
                let detail = said.json["rules"][1]["detail"].string
                #expect(detail.contains(word) && detail.contains("Referat"), "\(detail)")
            }
            // What opening freezes is what was said.
            #expect(try await admits(server, path, by: coordinator).values.allSatisfy { $0 })
            let frozen = try await server.texts(
                "SELECT DISTINCT unit_id::text FROM plan_node WHERE unit_id IS NOT NULL"
            )
            let used = leaves.values.filter { $0["isUsed"] == .bool(true) }.map { $0["unit"].string }
            #expect(Set(frozen) == Set(used).subtracting([""]))
        }
    }

    @Test func everyRuleHasItsWordsInEveryLanguage() throws {
        let item = Round.Item(id: UUID().text, text: "?", theme: nil)
        func decision(size: Int, event: Bool, _ breaches: [AdmissionBreach]) -> AdmissionDecision {
            let round = Round(
                id: UUID(),
                title: "",
                opensAt: Date(),
                closesAt: Date(),
                audienceEvent: nil,
                scheme: .s2,
                state: .draft,
                version: 1,
                items: [item],
                release: nil
            )
            let facts = AdmissionFacts(
                round: round,
                parameters: Parameters(),
                minSet: 20,
                counts: [(nil, size)],
                audience: event ? (0..<size).map { _ in UUID() } : nil,
                units: [],
                sensitiveThemes: [],
                earlier: [],
                people: [],
                year: 2026,
                spent: []
            )
            return AdmissionDecision(facts: facts, breaches: breaches, plan: Admission.decide(facts).plan)
        }
        let decisions = [
            decision(size: 20, event: false, []), decision(size: 10, event: true, []),
            decision(
                size: 3,
                event: false,
                [.fewPeople(floor: 20, isEvent: false), .askedLately, .overBudget(year: 2026)]
            ),
            decision(size: 3, event: true, [.closeAudience(10)]),
        ]
        for rule in AdmissionRule.allCases {
            for decision in decisions {
                let said = Language.allCases.map { AdmissionTexts(decision, in: $0).detail(rule) }
                #expect(Set(said).count == 3 && said.allSatisfy { $0.count > 20 }, "\(rule): \(said)")
            }
        }
        // Kept and broken do not read alike.
        for rule in [AdmissionRule.r1, .r3, .s2] {
            let (kept, broken) = (AdmissionTexts(decisions[0], in: .en), AdmissionTexts(decisions[2], in: .en))
            #expect(kept.detail(rule) != broken.detail(rule))
        }
    }

    @Test func onlyCoordinatorsOfTheNetworkLook() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let path = try await draft(server, by: coordinator) + "/admission"
            let statuses: [(roles: [Role], status: Int)] = [
                ([.member], 403), ([.member, .organiser], 403), ([.member, .moderator], 403), ([.hr], 403),
                ([.council], 403), ([], 404),
            ]
            for (roles, status) in statuses {
                let reply = try await server.send("GET", path, as: try await server.person(roles: roles))
                #expect(reply.status == status, "\(roles)")
            }
            #expect(try await server.send("GET", path).status == 401)
            let new = NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "N", employer: "S")
            let neighbour = try await server.parts.createNetwork(new, keyNoticeDays: 0)
            let there = TestServer(server: server.server, port: server.port, network: neighbour)
            let stranger = try await there.person(.member, .coordinator)
            #expect(try await server.send("GET", path, as: stranger).status == 404)
            let moved = path.replacing(server.network.id.text, with: neighbour.id.text)
            #expect(try await server.send("GET", moved, as: stranger).status == 404)
        }
    }
}
