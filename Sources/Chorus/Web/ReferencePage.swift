import Foundation
import Yams

/// The reference of the API as a page without scripts, made from `openapi.yaml` when it is first asked for.
enum ReferencePage {
    static let file: WebClient.File = {
        let text = WebClient.file("/openapi.yaml").map { String(decoding: $0.bytes, as: UTF8.self) }
        let contract = text.flatMap { try? Yams.compose(yaml: $0) }
        let page = Array((contract.map { Reference(contract: $0).page } ?? "").utf8)
        return WebClient.File(path: "/docs", mediaType: "text/html; charset=utf-8", bytes: page)
    }()
}

extension JSONValue {
    /// The same in YAML's JSON schema (YAML 1.2, chapter 10.2).
    init(_ node: Node) {
        if let mapping = node.mapping {
            let members = mapping.map { ($0.key.string ?? "", JSONValue($0.value)) }
            self = .object(Dictionary(members) { first, _ in first })
        } else if let sequence = node.sequence {
            self = .array(sequence.map(JSONValue.init))
        } else if node.null != nil {
            self = .null
        } else if let value = node.bool {
            self = .bool(value)
        } else if let value = node.int {
            self = .integer(value)
        } else if let value = node.float {
            self = .number(value)
        } else {
            self = .string(node.string ?? "")
        }
    }

    /// For people to read.
    fileprivate var indented: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// Turns a contract into HTML; every text of it is escaped.
private struct Reference {
    let contract: Node

    var page: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Chorus API</title><link rel="stylesheet" href="/docs.css"></head><body>
        <header><h1>\(text(contract["info"]?["title"])) API</h1><p>\(text(contract["info"]?["description"]))</p>
        <p>The contract itself: <a href="/openapi.yaml">openapi.yaml</a> (OpenAPI 3.1).</p></header>
        <nav aria-label="Groups"><ul>\(tags.map { "<li><a href=\"#\($0)\">\($0)</a></li>" }.joined())</ul></nav>
        <main>\(tags.map(section).joined())
        <section id="schemas"><h2>Schemas</h2>\(schemas)</section></main></body></html>
        """
    }

    private var tags: [String] {
        (contract["tags"]?.sequence ?? []).compactMap { $0["name"]?.string }
    }

    private func section(_ tag: String) -> String {
        let operations = (contract["paths"]?.mapping ?? [:]).flatMap { path, methods in
            (methods.mapping ?? [:]).filter { $0.value["tags"]?[0]?.string == tag }.map {
                operation($0.key, path, $0.value)
            }
        }
        return "<section id=\"\(tag)\"><h2>\(tag)</h2>\(operations.joined())</section>"
    }

    private func operation(_ method: Node, _ path: Node, _ operation: Node) -> String {
        let verb = (method.string ?? "").uppercased()
        let isOpen = operation["security"]?.sequence?.isEmpty ?? false
        let roles = (operation["x-roles"]?.sequence ?? []).map(text).joined(separator: ", ")
        let parameters = (operation["parameters"]?.sequence ?? []).map(resolved).map { parameter in
            "<li><code>\(text(parameter["name"]))</code> (\(text(parameter["in"]))) \(type(parameter["schema"]))</li>"
        }
        let answers = (operation["responses"]?.mapping ?? [:]).map { status, answer in
            let schema = resolved(answer)["content"]?.mapping?.first?.value["schema"]
            return
                "<tr><td>\(text(status))</td><td>\(text(resolved(answer)["description"]))</td><td>\(schema.map(type) ?? "")</td></tr>"
        }
        let body = operation["requestBody"]?["content"]?.mapping?.first?.value
        let example = body?["example"].map { JSONValue($0).indented }
        return """
            <article><h3 id="\(text(operation["operationId"]))"><span class="method \(verb.lowercased())">\(verb)</span>
            <code>\(text(path))</code></h3><p>\(text(operation["summary"]))\(isOpen ? " No sign-in." : " Asked by: \(roles).")</p>
            \(parameters.isEmpty ? "" : "<h4>Parameters</h4><ul>\(parameters.joined())</ul>")
            \(body?["schema"].map { "<h4>Body</h4>\(members($0))" } ?? "")
            \(example.map { "<pre>\(Self.escaped($0))</pre>" } ?? "")
            <h4>Answers</h4><div class="wide"><table><thead><tr><th>Status</th><th>Meaning</th><th>Body</th></tr></thead>
            <tbody>\(answers.joined())</tbody></table></div></article>
            """
    }

    private var schemas: String {
        (contract["components"]?["schemas"]?.mapping ?? [:]).map { name, schema in
            "<article><h3 id=\"schema-\(text(name))\">\(text(name))</h3>\(members(schema))</article>"
        }.joined()
    }

    /// The members of an object as a table.
    private func members(_ schema: Node) -> String {
        if let choices = schema["oneOf"]?.sequence { return choices.map(members).joined(separator: "<p>or</p>") }
        guard let properties = schema["properties"]?.mapping, !properties.isEmpty else {
            return "<p>\(type(schema))</p>"
        }
        let required = Set((schema["required"]?.sequence ?? []).compactMap(\.string))
        let rows = properties.map { name, schema in
            let mark = required.contains(name.string ?? "") ? "required" : ""
            return "<tr><td><code>\(text(name))</code></td><td>\(type(schema))</td><td>\(mark)</td></tr>"
        }
        return "<div class=\"wide\"><table><tbody>\(rows.joined())</tbody></table></div>"
    }

    /// One line that says what a value is.
    private func type(_ schema: Node?) -> String {
        guard let schema else { return "" }
        if let name = schema["$ref"]?.string?.split(separator: "/").last {
            return "<a href=\"#schema-\(name)\">\(name)</a>"
        }
        if let choices = schema["oneOf"]?.sequence { return choices.map(type).joined(separator: " or ") }
        if let values = schema["enum"]?.sequence {
            return values.map { $0.string.map(Self.escaped) ?? "null" }.joined(separator: " · ")
        }
        let names = schema["type"]?.sequence?.compactMap(\.string) ?? [schema["type"]?.string ?? ""]
        if names.contains("array") { return "list of \(type(schema["items"]))" }
        if names.contains("object"), schema["properties"] != nil { return members(schema) }
        let bounds = [("minimum", "≥"), ("maximum", "≤"), ("minLength", "at least"), ("maxLength", "at most")]
            .compactMap { key, sign in
                schema[key].map { "\(sign) \(text($0))" }
            }
        return Self.escaped(
            ([names.joined(separator: " or ")] + [schema["format"]?.string].compactMap { $0 } + bounds).joined(
                separator: ", "
            )
        )
    }

    private func resolved(_ node: Node) -> Node {
        guard let parts = node["$ref"]?.string?.split(separator: "/").dropFirst() else { return node }
        return parts.reduce(contract) { $0[String($1)] ?? $0 }
    }

    private func text(_ node: Node?) -> String { Self.escaped(node?.scalar?.string ?? "") }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
