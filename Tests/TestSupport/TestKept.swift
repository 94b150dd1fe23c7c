@testable import Chorus
import Testing

extension TestServer {
    /// Reads something until it is kept and its reader is known, so that what comes next would be stale if nothing were noticed.
    ///
    /// - Parameters:
    ///   - path: with its query.
    ///   - person: a member of the network.
    /// - Returns: the last answer.
    @discardableResult
    func keep(_ path: String, as person: TestPerson) async throws -> TestReply {
        let question = BearerQuestion(tokenHash: Credential(text: person.token).hash, network: network.id)
        for _ in 0..<500 {
            let reply = try await send("GET", path, as: person)
            let isKnown = parts.bearers.find(question) != nil
            if isKnown, parts.ready.answer(to: path, for: person.membership) != nil { return reply }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("never kept: \(path)")
        return try await send("GET", path, as: person)
    }
}
