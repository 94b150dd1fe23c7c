import Disclosure
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Documents that name tables, files, tests or numbers are held against them, so that they cannot go stale.
@Suite struct DocumentTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized

    private func document(_ name: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: "Sources/Chorus/Chorus.docc/\(name).md"), encoding: .utf8)
    }

    /// The rows of the table below a heading, as the texts of their cells.
    private func rows(_ text: String, below heading: String) throws -> [[String]] {
        let section = try #require(text.components(separatedBy: "\n## \(heading)\n").dropFirst().first)
        let lines = section.components(separatedBy: "\n## ")[0].split(separator: "\n").filter { $0.hasPrefix("| `") }
        return lines.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingWhitespace() }
        }
    }

    private func plain(_ cell: String) -> String { cell.replacing("`", with: "") }

    private static let headings: [(DatabaseKind, String)] = [
        (.private, "Private database"), (.record, "Record database"),
    ]

    private static let columns = """
        SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        """

    @Test func theRecordsOfProcessingNameEveryColumnOnceAndNothingElse() async throws {
        let text = try document("DataProtection/RecordsOfProcessing")
        try await withServer { server in
            for (kind, heading) in Self.headings {
                let named = try rows(text, below: heading).map { "\(plain($0[0])).\(plain($0[1]))" }
                let real = try await server.texts(Self.columns, of: kind)
                #expect(Set(named) == Set(real), "\(kind): \(Set(named).symmetricDifference(real).sorted())")
                #expect(named.count == Set(named).count, "\(kind): some column stands twice")
            }
        }
        let categories: Set = [
            "identity", "contact", "credential", "organisation", "participation", "anonymous text", "anonymous number",
            "aggregate", "key material", "technical",
        ]
        for (_, heading) in Self.headings {
            for row in try rows(text, below: heading) {
                #expect(categories.contains(row[2]), "\(row)")
                #expect(row.count == 5 && row.allSatisfy { !$0.isEmpty }, "\(row)")
            }
        }
    }

    @Test func theRetentionTableNamesEveryTableOnceAndWhatDoesItIsThere() async throws {
        let text = try document("DataProtection/Retention")
        let sources = try Self.text(of: ["Sources/Chorus", "sql"])
        try await withServer { server in
            for (kind, heading) in Self.headings {
                let rows = try rows(text, below: heading)
                let tables =
                    "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                let real = try await server.texts(tables, of: kind)
                #expect(rows.map { plain($0[0]) }.sorted() == real.sorted())
                for row in rows {
                    let doers = row[3].matches(of: /`([A-Za-z_]+)`/).map { String($0.1) }
                    #expect(row[3].hasPrefix("kept:") || !doers.isEmpty, "\(row)")
                    for name in doers where !real.contains(name) {
                        let isThere = sources.contains("struct \(name):") || sources.contains("CONSTRAINT \(name) ")
                        #expect(isThere, "\(row[0]) names \(name)")
                    }
                }
            }
        }
    }

    @Test func whatTheDocumentsNameIsThere() throws {
        let tests = try Self.text(of: ["Tests"])
        let folder = Self.root.appending(path: "Sources/Chorus/Chorus.docc")
        var named = 0
        for name in try Self.files(in: folder) where name.pathExtension == "md" {
            let text = try String(contentsOf: name, encoding: .utf8)
            for match in text.matches(of: /`((?:Tests|Sources|sql)\/[A-Za-z0-9_.\/+-]+)`/) {
                let path = Self.root.appending(path: String(match.1)).path(percentEncoded: false)
                #expect(FileManager.default.fileExists(atPath: path), "\(name.lastPathComponent): \(match.1)")
                named += 1
            }
            for match in text.matches(of: /`([a-z][a-z]*[0-9]*[A-Z][A-Za-z0-9]{14,})`/) {
                #expect(tests.contains("func \(match.1)("), "\(name.lastPathComponent) names the test \(match.1)")
                named += 1
            }
        }
        #expect(named > 80)
        let threats = try document("ThreatModel")
        for number in 1...30 {
            let row = threats.split(separator: "\n").first { $0.hasPrefix("| T\(number) |") }
            #expect(row?.contains("`") == true, "T\(number) has no test")
        }
    }

    @Test func thePrivacyPagesSayTheSameThingAndTheNumbersOfTheCode() throws {
        let parameters = Parameters()
        let pages = try ["de", "de-simple", "en"].map { language in
            try String(
                contentsOf: Self.root.appending(path: "Sources/CWebClient/privacy.\(language).html"),
                encoding: .utf8
            )
        }
        let sections = pages.map { $0.matches(of: /<h2>/).count }
        #expect(Set(sections).count == 1 && sections[0] > 8, "the same sections in every language")
        for page in pages {
            for number in [parameters.k, parameters.d, parameters.kPop, parameters.sensitiveK, 20, 90, 7, 180] {
                #expect(Self.says(number, page), "\(number)")
            }
            for size in [2, 8, 32] { #expect(Self.says(size, page)) }
            #expect(!page.contains("<script") && !page.contains("http"), "nothing of another host, nothing that runs")
        }
        #expect(Mixer.minimum == 8 && Mixer.maximumWait == 3)
    }

    private static func says(_ number: Int, _ page: String) -> Bool {
        page.split(whereSeparator: { !$0.isNumber }).contains { $0 == "\(number)" }
    }

    @Test func thePageIsInTheReadersLanguage() async throws {
        try await withServer { server in
            for (asked, language, title) in [
                ("de", "de", "Datenschutz"), ("en-GB,en", "en", "Privacy"), ("de-simple", "de-simple", "schutz"),
                ("fr", "de", "Datenschutz"),
            ] {
                let page = try await server.send("GET", "/privacy", headers: ["Accept-Language": asked])
                #expect(page.status == 200)
                #expect(page.headers["content-language"] == language)
                #expect(page.headers["vary"] == "Accept-Language, Accept-Encoding")
                #expect(page.text.contains("<html lang=\"\(language)\">"))
                #expect(page.text.contains(title))
            }
            for path in ["/privacy/de", "/privacy/de-simple", "/privacy/en", "/anonymous.js"] {
                #expect(try await server.send("GET", path).status == 200)
            }
            let script = try await server.send("GET", "/anonymous.js")
            #expect(script.headers["content-type"] == "text/javascript; charset=utf-8")
        }
    }

    private static func files(in folder: URL) throws -> [URL] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (found?.allObjects ?? []).compactMap { $0 as? URL }
    }

    private static func text(of folders: [String]) throws -> String {
        try folders.flatMap { try files(in: root.appending(path: $0)) }
            .filter { ["swift", "sql", "mjs"].contains($0.pathExtension) }
            .map { try String(contentsOf: $0, encoding: .utf8) }
            .joined(separator: "\n")
    }
}
