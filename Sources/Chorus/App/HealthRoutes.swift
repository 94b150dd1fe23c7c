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

    /// On loopback only, and not through a proxy there: figures of a small server tell an employer more than they seem to.
    private func metrics(_ request: Request, _ context: AppContext) async throws -> Response {
        let isHere = context.peer?.isLoopback ?? false && context.remoteAddress == context.peer
        guard isHere, !request.isForwarded else { throw Problem(.notFound) }
        await parts.measure()
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: parts.metrics.text))
        )
    }
}
