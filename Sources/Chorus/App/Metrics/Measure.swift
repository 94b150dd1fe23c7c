import Foundation
import Postgres

extension ServerParts {
    /// Puts what is measured when somebody asks where `/metrics` takes it from.
    ///
    /// Steps are wide where one request could be seen in a figure otherwise: memory in steps of 32 MiB and only upwards. There is
    /// no figure of processor time, of bytes sent or of requests by route, as each of them moves with an anonymous request.
    func measure() async {
        for (duty, pool) in databases.all {
            let health = await pool.health
            let label = "{pool=\"\(duty)\"}"
            metrics.set(health.isReachable ? 1 : 0, of: "chorus_postgres_reachable\(label)")
            // The pool itself counts only upwards to the last that had to wait.
            metrics.set(Double(health.waiting), of: "chorus_postgres_waiting\(label)")
            metrics.set(Double(health.inFlight), of: "chorus_postgres_in_flight\(label)")
            metrics.set(Double(health.mostConnections), of: "chorus_postgres_connections_most\(label)")
        }
        await measureJobs()
        metrics.set(outgoingMail == nil ? 0 : 1, of: "chorus_mail_is_sent")
        metrics.set(Self.memoryPeak, of: "process_resident_memory_max_bytes")
        metrics.set(1, of: Self.build)
    }

    /// The client names the build that it is of: its digest changes with each of its files.
    private static let build: String = {
        func last(_ kind: DatabaseKind) -> String { Migrations(kind).all.last?.name ?? "" }
        let labels = [
            "client=\"\(WebClient.version)\"", "private=\"\(last(.private))\"", "record=\"\(last(.record))\"",
        ]
        return "chorus_build_info{\(labels.joined(separator: ","))}"
    }()

    /// Linux's own figure of the most memory that the process ever had, rounded up; 0 elsewhere.
    private static var memoryPeak: Double {
        let step = 32.0 * 1_048_576
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let kibibytes = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Double($0.1) } ?? 0
        return (kibibytes * 1_024 / step).rounded(.up) * step
    }
}
