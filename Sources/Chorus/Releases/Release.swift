import Foundation
import Postgres

/// A numbered, frozen set of cells, as everybody who may see it sees it.
struct ReleaseAnswer: Encodable, Sendable {
    let id: String
    let number: Int
    let round: String
    let title: String
    let closedOn: String
    let scheme: String
    let k: Int
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
    let negative: Decimal
    let neutral: Decimal
    let positive: Decimal
    let mean: Decimal

    init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        let item: UUID? = try row.next()
        self.item = item.text
        itemText = try row.next()
        let unit: UUID? = try row.next()
        self.unit = unit.text
        unitName = try row.next()
        atLeast = try row.next()
        // Decimals, so that 0.4 is written as 0.4 and not as its nearest binary fraction.
        negative = Decimal(try row.next(Int.self)) / 100
        neutral = Decimal(try row.next(Int.self)) / 100
        positive = Decimal(try row.next(Int.self)) / 100
        mean = Decimal(try row.next(Int.self)) / 10
    }

    static let columns = """
        c.item_id, c.item_text, c.unit_id, c.unit_name, c.at_least, c.negative, c.neutral, c.positive, c.mean_tenths
        """
}

struct ReadReleases: PostgresStatement {
    static let sql = """
        SELECT id, number, round_id, round_title, closed_on, scheme, k FROM release
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
        return ReleaseAnswer(
            id: id.text,
            number: number,
            round: round.text,
            title: title,
            closedOn: day.description,
            scheme: try row.next(),
            k: try row.next()
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
