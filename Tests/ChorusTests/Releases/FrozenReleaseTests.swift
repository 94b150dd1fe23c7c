import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What has been released never changes, and plans are what they were when a round opened.
@Suite struct FrozenReleaseTests {
    private func units(_ server: TestServer, _ units: [(id: UUID, name: String, parent: UUID?)]) async throws {
        _ = try await server.parts.databases.member.execute(
            ReplaceUnits(network: server.network.id, units: units),
            network: server.network.id
        )
    }

    @Test func t22WithdrawalModerationAndMovesChangeNoReleasedNumber() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator, .moderator)
            let hr = try await server.person(.hr)
            let (old, new) = (UUID(), UUID())
            try await units(server, [(old, "Amt", nil), (new, "Neues Amt", nil)])
            let people = try await server.people(24, unit: old)
            let channel = try await server.channel(by: coordinator)
            let receipt = TestServer.randomReceipt()
            let tokens = try await server.wallet(of: people[0]).tokens
            let round = try await server.openRound(by: coordinator)
            let release = try await server.vote(in: round, people, closedBy: coordinator) {
                round.ballot(unit: old, $0 % 5 + 1)
            }
            let message = TestServer.message("Text", channel: channel, rating: 1)
            #expect(try await server.submit(tokens[server.network.id]?[0], receiptId: receipt, message).status == 202)
            try await server.mix()
            func everything() async throws -> [TestReply] {
                var replies = [try await server.send("GET", "\(server.record)/releases", as: hr)]
                for table in ReleaseTable.allCases {
                    let path = "\(server.record)/releases/\(release["id"].string)/tables/\(table.rawValue)"
                    replies.append(try await server.send("GET", path, as: hr))
                }
                return replies
            }
            let before = try await everything()
            #expect(!before[2].json["cells"].array.isEmpty)
            // Moderation, then withdrawal of a text with a number.
            let list = "\(server.home)/channels/\(channel)/messages"
            let id = try await server.send("GET", list, as: coordinator).json["items"][0]["id"].string
            let rejection = "{\"state\":\"rejected\",\"reason\":\"x\"}"
            let moderated = try await server.send("PUT", "\(list)/\(id)/moderation", rejection, as: coordinator)
            #expect(moderated.status == 200)
            #expect(try await everything().map(\.body) == before.map(\.body))
            let body = "{\"receiptId\":\"\(Base64URL.encode(receipt))\"}"
            #expect(try await server.anonymous("inbox/withdrawal", body).status == 202)
            try await server.mix()
            #expect(try await server.count("SELECT count(*) FROM message") == 0)
            #expect(try await everything().map(\.body) == before.map(\.body))
            // People move, units are renamed and go, a voter leaves for good.
            for person in people.prefix(12) {
                let path = "\(server.home)/memberships/\(person.membership.text)"
                let version = try await server.send("GET", "\(server.home)/memberships/me", as: person).headers["etag"]
                let moved = try await server.send(
                    "PATCH",
                    path,
                    "{\"unit\":\"\(new.text)\"}",
                    as: coordinator,
                    headers: ["If-Match": version ?? ""]
                )
                #expect(moved.status == 200, "\(moved.text)")
            }
            #expect(try await server.send("DELETE", "/v1/me", as: people[3]).status == 204)
            try await units(server, [(old, "Umbenannt", nil), (new, "Neues Amt", old)])
            #expect(try await everything().map(\.body) == before.map(\.body))
        }
    }

    @Test func r4AndR5APlanIsThatOfTheOpening() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            let (one, other, late) = (UUID(), UUID(), UUID())
            try await units(server, [(one, "Eins", nil), (other, "Zwei", nil)])
            let people = try await server.people(20, unit: one) + server.people(20, unit: other)
            let round = try await server.openRound(by: coordinator)
            let plan = "SELECT string_agg(n::text, ';' ORDER BY index) FROM plan_node n"
            let frozen = try await server.texts(plan, of: .private)
            let again = try await server.send("PUT", "\(server.home)/rounds/\(round.id.text)/opening", as: coordinator)
            #expect(again.json["state"].string == "open", "opening again makes no second plan")
            try await units(server, [(one, "Eins neu", nil), (other, "Zwei", one), (late, "Drei", nil)])
            _ = try await server.people(20, unit: late)
            #expect(try await server.texts(plan, of: .private) == frozen)
            let release = try await server.vote(in: round, people, closedBy: coordinator) {
                round.ballot(unit: $0 < 20 ? one : other, $0 % 5 + 1)
            }
            let path = "\(server.record)/releases/\(release["id"].string)/tables/item-unit"
            let cells = try await server.send("GET", path, as: hr).json["cells"].array
            #expect(Set(cells.map { $0["unitName"].string }).isSubset(of: ["Eins", "Zwei"]))
            #expect(try await server.texts(plan, of: .private) == frozen)
        }
    }

    @Test func r2EveryLeafHasEnoughEligiblePeople() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let sizes = [3, 9, 10, 25]
            let all = sizes.map { _ in UUID() }
            try await units(server, all.enumerated().map { ($1, "U\($0)", nil) })
            for (unit, size) in zip(all, sizes) { _ = try await server.people(size, unit: unit) }
            _ = try await server.openRound(by: coordinator)
            let leaves = "SELECT DISTINCT unit_name FROM plan_node WHERE unit_id IS NOT NULL ORDER BY 1"
            #expect(try await server.texts(leaves, of: .private) == ["U2", "U3"])
            let rest = "SELECT DISTINCT population FROM plan_node WHERE unit_id IS NULL AND parent_index IS NOT NULL"
            #expect(try await server.count(rest) == 13, "three, nine and the coordinator answer together")
        }
    }

    @Test func hrHasNoTokensOfItsOwnNetwork() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            _ = try await server.people(20)
            let round = try await server.openRound(by: coordinator)
            let directory = try await server.send("GET", "/v1/anonymous/directory?network=\(server.network.id.text)")
                .json
            for role in [Role.hr, .council] {
                let body = "{\"directoryDigest\":\"\(directory["digest"].string)\",\"requests\":[]}"
                let person = try await server.person(role)
                let asked = try await server.send("POST", "\(server.home)/anonymous-tokens", body, as: person)
                #expect(asked.status == 403)
            }
            #expect(try await server.count("SELECT count(*) FROM token_grant") == 0)
            let population = "SELECT max(population) FROM plan_node WHERE round_id = '\(round.id.text)'"
            #expect(try await server.count(population) == 21, "and are not counted as eligible")
        }
    }
}
