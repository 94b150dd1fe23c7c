import Foundation
import Synchronization

/// A system of HR that is told of something: a server on loopback that answers what a test wants.
final class TestReceiver: Sendable {
    /// What it was told once.
    struct Notice: Sendable {
        /// By lower-case name.
        let headers: [String: String]
        let body: String
    }

    /// Where it listens on loopback.
    let port: Int
    private let socket: Int32
    private let notices = Mutex<[Notice]>([])
    /// What it answers, by how often it was asked before; `nil` never comes to an end.
    private let answer: Mutex<@Sendable (Int) -> Int?>

    /// - Parameter answer: status code by how often it was asked before; `nil` leaves the sender waiting.
    init(answer: @escaping @Sendable (Int) -> Int?) throws {
        self.answer = Mutex(answer)
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // A server that a test starts must not keep it open.
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, size) == 0 && listen(socket, 64) == 0 && getsockname(socket, generic, &size) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { self.accept() }
    }

    /// Where it is told, as a webhook has it.
    var url: String { "http://127.0.0.1:\(port)/hook" }
    /// What it was told, in order.
    var told: [Notice] { notices.withLock { $0 } }

    /// Answers otherwise from now on.
    func answer(_ answer: @escaping @Sendable (Int) -> Int?) { self.answer.withLock { $0 = answer } }

    /// Waits until it was told so often.
    func wait(for count: Int, seconds: Int = 30) async throws -> [Notice] {
        for _ in 0..<(seconds * 20) where told.count < count { try await Task.sleep(for: .milliseconds(50)) }
        return told
    }

    func close() {
        shutdown(socket, Int32(SHUT_RDWR))
        Foundation.close(socket)
    }

    private func accept() {
        while true {
            let connection = Foundation.accept(socket, nil, nil)
            guard connection >= 0 else { return }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            Thread.detachNewThread { self.serve(connection) }
        }
    }

    private func serve(_ connection: Int32) {
        defer { Foundation.close(connection) }
        guard let notice = Self.read(connection) else { return }
        let before = notices.withLock { notices in
            notices.append(notice)
            return notices.count - 1
        }
        guard let status = answer.withLock({ $0 })(before) else {
            // Until the sender has had enough.
            var byte: UInt8 = 0
            _ = Foundation.read(connection, &byte, 1)
            return
        }
        let reply = "HTTP/1.1 \(status) x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        _ = reply.utf8CString.withUnsafeBytes { write(connection, $0.baseAddress, $0.count - 1) }
    }

    private static func read(_ connection: Int32) -> Notice? {
        var text = ""
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Foundation.read(connection, &chunk, chunk.count)
            guard count > 0 else { return nil }
            text += String(decoding: chunk.prefix(count), as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            var headers: [String: String] = [:]
            for line in text[..<end.lowerBound].components(separatedBy: "\r\n").dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                    in: .whitespaces
                )
            }
            let body = String(text[end.upperBound...])
            if body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 {
                return Notice(headers: headers, body: body)
            }
        }
    }
}
