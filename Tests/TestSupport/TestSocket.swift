import Dispatch
import Foundation

/// Bytes to and from a server, as no client library would send them.
struct TestSocket: Sendable {
    /// An answer with its header lines as they were written.
    struct Reply: Sendable {
        let statusLine: String
        let headers: [(name: String, value: String)]
        let body: String

        var status: Int { Int(statusLine.split(separator: " ").dropFirst().first ?? "") ?? 0 }

        /// Whether the lane wrote it: the router spells the names of its headers otherwise.
        var isExpress: Bool { headers.contains { $0.name == "cache-control" } }

        /// What two ways of answering must have in common: all but the moment and what is left of the limit.
        var essence: [String] {
            let moving: Set = ["date", "ratelimit"]
            let lines = headers.map { ($0.name.lowercased(), $0.value) }.filter { !moving.contains($0.0) }
            return [statusLine] + lines.map { "\($0.0): \($0.1)" }.sorted() + [body]
        }

        /// How many requests are left; -1 when it does not say.
        var left: Int {
            let value = headers.first { $0.name.lowercased() == "ratelimit" }?.value ?? ""
            return value.firstMatch(of: #/r=(\d+)/#).flatMap { Int($0.1) } ?? -1
        }
    }

    /// Something to do with the connection.
    enum Step: Sendable {
        case send(String)
        case pause(Duration)
        /// Says that nothing more will be sent.
        case finish
        /// Waits for the answer to everything so far.
        case receive(Int)
        case hangUp
    }

    let port: Int

    /// Goes through the steps and then reads until the server closes or as many answers are there as are waited for.
    ///
    /// - Parameters:
    ///   - count: how many answers are waited for; when the server closes before, there are fewer.
    ///   - steps: what is done.
    func exchange(_ count: Int = 1, _ steps: Step...) async -> [Reply] { await exchange(count, steps) }

    func exchange(_ count: Int = 1, _ steps: [Step]) async -> [Reply] {
        // Blocking calls, on a thread of their own: tasks run on those of the global queue, of which there are not many.
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: run(count, steps)) }
        }
    }

    private func run(_ count: Int, _ steps: [Step]) -> [Reply] {
        let socket = Self.connect(to: port)
        defer { close(socket) }
        var bytes: [UInt8] = []
        for step in steps {
            switch step {
            case .send(let text):
                let sent = Array(text.utf8)
                _ = unsafe sent.withUnsafeBytes {
                    unsafe Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
            case .pause(let duration): usleep(UInt32(duration / .microseconds(1)))
            case .finish: shutdown(socket, Int32(SHUT_WR))
            case .receive(let count): Self.read(socket, into: &bytes) { Self.replies(in: $0).count >= count }
            case .hangUp:
                // At once, without the rest that is to be sent: as when a network goes away.
                var linger = linger(l_onoff: 1, l_linger: 0)
                unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
                return Self.replies(in: bytes)
            }
        }
        Self.read(socket, into: &bytes) { Self.replies(in: $0).count >= count }
        return Self.replies(in: bytes)
    }

    private static func connect(to port: Int) -> Int32 {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // Beside hundreds of other tests on two cores an answer may take ten seconds.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var noDelay: Int32 = 1
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
        _ = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Foundation.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return socket
    }

    private static func read(_ socket: Int32, into bytes: inout [UInt8], until isEnough: ([UInt8]) -> Bool) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !isEnough(bytes) {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return }
            bytes += chunk.prefix(count)
        }
    }

    /// The whole answers at the beginning of what was read, without interim ones (1xx).
    private static func replies(in bytes: [UInt8]) -> [Reply] {
        var (found, rest): ([Reply], ArraySlice<UInt8>) = ([], bytes[...])
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            var lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            let statusLine = lines.removeFirst()
            let headers = lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (String(parts.first ?? ""), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
            }
            rest = rest[end.upperBound...]
            let length = headers.first { $0.0.lowercased() == "content-length" }.flatMap { Int($0.1) } ?? 0
            guard rest.count >= length else { break }
            let body = String(decoding: rest.prefix(length), as: UTF8.self)
            rest = rest.dropFirst(length)
            if !statusLine.hasPrefix("HTTP/1.1 1") {
                found.append(Reply(statusLine: statusLine, headers: headers, body: body))
            }
        }
        return found
    }
}
