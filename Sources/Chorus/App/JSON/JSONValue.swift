/// A JSON value as received (RFC 8259, I-JSON of RFC 7493: no duplicate names, no lone surrogates).
enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}
