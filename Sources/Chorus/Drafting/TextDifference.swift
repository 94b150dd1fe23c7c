/// Two texts side by side: paragraphs aligned by a longest common subsequence, and words inside those that were changed.
///
/// Both texts can be read out of it again.
struct TextDifference: Sendable {
    /// A paragraph of one of the texts, counted from one.
    struct Place: Encodable, Sendable, Equatable {
        let paragraph: Int
        let text: String
    }

    struct Piece: Encodable, Sendable, Equatable {
        enum Kind: String, Encodable { case same, removed, added }

        let kind: Kind
        var text: String
    }

    struct Row: Encodable, Sendable, Equatable {
        enum Kind: String, Encodable { case same, changed, removed, added }

        let kind: Kind
        @ExplicitNull var from: Place?
        @ExplicitNull var to: Place?
        /// Of a changed paragraph: its words, in both texts or in one of them.
        let words: [Piece]

        static func == (one: Row, other: Row) -> Bool {
            one.kind == other.kind && one.from == other.from && one.to == other.to && one.words == other.words
        }
    }

    private(set) var rows: [Row] = []
    private let old: [Paragraph]
    private let new: [Paragraph]
    private let showsWords: Bool

    /// - Parameters:
    ///   - old: the earlier text.
    ///   - new: the later text.
    ///   - showsWords: whether changed paragraphs are looked into; true by default.
    init(from old: String, to new: String, showsWords: Bool = true) {
        self.old = Paragraph.split(old)
        self.new = Paragraph.split(new)
        self.showsWords = showsWords
        compare()
    }

    private mutating func compare() {
        var numbers = Numbers<String>()
        let pairs = CommonSubsequence(numbers.of(old.map(\.text)), numbers.of(new.map(\.text))).pairs
        var next = (old: 0, new: 0)
        for pair in pairs {
            between(next.old..<pair.old, next.new..<pair.new)
            rows.append(Row(kind: .same, from: place(pair.old, in: old), to: place(pair.new, in: new), words: []))
            next = (pair.old + 1, pair.new + 1)
        }
        between(next.old..<old.count, next.new..<new.count)
    }

    private func place(_ index: Int, in paragraphs: [Paragraph]) -> Place {
        Place(paragraph: index + 1, text: paragraphs[index].text)
    }

    /// How many paragraphs are tried for what became of one.
    private static let reach = 8

    /// What stands between two paragraphs that stayed: some were changed, the others are gone or new.
    private mutating func between(_ removed: Range<Int>, _ added: Range<Int>) {
        var next = added.lowerBound
        for index in removed {
            let candidates = next..<min(next + Self.reach, added.upperBound)
            guard let found = candidates.first(where: { Self.isSimilar(old[index], new[$0]) }) else {
                rows.append(Row(kind: .removed, from: place(index, in: old), to: nil, words: []))
                continue
            }
            add(next..<found)
            let words = showsWords ? Self.words(from: old[index], to: new[found]) : []
            rows.append(
                Row(kind: .changed, from: place(index, in: old), to: place(found, in: new), words: words)
            )
            next = found + 1
        }
        add(next..<added.upperBound)
    }

    private mutating func add(_ added: Range<Int>) {
        for index in added { rows.append(Row(kind: .added, from: nil, to: place(index, in: new), words: [])) }
    }

    /// Whether a third of the words stayed, in whatever order.
    private static func isSimilar(_ old: Paragraph, _ new: Paragraph) -> Bool {
        let (old, new) = (old.words, new.words)
        var counts: [String: Int] = [:]
        for word in old { counts[word.trimmingWhitespace(), default: 0] += 1 }
        var shared = 0
        for word in new {
            let word = word.trimmingWhitespace()
            guard let count = counts[word], count > 0 else { continue }
            counts[word] = count - 1
            shared += 1
        }
        return shared * 3 >= max(old.count, new.count)
    }

    private static func words(from old: Paragraph, to new: Paragraph) -> [Piece] {
        let (old, new) = (old.words, new.words)
        var numbers = Numbers<String>()
        var pieces: [Piece] = []
        func add(_ kind: Piece.Kind, _ words: ArraySlice<String>) {
            guard !words.isEmpty else { return }
            if let last = pieces.indices.last, pieces[last].kind == kind {
                pieces[last].text += words.joined()
            } else {
                pieces.append(Piece(kind: kind, text: words.joined()))
            }
        }
        var next = (old: 0, new: 0)
        for pair in CommonSubsequence(numbers.of(old), numbers.of(new)).pairs {
            add(.removed, old[next.old..<pair.old])
            add(.added, new[next.new..<pair.new])
            add(.same, old[pair.old...pair.old])
            next = (pair.old + 1, pair.new + 1)
        }
        add(.removed, old[next.old...])
        add(.added, new[next.new...])
        return pieces
    }

    /// Where a paragraph of the earlier text stands in the later one.
    ///
    /// - Parameter paragraph: counted from one.
    /// - Returns: `nil` when it is gone; a paragraph that was moved is found when it was not changed as well.
    func follow(_ paragraph: Int) -> Int? {
        guard let row = rows.first(where: { $0.from?.paragraph == paragraph }) else { return nil }
        if let place = row.to { return place.paragraph }
        return rows.first { $0.kind == .added && $0.to?.text == row.from?.text }?.to?.paragraph
    }
}

/// Gives equal values equal numbers.
private struct Numbers<Value: Hashable> {
    private var known: [Value: Int] = [:]

    mutating func of(_ values: [Value]) -> [Int] {
        values.map { value in
            if let number = known[value] { return number }
            known[value] = known.count
            return known.count - 1
        }
    }
}
