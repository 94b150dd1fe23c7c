import AnonymousTokens
import Crypto
import Foundation
import HTTPTypes
import Hummingbird

extension Response {
    /// An answer with a JSON body; private, so never cached by others.
    static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) throws -> Response {
        json(bytes: try encoded(value), status: status, headers: headers)
    }

    /// An answer filled up to a fixed size; white space after a JSON text means nothing (RFC 8259, section 2).
    static func fixedSize(_ value: some Encodable) throws -> Response {
        var bytes = try encoded(value)
        bytes.append(Data(repeating: 0x20, count: FixedSize.size(for: bytes.count) - bytes.count))
        return json(bytes: bytes, headers: [:])
    }

    /// A created resource: 201 with its `Location`.
    static func created(_ value: some Encodable, at location: String, version: Int? = nil) throws -> Response {
        let bytes = try encoded(value)
        return json(
            bytes: bytes,
            status: .created,
            headers: [.location: location, .eTag: EntityTag.of(bytes, version: version)]
        )
    }

    /// An answer to a read: with `ETag`, and 304 without a body when the client has it already.
    ///
    /// - Parameters:
    ///   - value: the representation.
    ///   - request: the read, for its `If-None-Match`.
    ///   - version: of the resource, when updates of it need `If-Match`.
    static func read(_ value: some Encodable, for request: Request, version: Int? = nil) throws -> Response {
        try Representation(value, version: version).response(for: request)
    }

    /// A page of a list, with its `Link` to the next one.
    static func read<Item: Encodable>(_ page: Page<Item>, for request: Request) throws -> Response {
        try Representation(page, for: request).response(for: request)
    }

    /// An answer without a body.
    static var noContent: Response { Response(status: .noContent) }

    private static func json(bytes: Data, status: HTTPResponse.Status = .ok, headers: HTTPFields) -> Response {
        var headers = headers
        headers[.contentType] = jsonType
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// What every JSON answer says it is.
    static let jsonType = "application/json; charset=utf-8"

    /// The bytes of an answer.
    static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        // Sorted, so that equal values have equal entity tags.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(RFC3339.string(date))
        }
        return try encoder.encode(value)
    }
}

extension HTTPField.Name {
    /// `Link` of RFC 8288; HTTPTypes does not name it.
    static let link = HTTPField.Name(parsed: "link") ?? .location
}

/// Entity tags of RFC 9110 section 8.8.3: `"7-HASH"` for a resource in version 7, `"HASH"` for one without versions.
///
/// The hash is of the body, so a count that moved is seen by `If-None-Match`; `If-Match` compares the version only,
/// so that somebody's RSVP does not stale an organiser's edit.
enum EntityTag {
    static func of(_ body: Data, version: Int?) -> String {
        let hash = Base64URL.encode(Array(SHA256.hash(data: body).prefix(12)))
        return version.map { "\"\($0)-\(hash)\"" } ?? "\"\(hash)\""
    }

    static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains {
            let candidate = $0.trimmingWhitespace()
            return candidate == "*" || candidate == tag || candidate == "W/" + tag
        }
    }
}

extension Request {
    /// The version that the client wants to change.
    ///
    /// - Returns: `nil` for `If-Match: *`, which takes any version.
    /// - Throws: ``Problem`` `preconditionRequired` without `If-Match`, `stale` when it is none of our tags.
    func expectedVersion() throws(Problem) -> Int? {
        guard let header = headers[.ifMatch] else { throw Problem(.preconditionRequired) }
        if header == "*" { return nil }
        guard header.first == "\"", let version = Int(header.dropFirst().prefix { $0.isNumber }) else {
            throw Problem(.stale)
        }
        return version
    }
}
