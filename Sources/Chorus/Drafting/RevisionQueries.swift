import Foundation
import Postgres

struct ReadCurrentTexts: PostgresStatement {
    typealias Row = (recommendation: UUID, text: CurrentText)

    static let sql = """
        SELECT DISTINCT ON (coalesce(revises, id)) coalesce(revises, id), id, published_on, answer_due_on, endorsement
        FROM recommendation
        WHERE network_id = $1 AND state = 'published' AND (id = ANY ($2) OR revises = ANY ($2))
        ORDER BY coalesce(revises, id), revision DESC
        """
    let network: UUID
    let recommendations: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendations)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let recommendation: UUID = try row.next()
        let text = CurrentText(
            id: try row.next(),
            publishedOn: try row.next(),
            answerDueOn: try row.next(),
            endorsement: try row.next()
        )
        return (recommendation, text)
    }
}

/// Begins the next text as the one before, unless somebody has begun it.
struct InsertRevisedDraft: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO recommendation (network_id, id, title, text, theme_id, unit_id, measure, evidence_release_ids,
            evidence_cell_ids, benches, \(Provenance.columns), written_on, revises, revision)
        SELECT network_id, $3, title, text, theme_id, unit_id, measure, evidence_release_ids, evidence_cell_ids, benches,
            \(Provenance.columns), $4, $2, revision + 1
        FROM recommendation
        WHERE network_id = $1 AND state = 'published' AND (id = $2 OR revises = $2)
        ORDER BY revision DESC
        LIMIT 1
        ON CONFLICT DO NOTHING
        """
    let network: UUID
    let recommendation: UUID
    let id: UUID
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(id)
        parameters.append(day)
    }
}

struct ReadRevisedDraft: PostgresStatement {
    static let sql = """
        SELECT \(Draft.columns) FROM recommendation WHERE network_id = $1 AND revises = $2 AND state = 'draft'
        """
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

/// Every later text that was published.
struct ReadRevisedTexts: PostgresStatement {
    static let sql = """
        SELECT \(Draft.columns) FROM recommendation
        WHERE network_id = $1 AND revises IS NOT NULL AND state = 'published'
        ORDER BY number, revision
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Draft { try Draft(&row) }
}

/// A later text for the record, with its evidence.
struct InsertRevision: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH made AS (
            INSERT INTO revision (network_id, recommendation_id, revision, id, title, text, measure, published_on, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT DO NOTHING
            RETURNING id
        )
        INSERT INTO evidence (network_id, recommendation_id, revision, position, release_id, cell_id)
        SELECT $1, $2, $3, e.position, e.release_id, e.cell_id
        FROM made, unnest($10::uuid[], $11::uuid[]) WITH ORDINALITY AS e (release_id, cell_id, position)
        """
    let text: Draft
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(text.network)
        parameters.append(text.recommendation)
        parameters.append(text.revision)
        parameters.append(text.id)
        parameters.append(text.title)
        parameters.append(text.text)
        parameters.append(text.measure)
        parameters.append(text.publishedOn)
        parameters.append(now)
        parameters.append(text.releases)
        parameters.append(text.cells)
    }
}

/// A text as it was published.
struct PublishedText: Sendable {
    let revision: Int
    let title: String
    let text: String
    let measure: String
    let publishedOn: PostgresDate
    let support: RecommendationAnswer.Support?
}

struct ReadPublishedTexts: PostgresStatement {
    static let sql = """
        SELECT t.revision, t.title, t.text, t.measure, t.published_on, s.at_least, s.yes, s.no, s.abstain
        FROM (
            SELECT network_id, id, 1 AS revision, title, text, measure, published_on FROM recommendation
            WHERE network_id = $1 AND id = $2
            UNION ALL
            SELECT network_id, recommendation_id, revision, title, text, measure, published_on FROM revision
            WHERE network_id = $1 AND recommendation_id = $2
        ) t
        LEFT JOIN support s ON s.network_id = t.network_id AND s.recommendation_id = t.id AND s.revision = t.revision
        ORDER BY t.revision
        """
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> PublishedText {
        PublishedText(
            revision: try row.next(),
            title: try row.next(),
            text: try row.next(),
            measure: try row.next(),
            publishedOn: try row.next(),
            support: try ReadRecommendations.support(&row)
        )
    }
}
