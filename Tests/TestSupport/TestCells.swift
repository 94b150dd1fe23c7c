@testable import Chorus
import Foundation

extension ReleasedCell {
    /// A cell that a test makes up.
    ///
    /// - Parameters:
    ///   - number: of the release, which gives it its id as well.
    ///   - item: its id; none for tables without items.
    ///   - negative: share in percent; what is left of 100 is positive.
    static func sample(
        _ number: Int,
        item: String? = "a",
        text: String? = nil,
        unit: String? = nil,
        negative: Int = 50,
        atLeast: Int = 20,
        kind: ReleaseKind = .round,
        meanTenths: Int = 30,
        noise: Noise? = nil
    ) -> ReleasedCell {
        ReleasedCell(
            release: "release \(number)",
            releaseNumber: number,
            closedOn: "2026-0\(number % 9 + 1)-01",
            kind: kind,
            id: "cell \(number) \(item ?? "") \(unit ?? "")",
            table: item == nil ? (unit == nil ? .total : .unit) : unit == nil ? .item : .itemUnit,
            item: item,
            itemText: item.map { text ?? "Frage \($0)" },
            unit: unit,
            unitName: unit.map { "Amt \($0)" },
            atLeast: atLeast,
            negative: negative,
            neutral: 0,
            positive: 100 - negative,
            meanTenths: meanTenths,
            noise: noise
        )
    }
}

extension TestServer {
    /// Puts a release into the record as the program would, so that a test can say what its numbers are.
    ///
    /// - Parameters:
    ///   - number: of the release.
    ///   - cells: item, its text, unit with its name, the share of negative answers in percent.
    /// - Returns: the release's id.
    @discardableResult
    func release(
        _ number: Int,
        kind: ReleaseKind = .round,
        _ cells: [(item: UUID, text: String, unit: (id: UUID, name: String)?, negative: Int)]
    ) async throws -> UUID {
        let id = UUID()
        let rows = cells.map { cell in
            let unit = cell.unit.map { "'\($0.id.text)', '\($0.name)'" } ?? "NULL, NULL"
            let table = cell.unit == nil ? "item" : "item-unit"
            return
                "('\(network.id.text)', '\(id.text)', '\(UUID().text)', '\(table)', '\(cell.item.text)', '\(cell.text)', "
                + "\(unit), 20, \(cell.negative), 0, \(100 - cell.negative), 30)"
        }
        try await run(
            """
            INSERT INTO release (network_id, id, number, round_id, round_title, closed_on, scheme, k, kind)
            VALUES ('\(network.id.text)', '\(id.text)', \(number), '\(UUID().text)', 'Klima', '2026-0\(number)-01', 'S1', 5,
                '\(kind.rawValue)');
            INSERT INTO cell (network_id, release_id, id, table_name, item_id, item_text, unit_id, unit_name, at_least,
                negative, neutral, positive, mean_tenths)
            VALUES \(rows.joined(separator: ", "));
            """,
            on: .record
        )
        return id
    }
}
