import Disclosure
import Foundation
import Postgres

struct ReadClosing: PostgresStatement {
    static let sql = """
        SELECT network_id, id, false FROM round WHERE network_id = $1 AND state = 'closing'
        UNION ALL
        SELECT network_id, id, true FROM recommendation WHERE network_id = $1 AND endorsement = 'closing'
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> DueRelease {
        DueRelease(network: try row.next(), id: try row.next(), isEndorsement: try row.next())
    }
}

/// Ends the closing of a round or of endorsements; of two that try, one gets the row and its title.
struct FinishClosing: PostgresStatement {
    static let sql = """
        WITH done AS (
            UPDATE round SET state = 'closed', version = version + 1
            WHERE network_id = $1 AND id = $2 AND state = 'closing' AND NOT $3
            RETURNING title, scheme
        ), endorsed AS (
            UPDATE recommendation SET endorsement = 'closed', version = version + 1
            WHERE network_id = $1 AND id = $2 AND endorsement = 'closing' AND $3
            RETURNING title, 'S1'
        )
        SELECT * FROM done UNION ALL SELECT * FROM endorsed
        """
    let due: DueRelease
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(due.network)
        parameters.append(due.id)
        parameters.append(due.isEndorsement)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (title: String, scheme: Scheme) {
        (try row.next(), try row.choice())
    }
}

struct ReadPlan: PostgresStatement {
    static let sql = """
        SELECT item_id, unit_id, parent_index, population, k, unit_name FROM plan_node
        WHERE network_id = $1 AND round_id = $2
        ORDER BY index
        """
    let network: UUID
    let round: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (
        node: Plan<UUID>.Node, unitName: String?
    ) {
        let item: UUID = try row.next()
        let unit: UUID? = try row.next()
        let parent: Int? = try row.next()
        let population: Int = try row.next()
        let k: Int? = try row.next()
        return (.init(item: item, unit: unit, parent: parent, population: population, k: k), try row.next())
    }
}

/// What the ballots of a round amount to, counted where they are: a million of them need no more memory than one.
///
/// Keys are told apart by the first bytes of their id, which is a hash; ballots have one key and one token each.
struct ReadTallies: PostgresStatement {
    static let sql = """
        SELECT key_id, node_index, rating, count(*) FROM contribution
        WHERE network_id = $1 AND round_id = $2
        GROUP BY key_id, node_index, rating
        """
    let network: UUID
    let round: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Tally<UUID> {
        let key: [UInt8] = try row.next()
        return Tally(
            key: UUID(binary: key.prefix(16)) ?? UUID(),
            node: try row.next(),
            rating: try row.next(),
            count: try row.next()
        )
    }
}

struct ReadItemTexts: PostgresStatement {
    static let sql = "SELECT id, text FROM item WHERE network_id = $1 AND round_id = $2"
    let network: UUID
    let round: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (id: UUID, text: String) {
        (try row.next(), try row.next())
    }
}

/// Numbers a release and gives the number back.
struct InsertPendingRelease: PostgresStatement {
    /// Support of recommendations takes a number below zero: releases are numbered without gaps.
    static let sql = """
        INSERT INTO pending_release (network_id, id, number, round_id, title, closed_on, k, is_endorsement, kind, scheme)
        SELECT $1, $2, CASE WHEN $7
            THEN (SELECT least(min(number), 0) - 1 FROM pending_release WHERE network_id = $1)
            ELSE (SELECT coalesce(greatest(max(number), 0), 0) + 1 FROM pending_release WHERE network_id = $1) END,
            $3, $4, $5, $6, $7, $8, $9
        RETURNING number
        """
    let network: UUID
    let release: FrozenRelease
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release.id)
        parameters.append(release.round)
        parameters.append(release.title)
        parameters.append(release.closedOn)
        parameters.append(Int16(release.k))
        parameters.append(release.isEndorsement)
        parameters.append(release.kind.rawValue)
        parameters.append(release.scheme.rawValue)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

struct InsertPendingCells: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO pending_cell (network_id, release_id, id, item_id, item_text, unit_id, unit_name, at_least, negative,
            neutral, positive, mean_tenths, noisy_negative, noisy_neutral, noisy_positive, error, is_shown)
        SELECT $1, $2, c.*
        FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::bigint[], $9::smallint[],
            $10::smallint[], $11::smallint[], $12::smallint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
            $17::boolean[]) AS c
        """
    let network: UUID
    let release: UUID
    let cells: [FrozenCell]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release)
        parameters.append(cells.map { _ in UUID() })
        parameters.append(cells.map(\.item))
        parameters.append(cells.map(\.itemText))
        parameters.append(cells.map(\.unit))
        parameters.append(cells.map(\.unitName))
        parameters.append(cells.map { $0.cell?.atLeast ?? 0 })
        parameters.append(cells.map { Int16($0.cell?.negative ?? 0) })
        parameters.append(cells.map { Int16($0.cell?.neutral ?? 0) })
        parameters.append(cells.map { Int16($0.cell?.positive ?? 0) })
        parameters.append(cells.map { Int16($0.cell?.meanTenths ?? 0) })
        parameters.append(cells.map(\.noise?.negative))
        parameters.append(cells.map(\.noise?.neutral))
        parameters.append(cells.map(\.noise?.positive))
        parameters.append(cells.map(\.noise?.error))
        parameters.append(cells.map { $0.cell != nil })
    }
}

/// A round closes once: what is in no block then is in none for ever.
struct DeleteContributions: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM contribution WHERE network_id = $1 AND round_id = $2"
    let network: UUID
    let round: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
    }
}

struct ReadPendingReleases: PostgresStatement {
    static let sql = """
        SELECT id, number, round_id, title, closed_on, k, is_endorsement, kind, scheme FROM pending_release
        WHERE network_id = $1 AND NOT is_published
        ORDER BY number
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (release: FrozenRelease, number: Int)
    {
        let id: UUID = try row.next()
        let number: Int = try row.next()
        let release = FrozenRelease(
            id: id,
            round: try row.next(),
            title: try row.next(),
            closedOn: try row.next(),
            k: try row.next(),
            isEndorsement: try row.next(),
            kind: try row.choice(),
            scheme: try row.choice()
        )
        return (release, number)
    }
}

/// A cell on its way to the record.
struct PendingCell: Sendable {
    let id: UUID
    let item: UUID?
    let itemText: String
    let unit: UUID?
    let unitName: String?
    let numbers: [Int]
    /// Counts with noise, and their error; of strict rounds only.
    let noise: [Int?]

    var table: ReleaseTable { item == nil ? .total : unit == nil ? .item : .itemUnit }
}

struct ReadPendingCells: PostgresStatement {
    static let sql = """
        SELECT id, item_id, item_text, unit_id, unit_name, at_least, negative, neutral, positive, mean_tenths,
            noisy_negative, noisy_neutral, noisy_positive, error
        FROM pending_cell WHERE network_id = $1 AND release_id = $2 AND is_shown
        """
    let network: UUID
    let release: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> PendingCell {
        PendingCell(
            id: try row.next(),
            item: try row.next(),
            itemText: try row.next(),
            unit: try row.next(),
            unitName: try row.next(),
            numbers: [try row.next(), try row.next(), try row.next(), try row.next(), try row.next()],
            noise: [try row.next(), try row.next(), try row.next(), try row.next()]
        )
    }
}

struct MarkPublished: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE pending_release SET is_published = true WHERE network_id = $1 AND id = $2"
    let network: UUID
    let release: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release)
    }
}

// MARK: The record

struct InsertRelease: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO release (network_id, id, number, round_id, round_title, closed_on, scheme, k, kind)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (network_id, id) DO NOTHING
        """
    let network: UUID
    let release: FrozenRelease
    let number: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release.id)
        parameters.append(number)
        parameters.append(release.round)
        parameters.append(release.title)
        parameters.append(release.closedOn)
        parameters.append(release.scheme.rawValue)
        parameters.append(Int16(release.k))
        parameters.append(release.kind.rawValue)
    }
}

struct InsertCells: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO cell (network_id, release_id, id, table_name, item_id, item_text, unit_id, unit_name, at_least,
            negative, neutral, positive, mean_tenths, noisy_negative, noisy_neutral, noisy_positive, error)
        SELECT $1, $2, c.*
        FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
            $17::bigint[]) AS c
        ON CONFLICT (network_id, release_id, id) DO NOTHING
        """
    let network: UUID
    let release: UUID
    let cells: [PendingCell]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release)
        parameters.append(cells.map(\.id))
        parameters.append(cells.map(\.table.rawValue))
        parameters.append(cells.map(\.item))
        parameters.append(cells.map { $0.item == nil ? nil : $0.itemText })
        parameters.append(cells.map(\.unit))
        parameters.append(cells.map(\.unitName))
        for index in 0..<5 { parameters.append(cells.map { $0.numbers[index] }) }
        for index in 0..<4 { parameters.append(cells.map { $0.noise[index] }) }
    }
}

/// Puts the support of a text where that text is: the first, or a later one, which is endorsed under an id of its own.
struct InsertSupport: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO support (network_id, recommendation_id, revision, at_least, no, abstain, yes, recorded_at)
        SELECT $1, coalesce(v.recommendation_id, $2), coalesce(v.revision, 1), $3, $4, $5, $6, $7
        FROM (SELECT) one LEFT JOIN revision v ON v.network_id = $1 AND v.id = $2
        ON CONFLICT DO NOTHING
        """
    let network: UUID
    let recommendation: UUID
    let cell: PendingCell
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        for index in 0..<4 { parameters.append(cell.numbers[index]) }
        parameters.append(now)
    }
}
