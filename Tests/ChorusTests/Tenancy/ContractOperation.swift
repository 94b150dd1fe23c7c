import Foundation
import Testing
import Yams

@testable import Chorus

/// An operation of the contract, with who may ask it.
struct ContractOperation: Sendable {
    /// The words that `x-roles` may use; the contract's description says what each means.
    static let words: Set<String> = [
        "anybody", "account", "session", "admin", "coauthor", "member", "organiser", "moderator", "coordinator", "hr",
        "council",
    ]

    /// Its `operationId`.
    let id: String
    let method: String
    /// With names of parameters in braces.
    let template: String
    /// `x-roles`; empty when the contract does not say.
    let roles: Set<String>
    /// A body that it could take; `nil` when it takes none as JSON.
    let example: JSONValue?
    /// Where a body has ids, as the names on the way; `[]` stands for an element of a list.
    let idPlaces: [[String]]

    var name: String { "\(method) \(template)" }
    /// Whether it is about one network.
    var isInNetwork: Bool { template.contains("{network}") }
    /// Whether the server may hide that a thing is there: drafts are known to those who have a say in them only.
    var mayHide: Bool { template.contains("{recommendation}") }
    var isRead: Bool { method == "GET" }
    /// Names of the path's parameters that are ids of things in a network.
    var things: [String] {
        template.matches(of: /\{(\w+)\}/).map { String($0.1) }.filter { TownIDs.things.contains($0) }
    }

    /// The path with ids in place of names; what has none is nobody's.
    func path(_ ids: [String: String]) -> String {
        template.replacing(/\{(\w+)\}/) { ids[String($0.1)] ?? UUID().text }
    }

    /// All operations of the contract that this server serves at `/openapi.yaml`.
    static func all() throws -> [ContractOperation] {
        let file = try #require(WebClient.files.first { $0.path == "/openapi.yaml" })
        let contract = try #require(try Yams.compose(yaml: String(decoding: file.bytes, as: UTF8.self)))
        return (contract["paths"]?.mapping ?? [:]).flatMap { template, methods in
            (methods.mapping ?? [:]).map { method, operation in
                let body = operation["requestBody"]?["content"]?["application/json"]
                return ContractOperation(
                    id: operation["operationId"]?.string ?? "",
                    method: method.string?.uppercased() ?? "",
                    template: template.string ?? "",
                    roles: Set(operation["x-roles"]?.sequence?.compactMap(\.string) ?? []),
                    example: body?["example"].map(JSONValue.init),
                    idPlaces: body?["schema"].map { places(of: $0, in: contract) } ?? []
                )
            }
        }
    }

    private static func places(of schema: Node, in contract: Node) -> [[String]] {
        if let parts = schema["$ref"]?.string?.split(separator: "/").dropFirst() {
            return places(of: parts.reduce(contract) { $0[String($1)] ?? $0 }, in: contract)
        }
        if schema["format"]?.string == "uuid" { return [[]] }
        var found = ["oneOf", "anyOf", "allOf"].flatMap { schema[$0]?.sequence ?? [] }
            .flatMap { places(of: $0, in: contract) }
        for (name, member) in schema["properties"]?.mapping ?? [:] {
            found += places(of: member, in: contract).map { [name.string ?? ""] + $0 }
        }
        if let element = schema["items"] { found += places(of: element, in: contract).map { ["[]"] + $0 } }
        return found
    }
}

extension JSONValue {
    /// The same with a value at a place, whose way is made where it is missing.
    func setting(_ value: JSONValue, at place: some Collection<String>) -> JSONValue {
        guard let first = place.first else { return value }
        if first == "[]" {
            let rest = (array.first ?? .object([:])).setting(value, at: place.dropFirst())
            return .array([rest] + array.dropFirst())
        }
        guard case .object(var members) = self else {
            return JSONValue.object([:]).setting(value, at: place)
        }
        members[first] = (members[first] ?? .null).setting(value, at: place.dropFirst())
        return .object(members)
    }
}
