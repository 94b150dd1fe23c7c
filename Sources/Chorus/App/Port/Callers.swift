import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

/// Decides who asks; the one place for the router and the express lane.
struct Callers: Sendable {
    let proxies: TrustedProxies
    /// Whether this server's own connections are encrypted.
    let isEncrypted: Bool

    init(_ configuration: ServerConfiguration) {
        proxies = configuration.trustedProxies
        isEncrypted = configuration.certificateFiles != nil
    }

    func caller(from peer: IPAddress?, _ headers: HTTPHeaders) -> Caller {
        proxies.caller(from: peer, isEncrypted: isEncrypted) {
            ForwardedWords(
                addresses: headers["x-forwarded-for"],
                schemes: headers["x-forwarded-proto"],
                forwarded: headers["forwarded"]
            )
        }
    }

    func caller(from peer: IPAddress?, _ fields: HTTPFields) -> Caller {
        proxies.caller(from: peer, isEncrypted: isEncrypted) {
            ForwardedWords(
                addresses: fields[values: .xForwardedFor],
                schemes: fields[values: .xForwardedProto],
                forwarded: fields[values: .forwarded]
            )
        }
    }
}

/// Puts the decision who asks where everything behind finds it: the asker into the context, the scheme into the request.
struct RecogniseCaller: RouterMiddleware {
    typealias Context = AppContext

    let callers: Callers

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.caller = callers.caller(from: context.peer, request.headers)
        // HTTP/2 lets clients say what they like here.
        var head = request.head
        head.scheme = context.caller.isSecure ? "https" : "http"
        return try await next(Request(head: head, body: request.body), context)
    }
}

extension Request {
    /// Whether the asker's own connection is encrypted, up to this server or up to a proxy that is believed.
    var isSecure: Bool { head.scheme == "https" }

    /// Whether it bears a trace of having come through a proxy, believed or not.
    ///
    /// A proxy that nobody has set up says nothing of itself but, as nginx does, that it will ask no second time.
    var isForwarded: Bool {
        let isOnce = headers[.connection]?.lowercased().contains("close") ?? false
        return isOnce
            || headers.contains {
                let name = $0.name.canonicalName
                return name == "forwarded" || name == "via" || name == "x-real-ip" || name.hasPrefix("x-forwarded-")
            }
    }
}

extension HTTPFields {
    fileprivate subscript(values name: HTTPField.Name) -> [String] { self[fields: name].map(\.value) }
}

extension HTTPField.Name {
    fileprivate static let xForwardedFor = HTTPField.Name(parsed: "x-forwarded-for") ?? .referer
    fileprivate static let xForwardedProto = HTTPField.Name(parsed: "x-forwarded-proto") ?? .referer
    /// RFC 7239; HTTPTypes does not name it.
    fileprivate static let forwarded = HTTPField.Name(parsed: "forwarded") ?? .referer
}
