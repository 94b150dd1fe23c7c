@testable import Chorus
import Foundation
import Postgres
import Testing

extension TestAPI {
    /// All entries of the audit chain, page by page.
    ///
    /// - Parameters:
    ///   - person: a coordinator or a council.
    ///   - limit: of a page.
    /// - Returns: the entries, and the pages as they were answered.
    func audit(as person: TestPerson, limit: Int = 50) async throws -> (entries: [JSONValue], pages: [String]) {
        var (entries, pages, after) = ([JSONValue](), [String](), "")
        repeat {
            let page = try await send("GET", "\(home)/audit?limit=\(limit)\(after)", as: person)
            #expect(page.status == 200, "\(page.text)")
            entries += page.json["items"].array
            pages.append(page.text)
            after = page.json["next"] == .null ? "" : "&after=\(page.json["next"].string)"
        } while !after.isEmpty
        return (entries, pages)
    }

    /// Publishes a recommendation without evidence.
    ///
    /// - Returns: its id.
    func publishRecommendation(by coordinator: TestPerson) async throws -> String {
        let draft =
            "{\"title\":\"Aushang\",\"text\":\"Zu wenige kennen sie.\",\"measure\":\"Aushang\",\"evidence\":[],\(TestServer.provenance)}"
        let id = try await send("POST", "\(home)/recommendations", draft, as: coordinator).json["id"].string
        let due = "{\"answerDueOn\":\"\(PostgresDate.today(in: .gmt).adding(days: 30))\"}"
        let published = try await send("PUT", "\(home)/recommendations/\(id)/publication", due, as: coordinator)
        #expect(published.status == 200, "\(published.text)")
        return id
    }

    /// Answers it for the first time.
    func answerRecommendation(_ id: String, as hr: TestPerson) async throws {
        let answer = "{\"decision\":\"accepted\",\"text\":\"Ja.\",\"responsible\":\"Amt\",\"dueOn\":null}"
        let answered = try await send("PUT", "\(record)/recommendations/\(id)/answer", answer, as: hr)
        #expect(answered.status == 200, "\(answered.text)")
    }
}

/// The stand-alone verifier.
enum TestVerifier {
    private static let program = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Audit/verify").standardized.path(percentEncoded: false)

    /// Runs it on files that each hold the pages of one chain.
    ///
    /// - Parameters:
    ///   - chains: the pages of each.
    ///   - network: whose they are.
    /// - Returns: its exit code, and what it says of each chain.
    static func run(_ chains: [String], of network: UUID) async throws -> (code: Int32, findings: [String]) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var files: [String] = []
        for (index, chain) in chains.enumerated() {
            let file = folder.appending(path: "\(index)").path(percentEncoded: false)
            try chain.write(toFile: file, atomically: false, encoding: .utf8)
            files.append(file)
        }
        let command = ["/usr/bin/env", "python3", program, network.uuidString]
        let (status, output) = await ChildProgram.run(command + files, keeping: 1 << 20)
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        return (status >> 8, lines.map { String($0.split(separator: ": ", maxSplits: 1).last ?? "") })
    }
}
