/// A cell of the record with the release that it is in: all that rules and comparisons know of the world.
struct ReleasedCell: Hashable, Sendable {
    /// Of a strict round: counts with their noise, and the half-width of the 95 % interval of their sum.
    struct Noise: Hashable, Sendable {
        let negative: Int
        let neutral: Int
        let positive: Int
        let error: Int

        /// How many answers it speaks of, noise and all.
        var count: Int { max(1, max(0, negative) + max(0, neutral) + max(0, positive)) }
    }

    let release: String
    let releaseNumber: Int
    let closedOn: String
    let kind: ReleaseKind
    let id: String
    let table: ReleaseTable
    let item: String?
    let itemText: String?
    let unit: String?
    let unitName: String?
    let atLeast: Int
    /// Shares in percent, as rounded.
    let negative: Int
    let neutral: Int
    let positive: Int
    let meanTenths: Int
    let noise: Noise?

    /// To how many points its shares were rounded: a published number below 50 stands for less than 50 answers.
    var shareStep: Int { (noise?.count ?? atLeast) < 50 ? 5 : 1 }

    /// To how many tenths its mean was rounded.
    var meanStep: Int { noise != nil || atLeast < 20 ? 5 : 1 }
}

extension ReleasedCell: Encodable {
    private enum CodingKeys: CodingKey {
        case release, releaseNumber, closedOn, of, table, item, itemText, unit, unitName, atLeast, negative, neutral
        case positive, mean, noise
    }

    /// As the tables of a release show it, with where it is.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(release, forKey: .release)
        try container.encode(releaseNumber, forKey: .releaseNumber)
        try container.encode(closedOn, forKey: .closedOn)
        try container.encode(kind.rawValue, forKey: .of)
        try container.encode(table.rawValue, forKey: .table)
        try container.encodeIfPresent(item, forKey: .item)
        try container.encodeIfPresent(itemText, forKey: .itemText)
        try container.encodeIfPresent(unit, forKey: .unit)
        try container.encodeIfPresent(unitName, forKey: .unitName)
        try container.encode(atLeast, forKey: .atLeast)
        try container.encode(Double(negative) / 100, forKey: .negative)
        try container.encode(Double(neutral) / 100, forKey: .neutral)
        try container.encode(Double(positive) / 100, forKey: .positive)
        try container.encode(Double(meanTenths) / 10, forKey: .mean)
        try container.encodeIfPresent(noise, forKey: .noise)
    }
}

extension ReleasedCell.Noise: Encodable {}

/// Says which cells are of the same question: those with the same id, and those of rounds with the same words.
///
/// A theme is the same by its id alone: two channels may each have one called "Other".
struct QuestionIndex: Sendable {
    private var parents: [String: String] = [:]

    /// - Parameter cells: whose questions are put together; their order does not matter.
    init(_ cells: some Sequence<ReleasedCell>) {
        for cell in cells {
            let names = Self.names(of: cell)
            guard let first = names.first else { continue }
            for name in names.dropFirst() { join(first, name) }
        }
    }

    /// A name that all cells of the same question share; empty for what is of no single question.
    func question(of cell: ReleasedCell) -> String { Self.names(of: cell).first.map(root) ?? "" }

    private static func names(of cell: ReleasedCell) -> [String] {
        guard let item = cell.item else { return [] }
        let id = "\(cell.kind.rawValue) id \(item)"
        guard cell.kind == .round, let text = cell.itemText, !text.isEmpty else { return [id] }
        return [id, "\(cell.kind.rawValue) text \(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))"]
    }

    private func root(_ name: String) -> String {
        var place = name
        while let parent = parents[place] { place = parent }
        return place
    }

    /// The lesser name becomes the root, so that the outcome does not depend on the order.
    private mutating func join(_ one: String, _ other: String) {
        let (one, other) = (root(one), root(other))
        if one < other { parents[other] = one } else if other < one { parents[one] = other }
    }
}
