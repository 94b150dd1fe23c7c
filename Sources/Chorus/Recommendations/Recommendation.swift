import Foundation
import Postgres

enum RecommendationStatus: String, CaseIterable, Sendable {
    case published, answered, overdue
    case planned, underway, done, stopped
}

enum AnswerDecision: String, CaseIterable, Sendable {
    case accepted, partly, declined
}

enum OutcomeStatus: String, CaseIterable, Sendable {
    case planned, underway, done, stopped
}

/// A published recommendation with all that the record has of it.
struct RecommendationAnswer: Encodable, Sendable {
    struct Evidence: Encodable, Sendable {
        let release: String
        let releaseNumber: Int
        let table: String
        let cell: CellAnswer

        enum CodingKeys: CodingKey { case release, releaseNumber, table }

        /// The cell as released, with where it was.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(release, forKey: .release)
            try container.encode(releaseNumber, forKey: .releaseNumber)
            try container.encode(table, forKey: .table)
            try cell.encode(to: encoder)
        }
    }

    struct Support: Encodable, Sendable {
        let atLeast: Int
        let yes: Double
        let no: Double
        let abstain: Double
    }

    struct Reply: Encodable, Sendable {
        let decision: String
        let text: String
        let responsible: String
        @ExplicitNull var dueOn: String?
        let answeredOn: String
        let version: Int
        /// Which text it is an answer to.
        let revision: Int
    }

    struct Outcome: Encodable, Sendable {
        let id: String
        let status: String
        let text: String
        let on: String
    }

    let id: String
    let number: Int
    let title: String
    let text: String
    @ExplicitNull var theme: String?
    @ExplicitNull var unit: String?
    let measure: String
    let status: String
    let publishedOn: String
    let answerDueOn: String
    let overdue: Bool
    let evidence: [Evidence]
    @ExplicitNull var support: Support?
    @ExplicitNull var answer: Reply?
    let outcomes: [Outcome]
    let reminders: [Reminder]
    /// Which text this is, counted from one, and since when; the day is of later texts only.
    let revision: Int
    @ExplicitNull var revisedOn: String?
    let provenance: [Provenance]
    @ExplicitNull var review: PublishedReview?
    let consultation: [PublishedStatement]
    let version: Int
}

/// The row of the record's list; evidence, answer and outcomes are read with it in the same pipeline.
struct RecordedRecommendation: Sendable {
    let id: UUID
    let number: Int
    let title: String
    let text: String
    let theme: UUID?
    let unit: UUID?
    let measure: String
    let publishedOn: PostgresDate
    let answerDueOn: PostgresDate
    let revision: Int
    let revisedOn: PostgresDate?
    let support: RecommendationAnswer.Support?
    let answer: RecommendationAnswer.Reply?
    let outcomes: [RecommendationAnswer.Outcome]
    let reminders: [Reminder]

    /// From the newest outcome, else from the answer, else from the date.
    func status(today: PostgresDate) -> RecommendationStatus {
        if let last = outcomes.last { return RecommendationStatus(rawValue: last.status) ?? .answered }
        if answer != nil { return .answered }
        return isOverdue(today: today) ? .overdue : .published
    }

    func isOverdue(today: PostgresDate) -> Bool { answer == nil && today > answerDueOn }

    /// Counts everything that people have added; a reminder is nothing that an answer could cross.
    ///
    /// A later text may take the support of the earlier one out of sight, and counts for that too.
    var version: Int {
        1 + (answer?.version ?? 0) + outcomes.count + (support == nil ? 0 : 1) + 2 * (revision - 1)
    }

    func shown(
        _ evidence: [RecommendationAnswer.Evidence],
        _ published: PublishedDrafting,
        today: PostgresDate
    ) -> RecommendationAnswer {
        RecommendationAnswer(
            id: id.text,
            number: number,
            title: title,
            text: text,
            theme: theme.text,
            unit: unit.text,
            measure: measure,
            status: status(today: today).rawValue,
            publishedOn: publishedOn.description,
            answerDueOn: answerDueOn.description,
            overdue: isOverdue(today: today),
            evidence: evidence,
            support: support,
            answer: answer,
            outcomes: outcomes,
            reminders: reminders,
            revision: revision,
            revisedOn: revisedOn?.description,
            provenance: published.provenance,
            review: published.review,
            consultation: published.statements,
            version: version
        )
    }
}
