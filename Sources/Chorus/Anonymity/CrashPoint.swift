import Foundation

/// Places at which tests kill the process, to show that no acknowledged submission is ever lost or doubled.
///
/// In a release build there are none.
enum CrashPoint {
    #if DEBUG
        private static let wanted = ProcessInfo.processInfo.environment["CHORUS_CRASH_AT"]
    #endif

    static func reached(_ name: StaticString) {
        #if DEBUG
            if let wanted, wanted == "\(name)" { kill(getpid(), SIGKILL) }
        #endif
    }
}
