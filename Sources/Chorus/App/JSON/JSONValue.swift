import Foundation

/// A JSON value as received (RFC 8259, I-JSON of RFC 7493: no duplicate names, no lone surrogates).
enum JSONValue: Equatable, Encodable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Writes it back.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

/// For those who read answers: what is missing is empty.
extension JSONValue {
    /// A member; null when there is none.
    subscript(_ name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }
    /// The text; empty when it is none.
    var string: String { if case .string(let text) = self { text } else { "" } }
    /// The elements; none when it is no list.
    var array: [JSONValue] { if case .array(let list) = self { list } else { [] } }
    /// The whole number; −1 when it is none.
    var int: Int { if case .integer(let value) = self { value } else { -1 } }
    /// As JSON, members in the order of their names.
    var written: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
