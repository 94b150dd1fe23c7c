import Foundation
import Hummingbird
import Postgres

/// A draft as a coordinator would have written it, so that it is held to the same rules.
private struct SuggestedDraft: Encodable {
    struct Place: Encodable {
        let release: String
        let table: String
        let item: String?
        let unit: String?
    }

    let title: String
    let text: String
    let measure: String
    let theme: String?
    let unit: String?
    let evidence: [Place]
}

extension ServerParts {
    /// Makes a draft of a suggestion, with its cells as evidence.
    ///
    /// - Returns: whether it is new; somebody else may have been faster.
    func makeDraft(of suggestion: SuggestionAnswer, in network: UUID) async throws -> Bool {
        let unit = suggestion.unit.flatMap { UUID(utf8: $0.utf8) }
        let references = [NetworkReference(.unit, unit, at: "/unit")].compactMap(\.self)
        let known = ReadKnownReferences(network: network, references: references)
        // A unit of an old release may be gone; the cell still names it.
        let isUnitThere = try await databases.member.execute(known, network: network) == [0]
        let body = SuggestedDraft(
            title: suggestion.title,
            text: suggestion.text,
            measure: suggestion.measure,
            theme: suggestion.theme,
            unit: isUnitThere ? suggestion.unit : nil,
            evidence: suggestion.cells.suffix(50).map {
                .init(release: $0.release, table: $0.table.rawValue, item: $0.item, unit: $0.unit)
            }
        )
        let draft = InsertDraft(
            network: network,
            id: Suggestion.draft(of: suggestion.id),
            new: try Fields.read(Array(try Response.encoded(body))),
            cells: suggestion.cells.suffix(50).compactMap { UUID(utf8: $0.id.utf8) }
        )
        do {
            _ = try await databases.member.first(draft, network: network)
            return true
        } catch let error as PostgresError where error.sqlState == "23505" {
            return false
        }
    }
}
