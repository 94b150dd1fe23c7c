import Foundation
import Postgres

/// A place in a released table: what a recommendation may rest on.
struct EvidencePlace: JSONInput, Sendable {
    let release: UUID
    let table: ReleaseTable
    let item: UUID?
    let unit: UUID?

    init(_ fields: inout Fields) {
        release = fields.uuid("release")
        table = fields.choice("table", default: .item)
        item = fields.optionalUUID("item")
        unit = fields.optionalUUID("unit")
    }
}

struct NewRecommendation: JSONInput {
    let title: String
    let text: String
    let theme: UUID?
    let unit: UUID?
    let measure: String
    let evidence: [EvidencePlace]

    init(_ fields: inout Fields) {
        title = fields.string("title", length: 1...300)
        text = fields.string("text", length: 1...50_000)
        theme = fields.optionalUUID("theme")
        unit = fields.optionalUUID("unit")
        measure = fields.string("measure", length: 1...5_000)
        evidence = fields.objects("evidence", count: 0...50)
    }
}

struct RecommendationChange: JSONInput {
    let title: String?
    let text: String?
    let measure: String?
    /// `nil` leaves it; a `nil` inside takes it away.
    let theme: UUID??
    let unit: UUID??
    let evidence: [EvidencePlace]?

    init(_ fields: inout Fields) {
        title = fields.optionalString("title", length: 1...300)
        text = fields.optionalString("text", length: 1...50_000)
        measure = fields.optionalString("measure", length: 1...5_000)
        theme = fields.contains("theme") ? .some(fields.optionalUUID("theme")) : nil
        unit = fields.contains("unit") ? .some(fields.optionalUUID("unit")) : nil
        evidence = fields.contains("evidence") ? fields.objects("evidence", count: 0...50) : nil
    }
}

/// A recommendation as it stands in the private database.
struct Draft: Sendable {
    let id: UUID
    let state: String
    let title: String
    let text: String
    let theme: UUID?
    let unit: UUID?
    let measure: String
    let releases: [UUID]
    let cells: [UUID]
    let number: Int?
    let publishedOn: PostgresDate?
    let answerDueOn: PostgresDate?
    let endorsement: String?
    let version: Int
}

private let columns = """
    id, state, title, text, theme_id, unit_id, measure, evidence_release_ids, evidence_cell_ids, number, published_on,
    answer_due_on, endorsement, version
    """

extension Draft {
    fileprivate init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        id = try row.next()
        state = try row.next()
        title = try row.next()
        text = try row.next()
        theme = try row.next()
        unit = try row.next()
        measure = try row.next()
        releases = try row.next()
        cells = try row.next()
        number = try row.next()
        publishedOn = try row.next()
        answerDueOn = try row.next()
        endorsement = try row.next()
        version = try row.next()
    }
}

struct InsertDraft: PostgresStatement {
    static let sql = """
        INSERT INTO recommendation (network_id, id, title, text, theme_id, unit_id, measure, evidence_release_ids,
            evidence_cell_ids)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        RETURNING \(columns)
        """
    let network: UUID
    let id: UUID
    let new: NewRecommendation
    let cells: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(new.title)
        parameters.append(new.text)
        parameters.append(new.theme)
        parameters.append(new.unit)
        parameters.append(new.measure)
        parameters.append(new.evidence.map(\.release))
        parameters.append(cells)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

struct ReadDrafts: PostgresStatement {
    static let sql = """
        SELECT \(columns) FROM recommendation
        WHERE network_id = $1 AND ($2::uuid IS NULL OR id = $2) AND ($3::text IS NULL OR state = $3)
            AND ($4::uuid IS NULL OR id > $4) AND ($5::bigint IS NULL OR number > $5)
        ORDER BY number, id
        LIMIT $6
        """
    let network: UUID
    var id: UUID?
    var state: String?
    /// Drafts after this one.
    var after: UUID?
    /// Published ones after this number.
    var afterNumber: Int?
    var limit = 1
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(state)
        parameters.append(after)
        parameters.append(afterNumber)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

struct UpdateDraft: PostgresStatement {
    static let sql = """
        UPDATE recommendation
        SET title = coalesce($4, title), text = coalesce($5, text), measure = coalesce($6, measure),
            evidence_release_ids = coalesce($7, evidence_release_ids),
            evidence_cell_ids = coalesce($8, evidence_cell_ids), version = version + 1,
            theme_id = CASE WHEN $9 THEN $10 ELSE theme_id END, unit_id = CASE WHEN $11 THEN $12 ELSE unit_id END
        WHERE network_id = $1 AND id = $2 AND state = 'draft' AND ($3::bigint IS NULL OR version = $3)
        RETURNING \(columns)
        """
    let network: UUID
    let id: UUID
    let expected: Int?
    let change: RecommendationChange
    let cells: [UUID]?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(expected)
        parameters.append(change.title)
        parameters.append(change.text)
        parameters.append(change.measure)
        parameters.append(change.evidence?.map(\.release))
        parameters.append(cells)
        parameters.append(change.theme != nil)
        parameters.append(change.theme ?? nil)
        parameters.append(change.unit != nil)
        parameters.append(change.unit ?? nil)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

/// Gives the next number and freezes the text; a second publication with another date changes nothing.
struct PublishDraft: PostgresStatement {
    static let sql = """
        UPDATE recommendation
        SET state = 'published', endorsement = 'open', answer_due_on = $3, published_on = $4, version = version + 1,
            number = (SELECT coalesce(max(number), 0) + 1 FROM recommendation WHERE network_id = $1)
        WHERE network_id = $1 AND id = $2 AND state = 'draft'
        RETURNING \(columns)
        """
    let network: UUID
    let id: UUID
    let dueOn: PostgresDate
    let publishedOn: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(dueOn)
        parameters.append(publishedOn)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

struct CloseEndorsement: PostgresStatement {
    static let sql = """
        UPDATE recommendation SET endorsement = 'closing', version = version + 1
        WHERE network_id = $1 AND id = $2 AND endorsement = 'open'
        RETURNING id
        """
    let network: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// A released cell by its place; nothing when it was not released.
struct FindCell: PostgresStatement {
    static let sql = """
        SELECT id FROM cell
        WHERE network_id = $1 AND release_id = $2 AND table_name = $3 AND item_id IS NOT DISTINCT FROM $4
            AND unit_id IS NOT DISTINCT FROM $5
        """
    let network: UUID
    let place: EvidencePlace
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(place.release)
        parameters.append(place.table.rawValue)
        parameters.append(place.item)
        parameters.append(place.unit)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
