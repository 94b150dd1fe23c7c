import Crypto
import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/suggestions`: drafts that released numbers ask for, and the numbers that do.
struct SuggestionRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/networks/{network}/suggestions": ["state", "limit", "after"]]

    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("suggestions", use: list)
        member.post("suggestions/{suggestion}/draft", use: draft)
        member.put("suggestions/{suggestion}/dismissal", use: dismiss)
        member.delete("suggestions/{suggestion}/dismissal", use: takeBack)
    }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let page = try PageRequest(request)
        let state: SuggestionState = try request.queryChoice("state") ?? .open
        let after = try page.afterId()?.text
        let all = try await parts.suggestions(of: context.network, in: context.language)
        // What is not raised any more cannot be gone on from: the list begins again.
        let rest = all.firstIndex { $0.id == after }.map { all[all.index(after: $0)...] } ?? all[...]
        let shown = rest.filter { $0.state == state.rawValue }.prefix(page.limit + 1)
        return try Response.read(Page(Array(shown), limit: page.limit, cursor: { [$0.id] }), for: request)
            .speaking(context.language)
    }

    private func find(_ context: MemberContext) async throws -> SuggestionAnswer {
        let id = try context.id("suggestion").text
        let all = try await parts.suggestions(of: context.network, in: context.language)
        guard let found = all.first(where: { $0.id == id }) else { throw Problem(.notFound) }
        return found
    }

    /// Makes the draft once, however often it is asked for.
    private func draft(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let known = try await find(context)
        let isNew = known.recommendation == nil ? try await parts.makeDraft(of: known, in: context.network) : false
        let made = try await find(context)
        var response = try Response.json(made, status: isNew ? .created : .ok).speaking(context.language)
        response.headers[.location] =
            "/v1/networks/\(context.network.text)/recommendations/\(made.recommendation ?? "")"
        return response
    }

    private struct Dismissal: JSONInput {
        let reason: String
        init(_ fields: inout Fields) { reason = fields.string("reason", length: 1...2_000) }
    }

    private func dismiss(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(Dismissal.self)
        _ = try await find(context)
        let statement = SaveDismissal(
            network: context.network,
            suggestion: try context.id("suggestion"),
            reason: input.reason,
            day: try await parts.today(of: context.network)
        )
        _ = try await parts.databases.member.execute(statement, network: context.network)
        return try Response.json(try await find(context)).speaking(context.language)
    }

    private func takeBack(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let statement = DeleteDismissal(network: context.network, suggestion: try context.id("suggestion"))
        _ = try await parts.databases.member.execute(statement, network: context.network)
        return .noContent
    }
}

/// What became of a suggestion.
enum SuggestionState: String, CaseIterable, Sendable {
    case open, dismissed, drafted
}

/// A suggestion as coordinators see it.
struct SuggestionAnswer: Encodable, Sendable {
    let id: String
    let rule: String
    let state: String
    let title: String
    let text: String
    let measure: String
    let why: String
    /// Of the item that raised it.
    @ExplicitNull var theme: String?
    @ExplicitNull var unit: String?
    let cells: [ReleasedCell]
    @ExplicitNull var dismissal: SuggestionDismissal?
    @ExplicitNull var recommendation: String?
}

extension Suggestion {
    /// The same rule and the same cells have the same id, wherever and whenever they are looked at.
    func id(in network: UUID) -> UUID { Self.digest("suggestion-v1", [network.text, rule] + places) }

    /// The id of the draft that is made of it, so that it is made once.
    static func draft(of suggestion: String) -> UUID { digest("suggestion-draft-v1", [suggestion]) }

    private var places: [String] { cells.flatMap { [$0.release, $0.id] } }

    private static func digest(_ use: String, _ parts: [String]) -> UUID {
        var bytes = Array(SHA256.hash(data: Array(([use] + parts).joined(separator: ":").utf8)).prefix(16))
        // An id of one's own making (RFC 9562, section 5.8).
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9],
                bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            )
        )
    }
}

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

    private struct DraftBody: Encodable {
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

    /// Makes a draft of a suggestion, with its cells as evidence.
    ///
    /// - Returns: whether it is new; somebody else may have been faster.
    func makeDraft(of suggestion: SuggestionAnswer, in network: UUID) async throws -> Bool {
        let unit = suggestion.unit.flatMap { UUID(utf8: $0.utf8) }
        let references = [NetworkReference(.unit, unit, at: "/unit")].compactMap(\.self)
        let known = ReadKnownReferences(network: network, references: references)
        // A unit of an old release may be gone; the cell still names it.
        let isUnitThere = try await databases.member.execute(known, network: network) == [0]
        let body = DraftBody(
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
