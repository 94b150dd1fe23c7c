import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What a read answers with, as ready bytes, whoever asks and whatever they have already.
struct Representation: Sendable {
    let body: ByteBuffer
    let entityTag: String
    /// `Link` to the next page.
    let link: String?
    /// `Updated-Until`: what to ask with as `updatedSince` the next time.
    let updatedUntil: String?

    /// - Parameters:
    ///   - value: what is shown.
    ///   - version: of the resource, when updates of it need `If-Match`.
    ///   - link: to the next page; none by default.
    ///   - updatedUntil: what to ask with the next time; nothing by default.
    /// - Throws: what encoding throws.
    init(_ value: some Encodable, version: Int? = nil, link: String? = nil, updatedUntil: String? = nil) throws {
        let bytes = try Response.encoded(value)
        body = ByteBuffer(bytes: bytes)
        entityTag = EntityTag.of(bytes, version: version)
        self.link = link
        self.updatedUntil = updatedUntil
    }

    /// - Parameters:
    ///   - bytes: a body that is ready.
    ///   - link: to the next page.
    init(bytes: Data, link: String?) {
        body = ByteBuffer(bytes: bytes)
        entityTag = EntityTag.of(bytes, version: nil)
        self.link = link
        updatedUntil = nil
    }

    /// A page of a list, with its `Link` to the next one.
    init<Item: Encodable>(_ page: Page<Item>, for request: Request, updatedUntil: String? = nil) throws {
        try self.init(page, link: Self.link(to: page.next, for: request), updatedUntil: updatedUntil)
    }

    /// `Link` to a next page, if there is one.
    static func link(to next: String?, for request: Request) -> String? {
        guard let next else { return nil }
        let kept = request.uri.queryParameters.filter { $0.key != "after" }
            .map { "\($0.key)=\(String($0.value).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
        let query = (kept + ["after=\(next)"]).joined(separator: "&")
        return "<\(request.uri.path)?\(query)>; rel=\"next\""
    }

    /// The answer, or 304 without a body when the client has it already.
    func response(for request: Request) -> Response {
        var headers: HTTPFields = [.eTag: entityTag]
        if let link { headers[.link] = link }
        if let updatedUntil { headers[.updatedUntil] = updatedUntil }
        if EntityTag.matches(request.headers[.ifNoneMatch], entityTag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = Response.jsonType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: body))
    }
}
