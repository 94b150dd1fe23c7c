/// What of a cell a rule looks at.
enum RuleValue: String, CaseIterable, Sendable {
    case negative, neutral, positive, mean
}

/// On which side of its threshold a value has to be.
enum RuleComparison: String, CaseIterable, Sendable {
    case atLeast, atMost
}

/// When a rule is met.
struct RuleCondition: Hashable, Sendable {
    let value: RuleValue
    let comparison: RuleComparison
    /// In percent for a share, in tenths for the mean.
    var threshold: Int
    /// In how many successive releases.
    let releases: Int
    /// The fewest people that each of the cells has to speak for.
    let atLeast: Int

    /// Whether one cell meets it.
    func holds(for cell: ReleasedCell) -> Bool {
        guard cell.atLeast >= atLeast else { return false }
        return switch comparison {
        case .atLeast: cell.units(of: value) >= threshold
        case .atMost: cell.units(of: value) <= threshold
        }
    }
}

extension ReleasedCell {
    /// A value in the units of a threshold.
    func units(of value: RuleValue) -> Int {
        switch value {
        case .negative: negative
        case .neutral: neutral
        case .positive: positive
        case .mean: meanTenths
        }
    }
}

/// A rule as a network uses it.
struct AppliedRule: Hashable, Sendable {
    let key: String
    let kind: ReleaseKind
    let table: ReleaseTable
    let condition: RuleCondition
    /// Ids of the items, themes and groups that it is about; of no account in tables without items.
    let scope: Set<String>
}

/// A draft that released numbers ask for: which rule, and the very cells that raised it.
///
/// A pure function of rules and released cells, and of nothing else (invariant I7 of the disclosure rules): a cell that is absent
/// is no evidence of anything, whatever the reason.
struct Suggestion: Hashable, Sendable {
    let rule: String
    /// From the oldest release to the newest.
    let cells: [ReleasedCell]

    /// Looks for what the rules are met by.
    ///
    /// Successive releases of a question in a unit are those that have a cell for it: a round that asked something else, or
    /// could release nothing there, neither counts nor interrupts. All of the last ones have to meet the condition. When a round asked the
    /// same question twice, both cells have to.
    ///
    /// - Parameters:
    ///   - rules: those that are in use.
    ///   - cells: released ones, in any order.
    /// - Returns: by newest release first, then in the order of the rules.
    static func raised(by rules: [AppliedRule], in cells: some Sequence<ReleasedCell>) -> [Suggestion] {
        let cells = Set(cells)
        let questions = QuestionIndex(cells)
        let asked = cells.map { (cell: $0, question: questions.question(of: $0)) }
        let found = rules.flatMap { rule in rule.suggestions(in: asked) }
        let order = Dictionary(rules.enumerated().map { ($1.key, $0) }) { first, _ in first }
        return found.sorted { one, other in
            one.sortKey(order) == other.sortKey(order)
                ? one.cells.map(\.id).lexicographicallyPrecedes(other.cells.map(\.id))
                : one.sortKey(order) < other.sortKey(order)
        }
    }

    private func sortKey(_ order: [String: Int]) -> (Int, Int, String, String) {
        let newest = cells.last
        return (-(newest?.releaseNumber ?? 0), order[rule] ?? 0, newest?.itemText ?? "", newest?.unitName ?? "")
    }
}

extension AppliedRule {
    private struct Place: Hashable {
        let question: String
        let unit: String?
    }

    fileprivate func suggestions(in cells: [(cell: ReleasedCell, question: String)]) -> [Suggestion] {
        let here = cells.filter { $0.cell.kind == kind && $0.cell.table == table }
        let hasItems = table == .item || table == .itemUnit
        let asked = Set(here.filter { $0.cell.item.map(scope.contains) ?? false }.map(\.question))
        let places = Dictionary(grouping: here) { Place(question: $0.question, unit: $0.cell.unit) }
        return places.compactMap { place, cells in
            !hasItems || asked.contains(place.question) ? suggestion(by: cells.map(\.cell)) : nil
        }
    }

    private func suggestion(by cells: [ReleasedCell]) -> Suggestion? {
        let releases = Dictionary(grouping: cells, by: \.releaseNumber).sorted { $0.key < $1.key }
        let last = releases.suffix(condition.releases).flatMap { $0.value.sorted { $0.id < $1.id } }
        guard condition.releases > 0, releases.count >= condition.releases, last.allSatisfy(condition.holds) else {
            return nil
        }
        return Suggestion(rule: key, cells: last)
    }
}
