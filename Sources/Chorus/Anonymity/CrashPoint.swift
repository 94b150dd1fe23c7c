import Foundation
import Synchronization

/// Places at which tests kill the process, or stop it to kill PostgreSQL, to show that no acknowledged submission is ever
/// lost or doubled.
///
/// In a release build there are none.
enum CrashPoint {
    #if DEBUG
        /// `NAME` kills at that place; `NAME:stop` stops there, once, until a signal continues it.
        private static let wanted = ProcessInfo.processInfo.environment["CHORUS_CRASH_AT"]
        private static let isStopped = Atomic(false)
    #endif

    static func reached(_ name: StaticString) {
        #if DEBUG
            guard let wanted else { return }
            if wanted == "\(name)" { kill(getpid(), SIGKILL) }
            if wanted == "\(name):stop", !isStopped.exchange(true, ordering: .relaxed) { kill(getpid(), SIGSTOP) }
        #endif
    }
}
