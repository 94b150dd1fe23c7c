import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What somebody learns who reads `/metrics` all day long: how the server does, and nothing of when somebody wrote.
@Suite(.serialized) struct MetricsProcessTests {
    /// Figures by name with labels.
    private func scrape(_ town: TestProcess) async throws -> [String: String] {
        let text = try await town.send("GET", "/metrics").text
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                line.lastIndex(of: " ").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }
        )
    }

    /// Every value that each figure had while something went on.
    private func values(_ town: TestProcess, while body: () async throws -> Void) async throws -> [String: Set<String>]
    {
        var seen: [String: Set<String>] = [:]
        for round in 0..<12 {
            if round == 3 { try await body() }
            for (name, value) in try await scrape(town) { seen[name, default: []].insert(value) }
            try await Task.sleep(for: .milliseconds(150))
        }
        return seen
    }

    @Test func aPostATokenFetchAndAnInboxReadLeaveEachFigureAsItWas() async throws {
        try await withCrashTown { town, channel, moderator, tokens in
            let rows = CSV.rows(try String(contentsOfFile: town.directory + ".tokens", encoding: .utf8)).dropFirst()
            let members = rows.map { TestPerson(account: UUID(), membership: UUID(), token: $0[1]) }
            // A newcomer, whose tokens are still to be fetched.
            let roster = "email,displayName,unit,locale\nneu@example.org,Neu,,de\n"
            try roster.write(toFile: town.directory + ".csv", atomically: true, encoding: .utf8)
            let file = town.directory + ".new"
            defer { unlink(file) }
            try town.run(["account", "import", town.directory + ".csv", "--network", "crash", "--tokens", file])
            let newcomer = try #require(CSV.rows(try String(contentsOfFile: file, encoding: .utf8)).last)

            func busy() async throws {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for person in members + members {
                        group.addTask {
                            for path in ["/v1/me", "\(town.home)/events", "\(town.home)/channels"] {
                                let read = try await town.send("GET", path, as: person)
                                #expect(read.status == 200)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            func write(_ token: Token) async throws {
                let receipt = TestServer.randomReceipt()
                let sent = try await town.submit(
                    token,
                    receiptId: receipt,
                    TestServer.message("Lärm", channel: channel)
                )
                #expect(sent.status == 202)
                let inbox = try await town.inbox(Base64URL.encode(receipt))
                #expect(inbox.json["state"].string == "queued")
            }
            try await busy()
            // What every server did at some time: its first post of all is no secret of the day that is looked at.
            try await write(tokens[0])

            var idle = try await values(town) { try await busy() }
            let active = try await values(town) {
                try await write(tokens[1])
                let fetched = try await town.wallet(
                    of: TestPerson(account: UUID(), membership: UUID(), token: newcomer[1])
                )
                #expect(fetched.tokens[town.network.id]?.count == 3)
                try await write(tokens[2])
            }
            #expect(Set(idle.keys) == Set(active.keys), "no figure comes or goes")
            // A server's own beats are under way now and then, whether anybody writes or not: what they are seen doing once may have
            // to be waited for. What only a post does never comes.
            func isKnown() -> Bool {
                active.allSatisfy { $0 == "chorus_event_loop_delay_seconds" || $1.isSubset(of: idle[$0] ?? []) }
            }
            for _ in 0..<20 where !isKnown() {
                idle.merge(try await values(town) { try await busy() }) { $0.union($1) }
            }
            for (name, seen) in active where name != "chorus_event_loop_delay_seconds" {
                let known = idle[name] ?? []
                #expect(seen.isSubset(of: known), "\(name) was \(known.sorted()) and is \(seen.sorted())")
            }
            #expect(active.keys.contains("chorus_postgres_connections{pool=\"member\"}"))
            #expect(!active.keys.contains { $0.contains("anonymous") || $0.contains("mixer") })
            for person in members.prefix(3) { #expect(!"\(active)".contains(person.token)) }
            #expect(!"\(active)".contains(town.network.id.text))
            try expectDocumented(active.keys.map { String($0.prefix { $0 != "{" }) })
        }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../..")
        .standardized

    /// A figure that nobody has described has not been thought over either.
    private func expectDocumented(_ names: [String]) throws {
        let page = Self.root.appending(path: "Sources/Chorus/Chorus.docc/Handbook/Operating.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(names.count > 10)
        for name in Set(names) { #expect(text.contains("| `\(name)` |"), "\(name) does not stand in Operating.md") }
    }
}
