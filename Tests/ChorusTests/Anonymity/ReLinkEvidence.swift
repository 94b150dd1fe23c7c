import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// All that an insider finds when a crowd has posted, with the truth beside it: posts by the place of their arrival.
struct ReLinkEvidence {
    typealias Orders = [(source: String, order: [Int])]

    /// The private database as text, by a superuser.
    let dump: String
    let wal: TestWAL
    /// The server's and PostgreSQL's.
    let logs: [String]
    /// Each table of the mixes in every order in which it is to be had; the first is that of the heap.
    private(set) var orders: [(table: String, orders: Orders)] = []
    /// For each table, which transaction has written the row of a post.
    private(set) var transactions: [[Int: String]] = []
    /// How many commands of its transaction have written a table, by table and transaction; empty without the extension.
    private(set) var commands: [Int] = []
    /// Whether the heap pages could be read.
    let hasPages: Bool
    /// Members in the orders in which the rows of their grants lie and were written.
    let grants: [(name: String, members: [Int])]
    /// How many rows came into the inbox before each mix, as the log of its inserts and of the mixes tells.
    let inboxInserts: [Int]
    /// Which tables were written after the members had fetched their tokens.
    let written: Set<String>
    /// Ids and addresses of members, and whatever stands for a message, as a dump writes them.
    let members: Set<String>
    let anonymous: Set<String>

    struct Table {
        let name: String
        let key: String
        /// The column that tells the author, to whom the test has the truth.
        let column: String
        /// As a text.
        var mark: String { column == "nullifier" ? "encode(nullifier, 'hex')" : column }
    }

    private static let tables = [
        Table(name: "message", key: "id", column: "text"),
        Table(name: "thread", key: "lookup", column: "message_id"),
        Table(name: "spent_token", key: "nullifier", column: "nullifier"),
        Table(name: "theme_rating", key: "id", column: "theme_id"),
    ]

    init(of crowd: ReLinkCrowd) throws {
        let town = crowd.town
        logs = try [town.directory + ".log", town.directory + "/postgres/server.log"].map {
            try String(contentsOfFile: $0, encoding: .utf8)
        }
        dump = try town.shell("pg_dump")
        wal = try TestWAL(of: town, from: crowd.wal.fetching)
        hasPages = try town.rows("SELECT name FROM pg_available_extensions WHERE name = 'pageinspect'").count == 1
        if hasPages { try town.psql("CREATE EXTENSION pageinspect") }

        // The truth.
        let ids = try town.rows("SELECT text, id FROM message")
        let byText = Dictionary(uniqueKeysWithValues: crowd.posts.enumerated().map { ($1.text, $0) })
        var byMark = byText
        for row in ids { byMark[row[1]] = byText[row[0]] }
        for (index, post) in crowd.posts.enumerated() {
            byMark[post.nullifier] = index
            byMark[post.theme] = index
        }
        let people = try town.rows("SELECT a.email, m.id, a.id FROM membership m JOIN account a ON a.id = m.account_id")
        let byEmail = Dictionary(uniqueKeysWithValues: (0..<ReLinkCrowd.members).map { (ReLinkCrowd.email($0), $0) })
        let known = people.filter { byEmail[$0[0]] != nil }
        members = Set(known.joined())
        let lookups = try town.rows("SELECT encode(lookup, 'hex') FROM thread").joined()
        anonymous = Set(ids.joined()).union(lookups).union(crowd.posts.map(\.nullifier))

        let tables = try town.rows(
            """
            SELECT relfilenode, relname FROM pg_class
            WHERE relkind = 'r' AND relfilenode <> 0 AND relnamespace = 'public'::regnamespace
            """
        )
        let files = Dictionary(tables.map { ($0[0], $0[1]) }) { first, _ in first }
        let posting = try TestWAL(of: town, from: crowd.wal.posting)
        let changes = posting.records.filter { $0.manager.hasPrefix("Heap") && $0.transaction != 0 }
        written = Set(changes.compactMap { files[$0.file] })

        let byMembership = Dictionary(uniqueKeysWithValues: known.map { ($0[1], byEmail[$0[0]] ?? -1) })
        grants = try ["ctid", "xmin"].map { column in
            let order = column == "xmin" ? "min(xmin::text::bigint)" : "min(ctid)"
            let rows = try town.rows("SELECT membership_id FROM token_grant GROUP BY membership_id ORDER BY \(order)")
            return ("grants by \(column)", rows.compactMap { byMembership[$0[0]] })
        }
        inboxInserts = Self.inserts(posting, files)
        for table in Self.tables { try read(table, of: town, byMark: byMark, files) }
    }

    private mutating func read(_ table: Table, of town: TestProcess, byMark: [String: Int], _ files: [String: String])
        throws
    {
        let rows = try town.rows("SELECT ctid, xmin, \(table.mark) FROM \(table.name) ORDER BY ctid")
        let heap = rows.compactMap { byMark[$0[2]] }
        transactions.append(Dictionary(zip(heap, rows.map { $0[1] })) { first, _ in first })
        let byPlace = Dictionary(zip(rows.map { $0[0] }, heap)) { first, _ in first }
        func sorted(by order: String) throws -> [Int] {
            try town.rows("SELECT \(table.mark) FROM \(table.name) ORDER BY \(order)").compactMap { byMark[$0[0]] }
        }
        var found: Orders = [("ctid", heap)]
        found.append(("age", try sorted(by: "age(xmin) DESC, ctid")))
        found.append(("key", try sorted(by: table.key)))
        found.append(("dump", Self.dumped(table, dump).compactMap { byMark[$0] }))
        let inserts = wal.records.filter {
            $0.manager == "Heap" && $0.action.hasPrefix("INSERT") && files[$0.file] == table.name
        }
        found.append(("log", inserts.compactMap { byPlace[$0.ctid] }))
        if hasPages {
            let pages = """
                FROM generate_series(0, pg_relation_size('\(table.name)') / 8192 - 1) AS b (n),
                    LATERAL heap_page_items(get_raw_page('\(table.name)', b.n::integer)) AS i WHERE t_xmin IS NOT NULL
                """
            // The first row that came into a page lies at its end.
            let lain = try town.rows("SELECT '(' || b.n || ',' || lp || ')' \(pages) ORDER BY b.n, lp_off DESC")
            found.append(("page", lain.compactMap { byPlace[$0[0]] }))
            commands += try town.rows("SELECT count(DISTINCT t_field3) \(pages) GROUP BY t_xmin::text").joined()
                .compactMap { Int($0) }
        }
        orders.append((table.name, found))
    }
}
