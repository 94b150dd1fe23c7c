import Foundation
import Testing
import Yams

@testable import Chorus

/// Links between pages, and what the handbook says of figures, alerts and commands.
@Suite struct HandbookTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized
    private static let catalogue = root.appending(path: "Sources/Chorus/Chorus.docc")

    /// Each page's text by its name.
    private func pages() throws -> [String: String] {
        let found = FileManager.default.enumerator(at: Self.catalogue, includingPropertiesForKeys: nil)
        let files = (found?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "md" }
        return try Dictionary(
            uniqueKeysWithValues: files.map {
                ($0.deletingPathExtension().lastPathComponent, try String(contentsOf: $0, encoding: .utf8))
            }
        )
    }

    @Test func everyLinkLeadsToAPageAndEveryPageIsLinked() throws {
        let pages = try pages()
        #expect(pages.count > 15)
        var linked: Set<String> = ["Chorus"]
        for (name, text) in pages {
            for link in text.matches(of: /<doc:([A-Za-z\/]+)>/).map({ String($0.1) }) {
                #expect(pages[link] != nil, "\(name) links \(link)")
                if link != name { linked.insert(link) }
            }
        }
        #expect(Set(pages.keys).subtracting(linked) == [], "pages that nobody finds")
    }

    @Test func figuresOfThePageAndOfTheAlertsAreOnesThatThereAre() throws {
        let page = try #require(try pages()["Operating"])
        let figures = Set(page.matches(of: /(?m)^\| `([a-z_]+)` \|/).map { String($0.1) })
        #expect(figures.count > 15)
        let sources = try ["Sources/Chorus", "Sources/Postgres"].flatMap { folder in
            let found = FileManager.default.enumerator(
                at: Self.root.appending(path: folder),
                includingPropertiesForKeys: nil
            )
            return try (found?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
                .map { try String(contentsOf: $0, encoding: .utf8) }
        }.joined()
        for figure in figures { #expect(sources.contains("\"\(figure)"), "\(figure) is not made anywhere") }
        let alerts = try String(contentsOf: Self.root.appending(path: ".systemd/alerts.yml"), encoding: .utf8)
        let groups = try Yams.load(yaml: alerts) as? [String: [[String: Any]]]
        let rules = groups?["groups"]?.first?["rules"] as? [[String: Any]] ?? []
        #expect(rules.count > 8 && rules.allSatisfy { $0["expr"] is String && $0["annotations"] is [String: String] })
        let used = Set(alerts.matches(of: /\b(?:chorus|process)_[a-z_]+/).map { String($0.0) })
        #expect(used.count > 8)
        #expect(used.isSubset(of: figures), "\(used.subtracting(figures))")
    }

    @Test func keysOfTheHandbookAreOnesThatThereAre() throws {
        for (name, text) in try pages() {
            for key in text.matches(of: /\bCHORUS_[A-Z_]+[A-Z]\b/).map({ String($0.0) }) {
                let isKnown = ServerConfiguration.keys.contains(key) || key.hasPrefix("CHORUS_TEST_")
                #expect(isKnown, "\(name): \(key)")
            }
        }
    }
}
