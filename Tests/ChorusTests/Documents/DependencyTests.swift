import Foundation
import Testing

/// The page on dependencies is held against `Package.swift`; `Tests/SupplyChain` holds its licences against the checkouts.
@Suite struct DependencyTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test func thePageNamesEachPackageWithItsVersionAndAReason() throws {
        let manifest = try text("Package.swift")
        let packages = manifest.matches(
            of: /\.package\(url: "https:\/\/github\.com\/[^\/"]+\/([^"]+)", from: "([0-9.]+)"/
        )
        let page = try text("Sources/Chorus/Chorus.docc/Handbook/Dependencies.md")
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map {
            $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(packages.count > 10)
        #expect(packages.map { ["`\($0.1)`", String($0.2)] } == rows.map { Array($0.prefix(2)) })
        #expect(rows.allSatisfy { $0.count == 5 && $0.allSatisfy { !$0.isEmpty } })
    }

    @Test func eachPackageHasItsReasonBesideIt() throws {
        let lines = try text("Package.swift").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let named = lines.indices.filter { lines[$0].hasPrefix(".package(") }
        #expect(named.count > 10)
        for index in named {
            #expect(lines[index - 1].hasPrefix("// "), "\(lines[index])")
            #expect(lines[index].contains("from: \""), "a range: \(lines[index])")
        }
    }
}
