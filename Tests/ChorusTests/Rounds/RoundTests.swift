import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct RoundTests {
    @Test func t16TheAnswerChangesOnlyAtTheCloseAndAUnitOfFourNeverAppears() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            let (large, small) = (UUID(), UUID())
            _ = try await server.parts.databases.member.execute(
                ReplaceUnits(network: server.network.id, units: [(large, "Amt", nil), (small, "Referat", nil)]),
                network: server.network.id
            )
            let people = try await server.people(20, unit: large) + server.people(4, unit: small)
            let round = try await server.openRound(by: coordinator)
            var wallets: [TestWallet] = []
            for person in people { wallets.append(try await server.wallet(of: person)) }
            let scope = round.id
            for (index, wallet) in wallets.enumerated() {
                let unit = index < 20 ? large : small
                let content = round.ballot(unit: unit, index < 20 ? index % 5 + 1 : 1)
                let reply = try await server.submit(wallet.tokens[scope]?.first, content)
                #expect(reply.status == 202, "\(reply.text)")
                if index.isMultiple(of: 6) { try await server.mix() }
                let pulled = try await server.send("GET", "\(server.record)/releases", as: hr)
                #expect(pulled.json["items"].array.isEmpty, "nothing before the close")
            }
            let closing = try await server.send(
                "PUT",
                "\(server.home)/rounds/\(round.id.text)/closure",
                as: coordinator
            )
            #expect(closing.status == 202, "\(closing.text)")
            #expect(!closing.json["releasedAfter"].string.isEmpty)
            let outcome = try await server.mix()
            #expect(outcome.releases.count == 1)
            let releases = try await server.send("GET", "\(server.record)/releases", as: hr).json["items"]
            let path = "\(server.record)/releases/\(releases[0]["id"].string)/tables"
            let units = try await server.send("GET", "\(path)/item-unit", as: hr).json["cells"].array
            #expect(!units.contains { $0["unit"].string == small.text })
            let items = try await server.send("GET", "\(path)/item", as: hr)
            #expect(items.json["cells"].array.allSatisfy { $0["atLeast"].int >= 5 })
            #expect(!items.json["cells"].array.isEmpty)
            let cached = try await server.send(
                "GET",
                "\(path)/item",
                as: hr,
                headers: ["If-None-Match": items.headers["etag"] ?? ""]
            )
            #expect(cached.status == 304)
            #expect(try await server.send("GET", "\(path)/item?unit=x", as: hr).status == 400)
            // Members read the very same, and nobody else's table is there.
            let member = people[0]
            let same = try await server.send(
                "GET",
                "\(server.home)/releases/\(releases[0]["id"].string)/tables/item",
                as: member
            )
            #expect(same.json == items.json)
            let listed = try await server.send("GET", "\(server.home)/releases", as: member).json["items"]
            #expect(listed == releases)
            let closed = try await server.send("GET", "\(server.home)/rounds/\(round.id.text)", as: member)
            #expect(closed.json["state"].string == "closed")
            #expect(closed.json["release"] == releases[0]["id"])
            #expect(
                try await server.send("GET", "\(server.home)/rounds", as: member).json["items"].array == [closed.json]
            )
            let late = try await server.submit(
                wallets[0].tokens[scope]?.first,
                round.ballot(3)
            )
            #expect([409, 410].contains(late.status))
            let again = try await server.send("PUT", "\(server.home)/rounds/\(round.id.text)/closure", as: coordinator)
            #expect(again.status == 200)
            #expect(again.json["number"].int == 1)
        }
    }

    @Test func aReleaseThatACrashKeptFromTheRecordIsPublishedLater() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            var wallets: [TestWallet] = []
            let people = try await server.people(24)
            let round = try await server.openRound(by: coordinator)
            for person in people { wallets.append(try await server.wallet(of: person)) }
            let scope = round.id
            for (index, wallet) in wallets.enumerated() {
                _ = try await server.submit(
                    wallet.tokens[scope]?.first,
                    round.ballot(index % 5 + 1)
                )
            }
            try await server.mix()
            let closing = try await server.send(
                "PUT",
                "\(server.home)/rounds/\(round.id.text)/closure",
                as: coordinator
            )
            #expect(closing.status == 200, "\(closing.text)")
            // As after a crash between the two databases: frozen here, unknown there.
            try await server.run("DELETE FROM cell; DELETE FROM release", on: .record)
            try await server.run("UPDATE pending_release SET is_published = false", on: .private)
            #expect(try await server.count("SELECT count(*) FROM release", of: .record) == 0)
            _ = try await server.parts.releaseRounds([])
            #expect(try await server.count("SELECT count(*) FROM release", of: .record) == 1)
            #expect(try await server.count("SELECT count(*) FROM cell", of: .record) == 2)
            #expect(try await server.count("SELECT count(*) FROM contribution") == 0)
        }
    }

    @Test func tooFewPeopleAreNotAsked() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let body = """
                {"title":"Klima","opensAt":"2026-01-01T00:00:00Z","closesAt":"2030-01-01T00:00:00Z","items":[{"text":"?"}]}
                """
            let made = try await server.send("POST", "\(server.home)/rounds", body, as: coordinator)
            let opened = try await server.send(
                "PUT",
                "\(server.home)/rounds/\(made.json["id"].string)/opening",
                as: coordinator
            )
            #expect(opened.status == 422)
            #expect(opened.problem == "admission-refused")
            #expect(opened.pointers == ["/audience"])
        }
    }
}
