import HTTPTypes
import Hummingbird

/// Whether the process lives, whether it can serve, and its figures.
struct HealthRoutes: Sendable {
    let parts: ServerParts

    func add(to router: some RouterMethods<AppContext>) {
        router.get("/healthz") { _, _ in try Response.json(["status": "ok"]) }
        router.get("/readyz", use: ready)
        router.get("/metrics", use: metrics)
    }

    private func ready(_ request: Request, _ context: AppContext) async throws -> Response {
        try await parts.databases.ping()
        return try .json(["status": "ready"])
    }

    /// On loopback only: figures of a small server tell an employer more than they seem to.
    ///
    /// What a proxy on this machine hands on comes from loopback too, and says so in its headers.
    private func metrics(_ request: Request, _ context: AppContext) async throws -> Response {
        let address = context.remoteAddress?.ipAddress ?? ""
        guard address.hasPrefix("127.") || address == "::1",
            Self.forwarding.allSatisfy({ request.headers[$0] == nil })
        else { throw Problem(.notFound) }
        await parts.measure()
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: parts.metrics.text))
        )
    }

    private static let forwarding = ["forwarded", "via", "x-forwarded-for", "x-real-ip"].compactMap {
        HTTPField.Name($0)
    }
}
