import Foundation
import Hummingbird
import Postgres

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
        for (duty, pool) in parts.databases.all {
            let health = await pool.health
            parts.metrics.set(Double(health.inFlight), of: "chorus_postgres_in_flight{pool=\"\(duty)\"}")
        }
        await parts.measureJobs()
        parts.metrics.set(parts.outgoingMail == nil ? 0 : 1, of: "chorus_mail_is_sent")
        parts.metrics.set(Self.residentBytes, of: "process_resident_memory_bytes")
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: parts.metrics.text))
        )
    }

    /// Linux's own count of pages; 0 elsewhere.
    private static var residentBytes: Double {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return (fields.dropFirst().first.flatMap { Double($0) } ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
