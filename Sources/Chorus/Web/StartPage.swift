import Foundation

/// What is made of the embedded files when they are first asked for: the page that everybody begins with, its list of
/// digests, and the service worker.
enum StartPage {
    /// Names each module that the first view needs with its digest, so that a browser fetches all of them at once.
    static let page: WebClient.File = {
        let preloads = digests.imports("main.js").map { path in
            "<link rel=\"modulepreload\" href=\"\(address(path))\" integrity=\"\(digests.integrity(path))\">"
        }
        let list = ModuleDigests(versioned + [digests.module])
        let lines =
            [
                "<link rel=\"stylesheet\" href=\"\(address("app.css"))\" integrity=\"\(digests.integrity("app.css"))\">",
                "<link rel=\"modulepreload\" href=\"\(address("digests.js"))\" integrity=\"\(list.integrity("digests.js"))\">",
            ] + preloads + [
                "<script type=\"module\" src=\"\(address("main.js"))\" integrity=\"\(digests.integrity("main.js"))\"></script>"
            ]
        return made("app/index.html", "/", "text/html; charset=utf-8", lines.joined(separator: "\n"))
    }()

    /// Keeps the files of its own version and no answer of the API.
    static let worker: WebClient.File = {
        let files = JSONValue.array(modules.map { .string(address(ModuleDigests.relative($0.path))) })
        let lines = "const version = '\(WebClient.version)';\nconst files = \(files.written);"
        return made("app/worker.js", "/worker.js", "text/javascript; charset=utf-8", lines)
    }()

    /// What lies below `/web/{version}/`, the list of digests among it.
    static let modules: [WebClient.File] = (versioned + [digests.module]).sorted { $0.path < $1.path }

    private static let versioned = WebClient.files.filter { !$0.path.hasPrefix("/") && !templates.contains($0.path) }
    private static let templates: Set = ["app/index.html", "app/worker.js"]
    private static let digests = ModuleDigests(versioned)

    /// - Parameter path: below `app/`.
    private static func address(_ path: String) -> String {
        path.hasPrefix("../")
            ? "/web/\(WebClient.version)/\(path.dropFirst(3))" : "/web/\(WebClient.version)/app/\(path)"
    }

    /// A template with lines in place of its mark.
    private static func made(_ template: String, _ path: String, _ mediaType: String, _ lines: String) -> WebClient.File
    {
        let text = String(decoding: WebClient.file(template)?.bytes ?? [], as: UTF8.self)
        let whole = text.replacing("<!-- files -->", with: lines).replacing("// files", with: lines)
        return WebClient.File(path: path, mediaType: mediaType, bytes: Array(whole.utf8))
    }
}
