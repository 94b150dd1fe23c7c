import Foundation

/// The refusal of an input, or of an answer of the server, in words for whoever ran the command.
struct ReplayFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A consultation as Polis exports it: statements, and votes on them.
struct Consultation: Sendable {
    struct Statement: Sendable {
        let number: Int
        let author: Int
        let text: String
    }

    /// The accepted statements, by number.
    private(set) var statements: [Statement] = []
    /// The last vote of each voter on each accepted statement: 1 agrees, 0 passes, -1 disagrees.
    private(set) var votes: [Int: [Int: Int]] = [:]

    /// Everybody who wrote or voted, in order.
    var people: [Int] { Set(statements.map(\.author)).union(votes.keys).sorted() }
    /// Votes that count.
    var voteCount: Int { votes.values.reduce(0) { $0 + $1.count } }

    /// Reads a consultation.
    ///
    /// - Parameters:
    ///   - comments: the text of `comments.csv`.
    ///   - votes: the text of `votes.csv`.
    ///   - voterLimit: takes the first so many voters only.
    ///   - statementLimit: takes the first so many accepted statements only.
    init(comments: String, votes: String, voterLimit: Int? = nil, statementLimit: Int? = nil) throws(ReplayFailure) {
        let comments = try Table(comments, columns: ["comment-id", "author-id", "moderated", "comment-body"])
        for row in comments.rows where row["moderated"] == "1" {
            let number = try row.integer("comment-id")
            statements.append(
                Statement(number: number, author: try row.integer("author-id"), text: row["comment-body"])
            )
        }
        statements.sort { $0.number < $1.number }
        if let statementLimit { statements = Array(statements.prefix(statementLimit)) }
        let accepted = Set(statements.map(\.number))
        var cast: [(time: Int, voter: Int, statement: Int, vote: Int)] = []
        for row in try Table(votes, columns: ["timestamp", "comment-id", "voter-id", "vote"]).rows {
            let statement = try row.integer("comment-id")
            guard accepted.contains(statement) else { continue }
            let voter = try row.integer("voter-id")
            cast.append((try row.integer("timestamp"), voter, statement, try row.integer("vote")))
        }
        let voters = Set(Set(cast.map(\.voter)).sorted().prefix(voterLimit ?? .max))
        for one in cast.sorted(by: { $0.time < $1.time }) where voters.contains(one.voter) {
            self.votes[one.voter, default: [:]][one.statement] = one.vote
        }
    }

    /// The rating that stands for a vote: agree 5, pass 3, disagree 1.
    static func rating(of vote: Int) -> Int { 3 + 2 * vote.signum() }
}

/// A table of comma-separated values with a header line (RFC 4180).
struct Table {
    struct Row {
        fileprivate let fields: [String]
        fileprivate let places: [String: Int]

        subscript(_ column: String) -> String { places[column].map { fields[$0] } ?? "" }

        func integer(_ column: String) throws(ReplayFailure) -> Int {
            guard let value = Int(self[column]) else {
                throw ReplayFailure("'\(self[column])' is no number in column \(column).")
            }
            return value
        }
    }

    let rows: [Row]

    init(_ text: String, columns: [String]) throws(ReplayFailure) {
        var lines = Self.split(text)
        guard !lines.isEmpty else { throw ReplayFailure("A table is empty.") }
        let places = Dictionary(lines.removeFirst().enumerated().map { ($1, $0) }) { first, _ in first }
        for column in columns where places[column] == nil { throw ReplayFailure("Column \(column) is missing.") }
        for line in lines where line.count != places.count { throw ReplayFailure("A line has \(line.count) fields.") }
        rows = lines.map { Row(fields: $0, places: places) }
    }

    private static func split(_ text: String) -> [[String]] {
        var (lines, line, field): ([[String]], [String], [UInt8]) = ([], [], [])
        var isQuoted = false
        var bytes = Array(text.utf8)[...]
        func ended() -> String { String(decoding: field, as: UTF8.self) }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted && bytes.first == byte:
                field.append(byte)
                bytes.removeFirst()
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                line.append(ended())
                field = []
            case UInt8(ascii: "\n") where !isQuoted:
                lines.append(line + [ended()])
                (line, field) = ([], [])
            case UInt8(ascii: "\r") where !isQuoted: break
            default: field.append(byte)
            }
        }
        if !field.isEmpty || !line.isEmpty { lines.append(line + [ended()]) }
        return lines
    }
}
