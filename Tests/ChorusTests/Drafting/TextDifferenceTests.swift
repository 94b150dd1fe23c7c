import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Side-by-side differences: pure values, tried with many texts.
@Suite struct TextDifferenceTests {
    /// The plain algorithm, to hold the fast one against.
    private func length(_ old: [Int], _ new: [Int]) -> Int {
        var row = [Int](repeating: 0, count: new.count + 1)
        for number in old {
            var next = row
            for (place, other) in new.enumerated() {
                next[place + 1] = number == other ? row[place] + 1 : max(next[place], row[place + 1])
            }
            row = next
        }
        return row[new.count]
    }

    @Test func theSubsequenceIsCommonAndNoneIsLonger() {
        var coins = SeededGenerator(seed: 7)
        for round in 0..<400 {
            let letters = Int.random(in: 1...12, using: &coins)
            func list(_ longest: Int) -> [Int] {
                (0..<Int.random(in: 0...longest, using: &coins)).map { _ in Int.random(in: 0..<letters, using: &coins) }
            }
            let longest = round % 4 == 0 ? 200 : 20
            let (old, new) = (list(longest), list(longest))
            let pairs = CommonSubsequence(old, new).pairs
            #expect(pairs.allSatisfy { old[$0.old] == new[$0.new] })
            #expect(zip(pairs, pairs.dropFirst()).allSatisfy { $0.old < $1.old && $0.new < $1.new })
            #expect(pairs.count == length(old, new), "\(old) \(new)")
        }
    }

    private static let words = [
        "Amt", "Rampe ", "fehlt", " ", "  ", "\n", "\n\n", "\n \n", "é", "👩‍👩‍👧", "\r\n", "\t", ".",
    ]

    private func text(_ coins: inout SeededGenerator, _ count: Int) -> String {
        (0..<count).map { _ in Self.words[Int.random(in: 0..<Self.words.count, using: &coins)] }.joined()
    }

    @Test func bothTextsCanBeReadOutOfIt() {
        var coins = SeededGenerator(seed: 3)
        for _ in 0..<300 {
            let old = text(&coins, Int.random(in: 1...40, using: &coins))
            // Half of them are changed a little, half are another text.
            var new = text(&coins, Int.random(in: 1...40, using: &coins))
            if Bool.random(using: &coins) {
                new = old.replacing("fehlt", with: "ist da", maxReplacements: 1) + "\n\nEnde"
            }
            let rows = TextDifference(from: old, to: new).rows
            let paragraphs = (Paragraph.split(old), Paragraph.split(new))
            #expect(paragraphs.0.map { $0.text + $0.gap }.joined() == old)
            #expect(paragraphs.1.map { $0.text + $0.gap }.joined() == new)
            #expect(rows.compactMap(\.from).map(\.text) == paragraphs.0.map(\.text))
            #expect(rows.compactMap(\.to).map(\.text) == paragraphs.1.map(\.text))
            #expect(rows.compactMap(\.from).map(\.paragraph) == Array(1...paragraphs.0.count))
            #expect(rows.compactMap(\.to).map(\.paragraph) == Array(1...paragraphs.1.count))
            for row in rows where row.kind == .changed {
                #expect(row.words.filter { $0.kind != .added }.map(\.text).joined() == row.from?.text)
                #expect(row.words.filter { $0.kind != .removed }.map(\.text).joined() == row.to?.text)
            }
            for row in rows where row.kind == .same { #expect(row.from?.text == row.to?.text) }
        }
    }

    @Test func aSmallChangeIsShownAsOne() {
        let old = "Erstens.\n\nZu wenige kennen sie.\n\nDrittens."
        let new = "Neu.\n\nErstens.\n\nZu viele kennen sie nicht.\n\nDrittens."
        let rows = TextDifference(from: old, to: new).rows
        #expect(rows.map(\.kind) == [.added, .same, .changed, .same])
        #expect(
            rows[2].words == [
                .init(kind: .same, text: "Zu "), .init(kind: .removed, text: "wenige "),
                .init(kind: .added, text: "viele "), .init(kind: .same, text: "kennen "),
                .init(kind: .removed, text: "sie."), .init(kind: .added, text: "sie nicht."),
            ]
        )
    }

    @Test func aParagraphIsFollowedWhereItGoes() {
        let old = "Eins ist kurz.\n\nZwei wird umgestellt.\n\nDrei wird gestrichen.\n\nVier bleibt hier."
        let new = "Zwei wird umgestellt.\n\nEins ist sehr kurz.\n\nVier bleibt hier.\n\nZwei wird umgestellt."
        let difference = TextDifference(from: old, to: new, showsWords: false)
        #expect(difference.follow(1) == nil, "overtaken and changed at once")
        #expect([1, 4].contains(difference.follow(2)))
        #expect(difference.follow(3) == nil)
        #expect(difference.follow(4) == 3)
        #expect(difference.follow(5) == nil)
        // Moved, not changed: found although the alignment cannot cross.
        #expect(TextDifference(from: "A b c\n\nD e f\n\nG h i", to: "G h i\n\nA b c\n\nD e f").follow(3) == 1)
    }

    /// The longest texts there are, of the shapes that cost most: alone they take seconds, without a bound they would take days.
    @Test(.timeLimit(.minutes(20))) func theLongestTextsTakeBoundedTime() {
        var coins = SeededGenerator(seed: 1)
        func letters(_ gap: String) -> String {
            let count = 50_000 / (1 + gap.utf8.count)
            return (0..<count).map { _ in Bool.random(using: &coins) ? "a" : "b" }.joined(separator: gap)
        }
        for gap in [" ", "\n\n", "\n"] {
            let (old, new) = (letters(gap), letters(gap))
            let rows = TextDifference(from: old, to: new).rows
            #expect(rows.compactMap(\.from).map(\.text) == Paragraph.split(old).map(\.text))
            #expect(rows.compactMap(\.to).map(\.text) == Paragraph.split(new).map(\.text))
        }
    }
}
