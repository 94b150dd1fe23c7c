import CWebClient
import Crypto
import Foundation
import Hummingbird

/// The files that a browser gets; they travel inside the program.
enum WebClient {
    struct File: Sendable {
        let path: String
        let mediaType: String
        let bytes: [UInt8]
        let tag: String
    }

    static let files: [File] = {
        var count = 0
        let first = chorus_web_files(&count)
        return UnsafeBufferPointer(start: first, count: count).map { file in
            let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.length))
            return File(
                path: String(cString: file.path),
                mediaType: String(cString: file.media_type),
                bytes: bytes,
                tag: EntityTag.of(Data(bytes), version: nil)
            )
        }
    }()

    /// SHA-256 over all files in the order of their paths; the key directory shows it, so that a page that was served to one
    /// person only can be noticed.
    static let bundleDigest: [UInt8] = {
        var hash = SHA256()
        for file in files.sorted(by: { $0.path < $1.path }) {
            hash.update(data: Array(file.path.utf8) + [0])
            hash.update(data: Array(SHA256.hash(data: file.bytes)))
        }
        return Array(hash.finalize())
    }()
}

/// Serves the embedded files, and the reference of the API at `/docs`.
struct WebRoutes: Sendable {
    let parts: ServerParts

    func add(to router: some RouterMethods<AppContext>) {
        for file in WebClient.files {
            router.get(RouterPath(file.path)) { request, _ in Self.answer(request, file) }
        }
        // Off the event loops: the first time it is made, which takes tenths of a second.
        router.get("/docs") { request, _ in Self.answer(request, try await parts.compute { ReferencePage.file }) }
        router.get("/privacy") { request, _ in Self.privacy(request) }
        router.get("/") { _, _ in Response(status: .seeOther, headers: [.location: "/docs"]) }
    }

    /// What is protected, from whom, and what is not, in the reader's language.
    private static func privacy(_ request: Request) -> Response {
        let language = Language(accepting: request.headers[.acceptLanguage])
        guard let file = WebClient.files.first(where: { $0.path == "/privacy/\(language.rawValue)" }) else {
            return Response(status: .notFound)
        }
        var response = answer(request, file)
        response.headers[.vary] = "Accept-Language"
        response.headers[.contentLanguage] = language.rawValue
        return response
    }

    private static func answer(_ request: Request, _ file: WebClient.File) -> Response {
        var headers: HTTPFields = [.eTag: file.tag, .cacheControl: "public, max-age=300"]
        if EntityTag.matches(request.headers[.ifNoneMatch], file.tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.mediaType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }
}
