@testable import Chorus
import Foundation

/// Somebody in a test.
struct TestPerson: Sendable {
    /// Account's id.
    let account: UUID
    /// Membership's id.
    let membership: UUID
    /// API token.
    let token: String
}

/// What a server answered.
struct TestReply: Sendable {
    /// Status code.
    let status: Int
    /// Headers by lower-case name.
    let headers: [String: String]
    /// The cookies that it sets.
    var cookies: [String] = []
    /// Body.
    let body: Data

    /// The body as JSON; null when it is none.
    var json: JSONValue { (try? JSONParser.parse(Array(body))) ?? .null }
    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
    /// Name of the problem.
    var problem: String { json["type"].string.split(separator: "/").last.map(String.init) ?? "" }
    /// Where the problem says that the fault is.
    var pointers: [String] { json["errors"].array.map { $0["pointer"].string } }
}

/// What only tests look for.
extension JSONValue {
    /// An element; null when there is none.
    subscript(_ index: Int) -> JSONValue { array.indices.contains(index) ? array[index] : .null }
    /// The number; NaN when it is none.
    var double: Double {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: .nan
        }
    }
    /// Whether it is true.
    var isTrue: Bool { self == .bool(true) }
    /// Names of the members.
    var names: Set<String> { if case .object(let members) = self { Set(members.keys) } else { [] } }
}
