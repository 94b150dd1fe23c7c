import Foundation
import NIOCore
@testable import TestSupport
import Testing

@testable import Chorus

/// Frames as no client library would send them (CVE-2023-44487, CVE-2019-9511 to 9518, CVE-2024-27316): the connection ends,
/// everybody else is served.
@Suite struct HTTP2FloodTests {
    /// A frame (RFC 9113, section 4.1).
    private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        let length = UInt32(payload.count)
        let head = [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
        return head + (0..<4).reversed().map { UInt8(stream >> ($0 * 8) & 0xFF) } + payload
    }

    private static let hello = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, stream: 0)
    /// `GET /healthz` over https, by the static table of HPACK and one literal path.
    private static let head: [UInt8] =
        [0x82, 0x87, 0x04, 8] + Array("/healthz".utf8) + [0x01, 9] + Array("127.0.0.1".utf8)

    private static func streams(_ count: Int, _ frames: (UInt32) -> [UInt8]) -> [UInt8] {
        (0..<UInt32(count)).flatMap { frames($0 * 2 + 1) }
    }

    enum Flood: String, CaseIterable {
        case rapidReset, pings, settings, continuations, emptyData, hugeHead, priorities
    }

    private func bytes(_ flood: Flood) -> [UInt8] {
        switch flood {
        case .rapidReset:
            Self.streams(2_000) {
                Self.frame(1, flags: 5, stream: $0, Self.head) + Self.frame(3, stream: $0, [0, 0, 0, 8])
            }
        case .pings: (0..<5_000).flatMap { _ in Self.frame(6, stream: 0, [UInt8](repeating: 1, count: 8)) }
        case .settings: (0..<20_000).flatMap { _ in Self.frame(4, stream: 0, [0, 4, 0, 0, 255, 255]) }
        case .continuations:
            Self.frame(1, stream: 1, Self.head)
                + (0..<1_000).flatMap { _ in Self.frame(9, stream: 1, [0x40, 1, 97, 1, 98]) }
        case .emptyData:
            Self.frame(1, flags: 4, stream: 1, Self.head) + (0..<50_000).flatMap { _ in Self.frame(0, stream: 1) }
        case .hugeHead:
            // One entry of the dynamic table, named again and again: small on the wire, megabytes when it is unpacked.
            Self.frame(
                1,
                flags: 5,
                stream: 1,
                Self.head + [0x40, 1, 97, 0x7F, 0xA1, 0x1E] + [UInt8](repeating: 98, count: 4_000)
                    + [UInt8](repeating: 0xBE, count: 10_000)
            )
        case .priorities:
            Self.frame(1, flags: 4, stream: 1, Self.head)
                + (0..<50_000).flatMap { _ in Self.frame(2, stream: 1, [0, 0, 0, 0, 16]) }
        }
    }

    @Test func aFloodEndsItsConnectionOrItsStream() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-h2-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let certificate = try TestCertificate(in: directory, name: "h2")
        try await withServer(configure: {
            $0.certificateFiles = .init(chain: certificate.chain, key: certificate.key)
            $0.limits.body = .seconds(1)
            $0.limits.idle = .seconds(2)
        }) { server in
            for flood in Flood.allCases {
                let attacker = try await TestTLS(port: server.port, ["h2"])
                #expect(attacker.protocolName == "h2")
                await attacker.send(Self.hello)
                await attacker.send(bytes(flood))
                // At the latest when the stream, or the connection without one, has had its time.
                #expect(try await attacker.end(within: 20) != nil, "\(flood) is still connected")
                let client = try await TestTLS(port: server.port)
                let answer = try await client.exchange("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", until: "ok\"}")
                #expect(answer.contains("200 OK"), "\(flood)")
                await client.close()
            }
        }
    }

    /// Nothing is under way, and no answer to the farewell is waited for.
    @Test func whoIsIdleIsToldToGoWhenTheServerEnds() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-h2-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let certificate = try TestCertificate(in: directory, name: "h2")
        var client: TestTLS?
        try await withServer(configure: {
            $0.certificateFiles = .init(chain: certificate.chain, key: certificate.key)
        }) { server in
            client = try await TestTLS(port: server.port, ["h2"])
            await client?.send(Self.hello + Self.frame(1, flags: 5, stream: 1, Self.head))
            _ = try await client?.exchange("", until: "{\"status\":\"ok\"}")
        }
        let bytes = try #require(await client?.end())
        var (types, place): ([UInt8], Int) = ([], 0)
        while place + 9 <= bytes.count {
            types.append(bytes[place + 3])
            place += 9 + (Int(bytes[place]) << 16 | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]))
        }
        #expect(types.contains(7), "GOAWAY among \(types)")
    }
}
