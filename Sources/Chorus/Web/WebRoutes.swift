import Foundation
import HTTPTypes
import Hummingbird

/// Serves the web client, the reference of the API at `/docs`, and what is promised at `/privacy`.
struct WebRoutes: Sendable {
    let parts: ServerParts

    func add(to router: some RouterMethods<AppContext>) {
        for path in WebClient.files.map(\.path) where path.hasPrefix("/") {
            router.get(RouterPath(path)) { request, _ in try await answer(request) { ServedFile.standing[path] } }
        }
        router.get("/") { request, _ in try await answer(request) { ServedFile.page } }
        router.get("/worker.js") { request, _ in try await answer(request) { ServedFile.worker } }
        for path in [
            "/web/{version}/{file}", "/web/{version}/app/{file}", "/web/{version}/app/views/{file}",
            "/web/{version}/app/texts/{file}",
        ] {
            router.get(RouterPath(path)) { request, _ in
                let path = request.uri.path
                return try await answer(request) { ServedFile.versioned[path] }
            }
        }
        router.get("/docs") { request, _ in try await answer(request) { ServedFile.reference } }
        router.get("/privacy") { request, _ in
            let language = Language(accepting: request.headers[.acceptLanguage])
            var response = try await answer(request) { ServedFile.standing["/privacy/\(language.rawValue)"] }
            response.headers[.vary] = "Accept-Language, Accept-Encoding"
            response.headers[.contentLanguage] = language.rawValue
            return response
        }
    }

    /// Off the event loops: the first time files are compressed, which takes tenths of a second.
    private func answer(
        _ request: Request,
        _ find: @escaping @Sendable () -> ServedFile?
    ) async throws -> Response {
        guard let file = try await parts.compute(find) else { throw Problem(.notFound) }
        return file.answer(to: request)
    }
}

/// A file as it goes out: with its tag, as it is and compressed.
struct ServedFile: Sendable {
    private let file: WebClient.File
    private let compressed: ByteBuffer?
    private let plain: ByteBuffer
    private let cacheControl: String

    /// - Parameter cacheControl: RFC 9111, 5.2.
    init(_ file: WebClient.File, cacheControl: String) {
        self.file = file
        self.cacheControl = cacheControl
        plain = ByteBuffer(bytes: file.bytes)
        let isText = !file.mediaType.hasPrefix("image/png")
        compressed = isText ? Gzip.compress(file.bytes).map { ByteBuffer(bytes: $0) } : nil
    }

    static let page = ServedFile(StartPage.page, cacheControl: "no-cache")
    static let worker = ServedFile(StartPage.worker, cacheControl: "no-cache")
    static let reference = ServedFile(ReferencePage.file, cacheControl: "public, max-age=300")

    /// Those with an address of their own.
    static let standing = Dictionary(
        uniqueKeysWithValues: WebClient.files.filter { $0.path.hasPrefix("/") }.map {
            ($0.path, ServedFile($0, cacheControl: "public, max-age=300"))
        }
    )

    /// Those whose address names the version, and that therefore never change.
    static let versioned = Dictionary(
        uniqueKeysWithValues: StartPage.modules.map {
            (
                "/web/\(WebClient.version)/\($0.path)",
                ServedFile($0, cacheControl: "public, max-age=31536000, immutable")
            )
        }
    )

    func answer(to request: Request) -> Response {
        let body = request.headers[.acceptEncoding].flatMap(Self.takesGzip) == true ? compressed : nil
        // Another tag for other bytes (RFC 9110, 8.8.3.3).
        let tag = body == nil ? file.tag : "\(file.tag.dropLast())-gzip\""
        var headers: HTTPFields = [.eTag: tag, .cacheControl: cacheControl, .vary: "Accept-Encoding"]
        if EntityTag.matches(request.headers[.ifNoneMatch], tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.mediaType
        if body != nil { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: body ?? plain))
    }

    /// Whether a header names gzip without forbidding it (RFC 9110, 12.5.3).
    private static func takesGzip(_ header: String) -> Bool {
        header.split(separator: ",").contains { part in
            let pieces = part.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            return pieces.first == "gzip" && !pieces.contains("q=0")
        }
    }
}
