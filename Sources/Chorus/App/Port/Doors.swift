import Logging
import ServiceLifecycle

/// Serves at all ports, and ends them at the same time.
struct Doors: Service {
    let doors: [any Service]
    /// How long what has begun may take when the server is told to end.
    let drain: Duration
    let logger: Logger

    private enum End { case served, tooLong }

    func run() async throws {
        try await withThrowingTaskGroup(of: End.self) { group in
            for door in doors {
                group.addTask {
                    try await door.run()
                    return .served
                }
            }
            group.addTask {
                try await gracefulShutdown()
                // Connections are cut by their own clocks before; this ends work for which nobody waits any more.
                try await Task.sleep(for: drain + .milliseconds(500))
                return .tooLong
            }
            var served = 0
            while served < doors.count, let end = try await group.next() {
                switch end {
                case .served: served += 1
                case .tooLong:
                    logger.notice("what was not done in time is left undone, and nobody has been told that it was done")
                    return group.cancelAll()
                }
            }
            group.cancelAll()
        }
    }
}
