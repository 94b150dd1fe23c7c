import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// A network leaves with all that is its own, and with nothing that may not be joined.
@Suite struct LeavingTests {
    /// Tables with rows of networks.
    private static let tables = """
        SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'network_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        """

    @Test func everyTableOfANetworkGoesAlongOrStaysForAReason() async throws {
        try await withServer { server in
            let own = Set(try await server.texts(Self.tables))
            let gone = Set(LeavingFile.ofMembers.keys).union(LeavingFile.ofModerators.keys)
            let record = Set(try await server.texts(Self.tables, of: .record))
            let all = gone.union(LeavingFile.leftOut.keys)
            #expect(own.isSubset(of: all), "\(own.subtracting(all).sorted())")
            #expect(record.isSubset(of: Set(LeavingFile.ofRecord.keys).union(LeavingFile.leftOut.keys)))
            #expect(all.subtracting(own).isSubset(of: record), "\(all.subtracting(own).sorted())")
            #expect(gone.isDisjoint(with: LeavingFile.leftOut.keys))
        }
    }

    /// By the very lines of the handbook.
    @Test func nothingIsLeftOfANetworkThatIsDeleted() async throws {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let page = root.appending(path: "Sources/Chorus/Chorus.docc/Handbook/Leaving.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        let block = lines.drop { !$0.hasPrefix("    DO $$") }.prefix { $0.hasPrefix("    ") }.joined(separator: "\n")
        try await withServer { server in
            let neighbour = try await server.neighbour()
            async let own = FullTown(server)
            async let other = FullTown(neighbour)
            _ = (try await own, try await other)
            try await server.mix()
            let before = try await Self.rows(of: neighbour.network.id, on: server)
            let full = try await Self.rows(of: server.network.id, on: server).count
            #expect(full > 30)
            for kind in DatabaseKind.allCases {
                try await server.run(block.replacing("NETWORK", with: server.network.id.text), on: kind)
            }
            #expect(try await Self.rows(of: server.network.id, on: server).isEmpty)
            #expect(try await server.count("SELECT count(*) FROM network WHERE id = '\(server.network.id.text)'") == 0)
            #expect(try await Self.rows(of: neighbour.network.id, on: server) == before)
        }
    }

    /// How many rows each table has of a network.
    private static func rows(of network: UUID, on server: TestServer) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for kind in DatabaseKind.allCases {
            for table in try await server.texts(tables, of: kind) {
                let rows = "SELECT count(*) FROM \"\(table)\" WHERE network_id = '\(network.text)'"
                let count = try await server.count(rows, of: kind)
                if count > 0 { counts["\(kind).\(table)"] = count }
            }
        }
        return counts
    }

    @Test func aNetworkLeavesWithItsOwnAndWithoutWhatMustNotBeJoined() async throws {
        try await withServer { server in
            let roles: [Role] = [.member, .coordinator, .moderator, .organiser]
            let coordinator = try await server.person(roles: roles, name: "Koordination, \"K\"")
            let people = try await server.people(20)
            let channel = try await server.channel(by: coordinator)
            var tokens: [TestWallet] = []
            for person in people { tokens.append(try await server.wallet(of: person)) }
            let message = TestServer.message("Was alle angeht", channel: channel)
            let token = tokens[0].tokens[server.network.id]?.first
            #expect(try await server.submit(token, message).status == 202)
            try await server.mix()
            let event = RSVPTests.newEvent(capacity: nil)
            let made = try await server.send("POST", "\(server.home)/events", event, as: coordinator)
            let rsvp = "\(server.home)/events/\(made.json["id"].string)/rsvp"
            #expect(try await server.send("PUT", rsvp, "{\"answer\":\"going\"}", as: people[0]).status == 200)
            let draft = try await server.draft(by: coordinator)
            #expect(try await draft.publish(by: coordinator).status == 200)

            let directory = FileManager.default.temporaryDirectory.appending(path: "leaving-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: directory) }
            let path = directory.path(percentEncoded: false)
            let counts = try await server.server.export(network: server.network.slug, to: path)
            #expect(counts["members.csv"] == 21)
            #expect(counts["private/message.jsonl"] == 1)
            #expect(counts["record/recommendation.jsonl"] == 1)
            #expect(counts["events.ics"] == 1)
            await #expect(throws: OperationRefusal.self) {
                try await server.server.export(network: server.network.slug, to: path)
            }
            var all = ""
            for file in counts.keys {
                let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
                if file.hasSuffix(".jsonl") {
                    let lines = text.split(separator: "\n")
                    #expect(lines.count == counts[file], "\(file)")
                    for line in lines { _ = try JSONParser.parse(Array(line.utf8)) }
                }
                all += text
            }
            let members = CSV.rows(try String(contentsOfFile: "\(path)/members.csv", encoding: .utf8))
            #expect(members.contains { $0[1] == "Koordination, \"K\"" && $0[0].hasSuffix("@example.org") })
            let calendar = try String(contentsOfFile: "\(path)/events.ics", encoding: .utf8)
            #expect(calendar.contains("SUMMARY:Stammtisch") && !calendar.contains("ATTENDEE"))
            #expect(all.contains("Was alle angeht"))
            let secrets = """
                SELECT encode(lookup, 'hex') FROM thread UNION ALL SELECT encode(nullifier, 'hex') FROM spent_token
                UNION ALL SELECT encode(request_digest, 'hex') FROM token_grant UNION ALL SELECT encode(token_hash, 'hex') FROM api_token
                UNION ALL SELECT encode(substr(sealed_private, 1, 16), 'hex') FROM anon_key
                """
            let found = try await server.texts(secrets)
            #expect(found.count > 40)
            for secret in found { #expect(!all.contains(secret)) }
            let readMe = try String(contentsOfFile: "\(path)/README.md", encoding: .utf8)
            for file in counts.keys where file != "README.md" { #expect(readMe.contains(file), "\(file)") }
            let chain = try await server.server.verifyAudit(network: server.network.slug)
            let entries = "SELECT count(*) FROM audit_entry WHERE kind = 'export'"
            #expect(chain.count == 1)
            #expect(try await server.count(entries) == 1)
        }
    }
}
