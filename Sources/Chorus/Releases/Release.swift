import Foundation
import Postgres

/// A numbered, frozen set of cells, as everybody who may see it sees it.
struct ReleaseAnswer: Encodable, Sendable {
    let id: String
    let number: Int
    /// Absent for a release of themes.
    @ExplicitNull var round: String?
    let title: String
    let closedOn: String
    let scheme: String
    let k: Int
    let kind: String
}

/// The tables of a release.
enum ReleaseTable: String, CaseIterable, Sendable {
    case total, item, unit
    case itemUnit = "item-unit"
}

/// A cell as it was released: shares with two digits, the mean with one.
struct CellAnswer: Encodable, Sendable {
    let item: String?
    let itemText: String?
    let unit: String?
    let unitName: String?
    let atLeast: Int
    let negative: Double
    let neutral: Double
    let positive: Double
    let mean: Double
    /// Of a strict round: counts with their noise, and the half-width of the 95 % interval of their sum.
    let noise: Noise?

    struct Noise: Encodable, Sendable {
        let negative: Int
        let neutral: Int
        let positive: Int
        let error: Int
    }

    init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        let item: UUID? = try row.next()
        self.item = item.text
        itemText = try row.next()
        let unit: UUID? = try row.next()
        self.unit = unit.text
        unitName = try row.next()
        atLeast = try row.next()
        // The nearest binary fraction to a decimal of two places is written as that decimal again.
        negative = Double(try row.next(Int.self)) / 100
        neutral = Double(try row.next(Int.self)) / 100
        positive = Double(try row.next(Int.self)) / 100
        mean = Double(try row.next(Int.self)) / 10
        let noised: [Int?] = [try row.next(), try row.next(), try row.next(), try row.next()]
        let known = noised.compactMap(\.self)
        noise =
            known.count < 4 ? nil : Noise(negative: known[0], neutral: known[1], positive: known[2], error: known[3])
    }

    static let columns = """
        c.item_id, c.item_text, c.unit_id, c.unit_name, c.at_least, c.negative, c.neutral, c.positive, c.mean_tenths,
            c.noisy_negative, c.noisy_neutral, c.noisy_positive, c.error
        """
}

struct ReadReleases: PostgresStatement {
    static let isPlannedAnew = true
    static let sql = """
        SELECT id, number, round_id, round_title, closed_on, scheme, k, kind FROM release
        WHERE network_id = $1 AND ($2::uuid IS NULL OR id = $2) AND ($3::bigint IS NULL OR number < $3)
        ORDER BY number DESC
        LIMIT $4
        """
    let network: UUID
    var id: UUID?
    var before: Int?
    var limit = 1
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(before)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ReleaseAnswer {
        let id: UUID = try row.next()
        let number: Int = try row.next()
        let round: UUID = try row.next()
        let title: String = try row.next()
        let day: PostgresDate = try row.next()
        let scheme: String = try row.next()
        let k: Int = try row.next()
        let kind: ReleaseKind = try row.choice()
        return ReleaseAnswer(
            id: id.text,
            number: number,
            round: kind == .round ? round.text : nil,
            title: title,
            closedOn: day.description,
            scheme: scheme,
            k: k,
            kind: kind.rawValue
        )
    }
}

struct ReadCells: PostgresStatement {
    static let sql = """
        SELECT \(CellAnswer.columns) FROM cell c
        WHERE c.network_id = $1 AND c.release_id = $2 AND c.table_name = $3
        ORDER BY c.item_text, c.item_id, c.unit_name, c.unit_id
        """
    let network: UUID
    let release: UUID
    let table: ReleaseTable
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release)
        parameters.append(table.rawValue)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> CellAnswer { try CellAnswer(&row) }
}
