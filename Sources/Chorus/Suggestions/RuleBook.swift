import Foundation
import Postgres

/// The rules of a network with what it has said about them.
struct RuleBook: Sendable {
    let catalogue: RuleCatalogue
    /// 0 as long as the network never had a catalogue of its own.
    let version: Int
    let bindings: [String: RuleBinding]
    let subjects: RuleSubjects

    /// A rule by its key.
    func rule(_ key: String) -> Rule? { catalogue.rules.first { $0.key == key } }

    /// What was said about a rule.
    func binding(of rule: Rule) -> RuleBinding { bindings[rule.key] ?? RuleBinding(untouched: rule.key) }

    /// When it is met here: a threshold of the network's own counts only for the value that it was said of.
    func condition(of rule: Rule) -> RuleCondition {
        var condition = rule.condition
        let binding = binding(of: rule)
        if let threshold = binding.threshold, binding.thresholdOf == condition.value { condition.threshold = threshold }
        return condition
    }

    /// The rules that are in use.
    var applied: [AppliedRule] {
        catalogue.rules.compactMap { rule in
            let binding = binding(of: rule)
            guard binding.isEnabled else { return nil }
            return AppliedRule(
                key: rule.key,
                kind: rule.kind,
                table: rule.table,
                condition: condition(of: rule),
                scope: subjects.scope(of: rule, binding)
            )
        }
    }
}

extension ServerParts {
    /// The rules of a network: definitions and names, no number of anybody.
    func ruleBook(of network: UUID) async throws -> RuleBook {
        let pool = databases.member
        let own = try await pool.first(ReadRuleCatalogue(network: network), network: network)
        let bytes = own?.content.map { Array($0.utf8) } ?? RuleCatalogue.starterBytes
        guard let catalogue = own?.content == nil ? RuleCatalogue.starter : try? Fields.read(bytes) else {
            throw Problem(.internal)
        }
        let bindings = try await pool.execute(ReadRuleBindings(network: network), network: network)
        return RuleBook(
            catalogue: catalogue,
            version: own?.version ?? 0,
            bindings: Dictionary(bindings.map { ($0.rule, $0) }) { first, _ in first },
            subjects: RuleSubjects(
                network: network,
                themes: try await pool.execute(ReadThemes(network: network), network: network),
                items: try await pool.execute(ReadRuleItems(network: network), network: network)
            )
        )
    }
}
