import Foundation
import Postgres

/// Filters of the list.
struct RecommendationFilter: Sendable {
    var id: UUID?
    /// Of these alone; of all by default.
    var ids: [UUID]?
    var status: RecommendationStatus?
    var theme: UUID?
    var updatedSince: Date?
    var after: Int?
    var limit = 1
}

/// What the record has of recommendations; of reminders by a clock that stood ahead nothing is shown before its day.
struct ReadRecommendations: PostgresStatement {
    static let isPlannedAnew = true
    static let sql = """
        SELECT r.id, r.number, r.title, r.text, r.theme_id, r.unit_id, r.measure, r.published_on, r.answer_due_on,
            s.at_least, s.yes, s.no, s.abstain,
            a.decision, a.text, a.responsible, a.due_on, a.answered_on, a.version,
            o.ids, o.statuses, o.texts, o.days, m.steps, m.days
        FROM recommendation r
        LEFT JOIN support s ON s.network_id = r.network_id AND s.recommendation_id = r.id
        LEFT JOIN LATERAL (
            SELECT * FROM answer v WHERE v.network_id = r.network_id AND v.recommendation_id = r.id
            ORDER BY v.version DESC LIMIT 1
        ) a ON true
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(x.id ORDER BY x.position), '{}') AS ids,
                coalesce(array_agg(x.status ORDER BY x.position), '{}') AS statuses,
                coalesce(array_agg(x.text ORDER BY x.position), '{}') AS texts,
                coalesce(array_agg(x.on_day ORDER BY x.position), '{}') AS days,
                max(x.recorded_at) AS changed_at
            FROM outcome x WHERE x.network_id = r.network_id AND x.recommendation_id = r.id
        ) o
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(x.step ORDER BY x.on_day, x.place), '{}') AS steps,
                coalesce(array_agg(x.on_day ORDER BY x.on_day, x.place), '{}') AS days,
                max(x.recorded_at) AS changed_at
            FROM (
                SELECT y.step, min(y.on_day) AS on_day, min(y.recorded_at) AS recorded_at,
                    array_position(ARRAY['soon', 'last', 'overdue', 'escalated'], y.step) AS place
                FROM reminder y
                WHERE y.network_id = r.network_id AND y.recommendation_id = r.id AND y.on_day <= $8
                GROUP BY y.step
            ) x
        ) m
        WHERE r.network_id = $1 AND ($2::uuid[] IS NULL OR r.id = ANY ($2)) AND ($3::uuid IS NULL OR r.theme_id = $3)
            AND ($4::timestamptz IS NULL
                OR greatest(r.recorded_at, s.recorded_at, a.recorded_at, o.changed_at, m.changed_at) >= $4)
            AND ($5::bigint IS NULL OR r.number > $5)
            AND ($7::text IS NULL OR $7 = CASE
                WHEN cardinality(o.statuses) > 0 THEN o.statuses[cardinality(o.statuses)]
                WHEN a.version IS NOT NULL THEN 'answered'
                WHEN r.answer_due_on < $8 THEN 'overdue'
                ELSE 'published' END)
        ORDER BY r.number
        LIMIT $6
        """
    let network: UUID
    let filter: RecommendationFilter
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(filter.id.map { [$0] } ?? filter.ids)
        parameters.append(filter.theme)
        parameters.append(filter.updatedSince)
        parameters.append(filter.after)
        parameters.append(filter.limit + 1)
        parameters.append(filter.status?.rawValue)
        parameters.append(today)
    }

    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> RecordedRecommendation {
        RecordedRecommendation(
            id: try row.next(),
            number: try row.next(),
            title: try row.next(),
            text: try row.next(),
            theme: try row.next(),
            unit: try row.next(),
            measure: try row.next(),
            publishedOn: try row.next(),
            answerDueOn: try row.next(),
            support: try support(&row),
            answer: try answer(&row),
            outcomes: try outcomes(&row),
            reminders: try reminders(&row)
        )
    }

    private static func support(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> RecommendationAnswer.Support? {
        let atLeast: Int? = try row.next()
        let yes: Int? = try row.next()
        let no: Int? = try row.next()
        let abstain: Int? = try row.next()
        guard let atLeast, let yes, let no, let abstain else { return nil }
        return .init(atLeast: atLeast, yes: Double(yes) / 100, no: Double(no) / 100, abstain: Double(abstain) / 100)
    }

    private static func answer(_ row: inout PostgresRow) throws(PostgresDecodingError) -> RecommendationAnswer.Reply? {
        let decision: String? = try row.next()
        let text: String? = try row.next()
        let responsible: String? = try row.next()
        let dueOn: PostgresDate? = try row.next()
        let answeredOn: PostgresDate? = try row.next()
        let version: Int? = try row.next()
        guard let decision, let text, let responsible, let answeredOn, let version else { return nil }
        return .init(
            decision: decision,
            text: text,
            responsible: responsible,
            dueOn: dueOn?.description,
            answeredOn: answeredOn.description,
            version: version
        )
    }

    private static func outcomes(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [RecommendationAnswer
        .Outcome]
    {
        let ids: [UUID] = try row.next()
        let statuses: [String] = try row.next()
        let texts: [String] = try row.next()
        let days: [PostgresDate] = try row.next()
        return ids.indices.map {
            .init(id: ids[$0].text, status: statuses[$0], text: texts[$0], on: days[$0].description)
        }
    }
}

extension ReadRecommendations {
    fileprivate static func reminders(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [Reminder] {
        let steps: [String] = try row.next()
        let days: [PostgresDate] = try row.next()
        return zip(steps, days).map { Reminder(step: $0, on: $1.description) }
    }
}

/// The evidence of some recommendations, as released.
struct ReadEvidence: PostgresStatement {
    static let sql = """
        SELECT e.recommendation_id, e.release_id, r.number, c.table_name, \(CellAnswer.columns)
        FROM evidence e
        JOIN release r ON r.network_id = e.network_id AND r.id = e.release_id
        JOIN cell c ON c.network_id = e.network_id AND c.release_id = e.release_id AND c.id = e.cell_id
        WHERE e.network_id = $1 AND e.recommendation_id = ANY ($2)
        ORDER BY e.recommendation_id, e.position
        """
    let network: UUID
    let recommendations: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendations)
    }
    static func decode(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> (recommendation: UUID, evidence: RecommendationAnswer.Evidence) {
        let recommendation: UUID = try row.next()
        let release: UUID = try row.next()
        let number: Int = try row.next()
        let table: String = try row.next()
        return (
            recommendation,
            .init(release: release.text, releaseNumber: number, table: table, cell: try CellAnswer(&row))
        )
    }
}

/// The one-way move into the record; doing it again changes nothing.
struct InsertRecommendation: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH made AS (
            INSERT INTO recommendation (network_id, id, number, title, text, theme_id, unit_id, measure, published_on,
                answer_due_on, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (network_id, id) DO NOTHING
            RETURNING id
        )
        INSERT INTO evidence (network_id, recommendation_id, position, release_id, cell_id)
        SELECT $1, made.id, e.position, e.release_id, e.cell_id
        FROM made, unnest($12::uuid[], $13::uuid[]) WITH ORDINALITY AS e (release_id, cell_id, position)
        """
    let network: UUID
    let draft: Draft
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(draft.id)
        parameters.append(draft.number)
        parameters.append(draft.title)
        parameters.append(draft.text)
        parameters.append(draft.theme)
        parameters.append(draft.unit)
        parameters.append(draft.measure)
        parameters.append(draft.publishedOn)
        parameters.append(draft.answerDueOn)
        parameters.append(now)
        parameters.append(draft.releases)
        parameters.append(draft.cells)
    }
}

struct InsertAnswer: PostgresStatement {
    static let sql = """
        INSERT INTO answer (network_id, recommendation_id, version, decision, text, responsible, due_on, answered_on,
            recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT DO NOTHING
        RETURNING version
        """
    let network: UUID
    let recommendation: UUID
    let version: Int
    let answer: NewAnswer
    let today: PostgresDate
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(version)
        parameters.append(answer.decision.rawValue)
        parameters.append(answer.text)
        parameters.append(answer.responsible)
        parameters.append(answer.dueOn)
        parameters.append(today)
        parameters.append(now)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }

    /// What the record has once it is done.
    var recorded: RecordedAnswer {
        RecordedAnswer(
            recommendation: recommendation,
            version: version,
            decision: answer.decision.rawValue,
            text: answer.text,
            responsible: answer.responsible,
            dueOn: answer.dueOn,
            answeredOn: today
        )
    }
}

struct InsertOutcome: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO outcome (network_id, recommendation_id, id, position, status, text, on_day, recorded_at)
        SELECT $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5, $6, $7
        FROM outcome WHERE network_id = $1 AND recommendation_id = $2
        """
    let network: UUID
    let recommendation: UUID
    let id: UUID
    let outcome: NewOutcome
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(id)
        parameters.append(outcome.status.rawValue)
        parameters.append(outcome.text)
        parameters.append(outcome.on)
        parameters.append(now)
    }
}

struct NewAnswer: JSONInput {
    let decision: AnswerDecision
    let text: String
    let responsible: String
    let dueOn: PostgresDate?

    init(_ fields: inout Fields) {
        decision = fields.choice("decision", default: .accepted)
        text = fields.string("text", length: 0...20_000)
        responsible = fields.string("responsible", length: 1...300)
        dueOn = fields.optionalDay("dueOn")
        if decision != .accepted, text.trimmingWhitespace().isEmpty {
            fields.refuse("text", "must give a reason when a recommendation is not accepted whole")
        }
    }
}

struct NewOutcome: JSONInput {
    let status: OutcomeStatus
    let text: String
    let on: PostgresDate

    init(_ fields: inout Fields) {
        status = fields.choice("status", default: .planned)
        text = fields.string("text", length: 1...20_000)
        on = fields.day("on")
    }
}
