@testable import Chorus
import Foundation
import Postgres
import Testing

/// A draft that a test works on.
struct TestDraft: Sendable {
    let server: TestServer
    let id: String

    /// Where it is found by those inside.
    var path: String { "\(server.home)/recommendations/\(id)" }
    /// Where HR finds it once it is published.
    var record: String { "\(server.record)/recommendations/\(id)" }

    /// Asks something about it.
    func send(
        _ method: String,
        _ place: String = "",
        _ json: String? = nil,
        as person: TestPerson,
        headers: [String: String] = [:]
    ) async throws -> TestReply {
        try await server.send(method, place.isEmpty ? path : "\(path)/\(place)", json, as: person, headers: headers)
    }

    /// Changes it.
    func change(_ json: String, from version: Int, as person: TestPerson) async throws -> TestReply {
        try await send("PATCH", "", json, as: person, headers: ["If-Match": "\"\(version)\""])
    }

    /// Invites somebody.
    func invite(_ person: TestPerson, to bench: Bench, by coordinator: TestPerson) async throws {
        let json = "{\"bench\":\"\(bench.rawValue)\"}"
        let reply = try await send("PUT", "coauthors/\(person.membership.text)", json, as: coordinator)
        #expect(reply.status == 200, "\(reply.text)")
    }

    /// A bench says yes.
    func approve(_ bench: Bench, version: Int, as person: TestPerson) async throws -> TestReply {
        try await send("PUT", "approvals/\(bench.rawValue)", "{\"version\":\(version)}", as: person)
    }

    /// Publishes it; the answer is due in a month, or on another day.
    func publish(by coordinator: TestPerson, dueOn: String? = nil) async throws -> TestReply {
        let day = dueOn ?? PostgresDate.today(in: .gmt, at: server.parts.now()).adding(days: 30).description
        return try await send("PUT", "publication", "{\"answerDueOn\":\"\(day)\"}", as: coordinator)
    }
}

extension TestServer {
    /// Begins a draft of two paragraphs.
    ///
    /// - Parameter more: further members of its JSON, each after a comma; where the text comes from by default.
    func draft(by coordinator: TestPerson, _ more: String = "," + TestServer.provenance) async throws -> TestDraft {
        let json =
            "{\"title\":\"Aushang\",\"text\":\"Zu wenige kennen sie.\\n\\nEin Aushang hilft.\",\"measure\":\"Aushang\"\(more)}"
        let made = try await send("POST", "\(home)/recommendations", json, as: coordinator)
        #expect(made.status == 201, "\(made.text)")
        return TestDraft(server: self, id: made.json["id"].string)
    }

    /// A day as this server sees it.
    func day(in days: Int) -> String {
        PostgresDate.today(in: network.zone, at: parts.now()).adding(days: days).description
    }
}
