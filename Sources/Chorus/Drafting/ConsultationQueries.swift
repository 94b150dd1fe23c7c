import Foundation
import Postgres

struct ReadConsultation: PostgresStatement {
    static let sql = "SELECT until_day, bodies FROM draft_consultation WHERE network_id = $1 AND recommendation_id = $2"
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Consultation {
        Consultation(until: try row.next(), bodies: try row.next())
    }
}

struct SaveConsultation: PostgresStatement {
    static let sql = """
        INSERT INTO draft_consultation (network_id, recommendation_id, bodies, until_day)
        SELECT network_id, id, $3, $4 FROM recommendation
        WHERE network_id = $1 AND id = $2 AND state = 'draft'
        FOR SHARE
        ON CONFLICT (network_id, recommendation_id)
            DO UPDATE SET bodies = EXCLUDED.bodies, until_day = EXCLUDED.until_day
        RETURNING recommendation_id
        """
    let network: UUID
    let recommendation: UUID
    let consultation: Consultation
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(consultation.bodies)
        parameters.append(consultation.until)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct ReadStatements: PostgresStatement {
    static let sql = """
        SELECT id, body, text, stated_on FROM draft_statement WHERE network_id = $1 AND recommendation_id = $2
        ORDER BY position
        """
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Statement {
        let id: UUID = try row.next()
        let body: String = try row.next()
        let text: String = try row.next()
        let day: PostgresDate = try row.next()
        return Statement(id: id.text, body: body, text: text, on: day.description)
    }
}

/// Adds what a body says, while there is time and the text is not frozen.
struct InsertStatement: PostgresStatement {
    static let sql = """
        WITH open AS (
            SELECT r.network_id, r.id
            FROM recommendation r
            JOIN draft_consultation v ON v.network_id = r.network_id AND v.recommendation_id = r.id
            WHERE r.network_id = $1 AND r.id = $2 AND r.state = 'draft' AND v.until_day >= $6
            FOR SHARE OF r
        )
        INSERT INTO draft_statement (network_id, recommendation_id, id, position, body, text, stated_on)
        SELECT o.network_id, o.id, $3, (
                SELECT coalesce(max(s.position), 0) + 1 FROM draft_statement s
                WHERE s.network_id = $1 AND s.recommendation_id = $2),
            $4, $5, $6
        FROM open o
        RETURNING id
        """
    let network: UUID
    let recommendation: UUID
    let id: UUID
    let body: String
    let text: String
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(id)
        parameters.append(body)
        parameters.append(text)
        parameters.append(today)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
