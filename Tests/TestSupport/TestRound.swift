@testable import Chorus
import Foundation
import Testing

/// A round that a test has opened.
struct TestRound: Sendable {
    /// Its id.
    let id: UUID
    /// Its items.
    let items: [String]

    /// A ballot that gives every item the same rating, as part of a submission.
    func ballot(unit: UUID? = nil, _ rating: Int) -> String {
        let answers = items.map { "{\"item\":\"\($0)\",\"rating\":\(rating)}" }.joined(separator: ",")
        let unit = unit.map { "\"\($0.text)\"" } ?? "null"
        return "\"ballot\":{\"round\":\"\(id.text)\",\"unit\":\(unit),\"answers\":[\(answers)]}"
    }
}

extension TestAPI {
    /// Makes and opens a round of two items for the whole network; it needs 20 members.
    ///
    /// - Parameters:
    ///   - coordinator: who does it.
    ///   - title: of the round.
    ///   - scheme: how it is released; S1 by default.
    ///   - theme: of the second item; none by default.
    func openRound(
        by coordinator: TestPerson,
        title: String = "Klima",
        scheme: Scheme = .s1,
        theme: String? = nil
    ) async throws -> TestRound {
        let opens = RFC3339.string(Date().addingTimeInterval(-3_600))
        let closes = RFC3339.string(Date().addingTimeInterval(86_400))
        let body = """
            {"title":"\(title)","opensAt":"\(opens)","closesAt":"\(closes)","items":[{"text":"Respekt?","theme":null},\
            {"text":"Aufstieg?","theme":\(theme.map { "\"\($0)\"" } ?? "null")}],\
            "audience":{"kind":"network"},"scheme":"\(scheme.rawValue)"}
            """
        let made = try await send("POST", "\(home)/rounds", body, as: coordinator)
        #expect(made.status == 201, "\(made.text)")
        let opened = try await send("PUT", "\(home)/rounds/\(made.json["id"].string)/opening", as: coordinator)
        #expect(opened.json["state"].string == "open", "\(opened.text)")
        let id = try #require(UUID(uuidString: made.json["id"].string))
        return TestRound(id: id, items: made.json["items"].array.map { $0["id"].string })
    }
}

extension TestServer {
    /// Ballots of some people, everything mixed, the round closed and released.
    ///
    /// - Parameters:
    ///   - round: an open one.
    ///   - people: the voters.
    ///   - coordinator: who closes it.
    ///   - ballot: what each says, by the place in the list.
    /// - Returns: the release, as the closure answers it.
    @discardableResult
    func vote(
        in round: TestRound,
        _ people: [TestPerson],
        closedBy coordinator: TestPerson,
        ballot: (Int) -> String
    ) async throws -> JSONValue {
        var wallets: [TestWallet] = []
        for person in people { wallets.append(try await wallet(of: person)) }
        for (index, wallet) in wallets.enumerated() {
            let reply = try await submit(wallet.tokens[round.id]?.first, ballot(index))
            #expect(reply.status == 202, "\(reply.text)")
        }
        try await mix()
        let closed = try await send("PUT", "\(home)/rounds/\(round.id.text)/closure", as: coordinator)
        #expect(closed.status == 200, "\(closed.text)")
        return closed.json
    }
}
