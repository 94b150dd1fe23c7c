import Foundation
import Synchronization

/// A shared lock on a file: as long as one process holds it, the server is in use; the end of a process ends its use.
final class SharedUse: Sendable {
    private let descriptor = Mutex<Int32?>(nil)

    func begin(_ path: String) throws {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0, flock(opened, LOCK_SH) == 0 else { throw EmbeddedPostgres.Failure.notStarted(log: path) }
        descriptor.withLock { $0 = opened }
    }

    func end() {
        descriptor.withLock { held in
            if let held { close(held) }
            held = nil
        }
    }

    /// Whether no process uses it; asked under the lock of the server, so that nobody begins meanwhile.
    static func isOver(_ path: String) throws -> Bool {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw EmbeddedPostgres.Failure.notStarted(log: path) }
        defer { close(opened) }
        return flock(opened, LOCK_EX | LOCK_NB) == 0
    }
}
