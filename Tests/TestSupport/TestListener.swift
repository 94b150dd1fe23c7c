import Foundation

/// A server on loopback of a few lines, for what a server of ours talks to.
final class TestListener: Sendable {
    /// What it was asked.
    struct Request: Sendable {
        let method: String
        /// With its query.
        let target: String
        /// By lower-case name.
        let headers: [String: String]
        let body: String
    }

    /// Where it listens on loopback.
    let port: Int
    private let socket: Int32
    private let answer: @Sendable (Request) -> String?
    private let pause: Double

    /// - Parameters:
    ///   - pause: after each byte of a body, in seconds; 0 by default, which sends an answer at once.
    ///   - answer: the whole answer, head and body; `nil` leaves whoever asks waiting.
    init(pause: Double = 0, answer: @escaping @Sendable (Request) -> String?) throws {
        self.pause = pause
        self.answer = answer
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

    func close() {
        shutdown(socket, Int32(SHUT_RDWR))
        Foundation.close(socket)
    }

    /// An answer that ends its connection.
    static func reply(_ status: Int, _ body: String = "", headers: [String: String] = [:]) -> String {
        let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
        return "HTTP/1.1 \(status) x\r\n\(lines)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
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
        guard let request = Self.read(connection) else { return }
        guard let reply = answer(request) else {
            // Until the sender has had enough.
            var byte: UInt8 = 0
            _ = Foundation.read(connection, &byte, 1)
            return
        }
        let head = pause == 0 ? reply.endIndex : reply.range(of: "\r\n\r\n")?.upperBound ?? reply.endIndex
        guard Self.say(Array(reply[..<head].utf8), to: connection) else { return }
        for byte in reply[head...].utf8 {
            guard Self.say([byte], to: connection) else { return }
            Thread.sleep(forTimeInterval: pause)
        }
    }

    private static func say(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }

    private static func read(_ connection: Int32) -> Request? {
        var text = ""
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Foundation.read(connection, &chunk, chunk.count)
            guard count > 0 else { return nil }
            text += String(decoding: chunk.prefix(count), as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                    in: .whitespaces
                )
            }
            let body = String(text[end.upperBound...])
            guard body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 else { continue }
            let words = (lines.first ?? "").components(separatedBy: " ") + ["", ""]
            return Request(method: words[0], target: words[1], headers: headers, body: body)
        }
    }
}
