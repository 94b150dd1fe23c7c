import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Notices of the real program, which is killed between what it tells of and its telling.
@Suite(.serialized) struct WebhookCrashProcessTests {
    @Test(arguments: ["webhook-found", "webhook-taken", "webhook-sent"])
    func aKilledServerStillDelivers(_ point: String) async throws {
        let receiver = try TestReceiver { _ in 200 }
        defer { receiver.close() }
        let town = try TestProcess()
        defer { town.tearDown() }
        let id = try town.run(["network", "create", "hooks", "--name", "Netz", "--employer", "Stadt"])
        town.use(network: try #require(id.flatMap { UUID(uuidString: $0) }))
        func person(_ role: String) throws -> TestPerson {
            let token = try town.run(["token", "create", "--role", role, "--network", "hooks", "--name", role])
            return TestPerson(account: UUID(), membership: UUID(), token: try #require(token))
        }
        let (coordinator, hr) = (try person("coordinator"), try person("hr"))
        let trust = ["CHORUS_WEBHOOK_HOSTS": "127.0.0.1:\(receiver.port)"]
        try town.start(crashAt: point, environment: trust)
        let hook = "{\"url\":\"\(receiver.url)\",\"events\":[\"recommendation.published\"]}"
        #expect(try await town.send("POST", "\(town.record)/webhooks", hook, as: hr).status == 201)
        let published = try await town.publishRecommendation(by: coordinator)
        for _ in 0..<600 where town.isRunning { try await Task.sleep(for: .milliseconds(50)) }
        #expect(!town.isRunning, "it came to \(point)")
        let before = receiver.told.count
        #expect(before == (point == "webhook-sent" ? 1 : 0))
        try town.start(environment: trust)
        let told = try await receiver.wait(for: before + 1)
        #expect(told.count == before + 1)
        #expect(told.allSatisfy { $0.body.contains(published) }, "what comes twice has the same id")
        #expect(Set(told.compactMap { $0.headers["webhook-id"] }).count == 1)
        #expect(town.stop() == 0)
    }
}
