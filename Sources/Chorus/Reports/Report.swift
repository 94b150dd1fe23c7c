import Foundation
import Postgres

/// What became of the recommendations of some time, for a committee: a function of the record, and of nothing else.
struct Report: Sendable {
    let network: String
    let employer: String
    /// The first and the last day of publication that it is about; without an end where it is `nil`.
    let from: PostgresDate?
    let to: PostgresDate?
    /// The day on which it was so.
    let asOf: PostgresDate
    /// In the order of their numbers.
    let recommendations: [RecommendationAnswer]

    /// How many have each status, in the order of the statuses, those without any left out.
    var byStatus: [(status: RecommendationStatus, count: Int)] {
        let counts = Dictionary(grouping: recommendations, by: \.status).mapValues(\.count)
        return RecommendationStatus.allCases.compactMap { status in counts[status.rawValue].map { (status, $0) } }
    }

    /// How many answers decide so, in the order of the decisions.
    var byDecision: [(decision: AnswerDecision, count: Int)] {
        let counts = Dictionary(grouping: recommendations.compactMap(\.answer?.decision), by: \.self).mapValues(\.count)
        return AnswerDecision.allCases.compactMap { decision in counts[decision.rawValue].map { (decision, $0) } }
    }

    var overdue: [RecommendationAnswer] { recommendations.filter(\.overdue) }
}

/// The form in which it is wanted.
enum ReportFormat: String, CaseIterable, Sendable {
    case md, html

    var mediaType: String {
        switch self {
        case .md: "text/markdown; charset=utf-8; variant=CommonMark"
        case .html: "text/html; charset=utf-8"
        }
    }
}

/// The languages in which committees are written to.
enum ReportLanguage: String, CaseIterable, Sendable {
    case de, en

    init(_ language: Language) { self = language == .en ? .en : .de }
}

extension ServerParts {
    /// - Parameters:
    ///   - network: whose.
    ///   - from: the first day of publication; from the beginning by default.
    ///   - to: the last one; until today by default.
    func report(of network: UUID, from: PostgresDate?, to: PostgresDate?) async throws -> Report {
        let place = try await self.network(network)
        var filter = RecommendationFilter(limit: 200)
        var kept: [RecommendationAnswer] = []
        while true {
            let page = try await recommendations(of: network, filter)
            kept += page.prefix(filter.limit).filter { Self.isBetween($0.publishedOn, from, to) }
            guard page.count > filter.limit else { break }
            filter.after = page[filter.limit - 1].number
        }
        return Report(
            network: place.name,
            employer: place.employer,
            from: from,
            to: to,
            asOf: .today(in: place.zone, at: now()),
            recommendations: kept
        )
    }

    private static func isBetween(_ text: String, _ from: PostgresDate?, _ to: PostgresDate?) -> Bool {
        guard let day = PostgresDate(text) else { return false }
        return from.map { $0 <= day } ?? true && to.map { day <= $0 } ?? true
    }
}
