import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct IdempotencyTests {
    @Test func aRepeatedPostWithItsKeyIsAnsweredAsTheFirstTime() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let body = "{\"count\":2,\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            let headers = ["Idempotency-Key": "k-1"]
            let first = try await server.send(
                "POST",
                "\(server.home)/invitations",
                body,
                as: coordinator,
                headers: headers
            )
            let second = try await server.send(
                "POST",
                "\(server.home)/invitations",
                body,
                as: coordinator,
                headers: headers
            )
            #expect(first.status == 201)
            #expect(first.json == second.json)
            #expect(try await server.count("SELECT count(*) FROM invitation") == 2)
            let other = try await server.send(
                "POST",
                "\(server.home)/invitations",
                body.replacing("2,", with: "3,"),
                as: coordinator,
                headers: headers
            )
            #expect(other.problem == "idempotency-mismatch")
        }
    }

    @Test func oneOfManyAtOnceDoesIt() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let body = "{\"count\":2,\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            let replies = try await withThrowingTaskGroup(of: TestReply.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await server.send(
                            "POST",
                            "\(server.home)/invitations",
                            body,
                            as: coordinator,
                            headers: ["Idempotency-Key": "k-2"]
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(try await server.count("SELECT count(*) FROM invitation") == 2)
            let done = replies.filter { $0.status == 201 }
            #expect(!done.isEmpty)
            #expect(Set(done.map(\.text)).count == 1)
            #expect(replies.allSatisfy { $0.status == 201 || $0.problem == "idempotency-in-progress" })
        }
    }

    @Test func aRefusedRequestLeavesItsKeyFree() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let key = ["Idempotency-Key": "k-3"]
            let path = "\(server.home)/invitations"
            let wrong = "{\"count\":0,\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            #expect(try await server.send("POST", path, wrong, as: coordinator, headers: key).status == 422)
            let right = wrong.replacing(":0", with: ":1")
            #expect(try await server.send("POST", path, right, as: coordinator, headers: key).status == 201)
            let odd = ["Idempotency-Key": "two words"]
            #expect(try await server.send("POST", path, right, as: coordinator, headers: odd).status == 400)
        }
    }
}
