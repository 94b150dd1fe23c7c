/// What a suggestion says to a coordinator, filled in from released cells.
struct SuggestionTexts: Sendable {
    let title: String
    let text: String
    let measure: String
    /// One sentence on which numbers raised it.
    let why: String

    /// - Parameters:
    ///   - suggestion: has at least one cell.
    ///   - rule: whose texts are filled in.
    ///   - condition: as the network uses it.
    ///   - language: of the reader.
    init(_ suggestion: Suggestion, _ rule: Rule, _ condition: RuleCondition, in language: Language) {
        let words = SuggestionWords(language)
        let newest = suggestion.cells.last
        let text = rule.text(in: language)
        var values: [RuleTemplate.Blank: String] = [
            .value: newest.map { words.amount($0.units(of: condition.value), of: condition.value) } ?? "",
            .threshold: words.amount(condition.threshold, of: condition.value),
            .releases: "\(condition.releases)",
            .people: "\(newest?.atLeast ?? 0)",
            .item: newest?.itemText ?? "",
            .unit: newest?.unitName ?? "",
        ]
        self.text = text?.text?.filled(values).shortened(to: 50_000) ?? ""
        measure = text?.measure?.filled(values).shortened(to: 5_000) ?? ""
        values[.item] = values[.item]?.shortened(to: 90)
        values[.unit] = values[.unit]?.shortened(to: 60)
        title = text?.title?.filled(values).shortened(to: 300) ?? ""
        why = words.why(suggestion.cells, condition)
    }
}

extension String {
    /// At most so many scalars, with an ellipsis where something is left out.
    func shortened(to limit: Int) -> String {
        guard unicodeScalars.count > limit else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.prefix(limit - 1))) + "…"
    }
}

/// How numbers are put into words.
private struct SuggestionWords {
    let language: Language

    init(_ language: Language) {
        self.language = language
    }

    func amount(_ units: Int, of value: RuleValue) -> String {
        if value == .mean { return "\(units / 10)\(language == .en ? "." : ",")\(units % 10)" }
        return switch language {
        case .de: "\(units)\u{A0}%"
        case .deSimple: "\(units) Prozent"
        case .en: "\(units)%"
        }
    }

    private func day(_ day: String) -> String {
        guard language != .en else { return day }
        return day.split(separator: "-").reversed().joined(separator: ".")
    }

    func why(_ cells: [ReleasedCell], _ condition: RuleCondition) -> String {
        let list = cells.map { cell in
            let amount = amount(cell.units(of: condition.value), of: condition.value)
            return switch language {
            case .de:
                "Nr. \(cell.releaseNumber) vom \(day(cell.closedOn)): \(amount), mindestens \(cell.atLeast) Antworten"
            case .deSimple: "Veröffentlichung \(cell.releaseNumber) vom \(day(cell.closedOn)): \(amount)"
            case .en: "no. \(cell.releaseNumber) of \(day(cell.closedOn)): \(amount), at least \(cell.atLeast) answers"
            }
        }
        .joined(separator: "; ")
        let finding = finding(condition)
        guard let subject = cells.last.flatMap(subject) else {
            return "\(finding.prefix(1).uppercased())\(finding.dropFirst()) (\(list))"
        }
        return "\(subject): \(finding) (\(list))"
    }

    /// What it is about; `nil` for the whole of a release.
    private func subject(of cell: ReleasedCell) -> String? {
        let (item, unit) = (cell.itemText.map(quoted), cell.unitName.map(quoted))
        guard let item else { return unit }
        return unit.map { "\(item) in \($0)" } ?? item
    }

    private func quoted(_ text: String) -> String { language == .en ? "“\(text)”" : "„\(text)“" }

    private func finding(_ condition: RuleCondition) -> String {
        let often = condition.releases
        let share = amount(condition.threshold, of: condition.value)
        let isFloor = condition.comparison == .atLeast
        switch language {
        case .de:
            let when =
                often == 1 ? "In der letzten Veröffentlichung dazu" : "In den letzten \(often) Veröffentlichungen dazu"
            let bound = isFloor ? "mindestens" : "höchstens"
            guard let answers = answers(condition.value) else {
                return "\(when) lag der Mittelwert bei \(bound) \(share) (auf einer Skala von 1 bis 5)."
            }
            return "\(when) waren \(often == 1 ? "" : "jeweils ")\(bound) \(share) der Antworten \(answers)."
        case .deSimple:
            let when = often == 1 ? "Beim letzten Mal" : "\(often) Mal nacheinander"
            let bound = isFloor ? "oder mehr" : "oder weniger"
            guard let answers = answers(condition.value) else {
                return "\(when) war die Durchschnitts-Note \(share) \(bound). Die beste Note ist 5."
            }
            return "\(when) waren \(share) \(bound) von den Antworten \(answers)."
        case .en:
            let when = often == 1 ? "in the last release about it" : "in each of the last \(often) releases about it"
            let bound = isFloor ? "at least" : "at most"
            guard let answers = answers(condition.value) else {
                return "\(when), the mean was \(bound) \(share) on a scale from 1 to 5."
            }
            return "\(when), \(bound) \(share) of the answers were \(answers)."
        }
    }

    private func answers(_ value: RuleValue) -> String? {
        let isEnglish = language == .en
        return switch value {
        case .negative: isEnglish ? "negative" : language == .de ? "negativ" : "schlecht"
        case .neutral: isEnglish ? "neutral" : language == .de ? "neutral" : "mittel"
        case .positive: isEnglish ? "positive" : language == .de ? "positiv" : "gut"
        case .mean: nil
        }
    }
}
