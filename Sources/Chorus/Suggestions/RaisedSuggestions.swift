import Foundation
import Postgres

extension ServerParts {
    /// Everything that released cells suggest at this moment.
    ///
    /// Numbers come from the login that can read the record only.
    func suggestions(of network: UUID, in language: Language) async throws -> [SuggestionAnswer] {
        let book = try await ruleBook(of: network)
        let cells = try await databases.hr.execute(ReadReleasedCells(network: network), network: network)
        let raised = Suggestion.raised(by: book.applied, in: cells)
        let ids = raised.map { $0.id(in: network) }
        let pool = databases.member
        let dismissed = Dictionary(
            try await pool.execute(ReadDismissals(network: network, suggestions: ids), network: network)
                .map { ($0.suggestion, $0.dismissal) }
        ) { first, _ in first }
        let drafts = ids.map { Suggestion.draft(of: $0.text) }
        let known = ReadKnownRecommendations(network: network, ids: drafts)
        let made = Set(try await pool.execute(known, network: network))
        return zip(raised, zip(ids, drafts)).compactMap { suggestion, ids in
            let (id, draft) = ids
            guard let rule = book.rule(suggestion.rule) else { return nil }
            let texts = SuggestionTexts(suggestion, rule, book.condition(of: rule), in: language)
            let newest = suggestion.cells.last
            let state: SuggestionState =
                made.contains(draft) ? .drafted : dismissed[id] != nil ? .dismissed : .open
            return SuggestionAnswer(
                id: id.text,
                rule: suggestion.rule,
                state: state.rawValue,
                title: texts.title,
                text: texts.text,
                measure: texts.measure,
                why: texts.why,
                theme: newest?.item.flatMap(book.subjects.theme).text,
                unit: newest?.unit,
                cells: suggestion.cells,
                dismissal: dismissed[id],
                recommendation: made.contains(draft) ? draft.text : nil
            )
        }
    }
}
