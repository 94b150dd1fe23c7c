import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What hot statements cost does not grow with the data: their plans are held against those in a world twenty times as large.
@Suite struct PlanTests {
    private static let network = "md5('n0')::uuid"

    /// An array of twenty, as a batch has them.
    private static func twenty(_ element: (Int) -> String) -> String {
        "ARRAY[\((0..<20).map(element).joined(separator: ", "))]"
    }

    private static func hash(_ text: String) -> String { "sha256('\(text)'::bytea)" }

    private static var lists: [PlannedStatement] {
        let (id, day) = (UUID(), PostgresDate.today(in: .gmt))
        let events = ReadEvents(network: id, member: id, from: nil, to: nil, kind: nil, after: nil, limit: 50)
        let member = "md5('m1')::uuid"
        func page(from: String, after: String, _ detail: String) -> PlannedStatement {
            let values = [network, member, from, "NULL", "NULL", after, "md5('e1')::uuid", "51"]
            return PlannedStatement(events, as: .member, values, detail)
        }
        return [
            page(from: "NULL", after: "NULL", ", first page"),
            page(from: "now()", after: "NULL", ", from today on"),
            page(from: "NULL", after: "now()", ", a later page"),
            PlannedStatement(
                ReadEvent(network: id, member: id, id: id),
                as: .member,
                [network, member, "md5('e10')::uuid"]
            ),
            PlannedStatement(
                ReadPageRSVPs(network: id, events: []),
                as: .member,
                [network, twenty { "md5('e\($0)')::uuid" }]
            ),
            PlannedStatement(
                ReadMemberNews(network: id, membership: id, window: .upTo(Date()), limit: 50),
                as: .member,
                [network, member, "now() - interval '90 days'", "now()", "NULL", "NULL", "NULL", "51"]
            ),
            PlannedStatement(
                ReadFollows(network: id, membership: id),
                as: .member,
                [network, member]
            ),
            PlannedStatement(ReadReleases(network: id), as: .hr, [network, "NULL", "NULL", "51"], of: .record),
            PlannedStatement(
                ReadCells(network: id, release: id, table: .item),
                as: .hr,
                [network, "md5('r0')::uuid", "'item'"],
                of: .record
            ),
            PlannedStatement(
                ReadRecommendations(network: id, filter: RecommendationFilter(), today: day),
                as: .hr,
                [network, "NULL", "NULL", "NULL", "NULL", "51", "NULL", "current_date"],
                of: .record
            ),
            PlannedStatement(
                ReadMessages(network: id, channel: id, state: nil, theme: nil, after: nil, limit: 50),
                as: .moderator,
                [network, "md5('c0')::uuid", "NULL", "NULL", "NULL", "51", "NULL"]
            ),
        ]
    }

    private static var batches: [PlannedStatement] {
        let (networks, now) = (twenty { _ in network }, Date())
        let visitors = twenty { "md5('w\($0)')::uuid" }
        let new = twenty { hash("new\($0)") }
        let keys = twenty { hash("k0 \($0 % 4)") }
        return [
            PlannedStatement(
                SaveRSVPs(wishes: [], now: now, sender: ""),
                as: .member,
                [
                    "ARRAY[\(network)]", networks, twenty { "md5('e\($0 * 2)')::uuid" }, twenty { "\($0 + 1)" },
                    visitors,
                    twenty { _ in "'going'" }, twenty { _ in "false" }, "now()", "'test'",
                ],
                inNetwork: false
            ),
            PlannedStatement(
                StageSubmissions([]),
                as: .anonymous,
                ["md5('b')::uuid", new, new, new, networks, keys, new],
                inNetwork: false
            ),
            PlannedStatement(
                FindBearers(questions: [], now: now),
                as: .member,
                [twenty { hash(($0 % 2 == 0 ? "t" : "p") + "\($0)") }, networks, "now()", "current_date"],
                inNetwork: false
            ),
            PlannedStatement(GrantTokens(wishes: []), as: .member, [networks, visitors, keys, new], inNetwork: false),
        ]
    }

    private static var anonymous: [PlannedStatement] {
        let (id, bytes) = (UUID(), [UInt8](repeating: 1, count: 32))
        return [
            PlannedStatement(FindThread(lookup: bytes), as: .anonymous, [hash("l1")], inNetwork: false),
            PlannedStatement(ReadDialogue(network: id, lookup: bytes), as: .anonymous, [network, hash("l1")]),
            PlannedStatement(
                CountStagedReceipts(batches: [], receiptTags: []),
                as: .anonymous,
                ["ARRAY[md5('b')::uuid, md5('c')::uuid]", "ARRAY[\(hash("j1")), \(hash("j1"))]"],
                inNetwork: false
            ),
            PlannedStatement(ReadKeyNetwork(keyId: bytes), as: .anonymous, [hash("k0 1")], inNetwork: false),
            PlannedStatement(
                ReadKeys(network: id, upTo: 4, countsGrants: false),
                as: .anonymous,
                [network, "NULL", "0", "4", "false"]
            ),
        ]
    }

    @Test func whatHotStatementsCostDoesNotGrowWithTheData() async throws {
        let statements = Self.lists + Self.batches + Self.anonymous
        let (small, large) = (try await PlanDatabases.fill(scale: 1), try await PlanDatabases.fill(scale: 20))
        let before = try await small.figures(statements, prefersIndexes: true)
        let after = try await large.figures(statements, prefersIndexes: false)
        for (statement, (before, after)) in zip(statements, zip(before, after)) {
            #expect(after.wholes.isEmpty, "\(statement.name) reads whole tables: \(after.wholes)")
            // An index that is a level deeper costs an eighth of a unit more where a row costs eight; and the estimate of how
            // often a page is met again changes with the table. What grows with the data would cost many times as much.
            #expect(after.cost <= before.cost * 1.2, "\(statement.name) costs \(after.cost) instead of \(before.cost)")
            // The planner does not know all; what was really looked at is counted too.
            #expect(
                after.rows <= before.rows * 1.2 + 8,
                "\(statement.name) reads \(after.rows), not \(before.rows) rows"
            )
            #expect(before.cost > 0 && after.cost > 0, "\(statement.name) has no plan")
        }
        try await findsWhatGrows(in: (small, large))
    }

    /// The questions find what they look for: an index that is missing, and rows that are walked past.
    private func findsWhatGrows(in worlds: (small: PlanDatabases, large: PlanDatabases)) async throws {
        let growing = ReadKeys(network: UUID(), upTo: 4)
        let values = [Self.network, "NULL", "0", "4", "true"]
        let counted = [PlannedStatement(growing, as: .anonymous, values, " with counts")]
        let before = try await worlds.small.figures(counted, prefersIndexes: true)
        let after = try await worlds.large.figures(counted, prefersIndexes: false)
        #expect(after[0].rows > before[0].rows * 10, "how many have tokens is counted")
        try await worlds.large.run(
            "ALTER TABLE rsvp DROP CONSTRAINT rsvp_key; DROP INDEX rsvp_ticket_index, rsvp_membership_index"
        )
        let page = Self.lists.filter { $0.name == "ReadPageRSVPs" }
        #expect(try await worlds.large.figures(page, prefersIndexes: false).map(\.wholes) == [["rsvp"]])
    }
}
