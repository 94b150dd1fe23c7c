import Foundation
import Postgres

extension ReleasedCell {
    fileprivate static let columns = """
        r.id, r.number, r.closed_on, r.kind, c.id, c.table_name, c.item_id, c.item_text, c.unit_id, c.unit_name, c.at_least,
            c.negative, c.neutral, c.positive, c.mean_tenths, c.noisy_negative, c.noisy_neutral, c.noisy_positive, c.error
        """

    fileprivate init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        let release: UUID = try row.next()
        self.release = release.text
        releaseNumber = try row.next()
        let day: PostgresDate = try row.next()
        closedOn = day.description
        kind = try row.choice()
        let id: UUID = try row.next()
        self.id = id.text
        table = try row.choice()
        let item: UUID? = try row.next()
        self.item = item.text
        itemText = try row.next()
        let unit: UUID? = try row.next()
        self.unit = unit.text
        unitName = try row.next()
        atLeast = try row.next()
        negative = try row.next()
        neutral = try row.next()
        positive = try row.next()
        meanTenths = try row.next()
        let noised: [Int?] = [try row.next(), try row.next(), try row.next(), try row.next()]
        let known = noised.compactMap(\.self)
        noise =
            known.count < 4 ? nil : Noise(negative: known[0], neutral: known[1], positive: known[2], error: known[3])
    }
}

/// The cells of the newest releases; asked by the login that can read the record only.
struct ReadReleasedCells: PostgresStatement {
    static let isPlannedAnew = true
    /// As many releases as rules and comparisons look back on: years of rounds and months.
    static let releases = 200
    static let sql = """
        SELECT \(ReleasedCell.columns)
        FROM (
            SELECT * FROM release WHERE network_id = $1 AND ($2::bigint IS NULL OR number > $2)
            ORDER BY number DESC LIMIT $3
        ) r
        JOIN cell c ON c.network_id = $1 AND c.release_id = r.id
        ORDER BY r.number, c.id
        """
    let network: UUID
    /// Releases after this number.
    var after: Int?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(after)
        parameters.append(Self.releases)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ReleasedCell {
        try ReleasedCell(&row)
    }
}

/// The cells that a published recommendation rests on.
struct ReadEvidenceCells: PostgresStatement {
    static let sql = """
        SELECT \(ReleasedCell.columns)
        FROM evidence e
        JOIN release r ON r.network_id = e.network_id AND r.id = e.release_id
        JOIN cell c ON c.network_id = e.network_id AND c.release_id = e.release_id AND c.id = e.cell_id
        WHERE e.network_id = $1 AND e.recommendation_id = $2
        ORDER BY e.position
        """
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ReleasedCell {
        try ReleasedCell(&row)
    }
}

/// Why a suggestion was put away.
struct SuggestionDismissal: Encodable, Sendable {
    let reason: String
    let on: String
}

struct ReadDismissals: PostgresStatement {
    typealias Row = (suggestion: UUID, dismissal: SuggestionDismissal)

    static let sql = """
        SELECT suggestion_id, reason, dismissed_on FROM suggestion_dismissal
        WHERE network_id = $1 AND suggestion_id = ANY ($2)
        """
    let network: UUID
    let suggestions: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(suggestions)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let suggestion: UUID = try row.next()
        let reason: String = try row.next()
        let day: PostgresDate = try row.next()
        return (suggestion, SuggestionDismissal(reason: reason, on: day.description))
    }
}

struct SaveDismissal: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO suggestion_dismissal (network_id, suggestion_id, reason, dismissed_on) VALUES ($1, $2, $3, $4)
        ON CONFLICT (network_id, suggestion_id) DO UPDATE SET reason = EXCLUDED.reason
        """
    let network: UUID
    let suggestion: UUID
    let reason: String
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(suggestion)
        parameters.append(reason)
        parameters.append(day)
    }
}

struct DeleteDismissal: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM suggestion_dismissal WHERE network_id = $1 AND suggestion_id = $2"
    let network: UUID
    let suggestion: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(suggestion)
    }
}

/// Which of some recommendations there are.
struct ReadKnownRecommendations: PostgresStatement {
    static let sql = "SELECT id FROM recommendation WHERE network_id = $1 AND id = ANY ($2)"
    let network: UUID
    let ids: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(ids)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
