import Foundation
import Postgres

/// A report as parts of a document, of which each way of writing makes its own: every word in it is plain text.
struct ReportDocument: Sendable {
    enum Part: Sendable {
        case heading(level: Int, String)
        case paragraph(String)
        /// Terms and what they say.
        case terms([(String, String)])
        /// A table with its caption, the heads of its columns, and its rows; the first column names, the others may be numbers.
        case table(caption: String, head: [String], rows: [[String]])
    }

    let language: ReportLanguage
    let title: String
    let parts: [Part]

    init(_ report: Report, _ language: ReportLanguage) {
        let words = ReportWords(language: language)
        self.language = language
        title = words[.title]
        var parts: [Part] = [
            .terms([
                (words[.network], report.network), (words[.employer], report.employer),
                (words[.period], words.period(report.from?.description, report.to?.description)),
                (words[.asOf], report.asOf.description),
            ]),
            .paragraph(words[.source]),
            .heading(level: 2, words[.overview]),
        ]
        if report.recommendations.isEmpty {
            parts.append(.paragraph(words[.nothing]))
        } else {
            parts += Self.overview(report, words)
            parts.append(.heading(level: 2, words[.recommendations]))
            parts += report.recommendations.flatMap { Self.section($0, words) }
        }
        self.parts = parts
    }

    private static func overview(_ report: Report, _ words: ReportWords) -> [Part] {
        let statuses = report.byStatus.map { [words.status($0.status.rawValue), String($0.count)] }
        let decisions = report.byDecision.map { [words.decision($0.decision.rawValue), String($0.count)] }
        let owed = report.overdue.map { ["\($0.number)", $0.title, $0.answerDueOn] }
        let all = [words[.all], String(report.recommendations.count)]
        var parts: [Part] = [
            .table(caption: words[.byStatus], head: [words[.status], words[.count]], rows: statuses + [all])
        ]
        if !decisions.isEmpty {
            parts.append(.table(caption: words[.byDecision], head: [words[.decision], words[.count]], rows: decisions))
        }
        if !owed.isEmpty {
            parts.append(
                .table(caption: words[.overdue], head: [words[.number], words[.subject], words[.dueOn]], rows: owed)
            )
        }
        return parts
    }

    private static func section(_ shown: RecommendationAnswer, _ words: ReportWords) -> [Part] {
        var terms = [
            (words[.measure], shown.measure), (words[.status], words.status(shown.status)),
            (words[.publishedOn], shown.publishedOn), (words[.dueOn], shown.answerDueOn),
        ]
        if let support = shown.support {
            terms.append((words[.support], words.support(support)))
        }
        if let answer = shown.answer {
            terms.append((words[.answer], "\(words.decision(answer.decision)), \(answer.answeredOn)"))
            if !answer.text.isEmpty { terms.append((words[.reason], answer.text)) }
            terms.append((words[.responsible], answer.responsible))
            if let dueOn = answer.dueOn { terms.append((words[.until], dueOn)) }
        }
        for outcome in shown.outcomes {
            terms.append((words[.outcome], "\(words.status(outcome.status)), \(outcome.on): \(outcome.text)"))
        }
        var parts: [Part] = [.heading(level: 3, "\(words[.number]) \(shown.number): \(shown.title)"), .terms(terms)]
        if !shown.evidence.isEmpty { parts.append(evidence(shown.evidence, words)) }
        return parts
    }

    /// Cells as they were released, each with the number of its release.
    private static func evidence(_ evidence: [RecommendationAnswer.Evidence], _ words: ReportWords) -> Part {
        let rows = evidence.map { entry in
            [
                entry.cell.itemText ?? words[.allItems], entry.cell.unitName ?? words[.allUnits],
                "\(entry.releaseNumber)",
                "\(entry.cell.atLeast)", words.share(entry.cell.negative), words.share(entry.cell.neutral),
                words.share(entry.cell.positive),
            ]
        }
        let head = [
            words[.item], words[.unit], words[.release], words[.atLeast], words[.negative], words[.neutral],
            words[.positive],
        ]
        return .table(caption: words[.evidence], head: head, rows: rows)
    }
}
