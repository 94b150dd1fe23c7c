import Foundation
import NIOPosix
@testable import TestSupport
import Testing

@testable import Chorus

/// Passwords are worked on one after another, and no more wait than can be served.
@Suite struct PasswordQueueTests {
    @Test func ofFiveHundredSignInsAtOnceTheQueueTakesWhatItCanAndRefusesTheRest() async throws {
        let configure: (inout ServerConfiguration) -> Void = { configuration in
            configuration.passwordCost = 12
            configuration.failedSignInsPerMinute = 100_000
        }
        try await withServer(configure: configure) { server in
            let member = try await server.signedIn()
            let answers = try await signIns(500, of: member.email, on: server)
            let refused = answers.count { $0 == "503 unavailable 5" }
            #expect(answers.count { $0.hasPrefix("201 ") } + refused == 500, "\(Set(answers))")
            #expect(refused > 0 && refused < 500, "\(refused)")
            #expect(server.parts.passwords.longest == PasswordQueue.depth, "bounded")
            #expect(try await server.session(member.email).status == 201, "and over it is")
        }
    }

    /// Status, problem and `Retry-After` of sign-ins at once.
    private func signIns(_ count: Int, of email: String, on server: TestServer) async throws -> [String] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<count {
                group.addTask {
                    let reply = try await server.session(email)
                    return "\(reply.status) \(reply.problem) \(reply.headers["retry-after"] ?? "")"
                }
            }
            var answers: [String] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
    }

    @Test func whoGoesAwayWhileWaitingMakesRoom() async throws {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let queue = PasswordQueue(threads: threads)
        let gate = DispatchSemaphore(value: 0)
        let running = (0..<PasswordQueue.width).map { _ in Task { try await queue.run { gate.wait() } } }
        try await until { queue.running == PasswordQueue.width }
        let waiting = (0..<PasswordQueue.depth).map { _ in Task { try await queue.run {} } }
        try await until { queue.waiting == PasswordQueue.depth }
        await #expect(throws: Problem.unavailable(retryAfter: 5)) { try await queue.run {} }
        for task in waiting.dropFirst() { task.cancel() }
        for task in waiting.dropFirst() { await #expect(throws: CancellationError.self) { try await task.value } }
        #expect(queue.waiting == 1)
        let last = Task { try await queue.run { 7 } }
        try await until { queue.waiting == 2 }
        for _ in running { gate.signal() }
        for task in running { try await task.value }
        try await waiting[0].value
        #expect(try await last.value == 7)
        #expect(queue.running == 0 && queue.waiting == 0)
        try await threads.shutdownGracefully()
    }

    private func until(_ isSo: () -> Bool) async throws {
        while !isSo() { try await Task.sleep(for: .milliseconds(2)) }
    }
}
