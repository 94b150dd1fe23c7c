import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/rules` and `…/rule-catalogue`: by which rules released numbers suggest drafts.
struct RuleRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("rules", use: list)
        member.get("rules/{rule}", use: read)
        member.put("rules/{rule}", use: bind)
        member.get("rule-catalogue", use: readCatalogue)
        member.put("rule-catalogue", use: replaceCatalogue)
        member.delete("rule-catalogue", use: removeCatalogue)
    }

    private var pool: PostgresPool { parts.databases.member }

    private struct Rules: Encodable {
        let items: [RuleAnswer]
        @ExplicitNull var next: String?
    }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let book = try await parts.ruleBook(of: context.network)
        let shown = book.catalogue.rules.map { RuleAnswer($0, book, context.language) }
        return try Response.read(Rules(items: shown, next: nil), for: request).speaking(context.language)
    }

    private func find(_ context: MemberContext) async throws -> (rule: Rule, book: RuleBook) {
        let book = try await parts.ruleBook(of: context.network)
        guard let rule = context.parameters.get("rule").flatMap(book.rule) else { throw Problem(.notFound) }
        return (rule, book)
    }

    private func read(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let (rule, book) = try await find(context)
        let version = book.binding(of: rule).version
        return try Response.read(RuleAnswer(rule, book, context.language), for: request, version: version)
            .speaking(context.language)
    }

    private func bind(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let expected = try request.expectedVersion()
        let input = try await request.decode(RuleBindingInput.self)
        let (rule, _) = try await find(context)
        let references =
            input.items.enumerated().map { NetworkReference(.item, $1, at: "/items/\($0)") }
            + input.themes.enumerated().map { NetworkReference(.theme, $1, at: "/themes/\($0)") }
        try await parts.check(references, in: context.network)
        let threshold = try input.threshold(of: rule.condition.value)
        let binding = RuleBinding(
            rule: rule.key,
            items: input.items,
            themes: input.themes,
            isEnabled: input.isEnabled,
            threshold: threshold,
            thresholdOf: threshold == nil ? nil : rule.condition.value,
            version: 0
        )
        let statement = SaveRuleBinding(network: context.network, binding: binding, expected: expected)
        guard try await pool.first(statement, network: context.network) != nil else { throw Problem(.stale) }
        return try await read(request, context)
    }

    // MARK: The catalogue

    private func readCatalogue(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let own = try await pool.first(ReadRuleCatalogue(network: context.network), network: context.network)
        let bytes = own?.content.map { Array($0.utf8) } ?? RuleCatalogue.starterBytes
        guard let catalogue = try? JSONParser.parse(bytes) else { throw Problem(.internal) }
        return try .read(catalogue, for: request, version: own?.version ?? 0)
    }

    private func replaceCatalogue(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let expected = try request.expectedVersion()
        let bytes = try await request.jsonBytes(limit: RuleCatalogue.sizeLimit)
        _ = try Fields.read(bytes, as: RuleCatalogue.self)
        let content = String(decoding: bytes, as: UTF8.self)
        try await save(content, expected: expected, context)
        return try await readCatalogue(request, context)
    }

    private func removeCatalogue(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        try await save(nil, expected: try request.expectedVersion(), context)
        return .noContent
    }

    private func save(_ content: String?, expected: Int?, _ context: MemberContext) async throws {
        let statement = SaveRuleCatalogue(network: context.network, content: content, expected: expected)
        guard try await pool.first(statement, network: context.network) != nil else { throw Problem(.stale) }
    }
}

/// A rule as coordinators see it: what it says, when it is met, and what it is about.
struct RuleAnswer: Encodable, Sendable {
    struct Condition: Encodable, Sendable {
        let value: String
        let comparison: String
        let threshold: Double
        let releases: Int
        let atLeast: Int
    }

    let key: String
    let group: String
    let title: String
    let measure: String
    let of: String
    let table: String
    let condition: Condition
    let enabled: Bool
    /// Whether the program proposes items and themes.
    let automatic: Bool
    let items: [String]
    let themes: [String]
    let version: Int

    /// With its blanks as they stand in the catalogue: no numbers have raised it yet.
    init(_ rule: Rule, _ book: RuleBook, _ language: Language) {
        let binding = book.binding(of: rule)
        let condition = book.condition(of: rule)
        let text = rule.text(in: language)
        key = rule.key
        group = rule.group
        title = text?.title?.filled(RuleTemplate.placeholders) ?? ""
        measure = text?.measure?.filled(RuleTemplate.placeholders) ?? ""
        of = rule.kind.rawValue
        table = rule.table.rawValue
        self.condition = Condition(
            value: condition.value.rawValue,
            comparison: condition.comparison.rawValue,
            threshold: condition.value.number(of: condition.threshold),
            releases: condition.releases,
            atLeast: condition.atLeast
        )
        enabled = binding.isEnabled
        automatic = binding.isAutomatic
        items = book.subjects.items(of: rule, binding).map(\.text)
        themes = book.subjects.themes(of: rule, binding).map(\.text)
        version = binding.version
    }
}

extension RuleTemplate {
    /// Shows a template as it is.
    fileprivate static let placeholders = Dictionary(
        uniqueKeysWithValues: Blank.allCases.map { ($0, "{\($0.rawValue)}") }
    )
}

extension Response {
    /// Says in which language it speaks, and that it would have spoken another.
    func speaking(_ language: Language) -> Response {
        var response = self
        response.headers[.vary] = "Accept-Language"
        response.headers[.contentLanguage] = language.rawValue
        return response
    }
}
