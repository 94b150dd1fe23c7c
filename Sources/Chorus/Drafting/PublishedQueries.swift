import Foundation
import Postgres

extension PublishedReview {
    fileprivate init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        self.init(
            votes: try row.next(),
            quality: try row.next(),
            effect: try row.next(),
            ofEarlierText: try row.next()
        )
    }
}

/// What came of a review, once it has ended with the publication.
struct ReadEndedReview: PostgresStatement {
    static let sql = """
        SELECT votes, quality, effect, is_earlier FROM draft_review
        WHERE network_id = $1 AND recommendation_id = $2 AND is_earlier IS NOT NULL
        """
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> PublishedReview {
        try PublishedReview(&row)
    }
}

/// Where a text comes from: as its authors say, else from the releases of its evidence.
struct InsertProvenance: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO provenance (network_id, recommendation_id, revision, position, paragraph, kind, reference, on_day)
        SELECT $1, $2, $3, p.position, nullif(p.paragraph, 0), p.kind, p.reference, p.on_day
        FROM unnest($4::integer[], $5::text[], $6::text[], $7::date[])
            WITH ORDINALITY AS p (paragraph, kind, reference, on_day, position)
        UNION ALL
        SELECT $1, $2, $3, row_number() OVER (ORDER BY r.number), NULL, 'release', r.id::text, r.closed_on
        FROM release r
        WHERE r.network_id = $1 AND r.id = ANY ($8) AND cardinality($4) = 0
        ON CONFLICT DO NOTHING
        """
    let text: Draft
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(text.network)
        parameters.append(text.recommendation)
        parameters.append(text.revision)
        Provenance.bind(text.provenance, &parameters)
        parameters.append(text.releases)
    }
}

struct InsertReview: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO review (network_id, recommendation_id, revision, votes, quality, effect, is_earlier)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT DO NOTHING
        """
    let text: Draft
    let review: PublishedReview
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(text.network)
        parameters.append(text.recommendation)
        parameters.append(text.revision)
        parameters.append(review.votes)
        parameters.append(review.quality)
        parameters.append(review.effect)
        parameters.append(review.ofEarlierText)
    }
}

struct InsertPublishedStatements: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO statement (network_id, recommendation_id, revision, position, body, text, stated_on)
        SELECT $1, $2, $3, s.position, s.body, s.text, s.stated_on::date
        FROM unnest($4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS s (body, text, stated_on, position)
        ON CONFLICT DO NOTHING
        """
    let text: Draft
    let statements: [Statement]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(text.network)
        parameters.append(text.recommendation)
        parameters.append(text.revision)
        parameters.append(statements.map(\.body))
        parameters.append(statements.map(\.text))
        parameters.append(statements.map(\.on))
    }
}

struct ReadProvenance: PostgresStatement {
    typealias Row = (recommendation: UUID, revision: Int, provenance: Provenance)

    static let sql = """
        SELECT recommendation_id, revision, paragraph, kind, reference, on_day FROM provenance
        WHERE network_id = $1 AND recommendation_id = ANY ($2)
        ORDER BY recommendation_id, revision, position
        """
    let network: UUID
    let recommendations: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendations)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let recommendation: UUID = try row.next()
        let revision: Int = try row.next()
        let paragraph: Int? = try row.next()
        let kind: String = try row.next()
        let provenance = Provenance(
            paragraph: paragraph,
            kind: Provenance.Kind(rawValue: kind) ?? .release,
            reference: try row.next(),
            on: try row.next()
        )
        return (recommendation, revision, provenance)
    }
}

struct ReadReviews: PostgresStatement {
    typealias Row = (recommendation: UUID, revision: Int, review: PublishedReview)

    static let sql = """
        SELECT recommendation_id, revision, votes, quality, effect, is_earlier FROM review
        WHERE network_id = $1 AND recommendation_id = ANY ($2)
        """
    let network: UUID
    let recommendations: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendations)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let recommendation: UUID = try row.next()
        let revision: Int = try row.next()
        return (recommendation, revision, try PublishedReview(&row))
    }
}

struct ReadPublishedStatements: PostgresStatement {
    typealias Row = (recommendation: UUID, revision: Int, statement: PublishedStatement)

    static let sql = """
        SELECT recommendation_id, revision, body, text, stated_on FROM statement
        WHERE network_id = $1 AND recommendation_id = ANY ($2)
        ORDER BY recommendation_id, revision, position
        """
    let network: UUID
    let recommendations: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendations)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let recommendation: UUID = try row.next()
        let revision: Int = try row.next()
        let body: String = try row.next()
        let text: String = try row.next()
        let day: PostgresDate = try row.next()
        return (recommendation, revision, PublishedStatement(body: body, text: text, on: day.description))
    }
}
