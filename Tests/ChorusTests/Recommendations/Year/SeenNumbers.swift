import Disclosure
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Every number that HR may see, and what each of them is.
///
/// Numbers of people are those of released cells and released support and of nothing else; all others count what the record shows to
/// everybody who reads it. A number under any other name is one that nobody has thought of.
struct SeenNumbers {
    /// Numbers that are no people's: they number and count documents, or are days of delay.
    private static let ofDocuments: Set<String> = [
        "number", "releaseNumber", "version", "revision", "k", "owed", "soon", "overdue", "escalated",
        "longestDelayDays", "graceDays",
    ]

    /// Cells as they were released, by place and numbers.
    private var cells: Set<String> = []
    private var supports: Set<String> = []
    /// Least number and shares of each cell, as a report writes them.
    private var rows: Set<[Int]> = []
    /// Numbers that were looked at.
    private(set) var count = 0
    /// Those that are not what they may be, with where they stood.
    private(set) var strangers: [String] = []

    /// What a close has released.
    mutating func release(_ cell: JSONValue) {
        cells.insert(Self.key(of: cell))
        rows.insert([cell["atLeast"].int] + ["negative", "neutral", "positive"].map { Self.percent(cell[$0]) })
    }

    /// What a close has released of endorsements.
    mutating func release(support close: ForeseenClose) {
        for cell in close.cells { supports.insert("\([cell.atLeast, cell.positive, cell.negative, cell.neutral])") }
    }

    private static func percent(_ value: JSONValue) -> Int { Int((value.double * 100).rounded()) }

    private static func key(of cell: JSONValue) -> String {
        ([cell["item"].string, cell["unit"].string, "\(cell["atLeast"].int)"]
            + ["negative", "neutral", "positive", "mean"].map { "\(percent(cell[$0]))" })
            .joined(separator: " ")
    }

    /// Looks at all numbers of an answer.
    mutating func look(at value: JSONValue, _ name: String = "") {
        switch value {
        case .null, .bool, .string: break
        case .integer, .number:
            count += 1
            if !Self.ofDocuments.contains(name) { strangers.append("\(name): \(value)") }
        case .array(let list): for element in list { look(at: element, name) }
        case .object(let members): look(at: members, of: value, name)
        }
    }

    private mutating func look(at members: [String: JSONValue], of value: JSONValue, _ name: String) {
        var rest = members
        if members["comparisons"] != nil {
            for comparison in value["comparisons"].array {
                look(at: comparison["later"], "later")
                look(at: comparison["change"], from: value["evidence"], to: comparison["later"])
            }
            rest["comparisons"] = nil
        } else if members["negative"] != nil {
            count += 5
            if !cells.contains(Self.key(of: value)) { strangers.append("\(name): \(Self.key(of: value))") }
            for part in ["atLeast", "negative", "neutral", "positive", "mean"] { rest[part] = nil }
        } else if members["yes"] != nil {
            count += 4
            let shares = ["yes", "no", "abstain"].map { Self.percent(value[$0]) }
            if !supports.contains("\([value["atLeast"].int] + shares)") { strangers.append("\(name): \(value)") }
            for part in ["atLeast", "yes", "no", "abstain"] { rest[part] = nil }
        }
        for (name, value) in rest { look(at: value, name) }
    }

    /// A change is the difference of the two cells that it stands beside, and its margin follows from how they were rounded.
    private mutating func look(at change: JSONValue, from before: JSONValue, to later: JSONValue) {
        func step(_ cell: JSONValue, below limit: Int) -> Int { cell["atLeast"].int < limit ? 5 : 1 }
        for name in ["negative", "neutral", "positive", "mean"] {
            let isMean = name == "mean"
            let scale = isMean ? 10.0 : 100
            func units(_ value: JSONValue) -> Int { Int((value.double * scale).rounded()) }
            let moved = isMean ? units(change[name]["difference"]) : change[name]["points"].int
            let margin = isMean ? units(change[name]["margin"]) : change[name]["margin"].int
            let limit = isMean ? 20 : 50
            let expected = (step(before, below: limit) + step(later, below: limit)) / 2
            count += 2
            // A point that fell reads as −1, which is also what no number reads as: the contract sees to that.
            if moved != units(later[name]) - units(before[name]) || margin != expected {
                strangers.append("\(name): \(change[name])")
            }
        }
    }

    /// Looks at each line of a report in Markdown that has shares: a row of a cell, or support.
    mutating func look(atReport text: String) {
        for line in text.split(separator: "\n") where line.contains("%") {
            let numbers = line.matches(of: #/(\d+)(?:\s?%|(?= \||\s[A-Za-z]+;))/#).compactMap { Int($0.1) }
            let known = line.hasPrefix("|") ? rows.contains(numbers.suffix(4)) : supports.contains("\(numbers)")
            count += 4
            if !known { strangers.append("report: \(line)") }
        }
    }

    /// Looks at the last two columns of each line of the table for spreadsheets: the support.
    mutating func look(atTable text: String) {
        for line in text.split(separator: "\r\n").dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).suffix(2)
            guard fields.count == 2, let atLeast = fields.first.flatMap({ Int($0) }),
                let yes = fields.last.flatMap({ Double($0) })
            else { continue }
            count += 2
            if !supports.contains(where: { $0.hasPrefix("[\(atLeast), \(Int((yes * 100).rounded())),") }) {
                strangers.append("table: \(line)")
            }
        }
    }
}
