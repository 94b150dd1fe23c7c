import Crypto
import Foundation

/// What the bytes of the client's modules come to, so that a browser runs none but them (W3C Subresource Integrity).
struct ModuleDigests {
    /// By path below `app/`.
    private let files: [String: WebClient.File]

    /// - Parameter files: those below `/web/{version}/`.
    init(_ files: [WebClient.File]) {
        self.files = Dictionary(files.map { (Self.relative($0.path), $0) }) { first, _ in first }
    }

    /// As in the attribute `integrity`; empty for a file that does not exist.
    func integrity(_ path: String) -> String {
        guard let file = files[path] else { return "" }
        return "sha384-" + Data(SHA384.hash(data: file.bytes)).base64EncodedString()
    }

    /// All that a module imports, and what those import, without itself.
    func imports(_ path: String) -> [String] {
        var found: Set<String> = []
        var next = [path]
        while let module = next.popLast() {
            for name in named(in: module) where name != Self.own && found.insert(name).inserted { next.append(name) }
        }
        return found.subtracting([path]).sorted()
    }

    /// The module that `integrity.js` imports: every file with its digest and what has to be loaded before it.
    var module: WebClient.File {
        let list = JSONValue.object(
            Dictionary(
                uniqueKeysWithValues: files.keys.map { path in
                    let members: [String: JSONValue] = [
                        "integrity": .string(integrity(path)), "imports": .array(imports(path).map(JSONValue.string)),
                    ]
                    return (path, .object(members))
                }
            )
        )
        let text = "// Written by the server from the files themselves.\n\nexport const files = \(list.written);\n"
        return WebClient.File(
            path: "app/\(Self.own)",
            mediaType: "text/javascript; charset=utf-8",
            bytes: Array(text.utf8)
        )
    }

    private static let own = "digests.js"

    /// `import … from './x.js'` and `export … from './x.js'` at the beginning of a line; no other form is used.
    private func named(in path: String) -> [String] {
        guard let file = files[path], path.hasSuffix(".js") else { return [] }
        let text = String(decoding: file.bytes, as: UTF8.self)
        let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : ""
        return text.matches(of: /(?m)^(?:import|export)\b[^;]*?\bfrom '([^']+)'/).map { match in
            Self.joined(folder, String(match.1))
        }
    }

    /// A path below `app/`; what lies beside that folder begins with `../`.
    static func relative(_ path: String) -> String {
        path.hasPrefix("app/") ? String(path.dropFirst(4)) : "../\(path)"
    }

    private static func joined(_ folder: String, _ name: String) -> String {
        var parts = folder.split(separator: "/").map(String.init)
        for part in name.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}
