import Foundation
import Postgres

/// What is said of an answer that is owed, in the order in which it comes (product.md: a due date that binds the employer).
enum ReminderStep: String, CaseIterable, Sendable {
    /// Two weeks are left.
    case soon
    /// Three days are left.
    case last
    /// The day has passed.
    case overdue
    /// The grace time has passed too: from here on it concerns the bodies beside the employer, who read the record as well.
    case escalated

    /// How many days after the due date the employer's delay goes further, where a network has not said otherwise.
    static let standardGraceDays = 14

    /// For which due dates the step is to be taken today.
    ///
    /// What comes before the due date is not made up for after it: a reminder that never went out would only seem to have.
    ///
    /// - Parameters:
    ///   - today: a day of the network.
    ///   - graceDays: of the network, in days.
    func dueDates(on today: PostgresDate, graceDays: Int) -> ClosedRange<PostgresDate> {
        switch self {
        case .soon: today.adding(days: 4)...today.adding(days: 14)
        case .last: today...today.adding(days: 3)
        case .overdue: Self.until(today.adding(days: -1))
        case .escalated: Self.until(today.adding(days: -1 - graceDays))
        }
    }

    /// From before there was anything to recommend.
    private static func until(_ day: PostgresDate) -> ClosedRange<PostgresDate> {
        min(day, PostgresDate(year: 2000, month: 1, day: 1))...day
    }
}

/// A step that was taken.
struct Reminder: Encodable, Sendable, Equatable {
    let step: String
    let on: String

    /// How the timeline names it.
    var event: String {
        switch ReminderStep(rawValue: step) {
        case .overdue, .escalated: step
        case .soon, .last, nil: "reminded"
        }
    }
}

/// Takes the steps that are to be taken today; taking them again changes nothing.
struct InsertReminders: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO reminder (network_id, recommendation_id, step, on_day, recorded_at)
        SELECT r.network_id, r.id, s.step, $5, $6
        FROM recommendation r
        JOIN unnest($2::text[], $3::date[], $4::date[]) AS s (step, due_from, due_to)
            ON r.answer_due_on BETWEEN s.due_from AND s.due_to
        WHERE r.network_id = $1
            AND NOT EXISTS (SELECT FROM answer a WHERE a.network_id = $1 AND a.recommendation_id = r.id)
            AND NOT EXISTS (
                SELECT FROM reminder m
                WHERE m.network_id = $1 AND m.recommendation_id = r.id AND m.step = s.step AND m.on_day <= $5)
        ON CONFLICT DO NOTHING
        """
    let network: UUID
    let today: PostgresDate
    let graceDays: Int
    let now: Date
    func bind(_ parameters: inout PostgresParameters) {
        let steps = ReminderStep.allCases
        let dates = steps.map { $0.dueDates(on: today, graceDays: graceDays) }
        parameters.append(network)
        parameters.append(steps.map(\.rawValue))
        parameters.append(dates.map(\.lowerBound))
        parameters.append(dates.map(\.upperBound))
        parameters.append(today)
        parameters.append(now)
    }
}

extension ServerParts {
    /// Notes in the record what the employer owes today: an effect outside of the job's transaction, which its key makes harmless
    /// to repeat.
    func remindOfAnswers(of network: Network) async throws {
        let now = now()
        let today = PostgresDate.today(in: network.zone, at: now)
        let contacts = try await answerDutyContacts(of: network.id)
        let statement = InsertReminders(network: network.id, today: today, graceDays: contacts.graceDays, now: now)
        _ = try await databases.recordWriter.execute(statement, network: network.id)
        try await askForReminderMail(in: network, contacts, today: today)
    }
}
