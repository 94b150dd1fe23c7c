import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

extension TestServer {
    func makeEvent(_ extra: String = "", by organiser: TestPerson) async throws -> String {
        let body = RSVPTests.newEvent(capacity: nil, extra: ",\"onlineUrl\":\"https://example.org/x\"" + extra)
        let reply = try await send("POST", "\(home)/events", body, as: organiser)
        #expect(reply.status == 201, "\(reply.text)")
        return "\(home)/events/\(reply.json["id"].string)"
    }

    func rename(_ path: String, _ title: String, by organiser: TestPerson) async throws {
        let change = "{\"title\":\"\(title)\"}"
        let reply = try await send("PATCH", path, change, as: organiser, headers: ["If-Match": "*"])
        #expect(reply.status == 200, "\(reply.text)")
    }

    func rsvp(_ path: String, _ answer: String, as person: TestPerson) async throws -> TestReply {
        try await send("PUT", "\(path)/rsvp", "{\"answer\":\"\(answer)\"}", as: person)
    }

    /// Runs SQL as an operator would, who tells this server nothing.
    func runElsewhere(_ sql: String) async throws {
        let configuration = PostgresConfiguration(server.privateURI, maximumConnections: 1)
        try await withPool(configuration, logger: parts.logger) { try await $0.run(sql) }
    }
}

/// Whether something becomes true soon.
func soon(
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < limit {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}

func forAll<Element: Sendable>(
    _ elements: [Element],
    _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for element in elements { group.addTask { try await body(element) } }
        try await group.waitForAll()
    }
}
