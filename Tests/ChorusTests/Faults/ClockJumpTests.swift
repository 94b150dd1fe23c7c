import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The server's clock is put forward by a day and back again.
@Suite struct ClockJumpTests {
    @Test func nothingExpiresTwiceAndEverythingWorksAfterwards() async throws {
        let clock = TestClock()
        // A Wednesday, so that no jump leads out of the week of a key.
        clock.pass(days: (10 - PostgresDate.today(in: .gmt).isoWeekday) % 7)
        try await withServer(now: clock.now) { server in
            let team = try await server.person(.member, .organiser, .coordinator, .moderator)
            let guest = try await server.person(.member)
            let (channel, people) = (try await server.channel(by: team), try await server.people(20))
            var tokens = [TestWallet]()
            for person in people { tokens.append(try await server.wallet(of: person)) }
            let said = tokens.compactMap { $0.tokens[server.network.id]?.first }
            let event = try await server.makeEvent(by: team)
            let directory = "/v1/anonymous/directory?network=\(server.network.id.text)"
            let keys = try await server.send("GET", directory).json["keys"]
            var texts: Set<String> = []
            func speak(_ text: String, _ place: Int) async throws {
                let message = TestServer.message(text, channel: channel)
                let reply = try await server.submit(said[place], message)
                #expect(reply.status == 202, "\(reply.text)")
                texts.insert(text)
            }
            func seen() async throws -> [String] {
                let path = "\(server.home)/channels/\(channel)/messages?limit=200"
                return try await server.send("GET", path, as: team).json["items"].array.map { $0["text"].string }
            }
            try await speak("vor dem Sprung", 0)
            try await server.keep(event, as: guest)
            let steps = [1, -1, -1, 1]
            for (index, days) in steps.enumerated() {
                clock.pass(days: days)
                try await server.parts.openDueKeys()
                try await server.parts.deleteOldNullifiers()
                _ = try await server.parts.jobRunner.runDue()
                #expect(try await server.send("GET", "/v1/me", as: guest).status == 200)
                // What was kept under another clock is not used: the title is new at once.
                try await server.rename(event, "Titel \(index)", by: team)
                #expect(try await server.send("GET", event, as: guest).json["title"].string == "Titel \(index)")
                #expect(try await server.rsvp(event, index % 2 == 0 ? "going" : "maybe", as: guest).status == 200)
                try await speak("nach Sprung \(index)", index + 1)
                try await server.mix()
                let found = try await seen()
                #expect(Set(found) == texts && found.count == texts.count, "\(found)")
            }
            // A token that was spent under another clock stays spent.
            let again = try await server.submit(said[1], TestServer.message("noch einmal", channel: channel))
            #expect(again.status == 409, "\(again.text)")
            // No key was opened twice, and none was closed: those of before are there, each once.
            let after = try await server.send("GET", directory).json["keys"].array
            let ids = after.map { $0["keyId"].string }
            #expect(Set(ids).count == ids.count)
            #expect(Set(keys.array.map { $0["keyId"].string }).isSubset(of: ids))
            #expect(Set(after.map { "\($0["scope"].string) \($0["epoch"].string)" }).count == after.count)
            // Nobody is locked out by counts of a minute that has not come yet.
            #expect(try await server.send("GET", "\(server.home)/events", as: guest).status == 200)
        }
    }

    @Test func theJobRunnerNeitherStopsNorStorms() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            try await server.parts.keepJobs()
            _ = try await server.parts.jobRunner.runDue()
            let waiting = try await server.count("SELECT count(*) FROM job WHERE state = 'waiting'")
            #expect(waiting > 0)
            for days in [1, -1, -1, 1] {
                clock.pass(days: days)
                #expect(
                    JobTiming.isUpkeepDue(last: server.parts.now().addingTimeInterval(86_400), now: server.parts.now())
                )
                try await server.parts.keepJobs()
                #expect(try await server.parts.jobRunner.runDue() <= waiting, "each comes once a day at most")
                #expect(try await server.parts.jobRunner.runDue() == 0)
                let now = server.parts.now().timeIntervalSince1970
                let far = "SELECT count(*) FROM job WHERE state = 'waiting' AND due_at > to_timestamp(\(now + 90_000))"
                #expect(try await server.count(far) == 0, "none waits for a day that is long in coming")
                #expect(try await server.count("SELECT count(*) FROM job WHERE state = 'waiting'") == waiting)
            }
        }
    }
}
