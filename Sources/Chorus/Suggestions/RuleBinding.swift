import Crypto
import Foundation
import Postgres

/// What a network has said about a rule.
struct RuleBinding: Sendable {
    let rule: String
    let items: [UUID]
    let themes: [UUID]
    let isEnabled: Bool
    /// In the units of `thresholdOf`.
    let threshold: Int?
    let thresholdOf: RuleValue?
    let version: Int

    /// A rule of which nothing was said is in use, and looks at what themes and words propose.
    init(untouched rule: String) {
        self.init(rule: rule, items: [], themes: [], isEnabled: true, threshold: nil, thresholdOf: nil, version: 0)
    }

    init(
        rule: String,
        items: [UUID],
        themes: [UUID],
        isEnabled: Bool,
        threshold: Int?,
        thresholdOf: RuleValue?,
        version: Int
    ) {
        self.rule = rule
        self.items = items
        self.themes = themes
        self.isEnabled = isEnabled
        self.threshold = threshold
        self.thresholdOf = thresholdOf
        self.version = version
    }

    /// Whether the program proposes what the rule is about.
    var isAutomatic: Bool { items.isEmpty && themes.isEmpty }
}

/// What a coordinator says about a rule.
struct RuleBindingInput: JSONInput {
    let items: [UUID]
    let themes: [UUID]
    let isEnabled: Bool
    /// A number; what it means, the rule says.
    let threshold: JSONValue?

    init(_ fields: inout Fields) {
        items = fields.ids("items")
        themes = fields.ids("themes")
        isEnabled = fields.optionalBool("enabled") ?? true
        threshold = fields.value("threshold")
        switch threshold {
        case nil, .integer, .number: break
        default: fields.refuse("threshold", "must be a number")
        }
    }

    /// - Throws: ``Problem`` `invalid` when it is no threshold of that value.
    func threshold(of value: RuleValue) throws(Problem) -> Int? {
        let number: Double? =
            switch threshold {
            case .integer(let integer): Double(integer)
            case .number(let decimal): decimal
            default: nil
            }
        guard let number else { return nil }
        guard let units = value.units(of: number) else {
            throw Problem.invalid(
                "/threshold",
                value == .mean ? "must be 1 to 5 in tenths" : "must be 0 to 1 in hundredths"
            )
        }
        return units
    }
}

extension Fields {
    /// A list of ids, empty when it is absent.
    fileprivate mutating func ids(_ name: String) -> [UUID] {
        let texts = strings(name, count: 0...200, length: 36...36)
        let ids = texts.map { UUID(utf8: $0.utf8) }
        for (index, id) in ids.enumerated() where id == nil { refuse(at: "\(name)/\(index)", "must be a UUID") }
        return ids.compactMap(\.self)
    }
}

/// The questions and themes of a network, by which rules find what they are about.
///
/// It has no number in it.
struct RuleSubjects: Sendable {
    let network: UUID
    let themes: [ReadThemes.Row]
    let items: [ReadRuleItems.Row]

    /// The themes that a rule is about.
    func themes(of rule: Rule, _ binding: RuleBinding) -> [UUID] {
        guard binding.isAutomatic else { return binding.themes }
        return themes.filter { theme in
            theme.group?.lowercased() == rule.group || rule.isNamed(in: theme.name)
                || theme.group.map(rule.isNamed) ?? false
        }
        .map(\.id)
    }

    /// The items that a rule is about.
    func items(of rule: Rule, _ binding: RuleBinding) -> [UUID] {
        let themes = Set(themes(of: rule, binding))
        let named = items.filter { item in
            item.theme.map(themes.contains) ?? false || binding.isAutomatic && rule.isNamed(in: item.text)
        }
        var seen = Set<UUID>()
        return (binding.items + named.map(\.id)).filter { seen.insert($0).inserted }
    }

    /// Ids of all cells that a rule is about: items, themes, and the groups all of whose themes it is about.
    func scope(of rule: Rule, _ binding: RuleBinding) -> Set<String> {
        let chosen = Set(themes(of: rule, binding))
        let byGroup = Dictionary(grouping: themes.filter { $0.group != nil }) { $0.group ?? "" }
        let groups = byGroup.filter { $0.value.allSatisfy { chosen.contains($0.id) } }.keys
            .compactMap { ThemeGroup.id(of: $0, in: network) }
        return Set((items(of: rule, binding) + chosen + groups).map(\.text))
    }

    /// The theme of an item, or the theme itself; `nil` for a group and for an item without one.
    func theme(of id: String) -> UUID? {
        themes.first { $0.id.text == id }?.id ?? items.first { $0.id.text == id && $0.theme != nil }?.theme
    }
}

extension Rule {
    /// Whether a word of a text begins as one of the rule's does.
    func isNamed(in text: String) -> Bool {
        let tokens = text.lowercased().split { !$0.isLetter && !$0.isNumber }
        return words.contains { word in tokens.contains { $0.hasPrefix(word) } }
    }
}

/// A group of themes in released tables.
enum ThemeGroup {
    /// The same group has the same id in every release.
    static func id(of name: String, in network: UUID) -> UUID? {
        UUID(binary: Array(SHA256.hash(data: Array("group-v1:\(network.text):\(name)".utf8))).prefix(16))
    }
}
