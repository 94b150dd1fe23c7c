import Foundation

/// Many connections at once that need no threads: they send what they are told to, and are looked at when a test wants to know.
final class TestCrowd {
    private(set) var sockets: [Int32]

    /// - Parameters:
    ///   - count: how many.
    ///   - port: on loopback.
    init(_ count: Int, port: Int) {
        sockets = (0..<count).map { _ in Self.connect(to: port) }
    }

    deinit { for socket in sockets { close(socket) } }

    private static func connect(to port: Int) -> Int32 {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return socket
    }

    /// Each sends the same; what the system does not take at once is left out.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        for socket in sockets {
            _ = bytes.withUnsafeBytes {
                Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
        }
    }

    /// Whether something has come in on each; nothing of it is taken.
    func haveSomething() -> Bool {
        sockets.allSatisfy {
            var byte: UInt8 = 0
            return recv($0, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK)) == 1
        }
    }

    /// What has come in on each, and whether the server has closed it, up to now.
    func look() -> [(text: String, isClosed: Bool)] {
        sockets.map { socket in
            var (text, chunk) = ("", [UInt8](repeating: 0, count: 65_536))
            while true {
                let count = chunk.withUnsafeMutableBytes {
                    recv(socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
                }
                if count <= 0 { return (text, count == 0 || errno != EAGAIN) }
                text += String(decoding: chunk.prefix(count), as: UTF8.self)
            }
        }
    }
}

/// Numbers of ports for programs that cannot choose one themselves.
enum TestPort {
    /// One that was free a moment ago.
    static func free() throws -> Int {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                (bind(socket, $0, length), getsockname(socket, $0, &length))
            }
        }
        guard outcome == (0, 0) else { throw CocoaError(.fileReadUnknown) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
