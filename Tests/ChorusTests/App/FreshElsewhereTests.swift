import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What other processes change is heard, and while nothing can be heard nothing that was kept is used.
@Suite struct FreshElsewhereTests {
    @Test func whatAnotherServerChangesIsSeenSoon() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser, .coordinator)
            let (member, hr) = (try await server.person(.member), try await server.person(.hr))
            let list = "\(server.home)/events"
            try await server.withSecondServer { other in
                let path = try await other.makeEvent(by: organiser)
                try await server.keep(path, as: member)
                #expect(try await other.rsvp(path, "going", as: member).status == 200)
                let seesAnswer = try await soon {
                    try await server.send("GET", path, as: member).json["myRsvp"]["answer"].string == "going"
                }
                #expect(seesAnswer)
                try await server.keep(list, as: member)
                try await other.rename(path, "Neu", by: organiser)
                let seesTitle = try await soon {
                    try await server.send("GET", list, as: member).json["items"][0]["title"].string == "Neu"
                }
                #expect(seesTitle)

                let inside = "\(server.record)/recommendations"
                try await server.keep(inside, as: hr)
                let draft =
                    "{\"title\":\"Aushang\",\"text\":\"Text\",\"measure\":\"Aushang\",\"evidence\":[],\(TestServer.provenance)}"
                let drafts = "\(server.home)/recommendations"
                let id = try await other.send("POST", drafts, draft, as: organiser).json["id"].string
                let due = "{\"answerDueOn\":\"\(PostgresDate.today(in: .gmt).adding(days: 30))\"}"
                _ = try await other.send("PUT", "\(drafts)/\(id)/publication", due, as: organiser)
                let seesRecord = try await soon {
                    try await server.send("GET", inside, as: hr).json["items"].array.count == 1
                }
                #expect(seesRecord)
            }
        }
    }

    @Test func whoLosesARightElsewhereLosesItHereSoon() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .coordinator)
            let list = "\(server.home)/events"
            try await server.withSecondServer { other in
                let suspended = try await server.person(.member)
                try await server.keep(list, as: suspended)
                try await other.runElsewhere(
                    "UPDATE membership SET state = 'suspended' WHERE id = '\(suspended.membership)'"
                )
                #expect(try await soon { try await server.send("GET", list, as: suspended).status == 404 })

                let removed = try await server.person(.member)
                try await server.keep(list, as: removed)
                let path = "\(server.home)/memberships/\(removed.membership.text)"
                #expect(try await other.send("DELETE", path, as: organiser).status == 204)
                #expect(try await soon { try await server.send("GET", list, as: removed).status == 404 })

                let signedOut = try await server.session(of: try await server.person(.member))
                try await server.keep(list, as: signedOut)
                #expect(try await other.send("DELETE", "/v1/sessions/current", as: signedOut).status == 204)
                #expect(try await soon { try await server.send("GET", list, as: signedOut).status == 401 })

                // An addition tells nobody; so nobody who is missing may be remembered.
                let welcome = try await server.person()
                #expect(try await server.send("GET", list, as: welcome).status == 404)
                let new = InsertMembership(
                    network: server.network.id,
                    account: welcome.account,
                    roles: [.member],
                    displayName: "Neu"
                )
                _ = try await other.parts.databases.member.execute(new, network: server.network.id)
                #expect(try await server.send("GET", list, as: welcome).status == 200)
            }
        }
    }

    @Test func aDeafServerUsesNothingThatItHasKept() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.makeEvent(by: organiser)
            let listening = """
                SELECT pid::text FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()
                """
            let known = try await server.texts(listening)
            let database = try await server.texts("SELECT current_database()::text")[0]
            try await server.withSecondServer { deaf in
                #expect(try await soon { try await server.texts(listening).count > known.count })
                let own = Set(try await server.texts(listening)).subtracting(known).joined(separator: ",")
                try await deaf.keep(path, as: member)
                // It cannot listen again, but what it has open goes on.
                try await server.rename(path, "Vorher", by: organiser)
                #expect(try await soon { try await deaf.keep(path, as: member).json["title"].string == "Vorher" })
                try await TestCluster.run("ALTER DATABASE \(database) WITH ALLOW_CONNECTIONS false")
                try await TestCluster.run("SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[\(own)]) AS d (pid)")
                try await server.rename(path, "Ungehört", by: organiser)
                let isRight = try await soon(within: Changes.patience + .seconds(5)) {
                    try await deaf.send("GET", path, as: member).json["title"].string == "Ungehört"
                }
                #expect(isRight)
                #expect(deaf.parts.changes.mark(server.network.id, .content) == nil)
                for round in 0..<5 {
                    try await server.rename(path, "Stille \(round)", by: organiser)
                    let seen = try await deaf.send("GET", path, as: member)
                    #expect(seen.json["title"].string == "Stille \(round)", "at once, because nothing is kept")
                    #expect(deaf.parts.ready.answer(to: path, for: member.membership) == nil)
                }
                try await TestCluster.run("ALTER DATABASE \(database) WITH ALLOW_CONNECTIONS true")
                #expect(try await deaf.keep(path, as: member).json["title"].string == "Stille 4")
                try await server.rename(path, "Wieder da", by: organiser)
                let hears = try await soon {
                    try await deaf.send("GET", path, as: member).json["title"].string == "Wieder da"
                }
                #expect(hears)
            }
        }
    }
}
