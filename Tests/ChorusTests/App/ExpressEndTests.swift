import Foundation
import Logging
import Postgres
import ServiceLifecycle
@testable import TestSupport
import Testing

@testable import Chorus

/// What has begun is answered before its connection or its server ends.
@Suite struct ExpressEndTests {
    /// A client that has said all it has to say still waits for its answer.
    @Test func whoSendsNoMoreIsAnsweredStill() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.newEvent(by: organiser)
            try await server.keep(path, as: member)
            for headers in [[ordinary], []] {
                let put = server.text("PUT", "\(path)/rsvp", as: member, headers, body: "{\"answer\":\"going\"}")
                let broken = put + "\u{1}garbage\r\n\r\n"
                for text in [put, broken] {
                    let socket = server.socket
                    try await server.keep(path, as: member)
                    let replies = try await withThrowingTaskGroup(of: [TestSocket.Reply].self) { group in
                        try await server.holding(path) {
                            group.addTask { await socket.exchange(1, .send(text), .finish) }
                            try await server.waitForALock()
                            try await Task.sleep(for: .milliseconds(50))
                        }
                        return try await group.next() ?? []
                    }
                    #expect(replies.map(\.status).first == 200, "\(headers) \(text.count - put.count)")
                    #expect(replies.first?.isExpress == headers.isEmpty)
                }
            }
        }
    }

    @Test func aClientThatHangsUpHarmsNobodyAndItsAnswerCounts() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let people = try await server.people(3)
            let path = try await server.newEvent(by: organiser)
            for person in people { try await server.keep(path, as: person) }
            func put(_ person: TestPerson) -> String {
                server.text("PUT", "\(path)/rsvp", as: person, body: "{\"answer\":\"going\"}")
            }
            try await server.holding(path) {
                _ = await server.socket.exchange(1, .send(put(people[0])), .pause(.milliseconds(50)), .hangUp)
                // With more behind it.
                _ = await server.socket.exchange(
                    1,
                    .send(put(people[1]) + put(people[1])),
                    .pause(.milliseconds(50)),
                    .hangUp
                )
                try await server.waitForALock()
            }
            #expect(await server.socket.exchange(1, .send(put(people[2]))).map(\.status) == [200])
            for _ in 0..<200 where try await server.count("SELECT count(*) FROM rsvp") < 3 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await server.count("SELECT count(*) FROM rsvp WHERE status = 'going'") == 3)
        }
    }

    @Test(arguments: [true, false]) func aServerThatEndsAnswersWhatItWorksOn(isExpress: Bool) async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.newEvent(by: organiser)
            let headers = isExpress ? [] : [ordinary]
            let put = server.text("PUT", "\(path)/rsvp", as: member, headers, body: "{\"answer\":\"going\"}")
            try await withThrowingTaskGroup(of: [TestSocket.Reply].self) { clients in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let (released, release) = AsyncStream.makeStream(of: Void.self)
                    try await server.withSecondServer { ending in
                        try await ending.keep(path, as: member)
                        let (held, hold) = AsyncStream.makeStream(of: Void.self)
                        group.addTask {
                            try await server.holding(path) {
                                hold.finish()
                                for await _ in released {}
                            }
                        }
                        for await _ in held {}
                        // One whose answer waits, and one whose body is not all there yet.
                        let socket = ending.socket
                        clients.addTask { await socket.exchange(1, .send(put)) }
                        clients.addTask {
                            let parts = [String(put.dropLast(4)), String(put.suffix(4))]
                            return await socket.exchange(
                                1,
                                .send(parts[0]),
                                .pause(.milliseconds(1_200)),
                                .send(parts[1])
                            )
                        }
                        try await server.waitForALock()
                        group.addTask {
                            // By then the server has been told to end.
                            try await Task.sleep(for: .milliseconds(600))
                            release.finish()
                        }
                    }
                    try await group.waitForAll()
                }
                for try await replies in clients {
                    #expect(replies.map(\.status) == [200])
                    #expect(replies.first?.isExpress == isExpress)
                }
            }
        }
    }

    /// A channel that is dropped on the way to its server ends the whole process.
    @Test func whoComesWhileTheServerEndsIsTakenInOrTurnedAway() async throws {
        try await withServer { server in
            for _ in 0..<15 {
                let (ports, found) = AsyncStream.makeStream(of: Int.self)
                let application = server.server.application { found.yield($0) }
                let group = ServiceGroup(
                    configuration: .init(services: [.init(service: application)], logger: server.parts.logger)
                )
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    var iterator = ports.makeAsyncIterator()
                    let socket = TestSocket(port: await iterator.next() ?? 0)
                    for _ in 0..<3 {
                        tasks.addTask { for _ in 0..<50 { _ = await socket.exchange(0) } }
                    }
                    try await Task.sleep(for: .milliseconds(Int.random(in: 1...12)))
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
            }
            #expect(try await server.send("GET", "/healthz").status == 200)
        }
    }
}
