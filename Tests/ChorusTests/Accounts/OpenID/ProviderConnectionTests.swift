import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Asking a provider takes no longer than it may.
@Suite struct ProviderConnectionTests {
    @Test func anAnswerThatDripsIsNotWaitedForLongerThanAllOfItMayTake() async throws {
        let numbers = [Int](repeating: 1, count: 100)
        let connection = ProviderConnection(patience: .seconds(2))
        let quick = try Drip("\(numbers)", pause: 0)
        defer { quick.close() }
        #expect(try await connection.read(quick.address, as: [Int].self) == numbers)
        let slow = try Drip("\(numbers)", pause: 0.1)
        defer { slow.close() }
        let start = ContinuousClock.now
        await #expect(throws: ProviderFailure.unreachable) {
            _ = try await connection.read(slow.address, as: [Int].self)
        }
        #expect(ContinuousClock.now - start < .seconds(15), "all of it takes half a minute")
    }
}

/// A provider on loopback that gives one answer, a byte at a time.
private final class Drip: Sendable {
    let address: String
    private let socket: Int32

    /// - Parameter pause: between two bytes of the body, in seconds.
    init(_ body: String, pause: Double) throws {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // A server that a test starts must not keep it open.
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isBound = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, size) == 0 && listen(socket, 1) == 0 && getsockname(socket, generic, &size) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileReadUnknown) }
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/"
        Thread.detachNewThread { Self.serve(socket, body, pause) }
    }

    func close() {
        shutdown(socket, Int32(SHUT_RDWR))
        Foundation.close(socket)
    }

    private static func serve(_ socket: Int32, _ body: String, _ pause: Double) {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { return }
        defer { Foundation.close(connection) }
        // The request comes in one piece, and nothing depends on what it says.
        var request = [UInt8](repeating: 0, count: 16_384)
        _ = read(connection, &request, request.count)
        let head = "HTTP/1.1 200 x\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        guard say(Array(head.utf8), to: connection) else { return }
        for byte in body.utf8 {
            guard say([byte], to: connection) else { return }
            Thread.sleep(forTimeInterval: pause)
        }
    }

    private static func say(_ bytes: [UInt8], to connection: Int32) -> Bool {
        bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
    }
}
