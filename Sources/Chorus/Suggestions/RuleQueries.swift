import Foundation
import Postgres

/// A network's own catalogue; without content it uses the starter set (again).
struct ReadRuleCatalogue: PostgresStatement {
    typealias Row = (content: String?, version: Int)

    static let sql = "SELECT content, version FROM rule_catalogue WHERE network_id = $1"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        (try row.next(), try row.next())
    }
}

/// Replaces it; no row comes back when another version is there than the one that was expected.
struct SaveRuleCatalogue: PostgresStatement {
    static let sql = """
        INSERT INTO rule_catalogue AS c (network_id, content, version)
        SELECT $1, $2, 1
        WHERE $3::bigint IS NULL
            OR $3 = coalesce((SELECT version FROM rule_catalogue WHERE network_id = $1), 0)
        ON CONFLICT (network_id) DO UPDATE SET content = EXCLUDED.content, version = c.version + 1
        WHERE $3::bigint IS NULL OR c.version = $3
        RETURNING version
        """
    let network: UUID
    /// `nil` for the starter set.
    let content: String?
    let expected: Int?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(content)
        parameters.append(expected)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

struct ReadRuleBindings: PostgresStatement {
    static let sql = """
        SELECT rule, item_ids, theme_ids, is_enabled, threshold, threshold_of, version FROM rule_binding
        WHERE network_id = $1
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> RuleBinding {
        let rule: String = try row.next()
        let items: [UUID] = try row.next()
        let themes: [UUID] = try row.next()
        let isEnabled: Bool = try row.next()
        let threshold: Int? = try row.next()
        let thresholdOf: String? = try row.next()
        return RuleBinding(
            rule: rule,
            items: items,
            themes: themes,
            isEnabled: isEnabled,
            threshold: threshold,
            thresholdOf: thresholdOf.flatMap(RuleValue.init(rawValue:)),
            version: try row.next()
        )
    }
}

/// Says something about a rule; no row comes back when another version is there than the one that was expected.
struct SaveRuleBinding: PostgresStatement {
    static let sql = """
        INSERT INTO rule_binding AS b (network_id, rule, item_ids, theme_ids, is_enabled, threshold, threshold_of, version)
        SELECT $1, $2, $3, $4, $5, $6, $7, 1
        WHERE $8::bigint IS NULL
            OR $8 = coalesce((SELECT version FROM rule_binding WHERE network_id = $1 AND rule = $2), 0)
        ON CONFLICT (network_id, rule) DO UPDATE
        SET item_ids = EXCLUDED.item_ids, theme_ids = EXCLUDED.theme_ids, is_enabled = EXCLUDED.is_enabled,
            threshold = EXCLUDED.threshold, threshold_of = EXCLUDED.threshold_of, version = b.version + 1
        WHERE $8::bigint IS NULL OR b.version = $8
        RETURNING version
        """
    let network: UUID
    /// Its version is counted here.
    let binding: RuleBinding
    let expected: Int?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(binding.rule)
        parameters.append(binding.items)
        parameters.append(binding.themes)
        parameters.append(binding.isEnabled)
        parameters.append(binding.threshold.map { Int16($0) })
        parameters.append(binding.thresholdOf?.rawValue)
        parameters.append(expected)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

/// The questions that rounds have asked, with their themes: words only, no number.
struct ReadRuleItems: PostgresStatement {
    typealias Row = (id: UUID, text: String, theme: UUID?)

    static let sql = "SELECT DISTINCT id, text, theme_id FROM item WHERE network_id = $1 ORDER BY text, id"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        (try row.next(), try row.next(), try row.next())
    }
}
