import AnonymousTokens
import Foundation
import Hummingbird

/// One page of a list.
struct Page<Item: Encodable & Sendable>: Encodable, Sendable {
    let items: [Item]
    /// Opaque; hand it back as `after` for the next page; `null` on the last.
    @ExplicitNull var next: String?

    /// - Parameters:
    ///   - found: up to one more than the limit, which tells that there is a next page.
    ///   - limit: how many to show.
    ///   - cursor: the sort key of an item, as texts.
    init(_ found: [Item], limit: Int, cursor: (Item) -> [String]) {
        items = Array(found.prefix(limit))
        next = found.count > limit ? items.last.map { Cursor.encode(cursor($0)) } : nil
    }
}

/// Which page is asked for: `?limit=` 1…200 (50 by default) and `?after=`.
struct PageRequest: Sendable {
    let limit: Int
    /// The sort key after which the page begins.
    let after: [String]?

    /// - Parameters:
    ///   - request: the read.
    ///   - keys: how many texts a cursor of this list has.
    /// - Throws: ``Problem`` `invalid` naming the parameter.
    init(_ request: Request, keys: Int = 1) throws(Problem) {
        limit = try request.queryInteger("limit", in: 1...200) ?? 50
        guard let text = request.queryText("after") else {
            after = nil
            return
        }
        guard let cursor = Cursor.decode(text), cursor.count == keys else {
            throw Problem(.malformed, errors: [.init(pointer: "after", detail: "is not a cursor of this list")])
        }
        after = cursor
    }

    /// The cursor as a number, for lists sorted by number.
    func afterNumber() throws(Problem) -> Int? {
        guard let text = after?.last else { return nil }
        guard let number = Int(text) else {
            throw Problem(.malformed, errors: [.init(pointer: "after", detail: "is not a cursor of this list")])
        }
        return number
    }

    /// The cursor as an id, for lists sorted by id.
    func afterId() throws(Problem) -> UUID? {
        guard let text = after?.last else { return nil }
        guard let id = UUID(utf8: text.utf8) else {
            throw Problem(.malformed, errors: [.init(pointer: "after", detail: "is not a cursor of this list")])
        }
        return id
    }
}

private enum Cursor {
    static func encode(_ keys: [String]) -> String {
        Base64URL.encode(Array(keys.joined(separator: "\u{1F}").utf8))
    }

    static func decode(_ text: String) -> [String]? {
        guard text.utf8.count <= 400, let bytes = Base64URL.decode(text),
            let joined = String(validating: bytes, as: UTF8.self), !joined.utf8.contains(0)
        else { return nil }
        return joined.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    }
}

extension Request {
    /// A query parameter, when it is there.
    func queryText(_ name: String) -> String? {
        uri.queryParameters[name[...]].map { String($0) }
    }

    /// - Throws: ``Problem`` `malformed` naming the parameter (RFC: a bad query is a malformed request).
    func queryInteger(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        try query(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func queryUUID(_ name: String) throws(Problem) -> UUID? {
        try query(name, "must be a UUID") { UUID(utf8: $0.utf8) }
    }

    func queryInstant(_ name: String) throws(Problem) -> Date? {
        try query(name, "must be an RFC 3339 instant with offset, percent-encoded") { RFC3339.date($0) }
    }

    func queryChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        of type: Choice.Type = Choice.self
    ) throws(Problem) -> Choice? {
        try query(name, "must be one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")) {
            Choice(rawValue: $0)
        }
    }

    /// `true` or `false`; `nil` when it is absent.
    func queryBool(_ name: String) throws(Problem) -> Bool? {
        try query(name, "must be true or false") { Bool($0) }
    }

    private func query<Value>(
        _ name: String,
        _ detail: String,
        _ read: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = queryText(name) else { return nil }
        guard let value = read(text) else {
            throw Problem(.malformed, errors: [.init(pointer: name, detail: detail)])
        }
        return value
    }
}
