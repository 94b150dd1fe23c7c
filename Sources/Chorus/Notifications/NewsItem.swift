import Foundation
import Postgres

/// What may be news to somebody; nothing of the anonymous channels is, because who is told of an answer there has asked.
enum NewsKind: String, CaseIterable, Sendable {
    case answer, outcome, release
    case eventCancelled = "event-cancelled"
    case eventMoved = "event-moved"
    case seat
    case roundOpened = "round-opened"
    case roundClosing = "round-closing"
    /// Somebody was given a code for the reader's account, or has used it; it has no title.
    case passwordReset = "password-reset"
    /// A second factor of the reader's account was set up, removed or given new codes; it has no title.
    case secondFactor = "second-factor"
}

/// Something that happened and concerns somebody; found in the rows of what happened, not kept by itself.
struct NewsItem: Sendable, Equatable {
    let kind: NewsKind
    /// The recommendation, event, round, release or membership that it is about.
    let subject: UUID
    let title: String
    let at: Date
    var network: Network?

    static func == (one: NewsItem, other: NewsItem) -> Bool { one.key == other.key && one.title == other.title }

    /// Where it stands in a list.
    var key: Key { Key(at: at, kind: kind.rawValue, subject: subject.text) }

    /// The sort key of news; a later one comes first.
    struct Key: Comparable, Sendable {
        /// PostgreSQL's own unit: what is finer would be lost on the way.
        let microseconds: Int
        let kind: String
        let subject: String

        init(at: Date, kind: String, subject: String) {
            microseconds = Int((at.timeIntervalSince1970 * 1_000_000).rounded())
            self.kind = kind
            self.subject = subject
        }

        /// - Throws: ``Problem`` `malformed` when a cursor is of another list.
        init(cursor texts: [String]) throws(Problem) {
            guard texts.count == 3, let microseconds = Int(texts[0]), abs(microseconds) < 1 << 53,
                NewsKind(rawValue: texts[1]) != nil, UUID(utf8: texts[2].utf8) != nil
            else {
                throw Problem(.malformed, errors: [.init(pointer: "after", detail: "is not a cursor of this list")])
            }
            (self.microseconds, kind, subject) = (microseconds, texts[1], texts[2])
        }

        var texts: [String] { [String(microseconds), kind, subject] }
        var instant: Date { Date(timeIntervalSince1970: Double(microseconds) / 1_000_000) }

        static func < (one: Key, other: Key) -> Bool {
            (one.microseconds, one.kind, one.subject) < (other.microseconds, other.kind, other.subject)
        }
    }

    /// A page out of what several sources have found.
    ///
    /// - Parameters:
    ///   - found: from each source its latest, one more than the limit at least if it has so many.
    ///   - limit: of the page.
    /// - Returns: the latest of all, one more than the limit if there are so many.
    static func latest(_ found: [[NewsItem]], limit: Int) -> [NewsItem] {
        Array(found.joined().sorted { $0.key > $1.key }.prefix(limit + 1))
    }
}

/// From when to when news are asked for: later than the one, up to the other.
struct NewsWindow: Sendable {
    /// How long something is news.
    static let days = 90

    let from: Date
    let to: Date

    /// All that is news at an instant.
    static func upTo(_ now: Date) -> NewsWindow {
        NewsWindow(from: now.addingTimeInterval(Double(-days) * 86_400), to: now)
    }
}
