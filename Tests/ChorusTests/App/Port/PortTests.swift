import Foundation
import NIOCore
@testable import TestSupport
import Testing

@testable import Chorus

/// Connections that take too long, or are too many, on a real server with short patience.
@Suite struct PortTests {
    private let request = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    /// Short enough for a test, and long enough for two cores with hundreds of tests on them.
    private func impatient(_ configuration: inout ServerConfiguration) {
        configuration.limits.head = .milliseconds(700)
        configuration.limits.body = .milliseconds(700)
        configuration.limits.idle = .milliseconds(700)
        configuration.limits.answer = .milliseconds(700)
    }

    @Test func slowHeadsAndBodiesAreToldAndIdleOnesAreNot() async throws {
        try await withServer(configure: impatient) { server in
            let drip: [TestSocket.Step] = (0..<40).flatMap { _ in [.send("a"), .pause(.milliseconds(50))] }
            let head = "POST /v1/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            async let slowHead = server.socket.exchange(1, [.send("GET /healthz HTTP/1.1\r\nX-Slow: ")] + drip)
            async let slowBody = server.socket.exchange(1, [.send(head + "Content-Length: 10000\r\n\r\n")] + drip)
            async let second = server.socket.exchange(2, [.send(request), .receive(1), .send("GET /h")])
            async let idle = server.socket.exchange(1, [])
            async let idleAfterOne = server.socket.exchange(2, [.send(request)])
            #expect(await slowHead.map(\.status) == [408])
            #expect(await slowBody.map(\.status) == [408])
            #expect(await second.map(\.status) == [200, 408])
            #expect(await idle.isEmpty)
            #expect(await idleAfterOne.map(\.status) == [200])
        }
    }

    /// The time in which the server works is not the client's.
    @Test func aSlowDatabaseCutsNobody() async throws {
        try await withServer(configure: impatient) { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.newEvent(by: organiser)
            let put = server.text("PUT", "\(path)/rsvp", as: member, [ordinary], body: "{\"answer\":\"going\"}")
            let socket = server.socket
            let replies = try await withThrowingTaskGroup(of: [TestSocket.Reply].self) { group in
                try await server.holding(path) {
                    group.addTask { await socket.exchange(1, .send(put)) }
                    try await server.waitForALock()
                    try await Task.sleep(for: .milliseconds(1_600))
                }
                return try await group.next() ?? []
            }
            #expect(replies.map(\.status) == [200])
        }
    }

    /// Thousands of answers are asked for and none is taken: neither lane nor router makes them all, and the connection ends.
    @Test(arguments: [true, false]) func whoTakesNoAnswersGetsNoMore(isExpress: Bool) async throws {
        try await withServer(configure: impatient) { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.newEvent(
                ",\"description\":\"\(String(repeating: "a", count: 4_000))\"",
                by: organiser
            )
            try await server.keep(path, as: member)
            let get = server.text("GET", path, as: member, isExpress ? [] : [ordinary])
            let flood = String(repeating: get, count: 200)
            let steps = [TestSocket.Step](repeating: .send(flood), count: 40)
            // 8,000 answers of 5 KB; what the system's buffers take is some MB.
            let replies = await server.socket.exchange(8_000, steps + [.pause(.seconds(3))])
            #expect(replies.count < 7_000 && replies.allSatisfy { $0.status == 200 }, "\(replies.count)")
            #expect(try await server.send("GET", path, as: member).status == 200)
        }
    }

    #if os(Linux)
        /// 40 answers of half a megabyte are asked for; the system gets what its clients can take and 128 KiB more, not all of them.
        @Test func whoTakesNoAnswersFillsNoMemoryOfTheSystem() async throws {
            try await withServer { server in
                let crowd = await greedyCrowd(of: server)
                var (held, before) = ([Int](), [-1])
                while held.count < 4 || held != before {
                    try await Task.sleep(for: .milliseconds(300))
                    (held, before) = (try heldBytes(from: server.socket.port), held)
                }
                #expect(held.allSatisfy { $0 < 1_000_000 }, "\(held)")
                withExtendedLifetime(crowd) {}
            }
        }

        /// An ordinary end would leave them to the system, which offers them for many minutes more.
        @Test func whatIsNotTakenGoesWithItsConnection() async throws {
            try await withServer(configure: impatient) { server in
                let crowd = await greedyCrowd(of: server)
                let end = ContinuousClock.now + .seconds(60)
                var held = [0]
                while !held.isEmpty, ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(100))
                    held = try heldBytes(from: server.socket.port)
                }
                #expect(held.isEmpty)
                withExtendedLifetime(crowd) {}
            }
        }

        /// Clients that have asked for much, been sent some of it, and take nothing.
        private func greedyCrowd(of server: TestServer) async -> TestCrowd {
            let crowd = TestCrowd(4, port: server.socket.port)
            crowd.send(String(repeating: "GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n", count: 10))
            while !crowd.haveSomething() { try? await Task.sleep(for: .milliseconds(10)) }
            return crowd
        }

        /// What the system has taken from a port and not got rid of, for each connection that holds some (proc(5): `tx_queue`).
        private func heldBytes(from port: Int) throws -> [Int] {
            // The file comes in pieces, of which `String(contentsOfFile:)` takes the first.
            let bytes = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/tcp")).readToEnd() ?? Data()
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { row in
                let fields = row.split(separator: " ")
                guard fields[1].hasSuffix(String(format: ":%04X", port)) else { return nil }
                return fields[4].split(separator: ":").first.flatMap { Int($0, radix: 16) }
            }
            .filter { $0 > 0 }
        }
    #endif

    @Test func aHeadThatIsTooLongIsRefused() async throws {
        try await withServer { server in
            let long = String(repeating: "a", count: 20_000)
            let many = (0..<200).map { "X-\($0): a\r\n" }.joined()
            for head in [
                "GET /\(long) HTTP/1.1\r\n", "GET / HTTP/1.1\r\nX-Long: \(long)\r\n", "GET / HTTP/1.1\r\n\(many)",
            ] {
                let replies = await server.socket.exchange(1, .send("\(head)Host: 127.0.0.1\r\n\r\n"))
                let reply = try #require(replies.first)
                #expect(reply.status == 400, "\(head.prefix(30)) \(reply.status)")
                #expect(reply.body.contains("problems/malformed"), "\(reply.body)")
                #expect(reply.headers.contains { $0.name == "content-type" && $0.value == "application/problem+json" })
            }
            #expect(await server.socket.exchange(1, .send(request)).map(\.status) == [200])
        }
    }

    @Test func oneAddressHasItsShareAndNoMore() async throws {
        try await withServer(configure: { $0.limits.connectionsOfOne = 3 }) { server in
            let socket = server.socket
            let statuses = await withTaskGroup(of: [Int].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        await socket.exchange(2, .send(request), .receive(1), .pause(.milliseconds(800)), .hangUp).map(
                            \.status
                        )
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            #expect(statuses.count { $0 == 200 } == 3, "\(statuses)")
            #expect(statuses.count { $0 == 503 } == 5, "\(statuses)")
            // Places are given back.
            for _ in 0..<100 where await socket.exchange(1, .send(request)).first?.status != 200 {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(await socket.exchange(1, .send(request)).map(\.status) == [200])
        }
    }

    @Test func whoComesWhenAllPlacesAreTakenWaitsForOne() async throws {
        try await withServer(configure: {
            $0.limits.connections = 8
            // Some more may be accepted at the moment when the last place goes; here they are not one address's.
            $0.trustedProxies = TrustedProxies("127.0.0.1") ?? TrustedProxies()
            $0.limits.idle = .seconds(4)
            $0.limits.crowdedIdle = .milliseconds(300)
            $0.limits.look = .milliseconds(200)
        }) { server in
            let socket = server.socket
            let counts = await withTaskGroup(of: [Int].self) { group in
                // Each keeps its connection after its answer, so that the later ones get theirs when idle ones make room.
                for _ in 0..<40 { group.addTask { await socket.exchange(2, .send(request)).map(\.status) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.allSatisfy { $0 == [200] }, "\(counts)")
        }
    }

    /// A clock that is set back locks nobody out, and one that is set forward neither.
    @Test func clocksThatJumpLockNobodyOut() throws {
        let clock = TestClock()
        let limiter = RateLimiter(limit: 3, now: clock.now)
        for jump in [0, -86_400, 7_200, -3_600] as [Double] {
            clock.pass(seconds: jump)
            for left in [2, 1, 0] {
                let taken = try limiter.take(.text("a"))
                #expect(taken == left, "\(jump)")
            }
            #expect(throws: Problem.self) { try limiter.take(.text("a")) }
            #expect((1...60).contains(limiter.reset))
        }
    }
}
