import Foundation
import Hummingbird
import Postgres

/// The published text of a recommendation that is valid now, and how its endorsement stands.
struct CurrentText: Sendable {
    /// How many days lie between two texts.
    ///
    /// They are endorsed by nearly the same people, and the rules for rounds ask as much of two rounds of the whole network
    /// (anonymity.md, R3).
    static let leastDays = 28

    /// Under which it is endorsed.
    let id: UUID
    let publishedOn: PostgresDate
    let answerDueOn: PostgresDate
    let endorsement: String?
}

/// `…/recommendations/{recommendation}/revision` and `/revisions`: later texts under the same number.
struct RevisionRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>, record: some RouterMethods<RecordContext>) {
        member.put("recommendations/{recommendation}/revision", use: begin)
        member.get("recommendations/{recommendation}/revisions") {
            try await list($0, $1.network, try $1.id("recommendation"))
        }
        record.get("recommendations/{recommendation}/revisions") {
            try await list($0, $1.network, try $1.id("recommendation"))
        }
    }

    /// A draft of the next text, which begins as the one before; the same one again while it is not published.
    private func begin(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let (network, id) = (context.network, try context.id("recommendation"))
        let pool = parts.databases.member
        guard let original = try await pool.first(ReadDrafts(network: network, id: id), network: network) else {
            throw Problem(.notFound)
        }
        guard original.state == "published", original.revises == nil else { throw Problem(.stateConflict) }
        let day = try await parts.today(of: network)
        let statement = InsertRevisedDraft(network: network, recommendation: id, id: UUID(), day: day)
        _ = try await pool.execute(statement, network: network)
        let open = ReadRevisedDraft(network: network, recommendation: id)
        // Published in this very moment: then there is another text to begin with.
        guard let draft = try await pool.first(open, network: network) else { throw Problem(.stateConflict) }
        return try .read(ShownDraft(draft), for: request, version: draft.version)
    }

    private struct Title: Encodable {
        let from: String
        let to: String
    }

    private struct Difference: Encodable {
        let title: Title
        let text: [TextDifference.Row]
        let measure: [TextDifference.Row]

        init(from old: PublishedText, to new: PublishedText) {
            title = Title(from: old.title, to: new.title)
            text = TextDifference(from: old.text, to: new.text).rows
            measure = TextDifference(from: old.measure, to: new.measure).rows
        }
    }

    private struct Shown: Encodable {
        let revision: Int
        let title: String
        let text: String
        let measure: String
        let publishedOn: String
        @ExplicitNull var support: RecommendationAnswer.Support?
        let provenance: [Provenance]
        @ExplicitNull var difference: Difference?
    }

    private struct Revisions: Encodable {
        let items: [Shown]
        @ExplicitNull var next: String?
    }

    /// All texts, the first one first, each with what it changed.
    private func list(_ request: Request, _ network: UUID, _ id: UUID) async throws -> Response {
        let hr = parts.databases.hr
        let texts = try await hr.execute(ReadPublishedTexts(network: network, recommendation: id), network: network)
        guard !texts.isEmpty else { throw Problem(.notFound) }
        let sources = try await hr.execute(ReadProvenance(network: network, recommendations: [id]), network: network)
        let shown = try await parts.compute {
            texts.indices.map { place in
                let text = texts[place]
                return Shown(
                    revision: text.revision,
                    title: text.title,
                    text: text.text,
                    measure: text.measure,
                    publishedOn: text.publishedOn.description,
                    support: text.support,
                    provenance: sources.filter { $0.revision == text.revision }.map(\.provenance),
                    difference: place == 0 ? nil : Difference(from: texts[place - 1], to: text)
                )
            }
        }
        return try .read(Revisions(items: shown, next: nil), for: request)
    }
}

extension ServerParts {
    /// The texts of some recommendations that are valid now.
    func currentTexts(of recommendations: [UUID], in network: UUID) async throws -> [UUID: CurrentText] {
        let statement = ReadCurrentTexts(network: network, recommendations: recommendations)
        let found = try await databases.member.execute(statement, network: network)
        return Dictionary(found.map { ($0.recommendation, $0.text) }) { first, _ in first }
    }

    /// Ends the endorsement of the text that a later one takes the place of: nobody's yes to one is shown as a yes to the other.
    ///
    /// - Throws: ``Problem`` `revisionTooEarly`; `stateConflict` when the answer is due on another day, which a later text
    ///   does not move: else a slip of the pen would give the employer time, or take it away.
    func endEarlierText(
        of recommendation: UUID,
        in network: UUID,
        dueOn: PostgresDate,
        on today: PostgresDate,
        _ transaction: PostgresTransaction
    ) async throws {
        let statement = ReadCurrentTexts(network: network, recommendations: [recommendation])
        guard let current = try await transaction.first(statement)?.text else { throw Problem(.internal) }
        guard current.answerDueOn == dueOn else { throw Problem(.stateConflict) }
        guard current.publishedOn.adding(days: CurrentText.leastDays) <= today else { throw Problem(.revisionTooEarly) }
        let closed = try await transaction.first(CloseEndorsement(network: network, id: current.id))
        if closed != nil { _ = try await transaction.execute(CloseKeys(network: network, scope: current.id)) }
    }
}
