import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What is kept in memory is never older than what its reader may know of.
@Suite struct FreshnessTests {
    @Test func nobodyReadsOlderThanTheirOwnAnswer() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path = try await server.makeEvent(by: organiser)
            let list = "\(server.home)/events"
            let people = try await server.people(10)
            try await server.keep(path, as: people[0])
            try await server.keep(list, as: people[0])
            try await forAll(Array(people.enumerated())) { index, person in
                for round in 0..<5 {
                    let answer = ["going", "maybe", "declined"][(index + round) % 3]
                    #expect(try await server.rsvp(path, answer, as: person).status == 200)
                    let detail = try await server.send("GET", path, as: person).json
                    #expect(detail["myRsvp"]["answer"].string == answer)
                    #expect((detail["onlineUrl"] != .null) == (answer == "going"))
                    let item = try await server.send("GET", list, as: person).json["items"][0]
                    #expect(item["myRsvp"]["answer"].string == answer)
                }
                #expect(try await server.send("DELETE", "\(path)/rsvp", as: person).status == 204)
                #expect(try await server.send("GET", path, as: person).json["myRsvp"] == .null)
            }
            #expect(try await server.send("GET", path, as: people[0]).json["going"].int == 0)
        }
    }

    @Test func whatAnOrganiserChangesIsSeenByEverybodyAtOnce() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path = try await server.makeEvent(by: organiser)
            let list = "\(server.home)/events"
            let readers = try await server.people(4) + [organiser]
            for round in 0..<5 {
                try await forAll(readers) { reader in
                    try await server.keep(path, as: reader)
                    try await server.keep(list, as: reader)
                }
                try await server.rename(path, "Titel \(round)", by: organiser)
                try await forAll(readers) { reader in
                    let detail = try await server.send("GET", path, as: reader).json
                    #expect(detail["title"].string == "Titel \(round)")
                    let items = try await server.send("GET", list, as: reader).json["items"]
                    #expect(items[0]["title"].string == "Titel \(round)")
                }
            }
            for reader in readers { try await server.keep(list, as: reader) }
            _ = try await server.makeEvent(by: organiser)
            #expect(try await server.send("GET", list, as: readers[0]).json["items"].array.count == 2)
            for reader in readers { try await server.keep(path, as: reader) }
            #expect(try await server.send("DELETE", path, as: organiser).status == 204)
            for reader in readers {
                #expect(try await server.send("GET", path, as: reader).json["cancelled"].isTrue)
            }
        }
    }

    @Test func whatHRAnswersIsSeenAtOnceByBothSides() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, member) = (try await server.person(.hr), try await server.person(.member))
            let (inside, outside) = ("\(server.home)/recommendations", "\(server.record)/recommendations")
            try await server.keep(inside, as: member)
            try await server.keep(outside, as: hr)
            let draft =
                "{\"title\":\"Aushang\",\"text\":\"Text\",\"measure\":\"Aushang\",\"evidence\":[],\(TestServer.provenance)}"
            let id = try await server.send("POST", inside, draft, as: coordinator).json["id"].string
            let due = "{\"answerDueOn\":\"\(PostgresDate.today(in: .gmt).adding(days: 30))\"}"
            #expect(try await server.send("PUT", "\(inside)/\(id)/publication", due, as: coordinator).status == 200)
            #expect(try await server.keep(inside, as: member).json["items"].array.count == 1)
            #expect(try await server.keep(outside, as: hr).json["items"].array.count == 1)
            let answer = "{\"decision\":\"accepted\",\"text\":\"Ja.\",\"responsible\":\"Amt\",\"dueOn\":null}"
            #expect(try await server.send("PUT", "\(outside)/\(id)/answer", answer, as: hr).status == 200)
            for (path, reader) in [(inside, member), (outside, hr)] {
                let items = try await server.send("GET", path, as: reader).json["items"]
                #expect(items[0]["answer"]["decision"].string == "accepted", "\(items)")
            }
        }
    }

    /// The mixer is no request: only the database tells that it has released something.
    @Test func aReleaseAppearsAfterTheMix() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            let people = try await server.people(20)
            let round = try await server.openRound(by: coordinator)
            // All of them before the first ballot, which is too early as long as few have tokens.
            let tokens = try await withThrowingTaskGroup(of: [Token].self) { group in
                for person in people {
                    group.addTask { try await server.wallet(of: person).tokens[round.id] ?? [] }
                }
                return try await group.reduce(into: []) { $0 += $1.prefix(1) }
            }
            try await forAll(Array(tokens.enumerated())) { index, token in
                let reply = try await server.submit(token, round.ballot(index % 5 + 1))
                #expect(reply.status == 202, "\(reply.text)")
            }
            let closure = "\(server.home)/rounds/\(round.id.text)/closure"
            #expect(try await server.send("PUT", closure, as: coordinator).status == 202, "ballots wait for the mix")
            let (inside, outside) = ("\(server.home)/releases", "\(server.record)/releases")
            #expect(try await server.keep(inside, as: people[0]).json["items"].array.isEmpty)
            #expect(try await server.keep(outside, as: hr).json["items"].array.isEmpty)
            try await server.mix()
            for (path, reader) in [(inside, people[0]), (outside, hr)] {
                let appears = try await soon {
                    try await server.send("GET", path, as: reader).json["items"].array.count == 1
                }
                #expect(appears)
            }
        }
    }
}
