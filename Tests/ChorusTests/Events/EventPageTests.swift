import Foundation
import Hummingbird
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// A page that is put together in memory is the one that the databases would have given, to the byte.
@Suite struct EventPageTests {
    private func event(_ index: Int, by organiser: TestPerson, on server: TestServer) async throws -> String {
        let title = index == 0 ? #"\"myRsvp\":null, {\"x\":[\\"# : "Treffen \(index)"
        let start = RFC3339.string(Date().addingTimeInterval(Double(index + 1) * 86_400))
        let end = RFC3339.string(Date().addingTimeInterval(Double(index + 1) * 86_400 + 7_200))
        let body = """
            {"title":"\(title)","description":"\(title)","kind":"meeting","startsAt":"\(start)","endsAt":"\(end)",\
            "capacity":\(index == 1 ? "2" : "null"),"onlineUrl":"https://example.org/a?b=\(index)"}
            """
        let reply = try await server.send("POST", "\(server.home)/events", body, as: organiser)
        #expect(reply.status == 201, "\(reply.text)")
        return "\(server.home)/events/\(reply.json["id"].string)"
    }

    /// What the databases give one member, encoded as a whole.
    private func expected(_ person: TestPerson, limit: Int, on server: TestServer) async throws -> Data {
        let statement = ReadEvents(
            network: server.network.id,
            member: person.membership,
            from: nil,
            to: nil,
            kind: nil,
            after: nil,
            limit: limit
        )
        let events = try await server.parts.databases.member.execute(statement, network: server.network.id)
        let member = Member(
            network: server.network.id,
            id: person.membership,
            account: person.account,
            roles: [.member],
            unit: nil
        )
        let page = Page(events.map { EventAnswer($0, for: member) }, limit: limit) { answer in
            let event = events.first { $0.id.text == answer.id }
            let instant = event?.startsAt.timeIntervalSince1970 ?? 0
            return ["\(Int((instant * 1_000_000).rounded()))", answer.id]
        }
        return try Response.encoded(page)
    }

    @Test func everyMemberSeesWhatTheDatabasesWouldHaveGiven() async throws {
        try await withServer { server in
            let organisers = [
                try await server.person(.member, .organiser), try await server.person(.member, .organiser),
            ]
            let people = try await server.people(8)
            var paths: [String] = []
            for index in 0..<4 { paths.append(try await event(index, by: organisers[index % 2], on: server)) }
            for (index, person) in people.dropLast(2).enumerated() {
                let answers = ["going", "maybe", "declined", "going", "going", "going"]
                _ = try await server.send("PUT", "\(paths[1])/rsvp", "{\"answer\":\"going\"}", as: person)
                let own = "{\"answer\":\"\(answers[index])\"}"
                _ = try await server.send("PUT", "\(paths[index % 3])/rsvp", own, as: person)
            }
            for limit in [2, 50] {
                let path = "\(server.home)/events?limit=\(limit)"
                for _ in 0..<2 {
                    for person in people + organisers {
                        let reply = try await server.send("GET", path, as: person)
                        #expect(reply.body == (try await expected(person, limit: limit, on: server)), "\(reply.text)")
                        let tag = ["If-None-Match": reply.headers["etag"] ?? ""]
                        #expect(try await server.send("GET", path, as: person, headers: tag).status == 304)
                    }
                }
            }
            let texts = try await people.asyncTexts(of: "\(server.home)/events?limit=50", on: server)
            #expect(Set(texts).count >= 5, "different people see different answers")
            #expect(texts[6] == texts[7], "who has answered nothing sees what everybody sees")
        }
    }
}

extension [TestPerson] {
    fileprivate func asyncTexts(of path: String, on server: TestServer) async throws -> [String] {
        var texts: [String] = []
        for person in self { texts.append(try await server.send("GET", path, as: person).text) }
        return texts
    }
}
