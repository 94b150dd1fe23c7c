import Foundation
import Postgres
import Synchronization
@testable import TestSupport
import Testing

@testable import Chorus

/// HR's system pulls again and again while the record grows: nothing is missed, nothing comes twice.
@Suite struct PullTests {
    /// So many recommendations at once, numbered from 1.
    private func fill(_ server: TestServer, _ count: Int) async throws {
        try await server.run(
            """
            SET chorus.network_id = '\(server.network.id.text)';
            INSERT INTO recommendation (network_id, id, number, title, text, measure, published_on, answer_due_on, recorded_at)
            SELECT '\(server.network.id.text)', md5('r' || n)::uuid, n, 'Titel "' || n || '", zwei', 'Text', 'Maßnahme', current_date,
                current_date + 60, now()
            FROM generate_series(1, \(count)) AS n;
            ANALYZE recommendation;
            """,
            on: .record
        )
    }

    private func publish(_ server: TestServer, _ number: Int) async throws {
        let day = PostgresDate.today(in: .gmt)
        let draft = Draft(
            network: server.network.id,
            id: UUID(),
            state: "published",
            title: "Neu",
            text: "b",
            theme: nil,
            unit: nil,
            measure: "c",
            releases: [],
            cells: [],
            number: number,
            publishedOn: day,
            answerDueOn: day.adding(days: 30),
            endorsement: "open",
            version: 1
        )
        let statement = InsertRecommendation(network: server.network.id, draft: draft, now: server.parts.now())
        _ = try await server.parts.databases.recordWriter.execute(statement, network: server.network.id)
        server.parts.changes.everythingChanged()
    }

    /// All pages of a list, each with its entity tag.
    private func pull(
        _ server: TestServer,
        as hr: TestPerson,
        _ query: String = ""
    ) async throws -> (ids: [String], pages: [(path: String, tag: String)], until: String?) {
        var (ids, pages, after, until): ([String], [(String, String)], String, String?) = ([], [], "", nil)
        repeat {
            let path = "\(server.record)/recommendations?limit=200\(query)\(after)"
            let page = try await server.send("GET", path, as: hr)
            #expect(page.status == 200, "\(page.text)")
            ids += page.json["items"].array.map { $0["id"].string }
            if pages.isEmpty { until = page.headers["updated-until"] }
            pages.append((path, page.headers["etag"] ?? ""))
            after = page.json["next"] == .null ? "" : "&after=\(page.json["next"].string)"
        } while !after.isEmpty
        return (ids, pages, until)
    }

    @Test func tenThousandArePulledOnceEachWhileOthersPublishAndAnswer() async throws {
        try await withServer { server in
            let hr = try await server.person(.hr)
            try await fill(server, 10_000)
            let first = Set(try await server.texts("SELECT id::text FROM recommendation", of: .record))
            #expect(first.count == 10_000)
            let isDone = Mutex(false)
            async let others: Int = {
                var made = 0
                while !isDone.withLock({ $0 }) {
                    try await publish(server, 10_001 + made)
                    let answered = first.dropFirst(made).first ?? ""
                    try await server.answerRecommendation(answered, as: hr)
                    made += 1
                }
                return made
            }()
            let found: [String]
            do {
                defer { isDone.withLock { $0 = true } }
                found = try await pull(server, as: hr).ids
            }
            let made = try await others
            #expect(made > 3, "others were at it: \(made)")
            #expect(Set(found).count == found.count, "none twice")
            #expect(first.subtracting(found).isEmpty, "none missing")
            // Now nobody is at it, and repeats cost nothing.
            let calm = try await pull(server, as: hr)
            #expect(calm.ids.count == 10_000 + made)
            for page in calm.pages {
                let again = try await server.send("GET", page.path, as: hr, headers: ["If-None-Match": page.tag])
                #expect(again.status == 304 && again.body.isEmpty)
                #expect(again.headers["updated-until"] == calm.until)
            }
        }
    }

    private static func remindLate(_ id: String, _ server: TestServer, _ writer: PostgresPool) async throws {
        try await writer.transaction(network: server.network.id) { transaction in
            try await transaction.run(
                """
                INSERT INTO reminder (network_id, recommendation_id, step, on_day, recorded_at)
                VALUES ('\(server.network.id.text)', '\(id)', 'soon', current_date, clock_timestamp())
                """
            )
            try await Task.sleep(for: .milliseconds(.random(in: 0..<120)))
        }
    }

    @Test func whatCommitsLateIsPulledTheNextTime() async throws {
        try await withServer { server in
            let hr = try await server.person(.hr)
            try await fill(server, 40)
            let ids = try await server.texts("SELECT id::text FROM recommendation ORDER BY number", of: .record)
            let writer = server.parts.databases.recordWriter
            let isDone = Mutex(false)
            // Each is stamped when its transaction begins to write and can be seen only some time later.
            async let writing: Void = {
                defer { isDone.withLock { $0 = true } }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    // As many at a time as there are connections; each waits for the one before it anyway.
                    for lane in 0..<4 {
                        let mine = stride(from: lane, to: ids.count, by: 4).map { ids[$0] }
                        group.addTask {
                            for id in mine { try await Self.remindLate(id, server, writer) }
                        }
                    }
                    try await group.waitForAll()
                }
            }()
            var (seen, since, pulls, isLast) = (Set<String>(), "", 0, false)
            while !isLast {
                isLast = isDone.withLock { $0 }
                server.parts.changes.everythingChanged()
                let page = try await server.send("GET", "\(server.record)/recommendations?limit=200\(since)", as: hr)
                let reminded = page.json["items"].array.filter { !$0["reminders"].array.isEmpty }
                seen.formUnion(reminded.map { $0["id"].string })
                since = "&updatedSince=\(try #require(page.headers["updated-until"]))"
                pulls += 1
            }
            try await writing
            #expect(pulls > 2)
            #expect(seen == Set(ids), "missed: \(Set(ids).subtracting(seen).count)")
        }
    }

    @Test func aTransactionThatIsStillOpenHoldsTheNextOneAndNotTheReader() async throws {
        try await withServer { server in
            let hr = try await server.person(.hr)
            try await fill(server, 2)
            let before = try await pull(server, as: hr)
            let writer = server.parts.databases.recordWriter
            let (looked, look) = AsyncStream.makeStream(of: Void.self)
            async let first: Void = writer.transaction(network: server.network.id) { transaction in
                try await transaction.run(
                    """
                    INSERT INTO reminder (network_id, recommendation_id, step, on_day, recorded_at)
                    VALUES ('\(server.network.id.text)', md5('r1')::uuid, 'soon', current_date, now())
                    """
                )
                // Open until somebody has read beside it.
                for await _ in looked {}
            }
            try await Task.sleep(for: .milliseconds(200))
            async let second: Void = publish(server, 3)
            try await Task.sleep(for: .milliseconds(200))
            let during = try await pull(server, as: hr)
            look.finish()
            #expect(during.ids == before.ids, "neither can be seen")
            #expect(during.until == before.until)
            _ = try await (first, second)
            server.parts.changes.everythingChanged()
            let since = try #require(during.until)
            let after = try await pull(server, as: hr, "&updatedSince=\(since)")
            #expect(after.ids.count >= 2 && Set(after.ids).subtracting(before.ids).count == 1)
            #expect(after.ids.contains(try #require(before.ids.first)))
            #expect(try #require(after.until) > since)
        }
    }

    @Test func theFileForSpreadsheetsIsWholeAndEndsItsLinesAsRFC4180Says() async throws {
        try await withServer { server in
            let (hr, council) = (try await server.person(.hr), try await server.person(.council))
            try await fill(server, 10_050)
            let file = try await server.send("GET", "\(server.record)/recommendations.csv?bom=true", as: hr)
            #expect(file.status == 200)
            #expect(Array(file.body.prefix(3)) == [0xEF, 0xBB, 0xBF])
            let lines = file.text.components(separatedBy: "\r\n")
            #expect(lines.count == 10_052 && lines.last == "")
            #expect(lines[1].hasPrefix("1,\"Titel \"\"1\"\", zwei\",published,"))
            #expect(lines[10_050].hasPrefix("10050,"))
            let plain = try await server.send("GET", "\(server.record)/recommendations.csv", as: council)
            #expect(plain.text.hasPrefix("number,") && plain.body.count == file.body.count - 3)
            let exports = try await server.texts(
                "SELECT content FROM audit_entry WHERE kind = 'export' ORDER BY position"
            )
            #expect(exports.count == 2 && exports.allSatisfy { $0.contains("\"rows\":10050") })
            let wrong = try await server.send("GET", "\(server.record)/recommendations.csv?bom=yes", as: hr)
            #expect(wrong.status == 400)
        }
    }
}
