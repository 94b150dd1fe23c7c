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
    func openRound(by coordinator: TestPerson, title: String = "Klima") async throws -> TestRound {
        let opens = RFC3339.string(Date().addingTimeInterval(-3_600))
        let closes = RFC3339.string(Date().addingTimeInterval(86_400))
        let body = """
            {"title":"\(title)","opensAt":"\(opens)","closesAt":"\(closes)","items":[{"text":"Respekt?","theme":null},\
            {"text":"Aufstieg?","theme":null}],"audience":{"kind":"network"},"scheme":"S1"}
            """
        let made = try await send("POST", "\(home)/rounds", body, as: coordinator)
        #expect(made.status == 201, "\(made.text)")
        let opened = try await send("PUT", "\(home)/rounds/\(made.json["id"].string)/opening", as: coordinator)
        #expect(opened.json["state"].string == "open", "\(opened.text)")
        let id = try #require(UUID(uuidString: made.json["id"].string))
        return TestRound(id: id, items: made.json["items"].array.map { $0["id"].string })
    }
}
