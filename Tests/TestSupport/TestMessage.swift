import AnonymousTokens
@testable import Chorus
import Foundation

/// A message that has been mixed, as its author and its moderator hold it.
struct TestMessage: Sendable {
    let server: TestServer
    /// Where moderators find it.
    let path: String
    /// Who moderates it.
    let team: TestPerson
    /// In base64url.
    let receipt: String
    /// Unspent tokens of twenty members.
    let tokens: [Token]

    func reply(_ text: String) async throws -> TestReply {
        try await server.anonymous("inbox/replies", "{\"receiptId\":\"\(receipt)\",\"text\":\"\(text)\"}")
    }

    func answer(_ text: String) async throws -> TestReply {
        try await server.send("POST", "\(path)/replies", "{\"text\":\"\(text)\"}", as: team)
    }

    func inbox() async throws -> JSONValue { try await server.inbox(receipt).json }

    func withdraw() async throws -> TestReply {
        try await server.anonymous("inbox/withdrawal", "{\"receiptId\":\"\(receipt)\"}")
    }

    /// As a moderator sees it.
    func seen() async throws -> JSONValue {
        let list = path.split(separator: "/").dropLast().joined(separator: "/")
        let items = try await server.send("GET", "/\(list)", as: team).json["items"].array
        return items.first { path.hasSuffix($0["id"].string) } ?? .null
    }
}

extension TestAPI {
    /// Sends something anonymous, filled up to a fixed size as the client does.
    func anonymous(_ path: String, _ body: String, headers: [String: String] = [:]) async throws -> TestReply {
        let padded = FixedSize.padded(Array(body.utf8))
        return try await send("POST", "/v1/anonymous/\(path)", headers: headers, bytes: padded)
    }

    /// What an author reads.
    func inbox(_ receipt: String) async throws -> TestReply {
        try await anonymous("inbox", "{\"receiptId\":\"\(receipt)\"}")
    }
}

/// A server with a mixed message, whose text is "Frage".
///
/// - Parameters:
///   - now: the instant that the server takes for the present.
///   - clock: the promise of the channel, as JSON; none by default.
///   - rating: the number beside the text; none by default.
///   - body: the test.
func withMessage(
    now: @escaping @Sendable () -> Date = { Date() },
    clock: String = "null",
    rating: Int? = nil,
    _ body: (TestMessage) async throws -> Void
) async throws {
    try await withServer(now: now) { server in
        let team = try await server.person(.member, .coordinator, .moderator)
        let new = "{\"name\":\"Kummerkasten\",\"policy\":\"Wir lesen alles.\",\"themes\":[],\"clock\":\(clock)}"
        let channel = try await server.send("POST", "\(server.home)/channels", new, as: team).json["id"].string
        var tokens: [Token] = []
        for person in try await server.people(20) {
            tokens += try await server.wallet(of: person).tokens[server.network.id] ?? []
        }
        let receipt = TestServer.randomReceipt()
        let message = TestServer.message("Frage", channel: channel, rating: rating)
        _ = try await server.submit(tokens.removeFirst(), receiptId: receipt, message)
        try await server.mix()
        let messages = "\(server.home)/channels/\(channel)/messages"
        let id = try await server.send("GET", messages, as: team).json["items"][0]["id"].string
        let receiptId = Base64URL.encode(receipt)
        try await body(
            TestMessage(server: server, path: "\(messages)/\(id)", team: team, receipt: receiptId, tokens: tokens)
        )
    }
}
