import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What systemd hears, on a socket like its own.
@Suite(.serialized) struct SupervisorProcessTests {
    /// A datagram socket that keeps what it is told.
    private struct Ear {
        let path = "/tmp/chorus-notify-\(UUID().uuidString.prefix(8))"
        private let descriptor: Int32

        init() throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            guard bound == 0 else { throw POSIXError(.EADDRINUSE) }
        }

        /// The next datagram; `nil` after 20 seconds of silence.
        func hear() -> String? {
            var bytes = [UInt8](repeating: 0, count: 200)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
        }

        func end() {
            close(descriptor)
            unlink(path)
        }
    }

    @Test func systemdHearsOfTheBeginningOfLifeAndOfTheEnd() throws {
        let town = try TestProcess()
        defer { town.tearDown() }
        let ear = try Ear()
        defer { ear.end() }
        try town.start(environment: ["NOTIFY_SOCKET": ear.path, "WATCHDOG_USEC": "600000"])
        var heard: [String] = []
        while heard.count < 4, let line = ear.hear() { heard.append(line) }
        #expect(heard.count { $0 == "READY=1" } == 1, "once, and not by the PostgreSQL that it starts: \(heard)")
        #expect(heard.count { $0 == "WATCHDOG=1" } == 3, "\(heard)")
        #expect(town.stop() == 0)
        var last: String?
        repeat { last = ear.hear() } while last == "WATCHDOG=1"
        #expect(last == "STOPPING=1")
    }

    @Test func nobodyIsToldWhenNobodyListens() {
        let ear = try? Ear()
        ear?.end()
        Supervisor(socket: ear?.path ?? "/nowhere").tell("READY=1")
        Supervisor(socket: "/" + String(repeating: "x", count: 200)).tell("READY=1")
    }

    @Test func anAbstractSocketIsHeardToo() throws {
        let name = "chorus-\(UUID().uuidString)"
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = [0] + Array(name.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        #expect(bound == 0)
        Supervisor(socket: "@" + name).tell("READY=1")
        var heard = [UInt8](repeating: 0, count: 20)
        #expect(recv(descriptor, &heard, heard.count, Int32(MSG_DONTWAIT)) == 7)
        #expect(String(decoding: heard[..<7], as: UTF8.self) == "READY=1")
    }
}
