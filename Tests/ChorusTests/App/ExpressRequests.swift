import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

extension TestServer {
    var socket: TestSocket { TestSocket(port: port) }

    /// A request as text.
    ///
    /// - Parameters:
    ///   - person: who asks; nobody by default.
    ///   - headers: further lines.
    ///   - body: JSON, announced with its length; none by default.
    func text(
        _ method: String,
        _ path: String,
        as person: TestPerson? = nil,
        _ headers: [String] = [],
        body: String? = nil
    ) -> String {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"]
        if let person { lines.append("Authorization: Bearer \(person.token)") }
        lines += headers
        if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    /// Makes an event and gives its path.
    func newEvent(capacity: Int? = nil, _ extra: String = "", by organiser: TestPerson) async throws -> String {
        let body = RSVPTests.newEvent(capacity: capacity, extra: extra)
        let reply = try await send("POST", "\(home)/events", body, as: organiser)
        #expect(reply.status == 201, "\(reply.text)")
        return "\(home)/events/\(reply.json["id"].string)"
    }

    /// Holds an event's row, so that an answer to it has to wait, until the body ends.
    func holding(_ path: String, _ body: () async throws -> Void) async throws {
        let id = path.split(separator: "/").last.map(String.init) ?? ""
        let configuration = PostgresConfiguration(server.privateURI, maximumConnections: 1)
        try await withPool(configuration, logger: parts.logger) { pool in
            try await pool.transaction { transaction in
                try await transaction.run("SELECT FROM event WHERE id = '\(id)' FOR UPDATE")
                try await body()
            }
        }
    }

    /// Sends a request for the lane, and one that the router has to answer.
    func pair(_ express: String, _ router: String) async -> (express: TestSocket.Reply, router: TestSocket.Reply) {
        let none = TestSocket.Reply(statusLine: "", headers: [], body: "")
        return (
            await socket.exchange(1, .send(express)).first ?? none,
            await socket.exchange(1, .send(router)).first ?? none
        )
    }

    /// Waits until somebody waits for a lock.
    func waitForALock() async throws {
        let waiting = """
            SELECT count(*) FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND datname = current_database()
            """
        for _ in 0..<500 {
            if try await count(waiting) > 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("nobody waits")
    }
}

/// What no lane takes, and no rule forbids.
let ordinary = "Accept: application/json, text/plain"
