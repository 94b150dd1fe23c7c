import AnonymousTokens
import Crypto
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The audit chain: what is entered, when, and for whom.
@Suite struct AuditTests {
    @Test func whatIsDoneIsEnteredAndNobodyIsNamed() async throws {
        try await withServer { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let (other, council) = (try await server.person(.member), try await server.person(.council))
            let first = ["If-Match": "\"1\""]
            let raised = "{\"thresholds\":{\"k\":7}}"
            #expect(try await server.send("PATCH", server.home, raised, as: coordinator, headers: first).status == 200)
            #expect(try await server.send("PATCH", server.home, raised, as: coordinator, headers: first).status == 412)
            let name = "{\"name\":\"Anders\"}"
            let second = ["If-Match": "\"2\""]
            #expect(try await server.send("PATCH", server.home, name, as: coordinator, headers: second).status == 200)
            let membership = "\(server.home)/memberships/\(other.membership.text)"
            let roles = "{\"roles\":[\"member\",\"moderator\"]}"
            #expect(try await server.send("PATCH", membership, roles, as: coordinator, headers: first).status == 200)
            let renamed = "{\"displayName\":\"B\"}"
            #expect(try await server.send("PATCH", membership, renamed, as: coordinator, headers: second).status == 200)
            let id = try await server.publishRecommendation(by: coordinator)
            try await server.answerRecommendation(id, as: hr)
            #expect(try await server.send("GET", "\(server.record)/recommendations.csv", as: hr).status == 200)
            #expect(try await server.send("DELETE", "/v1/me", as: other).status == 204)

            let (entries, pages) = try await server.audit(as: council)
            let kinds = entries.map { $0["kind"].string }
            #expect(kinds == ["thresholds", "thresholds", "roles", "publication", "answer", "export", "roles"])
            #expect(entries[0]["content"]["before"] == .null)
            #expect(entries[1]["content"]["before"]["k"].int == 5)
            #expect(entries[1]["content"]["after"]["k"].int == 7)
            #expect(entries[2]["content"]["before"].array.isEmpty)
            #expect(entries[2]["content"]["after"].array == [.string("moderator")])
            #expect(entries[3]["content"]["recommendation"].string == id)
            #expect(entries[4]["content"]["decision"].string == "accepted")
            #expect(entries[5]["content"]["by"].string == "hr")
            #expect(entries[5]["content"]["rows"].int == 1)
            #expect(entries[6]["content"]["after"].array.isEmpty)
            for person in [coordinator, hr, other, council] {
                for id in [person.account.text, person.membership.text] { #expect(!pages.joined().contains(id)) }
            }
            #expect(try await server.server.verifyAudit(network: server.network.slug).first?.entries == 7)
            let (code, findings) = try await TestVerifier.run([pages.joined()], of: server.network.id)
            #expect(code == 0)
            #expect(findings == ["holds, position 7, hash \(entries[6]["hash"].string)"])
        }
    }

    @Test func aReleaseIsEnteredWithTheDigestOfWhatTheRecordShows() async throws {
        try await withServer { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let people = try await server.people(24)
            let round = try await server.openRound(by: coordinator)
            let release = try await server.vote(in: round, people, closedBy: coordinator) { round.ballot($0 % 5 + 1) }
            var cells: [CanonicalJSON] = []
            for table in ReleaseTable.allCases {
                let path = "\(server.record)/releases/\(release["id"].string)/tables/\(table.rawValue)"
                for cell in try await server.send("GET", path, as: hr).json["cells"].array {
                    let shares = ["negative", "neutral", "positive"].map { Int((cell[$0].double * 100).rounded()) }
                    cells.append(
                        .object([
                            "item": .string(cell["item"].string),
                            "unit": try #require(CanonicalJSON(cell["unit"])),
                            "atLeast": .integer(cell["atLeast"].int),
                            "shares": .array(shares.map(CanonicalJSON.integer)),
                            "meanTenths": .integer(Int((cell["mean"].double * 10).rounded())),
                            "noise": .array([]),
                        ])
                    )
                }
            }
            #expect(!cells.isEmpty)
            let shown = CanonicalJSON.array(cells.sorted { $0.text < $1.text })
            let entry = try await server.audit(as: coordinator).entries.first { $0["kind"].string == "release" }
            let content = try #require(entry)["content"]
            #expect(content["release"].string == release["id"].string)
            #expect(content["source"].string == round.id.text)
            #expect(content["number"].int == 1)
            #expect(content["cells"].string == Array(SHA256.hash(data: shown.bytes)).hex)
        }
    }

    @Test func pagesOfAChainMakeTheWholeAndAreNotReadTwice() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            for _ in 0..<5 { _ = try await server.publishRecommendation(by: coordinator) }
            let whole = try await server.audit(as: coordinator)
            let parts = try await server.audit(as: coordinator, limit: 2)
            #expect(whole.entries.count == 6 && parts.pages.count == 3)
            #expect(whole.entries == parts.entries)
            let findings = try await TestVerifier.run(
                [
                    parts.pages.joined(separator: "\n"), parts.pages.dropLast().joined(),
                    parts.pages.dropFirst().joined(),
                ],
                of: server.network.id
            )
            #expect(findings.code == 1)
            #expect(findings.findings[0].hasPrefix("holds, position 6"))
            #expect(findings.findings[1...] == ["breaks at position 5", "breaks at position 1"])
            let first = try await server.send("GET", "\(server.home)/audit", as: coordinator)
            let tag = ["If-None-Match": first.headers["etag"] ?? ""]
            #expect(try await server.send("GET", "\(server.home)/audit", as: coordinator, headers: tag).status == 304)
        }
    }

    @Test func onlyCoordinatorsAndCouncilsReadIt() async throws {
        try await withServer { server in
            for role in [Role.member, .organiser, .moderator, .hr] {
                let person = try await server.person(roles: [role])
                #expect(try await server.send("GET", "\(server.home)/audit", as: person).status == 403, "\(role)")
            }
            for role in [Role.coordinator, .council] {
                let person = try await server.person(roles: [role])
                #expect(try await server.send("GET", "\(server.home)/audit", as: person).status == 200, "\(role)")
            }
            let stranger = try await server.person()
            let admin = try await server.person(isAdmin: true)
            #expect(try await server.send("GET", "\(server.home)/audit", as: stranger).status == 404)
            #expect(try await server.send("GET", "\(server.home)/audit", as: admin).status == 404)
            #expect(try await server.send("GET", "\(server.home)/audit").status == 401)
        }
    }

    @Test func noLoginChangesOrRemovesAnEntryOrAddsOneElsewhere() async throws {
        try await withServer { server in
            let commands = [
                "UPDATE audit_entry SET day = day", "DELETE FROM audit_entry", "TRUNCATE audit_entry",
                "INSERT INTO audit_entry SELECT * FROM audit_entry", "UPDATE audit_head SET position = 0",
                "DELETE FROM audit_head",
            ]
            for (name, pool) in server.parts.databases.all {
                for command in commands {
                    let error = await #expect(throws: PostgresError.self, "\(name): \(command)") {
                        try await pool.transaction(network: server.network.id) { try await $0.run(command) }
                    }
                    // Not permitted; not there in the record.
                    #expect(["42501", "42P01"].contains(error?.sqlState ?? ""), "\(name): \(command)")
                }
            }
            let day = PostgresDate.today(in: .gmt)
            let entry = AppendAudit(network: server.network.id, day: day, event: .export(rows: 1, by: .hr))
            for pool in [
                server.parts.databases.anonymous, server.parts.databases.moderator, server.parts.databases.mixer,
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.execute(entry, network: server.network.id)
                }
                #expect(error?.sqlState == "42501")
            }
            let elsewhere = await #expect(throws: PostgresError.self) {
                try await server.parts.databases.member.execute(entry, network: UUID())
            }
            #expect(elsewhere?.sqlState == "42501", "the policy of the table")
            let count = try await server.count("SELECT count(*) FROM audit_entry")
            #expect(count == 1)
        }
    }
}
