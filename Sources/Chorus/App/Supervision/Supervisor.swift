import Foundation

/// The program that started this one and wants to hear how it is: systemd, by datagrams as in sd_notify(3).
public struct Supervisor: Sendable {
    private let socket: String
    /// How often it wants to hear `WATCHDOG=1` at the least; `nil` when it does not.
    let watchdog: Duration?

    /// - Parameters:
    ///   - socket: path of its socket; `@` begins an abstract name (unix(7)).
    ///   - watchdog: how often it wants to hear of this process; never by default.
    init(socket: String, watchdog: Duration? = nil) {
        self.socket = socket
        self.watchdog = watchdog
    }

    /// The one that the environment names; programs that this one starts are not to speak for it, so they do not get to know.
    ///
    /// - Returns: `nil` when nobody wants to hear.
    public static func ofThisProcess() -> Supervisor? {
        let environment = ProcessInfo.processInfo.environment
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { unsetenv(name) }
        guard let socket = environment["NOTIFY_SOCKET"], "/@".contains(socket.prefix(1)), socket.utf8.count > 1 else {
            return nil
        }
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let microseconds = isMeant ? environment["WATCHDOG_USEC"].flatMap { Int($0) } : nil
        return Supervisor(socket: socket, watchdog: microseconds.map { .microseconds($0) })
    }

    /// Tells it something; that it cannot be told is no reason to end, as it sees the silence.
    ///
    /// - Parameter state: one or more lines of `NAME=value`.
    func tell(_ state: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socket.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout.size(ofValue: address.sun_family) + path.count)
        #if os(Linux)
            let descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            let descriptor = Foundation.socket(AF_UNIX, SOCK_DGRAM, 0)
        #endif
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(state.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(descriptor, bytes, bytes.count, 0, address, length)
            }
        }
    }
}
