import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Later texts of a recommendation under the same number.
@Suite struct RevisionTests {
    private func revise(_ draft: TestDraft, by coordinator: TestPerson) async throws -> TestDraft {
        let begun = try await draft.send("PUT", "revision", as: coordinator)
        #expect(begun.status == 200, "\(begun.text)")
        #expect(begun.json["revises"].string == draft.id)
        return TestDraft(server: draft.server, id: begun.json["id"].string)
    }

    @Test func aLaterTextTakesThePlaceAndTheEarlierOneStaysReadable() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, member) = (try await server.person(.hr), try await server.person(.member))
            let draft = try await server.draft(by: coordinator)
            #expect(try await draft.send("PUT", "revision", as: coordinator).status == 409, "it is no text yet")
            let due = server.day(in: 60)
            #expect(try await draft.publish(by: coordinator, dueOn: due).status == 200)
            #expect(try await draft.send("PUT", "revision", as: member).status == 403)
            let later = try await revise(draft, by: coordinator)
            #expect(try await revise(draft, by: coordinator).id == later.id, "one after the other")
            #expect(try await later.send("GET", as: member).status == 404, "a draft like any other")
            let text = "{\"text\":\"Zu wenige kennen sie.\\n\\nEin Aushang und ein Brief helfen.\"}"
            #expect(try await later.change(text, from: 1, as: coordinator).status == 200)
            let theme = "{\"unit\":null}"
            #expect(try await later.change(theme, from: 2, as: coordinator).pointers == ["/unit"])
            #expect(try await later.publish(by: coordinator, dueOn: due).problem == "revision-too-early")
            let given = "{\"decision\":\"accepted\",\"text\":\"Ja.\",\"responsible\":\"Amt\",\"dueOn\":null}"
            let first = try await server.send("PUT", "\(draft.record)/answer", given, as: hr)
            #expect(first.json["answer"]["revision"].int == 1)
            clock.pass(days: 28)
            #expect(try await later.publish(by: coordinator, dueOn: server.day(in: 90)).status == 409, "the day stays")
            let published = try await later.publish(by: coordinator, dueOn: due)
            #expect(published.status == 200, "\(published.text)")
            #expect(try await later.publish(by: coordinator, dueOn: due).status == 200)
            let recorded = try await server.send("GET", draft.record, as: hr)
            #expect(recorded.json["number"].int == 1 && recorded.json["id"].string == draft.id)
            #expect(recorded.json["revision"].int == 2 && recorded.json["revisedOn"].string == server.day(in: 0))
            #expect(recorded.json["text"].string.hasSuffix("ein Brief helfen."))
            #expect(recorded.json["answer"]["revision"].int == 1, "an answer to the first text")
            let told = "SELECT event FROM change ORDER BY recorded_at"
            let events = try await server.texts(told, of: .record)
            #expect(events == ["recommendation.published", "answer.recorded", "recommendation.revised"])
            let stale = ["If-Match": first.headers["etag"] ?? ""]
            let crossed = try await server.send("PUT", "\(draft.record)/answer", given, as: hr, headers: stale)
            #expect(crossed.status == 412, "HR has not seen the new text")
            let tag = ["If-Match": recorded.headers["etag"] ?? ""]
            let answered = try await server.send("PUT", "\(draft.record)/answer", given, as: hr, headers: tag)
            #expect(answered.json["answer"]["revision"].int == 2)
            for (path, reader) in [("\(draft.record)/revisions", hr), ("\(draft.path)/revisions", member)] {
                let texts = try await server.send("GET", path, as: reader).json["items"].array
                #expect(texts.map { $0["revision"].int } == [1, 2])
                #expect(texts[0]["text"].string.hasSuffix("Ein Aushang hilft."))
                #expect(texts[0]["difference"] == .null)
                #expect(texts[1]["difference"]["text"].array.map { $0["kind"].string } == ["same", "changed"])
                #expect(texts[1]["provenance"][0]["kind"].string == "hearing")
            }
            let list = try await server.send("GET", "\(server.home)/recommendations", as: member).json["items"].array
            #expect(list.map { $0["id"].string } == [draft.id])
            #expect(list[0]["endorsementScope"].string == later.id)
            let timeline = try await draft.send("GET", "timeline", as: member).json["items"].array
            #expect(timeline.contains { $0["event"].string == "revised" })
            let entries = try await server.audit(as: coordinator).entries.filter { $0["kind"].string == "publication" }
            #expect(entries.map { $0["content"]["revision"].int } == [-1, 2])
            #expect(Set(entries.map { $0["content"]["recommendation"].string }) == [draft.id])
            #expect(try await server.server.verifyAudit(network: server.network.slug).count == 1)
        }
    }

    @Test func aYesToOneTextIsNeverShownAsAYesToTheNext() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, people) = (try await server.person(.hr), try await server.people(24))
            let draft = try await server.draft(by: coordinator)
            let due = server.day(in: 60)
            #expect(try await draft.publish(by: coordinator, dueOn: due).status == 200)
            func endorse(_ text: TestDraft, _ support: String) async throws {
                let scope = try #require(UUID(uuidString: text.id))
                var wallets: [TestWallet] = []
                for person in people { wallets.append(try await server.wallet(of: person)) }
                for (index, wallet) in wallets.enumerated() {
                    let said = index.isMultiple(of: 4) ? "abstain" : support
                    let content = "\"endorsement\":{\"recommendation\":\"\(text.id)\",\"support\":\"\(said)\"}"
                    let reply = try await server.submit(wallet.tokens[scope]?.first, content)
                    #expect(reply.status == 202, "\(reply.text)")
                }
                try await server.mix()
            }
            func recorded() async throws -> JSONValue { try await server.send("GET", draft.record, as: hr).json }
            try await endorse(draft, "yes")
            #expect(try await recorded()["support"] == .null, "not before its closure")
            clock.pass(days: 28)
            let later = try await revise(draft, by: coordinator)
            #expect(try await later.publish(by: coordinator, dueOn: due).status == 200)
            #expect(try await server.count("SELECT count(*) FROM recommendation WHERE endorsement = 'open'") == 1)
            try await server.mix()
            let second = try await recorded()
            #expect(second["revision"].int == 2 && second["support"] == .null)
            let texts = try await server.send("GET", "\(draft.record)/revisions", as: hr).json["items"].array
            #expect(texts[0]["support"]["yes"].double > 0.5, "\(texts)")
            #expect(texts[1]["support"] == .null)
            try await endorse(later, "no")
            let closure = try await draft.send("PUT", "endorsement-closure", as: coordinator)
            #expect(closure.json["endorsement"].string == "closed", "\(closure.text)")
            let closed = try await recorded()
            #expect(closed["support"]["no"].double > 0.5, "\(closed)")
            let after = try await server.send("GET", "\(draft.record)/revisions", as: hr).json["items"].array
            #expect(after[0]["support"] == texts[0]["support"])
            #expect(after[1]["support"] == closed["support"])
        }
    }

    @Test func supportOfTooFewIsNeverShown() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, people) = (try await server.person(.hr), try await server.people(24))
            // Fewer than k; enough but all of one mind; enough, and not of one mind.
            for (count, nays, isShown) in [(4, 2, false), (12, 0, false), (12, 4, true)] {
                let draft = try await server.draft(by: coordinator)
                #expect(try await draft.publish(by: coordinator).status == 200)
                let scope = try #require(UUID(uuidString: draft.id))
                var wallets: [TestWallet] = []
                for person in people { wallets.append(try await server.wallet(of: person)) }
                for (index, wallet) in wallets.prefix(count).enumerated() {
                    let support = index < nays ? "no" : "yes"
                    let content = "\"endorsement\":{\"recommendation\":\"\(draft.id)\",\"support\":\"\(support)\"}"
                    let reply = try await server.submit(wallet.tokens[scope]?.first, content)
                    #expect(reply.status == 202, "\(reply.text)")
                    let again = try await server.submit(
                        wallet.tokens[scope]?.first,
                        content.replacing("yes", with: "no")
                    )
                    #expect(support == "no" || again.status == 409, "one voice each")
                }
                try await server.mix()
                let closed = try await draft.send("PUT", "endorsement-closure", as: coordinator)
                #expect(closed.json["endorsement"].string == "closed", "\(closed.text)")
                let support = try await server.send("GET", draft.record, as: hr).json["support"]
                #expect((support != .null) == isShown, "\(count) \(nays): \(support)")
            }
        }
    }

    @Test func whatACrashKeptFromTheRecordIsMendedByRepeating() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, panel) = (try await server.person(.hr), try await server.person(.council))
            let draft = try await server.draft(by: coordinator)
            let due = server.day(in: 60)
            let bodies = "{\"until\":\"\(server.day(in: 0))\",\"bodies\":[\"Beirat\"]}"
            _ = try await draft.send("PUT", "consultation", bodies, as: coordinator)
            let said = "{\"body\":\"Beirat\",\"text\":\"Gut.\"}"
            #expect(try await draft.send("POST", "consultation/statements", said, as: panel).status == 201)
            _ = try await draft.send("PUT", "review", "{\"until\":\"\(server.day(in: 0))\"}", as: coordinator)
            clock.pass(days: 1)
            // The record is away: the text is frozen, and the copy fails.
            try await server.run("ALTER TABLE provenance RENAME TO elsewhere", on: .record)
            #expect(try await draft.publish(by: coordinator, dueOn: due).status == 500)
            try await server.run("ALTER TABLE elsewhere RENAME TO provenance", on: .record)
            #expect(try await server.count("SELECT count(*) FROM recommendation", of: .record) == 0, "all or nothing")
            #expect(try await draft.publish(by: coordinator, dueOn: due).status == 200)
            let first = try await server.send("GET", draft.record, as: hr).json
            #expect(first["consultation"][0]["text"].string == "Gut.")
            #expect(first["review"]["ofEarlierText"] == .bool(false))
            clock.pass(days: 28)
            let later = try await revise(draft, by: coordinator)
            #expect(try await later.publish(by: coordinator, dueOn: due).status == 200)
            let second = try await server.send("GET", draft.record, as: hr).json
            for table in ["evidence", "provenance", "statement", "review", "revision", "recommendation"] {
                try await server.run("DELETE FROM \(table)", on: .record)
            }
            for _ in 0..<2 { try await server.parts.repairPublications() }
            server.parts.changes.everythingChanged()
            #expect(try await server.send("GET", draft.record, as: hr).json == second)
            let texts = try await server.send("GET", "\(draft.record)/revisions", as: hr).json["items"].array
            #expect(texts.count == 2)
        }
    }
}
