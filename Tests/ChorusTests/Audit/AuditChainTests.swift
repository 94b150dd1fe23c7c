import Foundation
import Hummingbird
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The chain under races, crashes and tampering.
@Suite struct AuditChainTests {
    private struct TakenBack: Error {}

    /// Adds an entry, and does not commit it.
    private func takeBack(_ server: TestServer, _ network: UUID) async throws {
        try await server.parts.databases.member.transaction(network: network) { transaction in
            try await server.parts.note(.export(rows: 0, by: .council), in: network, transaction)
            throw TakenBack()
        }
    }

    @Test func manyWhoAddAtOnceMakeOneChain() async throws {
        try await withServer { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let network = server.network.id
            try await server.withSecondServer { second in
                await withTaskGroup(of: Void.self) { group in
                    // Twelve at a time: more would only wait for a connection, on a slow machine for too long.
                    for lane in 0..<6 {
                        let place = lane.isMultiple(of: 2) ? server : second
                        group.addTask {
                            for _ in 0..<10 {
                                let path = "\(place.record)/recommendations.csv"
                                let reply = try? await place.send("GET", path, as: hr)
                                #expect(reply?.status == 200)
                            }
                        }
                        group.addTask {
                            for _ in 0..<10 {
                                _ = await #expect(throws: TakenBack.self) { try await takeBack(second, network) }
                            }
                        }
                    }
                }
            }
            let (entries, pages) = try await server.audit(as: coordinator, limit: 7)
            #expect(entries.map { $0["position"].int } == Array(1...61))
            #expect(
                entries.dropFirst().allSatisfy { $0["content"]["by"].string == "hr" },
                "nothing that was taken back"
            )
            #expect(try await server.parts.followAudit(of: network).firstBreak == nil)
            #expect(try await TestVerifier.run([pages.joined()], of: network).code == 0)
        }
    }

    @Test func anAnswerWithoutItsEntryIsEnteredAtTheNextStart() async throws {
        try await withServer { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let (first, second) = (
                try await server.publishRecommendation(by: coordinator),
                try await server.publishRecommendation(by: coordinator)
            )
            try await server.answerRecommendation(first, as: hr)
            // What a crash between the two commits leaves.
            let answer = InsertAnswer(
                network: server.network.id,
                recommendation: try #require(UUID(uuidString: second)),
                version: 1,
                answer: try Fields.read(Array(#"{"decision":"declined","text":"Nein.","responsible":"Amt"}"#.utf8)),
                today: .today(in: .gmt),
                now: Date()
            )
            let made = try await server.parts.databases.hr.first(answer, network: server.network.id)
            #expect(made == 1)
            for _ in 0..<2 { try await server.parts.repairAnswers() }
            let answers = try await server.audit(as: coordinator).entries.filter { $0["kind"].string == "answer" }
            #expect(answers.map { $0["content"]["recommendation"].string } == [first, second])
            #expect(answers.map { $0["content"]["decision"].string } == ["accepted", "declined"])
        }
    }

    @Test func anAnswerThatIsRefusedLeavesNoEntry() async throws {
        try await withServer { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let id = try await server.publishRecommendation(by: coordinator)
            try await server.answerRecommendation(id, as: hr)
            let late = InsertAnswer(
                network: server.network.id,
                recommendation: try #require(UUID(uuidString: id)),
                version: 1,
                answer: try Fields.read(Array(#"{"decision":"declined","text":"Nein.","responsible":"Amt"}"#.utf8)),
                today: .today(in: .gmt),
                now: Date()
            )
            await #expect(throws: Problem(.stale)) { try await server.parts.record(late) }
            let entries = try await server.audit(as: coordinator).entries
            #expect(entries.map { $0["kind"].string } == ["thresholds", "publication", "answer"])
        }
    }

    /// A byte of a small chain that is changed, and where the chain then breaks.
    private struct Flip {
        let sql: String
        let positions: Set<Int>
    }

    /// Every byte of an entry as it is stored; lengths are those of its content and its kind.
    private func flips(of position: Int, content: Int, kind: Int) -> [Flip] {
        var flips: [Flip] = []
        func add(_ assignment: String, _ positions: Set<Int>) {
            let sql = "UPDATE audit_entry SET \(assignment) WHERE position = \(position)"
            flips.append(Flip(sql: sql, positions: positions))
        }
        for byte in 0..<16 { add("network_id = \(flipped("uuid_send(network_id)", byte, as: "uuid"))", [position]) }
        // Two entries at one position come in any order.
        for byte in 0..<8 { add("position = position # (1::bigint << \(8 * byte))", [position, position ^ 1]) }
        for byte in 0..<4 {
            add("day = DATE '2000-01-01' + ((day - DATE '2000-01-01') # (1 << \(8 * byte)))", [position])
        }
        for (column, count) in [("content", content), ("kind", kind)] {
            for byte in 0..<count {
                add("\(column) = convert_from(\(flipped("convert_to(\(column), 'UTF8')", byte)), 'UTF8')", [position])
            }
        }
        for column in ["previous", "hash"] {
            for byte in 0..<32 { add("\(column) = \(flipped(column, byte))", [position]) }
        }
        return flips
    }

    private func flipped(_ bytes: String, _ byte: Int, as type: String? = nil) -> String {
        let changed = "set_byte(\(bytes), \(byte), get_byte(\(bytes), \(byte)) # 1)"
        return type.map { "encode(\(changed), 'hex')::\($0)" } ?? changed
    }

    private func flips(ofHeadAfter count: Int) -> [Flip] {
        let network = (0..<16).map { "network_id = \(flipped("uuid_send(network_id)", $0, as: "uuid"))" }
        let position = (0..<8).map { "position = position # (1::bigint << \(8 * $0))" }
        let hash = (0..<32).map { "hash = \(flipped("hash", $0))" }
        return (network + position + hash).map {
            Flip(sql: "UPDATE audit_head SET \($0)", positions: [count + 1])
        }
    }

    /// Takes down what would refuse a changed byte, and keeps a copy.
    private static let unlocked = """
        DO $$
        DECLARE c record;
        BEGIN
            FOR c IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
                WHERE conrelid IN ('audit_entry'::regclass, 'audit_head'::regclass) AND contype IN ('p', 'c', 'f', 'u')
            LOOP
                EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.place, c.conname);
            END LOOP;
        END $$;
        CREATE TABLE kept_entry AS SELECT * FROM audit_entry;
        CREATE TABLE kept_head AS SELECT * FROM audit_head;
        """
    private static let restored = """
        DELETE FROM audit_entry; INSERT INTO audit_entry SELECT * FROM kept_entry;
        DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head;
        """

    @Test func aFlippedByteAnywhereIsFoundByBothVerifiersWithItsPosition() async throws {
        try await withServer { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            try await server.answerRecommendation(try await server.publishRecommendation(by: coordinator), as: hr)
            let network = server.network.id
            let lengths = try await server.texts(
                "SELECT octet_length(content) || ' ' || octet_length(kind) FROM audit_entry ORDER BY position"
            ).map { $0.split(separator: " ").compactMap { Int($0) } }
            #expect(lengths.count == 3)
            var all = flips(ofHeadAfter: lengths.count)
            for (index, length) in lengths.enumerated() {
                all += flips(of: index + 1, content: length[0], kind: length[1])
            }
            #expect(all.count > 600)
            var (pages, found): ([String], [Int?]) = ([], [])
            let uri = server.server.privateURI
            try await withPool(PostgresConfiguration(uri, maximumConnections: 1), logger: server.parts.logger) { pool in
                try await pool.run(Self.unlocked)
                for sql in all.map(\.sql) + [""] {
                    try await pool.run("\(Self.restored) \(sql)")
                    found.append(try await server.parts.followAudit(of: network).firstBreak)
                    let rows = try await server.parts.databases.member.execute(
                        ReadAudit(network: network, limit: 50),
                        network: network
                    )
                    pages.append(String(decoding: try Response.encoded(AuditPage(rows, limit: 50)), as: UTF8.self))
                }
            }
            let (code, findings) = try await TestVerifier.run(pages, of: network)
            #expect(code == 1)
            try #require(findings.count == all.count + 1)
            for (index, flip) in all.enumerated() {
                let position = found[index] ?? 0
                #expect(flip.positions.contains(position), "\(flip.sql): \(position)")
                #expect(findings[index] == "breaks at position \(position)", "\(flip.sql)")
            }
            // Without a change both find nothing.
            #expect(found.last == .some(nil))
            #expect(findings.last?.hasPrefix("holds, position 3") == true)
        }
    }

    @Test func theCommandNamesTheNetworkAndThePosition() async throws {
        try await withServer { server in
            #expect(try await server.server.verifyAudit().map(\.entries) == [1])
            try await server.run("UPDATE audit_entry SET day = day - 1", on: .private)
            let refusal = await #expect(throws: OperationRefusal.self) { try await server.server.verifyAudit() }
            #expect(refusal?.description.contains("'\(server.network.slug)' breaks at position 1.") == true)
        }
    }
}
