import Logging
import Postgres
import ServiceLifecycle

/// Listens to what other processes change in one database, and proves every second that it would hear it.
struct HearChanges: Service {
    let kind: DatabaseKind
    let pool: PostgresPool
    let changes: Changes

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { tasks in
                // Beside the beat: a silence ends with the next notification only.
                tasks.addTask {
                    for await payload in pool.listen("chorus") { changes.take(payload, from: kind) }
                }
                // Beside the listening, because what is proved is that this process hears itself.
                tasks.addTask {
                    while !Task.isCancelled {
                        _ = try? await pool.execute(SendBeat(sender: changes.sender))
                        try? await Task.sleep(for: .seconds(1))
                    }
                }
                await tasks.waitForAll()
            }
        }
    }
}

extension ServerParts {
    /// The listeners that let this server keep answers; none where no session can listen, and then nothing is kept.
    var listeners: [HearChanges] {
        DatabaseKind.allCases.compactMap { kind in
            let shared = configuration.preparesStatements ? (kind == .private ? databases.member : databases.hr) : nil
            return (databases.listening[kind] ?? shared).map { HearChanges(kind: kind, pool: $0, changes: changes) }
        }
    }
}
