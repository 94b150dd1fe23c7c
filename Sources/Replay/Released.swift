import Foundation

/// A release as HR's list shows it.
struct ReleaseEntry: Decodable, Sendable {
    let id: String
    let round: String
    let k: Int
}

private struct Releases: Decodable, Sendable {
    let items: [ReleaseEntry]
}

private struct ReleasedTable: Decodable, Sendable {
    struct Entry: Decodable, Sendable {
        let item: UUID
        let unit: UUID?
        let atLeast: Int
        let negative: Double
        let neutral: Double
        let positive: Double
        let mean: Double
    }

    let cells: [Entry]
}

extension ReplayRun {
    func findRelease(of round: String, _ network: String, _ hr: String) async throws -> ReleaseEntry {
        let path = "/v1/hr/networks/\(network)/releases"
        for _ in 0..<50 {
            let found = try await client.send("GET", path, as: hr, answer: Releases.self).value.items
            if let release = found.first(where: { $0.round == round }) { return release }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw ReplayFailure("The round was closed and the batch was mixed, but there is no release.")
    }

    func readCells(_ release: ReleaseEntry, _ network: String, _ hr: String) async throws -> [ReleasedCell] {
        var cells: [ReleasedCell] = []
        for table in ["item", "item-unit"] {
            let path = "/v1/hr/networks/\(network)/releases/\(release.id)/tables/\(table)"
            for entry in try await client.send("GET", path, as: hr, answer: ReleasedTable.self).value.cells {
                cells.append(
                    ReleasedCell(
                        item: entry.item,
                        unit: entry.unit,
                        atLeast: entry.atLeast,
                        negative: Int((entry.negative * 100).rounded()),
                        neutral: Int((entry.neutral * 100).rounded()),
                        positive: Int((entry.positive * 100).rounded()),
                        meanTenths: Int((entry.mean * 10).rounded())
                    )
                )
            }
        }
        return cells
    }
}
