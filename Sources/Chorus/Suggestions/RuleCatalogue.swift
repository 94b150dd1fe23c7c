import CWebClient
import Foundation

/// A set of rules as it is written down (`Rules.md`).
struct RuleCatalogue: JSONInput, Sendable {
    /// The only form that this program reads.
    static let format = "chorus-rules-1"
    /// The largest one that is taken, in bytes.
    static let sizeLimit = 262_144

    let name: String
    let rules: [Rule]

    init(_ fields: inout Fields) {
        let format = fields.string("format", length: 1...40)
        if !format.isEmpty, format != Self.format { fields.refuse("format", "must be \(Self.format)") }
        name = fields.string("name", length: 1...200)
        rules = fields.objects("rules", count: 0...200)
        if Set(rules.map(\.key)).count < rules.count { fields.refuse("rules", "has a key twice") }
    }

    /// What the program has for networks without rules of their own.
    static let starter: RuleCatalogue? = try? Fields.read(starterBytes)

    /// The same as it is written down.
    static let starterBytes: [UInt8] = {
        var length = 0
        return Array(UnsafeBufferPointer(start: chorus_starter_rules(&length), count: length))
    }()
}

/// One rule: when it is met, what it is about by itself, and what it then proposes.
struct Rule: JSONInput, Sendable {
    let key: String
    /// The theme group that it is about, in lower case.
    let group: String
    /// Beginnings of words that themes and items of it have.
    let words: [String]
    let kind: ReleaseKind
    let table: ReleaseTable
    let condition: RuleCondition
    private let texts: Texts?

    init(_ fields: inout Fields) {
        key = fields.string("key", length: 2...60)
        if !key.isEmpty, key.wholeMatch(of: /[a-z0-9](-?[a-z0-9]){1,59}/) == nil {
            fields.refuse("key", "must be lower-case letters, digits and single dashes")
        }
        group = fields.string("group", length: 1...200).lowercased()
        words = fields.strings("words", count: 0...50, length: 2...60).map { $0.lowercased() }
        kind = fields.choice("of", default: .round)
        table = fields.choice("table", default: .item)
        condition = fields.object("condition", as: Condition.self)?.condition ?? Condition.never
        texts = fields.object("texts")
        for name in texts?.needless(in: table) ?? [] {
            fields.refuse("texts", "fill in {\(name)}, which the table does not have")
        }
    }

    /// Its texts in a language; in German where the catalogue has none in that language.
    func text(in language: Language) -> RuleText? {
        texts.flatMap { $0.byLanguage[language] ?? $0.byLanguage[.de] }
    }

    private struct Condition: JSONInput {
        static let never = RuleCondition(value: .mean, comparison: .atLeast, threshold: .max, releases: 1, atLeast: 0)

        let condition: RuleCondition

        init(_ fields: inout Fields) {
            let value: RuleValue = fields.choice("value", default: .negative)
            condition = RuleCondition(
                value: value,
                comparison: fields.choice("comparison", default: .atLeast),
                threshold: fields.threshold("threshold", of: value, isRequired: true) ?? 0,
                releases: fields.integer("releases", in: 1...10),
                atLeast: fields.integer("atLeast", in: 0...100_000)
            )
        }
    }

    private struct Texts: JSONInput {
        let byLanguage: [Language: RuleText]

        init(_ fields: inout Fields) {
            var found: [Language: RuleText] = [:]
            found[.de] = fields.object("de")
            for language in [Language.deSimple, .en] { found[language] = fields.optionalObject(language.rawValue) }
            byLanguage = found
        }

        func needless(in table: ReleaseTable) -> [String] {
            let blanks = byLanguage.values.reduce(into: Set<RuleTemplate.Blank>()) { $0.formUnion($1.blanks) }
            let missing: Set<RuleTemplate.Blank> =
                switch table {
                case .total: [.item, .unit]
                case .item: [.unit]
                case .unit: [.item]
                case .itemUnit: []
                }
            return blanks.intersection(missing).map(\.rawValue).sorted()
        }
    }
}

/// What a rule proposes, in one language.
struct RuleText: JSONInput, Sendable {
    let title: RuleTemplate?
    let text: RuleTemplate?
    let measure: RuleTemplate?

    init(_ fields: inout Fields) {
        title = fields.template("title", length: 1...150)
        text = fields.template("text", length: 1...10_000)
        measure = fields.template("measure", length: 1...3_000)
    }

    /// All blanks of all three.
    var blanks: Set<RuleTemplate.Blank> {
        [title, text, measure].reduce(into: []) { $0.formUnion($1?.blanks ?? []) }
    }
}

extension RuleValue {
    /// A threshold as it is written down: 0…1 for a share, in steps of a hundredth; 1…5 for the mean, in steps of a tenth.
    ///
    /// - Returns: it in percent or in tenths; `nil` for anything else.
    func units(of number: Double) -> Int? {
        let scale = self == .mean ? 10.0 : 100.0
        let units = (number * scale).rounded()
        guard abs(units - number * scale) < 1e-6, range.contains(units) else { return nil }
        return Int(units)
    }

    /// The same the other way round.
    func number(of units: Int) -> Double { Double(units) / (self == .mean ? 10 : 100) }

    private var range: ClosedRange<Double> { self == .mean ? 10...50 : 0...100 }
}

extension Fields {
    /// A threshold, in the units of its condition; `nil` when it is absent or wrong.
    mutating func threshold(_ name: String, of value: RuleValue, isRequired: Bool) -> Int? {
        let number: Double
        switch self.value(name) {
        case .integer(let integer): number = Double(integer)
        case .number(let decimal): number = decimal
        case nil:
            if isRequired { refuse(name, "is required") }
            return nil
        default:
            refuse(name, "must be a number")
            return nil
        }
        guard let units = value.units(of: number) else {
            refuse(name, value == .mean ? "must be 1 to 5 in tenths" : "must be 0 to 1 in hundredths")
            return nil
        }
        return units
    }

    fileprivate mutating func template(_ name: String, length: ClosedRange<Int>) -> RuleTemplate? {
        let text = string(name, length: length)
        let template = RuleTemplate(text)
        if template == nil { refuse(name, "has braces that are around no name of a blank") }
        return template
    }
}
