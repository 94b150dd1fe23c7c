import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/answer-duty` and the same below `/v1/hr`: how many answers the employer owes.
struct AnswerDutyRoutes: Sendable {
    let parts: ServerParts

    func add(record: some RouterMethods<RecordContext>, member: some RouterMethods<MemberContext>) {
        record.get("answer-duty") { try await read($0, $1.network) }
        member.get("answer-duty") { try await read($0, $1.network) }
    }

    private func read(_ request: Request, _ network: UUID) async throws -> Response {
        try .read(try await parts.owedAnswers(of: network), for: request)
    }
}

extension ServerParts {
    /// How many answers the employer owes today, with the grace time of the network.
    func owedAnswers(of network: UUID) async throws -> OwedAnswers {
        let statement = CountOwedAnswers(
            network: network,
            today: try await today(of: network),
            graceDays: try await answerDutyContacts(of: network).graceDays
        )
        guard let owed = try await databases.hr.first(statement, network: network) else { throw Problem(.internal) }
        return owed
    }
}

/// Recommendations without an answer, in numbers; each of them counts the same recommendations as the list does.
struct OwedAnswers: Encodable, Sendable {
    /// All of them.
    let owed: Int
    /// Due within two weeks.
    let soon: Int
    /// Past their day, those that went further among them.
    let overdue: Int
    /// Past the grace time too.
    let escalated: Int
    /// How many days the oldest of them is late; 0 when none is.
    let longestDelayDays: Int
    /// After how many days of delay it goes further.
    let graceDays: Int
}

struct CountOwedAnswers: PostgresStatement {
    static let sql = """
        SELECT count(*), count(*) FILTER (WHERE r.answer_due_on BETWEEN $2 AND $3),
            count(*) FILTER (WHERE r.answer_due_on < $2), count(*) FILTER (WHERE r.answer_due_on <= $4),
            greatest(coalesce(max($2::date - r.answer_due_on), 0), 0), $5::bigint
        FROM recommendation r
        WHERE r.network_id = $1
            AND NOT EXISTS (SELECT FROM answer a WHERE a.network_id = $1 AND a.recommendation_id = r.id)
        """
    let network: UUID
    let today: PostgresDate
    let graceDays: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
        parameters.append(ReminderStep.soon.dueDates(on: today, graceDays: graceDays).upperBound)
        parameters.append(ReminderStep.escalated.dueDates(on: today, graceDays: graceDays).upperBound)
        parameters.append(graceDays)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> OwedAnswers {
        OwedAnswers(
            owed: try row.next(),
            soon: try row.next(),
            overdue: try row.next(),
            escalated: try row.next(),
            longestDelayDays: try row.next(),
            graceDays: try row.next()
        )
    }
}
