/// What the public sees of a network.
struct PublicRecord: Encodable, Sendable {
    struct Host: Encodable, Sendable {
        let slug: String
        let name: String
        let employer: String
    }

    /// Of all recommendations, on this page or not.
    struct Duty: Encodable, Sendable {
        let owed: Int
        let overdue: Int
        let longestDelayDays: Int
    }

    let network: Host
    let answerDuty: Duty
    let items: [PublicRecommendation]
    @ExplicitNull var next: String?
}

/// A recommendation as the public sees it: without ids, which are of use to nobody outside.
struct PublicRecommendation: Encodable, Sendable {
    struct Evidence: Encodable, Sendable {
        let releaseNumber: Int
        let table: String
        let itemText: String?
        let unitName: String?
        let atLeast: Int
        let negative: Double
        let neutral: Double
        let positive: Double
        let mean: Double
    }

    struct Outcome: Encodable, Sendable {
        let status: String
        let text: String
        let on: String
    }

    let number: Int
    let title: String
    let text: String
    let measure: String
    let status: String
    let publishedOn: String
    let answerDueOn: String
    let overdue: Bool
    let evidence: [Evidence]
    @ExplicitNull var support: RecommendationAnswer.Support?
    @ExplicitNull var answer: RecommendationAnswer.Reply?
    let outcomes: [Outcome]
}

extension PublicRecommendation {
    /// What of a recommendation is for everybody.
    init(_ recommendation: RecommendationAnswer) {
        number = recommendation.number
        title = recommendation.title
        text = recommendation.text
        measure = recommendation.measure
        status = recommendation.status
        publishedOn = recommendation.publishedOn
        answerDueOn = recommendation.answerDueOn
        overdue = recommendation.overdue
        evidence = recommendation.evidence.map { Evidence($0) }
        support = recommendation.support
        answer = recommendation.answer
        outcomes = recommendation.outcomes.map { Outcome(status: $0.status, text: $0.text, on: $0.on) }
    }
}

extension PublicRecommendation.Evidence {
    fileprivate init(_ evidence: RecommendationAnswer.Evidence) {
        releaseNumber = evidence.releaseNumber
        table = evidence.table
        itemText = evidence.cell.itemText
        unitName = evidence.cell.unitName
        atLeast = evidence.cell.atLeast
        negative = evidence.cell.negative
        neutral = evidence.cell.neutral
        positive = evidence.cell.positive
        mean = evidence.cell.mean
    }
}
