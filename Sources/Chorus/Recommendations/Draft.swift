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
    /// Whose yes it needs; the network's alone by default.
    let benches: Set<Bench>
    let provenance: [Provenance]

    init(_ fields: inout Fields) {
        title = fields.string("title", length: 1...300)
        text = fields.string("text", length: 1...50_000)
        theme = fields.optionalUUID("theme")
        unit = fields.optionalUUID("unit")
        measure = fields.string("measure", length: 1...5_000)
        evidence = fields.objects("evidence", count: 0...50)
        benches = fields.contains("benches") ? fields.benches() : [.network]
        provenance = fields.objects("provenance", count: 0...Provenance.most)
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
    let benches: Set<Bench>?
    /// `nil` takes it along with the paragraphs.
    var provenance: [Provenance]?

    init(_ fields: inout Fields) {
        title = fields.optionalString("title", length: 1...300)
        text = fields.optionalString("text", length: 1...50_000)
        measure = fields.optionalString("measure", length: 1...5_000)
        theme = fields.contains("theme") ? .some(fields.optionalUUID("theme")) : nil
        unit = fields.contains("unit") ? .some(fields.optionalUUID("unit")) : nil
        evidence = fields.contains("evidence") ? fields.objects("evidence", count: 0...50) : nil
        benches = fields.contains("benches") ? fields.benches() : nil
        provenance =
            fields.contains("provenance") ? fields.objects("provenance", count: 0...Provenance.most) : nil
    }
}

extension Fields {
    /// The benches whose yes a draft needs: at least one.
    fileprivate mutating func benches() -> Set<Bench> {
        let names = strings("benches", count: 1...Bench.allCases.count, length: 1...20)
        let known = Set(names.compactMap(Bench.init(rawValue:)))
        if known.count < names.count { refuse("benches", "must be different benches") }
        return known
    }
}

/// A text of a recommendation as it stands in the private database.
struct Draft: Sendable {
    let network: UUID
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
    var benches: [String] = [Bench.network.rawValue]
    var provenance: [Provenance] = []
    /// The published recommendation of which it is a later text.
    var revises: UUID?
    /// Of the text, counted from one.
    var revision = 1

    /// The recommendation that it is a text of.
    var recommendation: UUID { revises ?? id }
}

extension Draft {
    static let columns = """
        network_id, id, state, title, text, theme_id, unit_id, measure, evidence_release_ids, evidence_cell_ids, number,
        published_on, answer_due_on, endorsement, version, benches, \(Provenance.columns), revises, revision
        """

    init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        network = try row.next()
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
        benches = try row.next()
        provenance = try Provenance.read(&row)
        revises = try row.next()
        revision = try row.next()
    }
}

struct InsertDraft: PostgresStatement {
    static let sql = """
        INSERT INTO recommendation (network_id, id, title, text, theme_id, unit_id, measure, evidence_release_ids,
            evidence_cell_ids, benches, \(Provenance.columns), written_on)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        RETURNING \(Draft.columns)
        """
    let network: UUID
    let id: UUID
    let new: NewRecommendation
    let cells: [UUID]
    let day: PostgresDate
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
        parameters.append(new.benches.map(\.rawValue).sorted())
        Provenance.bind(new.provenance, &parameters)
        parameters.append(day)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

struct ReadDrafts: PostgresStatement {
    static let sql = """
        SELECT \(Draft.columns) FROM recommendation
        WHERE network_id = $1 AND ($2::uuid IS NULL OR id = $2) AND ($3::text IS NULL OR state = $3)
            AND ($4::uuid IS NULL OR id > $4) AND ($5::bigint IS NULL OR number > $5)
            AND ($3 IS DISTINCT FROM 'published' OR revises IS NULL)
            AND ($7::uuid IS NULL
                OR EXISTS (
                    SELECT FROM draft_coauthor c
                    WHERE c.network_id = $1 AND c.recommendation_id = recommendation.id AND c.membership_id = $7)
                OR $8 AND (
                    EXISTS (
                        SELECT FROM draft_review v
                        WHERE v.network_id = $1 AND v.recommendation_id = recommendation.id)
                    OR EXISTS (
                        SELECT FROM draft_consultation v
                        WHERE v.network_id = $1 AND v.recommendation_id = recommendation.id)))
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
    /// Only drafts that this membership writes.
    var writtenBy: UUID?
    /// And those that were put before the panel or the advisory bodies.
    var isCouncil = false
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(state)
        parameters.append(after)
        parameters.append(afterNumber)
        parameters.append(limit + 1)
        parameters.append(writtenBy)
        parameters.append(isCouncil)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

struct UpdateDraft: PostgresStatement {
    static let sql = """
        UPDATE recommendation
        SET title = coalesce($4, title), text = coalesce($5, text), measure = coalesce($6, measure),
            evidence_release_ids = coalesce($7, evidence_release_ids),
            evidence_cell_ids = coalesce($8, evidence_cell_ids), version = version + 1,
            theme_id = CASE WHEN $9 THEN $10 ELSE theme_id END, unit_id = CASE WHEN $11 THEN $12 ELSE unit_id END,
            benches = coalesce($13, benches), provenance_paragraphs = coalesce($14, provenance_paragraphs),
            provenance_kinds = coalesce($15, provenance_kinds),
            provenance_references = coalesce($16, provenance_references),
            provenance_days = coalesce($17, provenance_days), bench = $18, written_on = $19
        WHERE network_id = $1 AND id = $2 AND state = 'draft' AND version = $3
        RETURNING \(Draft.columns)
        """
    let network: UUID
    let id: UUID
    let expected: Int
    let change: RecommendationChange
    let cells: [UUID]?
    /// Of whoever changes it.
    let bench: Bench
    let day: PostgresDate
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
        parameters.append(change.benches?.map(\.rawValue).sorted())
        Provenance.bind(change.provenance, &parameters)
        parameters.append(bench.rawValue)
        parameters.append(day)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

/// Gives the next number (to a later text, the one it revises) and freezes the text; a second publication changes nothing.
struct PublishDraft: PostgresStatement {
    static let sql = """
        UPDATE recommendation
        SET state = 'published', endorsement = 'open', answer_due_on = $3, published_on = $4, version = version + 1,
            number = CASE WHEN revises IS NULL
                THEN (SELECT coalesce(max(number), 0) + 1 FROM recommendation WHERE network_id = $1)
                ELSE (SELECT x.number FROM recommendation x WHERE x.network_id = $1 AND x.id = recommendation.revises) END
        WHERE network_id = $1 AND id = $2 AND state = 'draft'
        RETURNING \(Draft.columns)
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
