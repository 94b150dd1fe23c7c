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
            RETURNING title
        ), endorsed AS (
            UPDATE recommendation SET endorsement = 'closed', version = version + 1
            WHERE network_id = $1 AND id = $2 AND endorsement = 'closing' AND $3
            RETURNING title
        )
        SELECT title FROM done UNION ALL SELECT title FROM endorsed
        """
    let due: DueRelease
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(due.network)
        parameters.append(due.id)
        parameters.append(due.isEndorsement)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

struct ReadPlan: PostgresStatement {
    static let sql = """
        SELECT item_id, unit_id, parent_index, population, unit_name FROM plan_node
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
        return (.init(item: item, unit: unit, parent: parent, population: population), try row.next())
    }
}

/// Keys are told apart by the first bytes of their id, which is a hash; ballots have one key and one token each.
struct ReadContributions: PostgresStatement {
    static let sql = """
        SELECT id, key_id, node_index, rating, closes_waited FROM contribution WHERE network_id = $1 AND round_id = $2
        """
    let network: UUID
    let round: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Contribution<UUID> {
        let id: UUID = try row.next()
        let key: [UInt8] = try row.next()
        let keyName = UUID(binary: key.prefix(16)) ?? id
        return Contribution(
            id: id,
            key: keyName,
            node: try row.next(),
            rating: try row.next(),
            closesWaited: try row.next()
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

struct InsertPendingRelease: PostgresStatement {
    typealias Row = Void
    /// Support of recommendations takes a number below zero: releases are numbered without gaps.
    static let sql = """
        INSERT INTO pending_release (network_id, id, number, round_id, title, closed_on, k, is_endorsement)
        SELECT $1, $2, CASE WHEN $7
            THEN (SELECT least(min(number), 0) - 1 FROM pending_release WHERE network_id = $1)
            ELSE (SELECT coalesce(greatest(max(number), 0), 0) + 1 FROM pending_release WHERE network_id = $1) END,
            $3, $4, $5, $6, $7
        """
    let due: DueRelease
    let id: UUID
    let title: String
    let closedOn: PostgresDate
    let k: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(due.network)
        parameters.append(id)
        parameters.append(due.id)
        parameters.append(title)
        parameters.append(closedOn)
        parameters.append(Int16(k))
        parameters.append(due.isEndorsement)
    }
}

struct InsertPendingCells: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO pending_cell (network_id, release_id, id, item_id, item_text, unit_id, unit_name, at_least, negative,
            neutral, positive, mean_tenths)
        SELECT $1, $2, c.*
        FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::bigint[], $9::smallint[],
            $10::smallint[], $11::smallint[], $12::smallint[]) AS c
        """
    let network: UUID
    let release: UUID
    let cells: [Cell<UUID>]
    let texts: [UUID: String]
    let unitNames: [UUID: String]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release)
        parameters.append(cells.map { _ in UUID() })
        parameters.append(cells.map(\.item))
        parameters.append(cells.map { texts[$0.item] ?? "" })
        parameters.append(cells.map(\.unit))
        parameters.append(cells.map { cell in cell.unit.flatMap { unitNames[$0] } })
        parameters.append(cells.map(\.atLeast))
        parameters.append(cells.map { Int16($0.negative) })
        parameters.append(cells.map { Int16($0.neutral) })
        parameters.append(cells.map { Int16($0.positive) })
        parameters.append(cells.map { Int16($0.meanTenths) })
    }
}

struct DeleteContributions: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM contribution WHERE network_id = $1 AND id = ANY ($2)"
    let network: UUID
    let ids: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(ids)
    }
}

/// What closed rounds have left waits through another close, and is deleted unreported after the last.
struct AgeContributions: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH closed AS (
            SELECT id FROM round WHERE network_id = $1 AND state = 'closed'
            UNION ALL
            SELECT id FROM recommendation WHERE network_id = $1 AND endorsement = 'closed'
        ), old AS (
            DELETE FROM contribution
            WHERE network_id = $1 AND round_id IN (SELECT id FROM closed) AND closes_waited + 1 >= $2
        )
        UPDATE contribution SET closes_waited = closes_waited + 1
        WHERE network_id = $1 AND round_id IN (SELECT id FROM closed) AND closes_waited + 1 < $2
        """
    let network: UUID
    let maximumCloses: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(maximumCloses)
    }
}

/// A release that is frozen and not in the record yet.
struct PendingRelease: Sendable {
    let id: UUID
    let number: Int
    let round: UUID
    let title: String
    let closedOn: PostgresDate
    let k: Int
    let isEndorsement: Bool
}

struct ReadPendingReleases: PostgresStatement {
    static let sql = """
        SELECT id, number, round_id, title, closed_on, k, is_endorsement FROM pending_release
        WHERE network_id = $1 AND NOT is_published
        ORDER BY number
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> PendingRelease {
        PendingRelease(
            id: try row.next(),
            number: try row.next(),
            round: try row.next(),
            title: try row.next(),
            closedOn: try row.next(),
            k: try row.next(),
            isEndorsement: try row.next()
        )
    }
}

struct PendingCell: Sendable {
    let id: UUID
    let item: UUID
    let itemText: String
    let unit: UUID?
    let unitName: String?
    let numbers: [Int]
}

struct ReadPendingCells: PostgresStatement {
    static let sql = """
        SELECT id, item_id, item_text, unit_id, unit_name, at_least, negative, neutral, positive, mean_tenths
        FROM pending_cell WHERE network_id = $1 AND release_id = $2
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
            numbers: [try row.next(), try row.next(), try row.next(), try row.next(), try row.next()]
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
        INSERT INTO release (network_id, id, number, round_id, round_title, closed_on, scheme, k)
        VALUES ($1, $2, $3, $4, $5, $6, 'S1', $7)
        ON CONFLICT (network_id, id) DO NOTHING
        """
    let network: UUID
    let release: PendingRelease
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release.id)
        parameters.append(release.number)
        parameters.append(release.round)
        parameters.append(release.title)
        parameters.append(release.closedOn)
        parameters.append(Int16(release.k))
    }
}

struct InsertCells: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO cell (network_id, release_id, id, table_name, item_id, item_text, unit_id, unit_name, at_least,
            negative, neutral, positive, mean_tenths)
        SELECT $1, $2, c.*
        FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[]) AS c
        ON CONFLICT (network_id, release_id, id) DO NOTHING
        """
    let network: UUID
    let release: UUID
    let cells: [PendingCell]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(release)
        parameters.append(cells.map(\.id))
        parameters.append(cells.map { ($0.unit == nil ? ReleaseTable.item : .itemUnit).rawValue })
        parameters.append(cells.map(\.item))
        parameters.append(cells.map(\.itemText))
        parameters.append(cells.map(\.unit))
        parameters.append(cells.map(\.unitName))
        for index in 0..<5 { parameters.append(cells.map { $0.numbers[index] }) }
    }
}

struct InsertSupport: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO support (network_id, recommendation_id, at_least, no, abstain, yes, recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
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
