import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What a draft said, what was changed, and what was said about it.
@Suite struct DraftVersionTests {
    @Test func everyVersionIsKeptAndComparedSideBySide() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let council = try await server.person(.council)
            let draft = try await server.draft(by: coordinator)
            try await draft.invite(council, to: .science, by: coordinator)
            let text = "{\"text\":\"Neu davor.\\n\\nZu wenige Leute kennen sie.\\n\\nEin Aushang hilft.\"}"
            #expect(try await draft.change(text, from: 1, as: council).json["version"].int == 2)
            #expect(try await draft.change("{\"measure\":\"Plakat\"}", from: 2, as: coordinator).status == 200)
            let versions = try await draft.send("GET", "versions", as: council).json["items"].array
            #expect(versions.map { $0["version"].int } == [3, 2, 1])
            #expect(versions.map { $0["bench"].string } == ["network", "science", "network"])
            #expect(versions.allSatisfy { $0["on"].string == server.day(in: 0) })
            let page = try await draft.send("GET", "versions?limit=1", as: council).json
            let rest = try await draft.send("GET", "versions?after=\(page["next"].string)", as: council).json
            #expect(rest["items"].array.map { $0["version"].int } == [2, 1])
            let first = try await draft.send("GET", "versions/1", as: council).json
            #expect(first["text"].string == "Zu wenige kennen sie.\n\nEin Aushang hilft.")
            #expect(first["provenance"][0]["kind"].string == "hearing")
            let difference = try await draft.send("GET", "versions/2/difference", as: council).json
            #expect(difference["from"].int == 1 && difference["to"].int == 2)
            let rows = difference["text"].array
            #expect(rows.map { $0["kind"].string } == ["added", "changed", "same"])
            #expect(rows[1]["words"][1]["text"].string == "Leute ")
            let whole = try await draft.send("GET", "versions/3/difference?from=1", as: council).json
            #expect(whole["measure"][0]["kind"].string == "removed")
            for path in ["versions/9", "versions/9/difference", "versions/3/difference?from=8", "versions/x"] {
                #expect(try await draft.send("GET", path, as: council).status == 404, "\(path)")
            }
        }
    }

    @Test func twoChangesOfTheSameVersionAreOneAndARefusal() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let draft = try await server.draft(by: coordinator)
            for version in 1...5 {
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for letter in ["a", "b", "c", "d"] {
                        group.addTask {
                            try await draft.change("{\"text\":\"\(letter)\"}", from: version, as: coordinator).status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.sorted() == [200, 412, 412, 412])
            }
            let versions = try await draft.send("GET", "versions", as: coordinator).json["items"].array
            #expect(versions.map { $0["version"].int } == [6, 5, 4, 3, 2, 1])
        }
    }

    @Test func aCommentFollowsItsParagraph() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let draft = try await server.draft(by: coordinator)
            for (paragraph, text) in [(1, "Wer?"), (2, "Wo?")] {
                let json = "{\"paragraph\":\(paragraph),\"version\":1,\"text\":\"\(text)\"}"
                let made = try await draft.send("POST", "comments", json, as: coordinator)
                #expect(made.status == 201, "\(made.text)")
                #expect(made.json["currentParagraph"].int == paragraph)
            }
            let beyond = "{\"paragraph\":3,\"version\":1,\"text\":\"x\"}"
            #expect(try await draft.send("POST", "comments", beyond, as: coordinator).pointers == ["/paragraph"])
            let unknown = "{\"paragraph\":1,\"version\":2,\"text\":\"x\"}"
            #expect(try await draft.send("POST", "comments", unknown, as: coordinator).pointers == ["/version"])
            let moved = "{\"text\":\"Vorab.\\n\\nEin Aushang hilft sehr.\"}"
            #expect(try await draft.change(moved, from: 1, as: coordinator).status == 200)
            let comments = try await draft.send("GET", "comments", as: coordinator).json["items"].array
            #expect(comments.map { $0["quote"].string } == ["Zu wenige kennen sie.", "Ein Aushang hilft."])
            #expect(comments[0]["currentParagraph"] == .null)
            #expect(comments[1]["currentParagraph"].int == 2)
            let path = "comments/\(comments[0]["id"].string)/resolution"
            #expect(try await draft.send("PUT", path, "{\"resolved\":true}", as: coordinator).json["resolved"].isTrue)
            let page = try await draft.send("GET", "comments?limit=1", as: coordinator).json
            let rest = try await draft.send("GET", "comments?after=\(page["next"].string)", as: coordinator).json
            #expect(rest["items"].array.map { $0["text"].string } == ["Wo?"])
        }
    }

    @Test func whereAParagraphComesFromGoesWithIt() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let said = [(1, "interviewLog"), (2, "hearing")].map {
                "{\"paragraph\":\($0),\"kind\":\"\($1)\",\"reference\":\"Nr. \($0)\",\"on\":\"2026-01-15\"}"
            }
            let draft = try await server.draft(by: coordinator, ",\"provenance\":[\(said.joined(separator: ","))]")
            let moved = "{\"text\":\"Ein Aushang hilft.\\n\\nUnd noch etwas.\"}"
            let changed = try await draft.change(moved, from: 1, as: coordinator).json
            #expect(changed["provenance"].array.map { $0["kind"].string } == ["hearing"])
            #expect(changed["provenance"][0]["paragraph"].int == 1)
            let refused = try await draft.publish(by: coordinator)
            #expect(refused.problem == "provenance-missing", "\(refused.text)")
            #expect(refused.pointers == ["/paragraphs/2"])
            let beyond =
                "{\"provenance\":[\(said[0]),{\"paragraph\":3,\"kind\":\"hearing\",\"reference\":\"a\",\"on\":\"2026-01-15\"}]}"
            let wrong = try await draft.change(beyond, from: 2, as: coordinator)
            #expect(wrong.pointers == ["/provenance/1/paragraph"], "\(wrong.text)")
            let invented =
                "{\"provenance\":[{\"kind\":\"release\",\"reference\":\"\(UUID().text)\",\"on\":\"2026-01-15\"}]}"
            let unknown = try await draft.change(invented, from: 2, as: coordinator)
            #expect(unknown.problem == "evidence-not-released" && unknown.pointers == ["/provenance/0/reference"])
            let whole = "{\"provenance\":[\(said.joined(separator: ","))]}"
            #expect(try await draft.change(whole, from: 2, as: coordinator).status == 200)
            #expect(try await draft.publish(by: coordinator).status == 200)
            let hr = try await server.person(.hr)
            let recorded = try await server.send("GET", draft.record, as: hr).json["provenance"].array
            #expect(recorded.map { $0["reference"].string } == ["Nr. 1", "Nr. 2"])
        }
    }

    @Test func evidenceIsEnoughWhereNothingElseIsSaid() {
        let text = "a\n\nb\n\nc"
        #expect(Provenance.missing([], in: text, hasEvidence: true) == [])
        #expect(Provenance.missing([], in: text, hasEvidence: false) == [1, 2, 3])
        let day = PostgresDate(year: 2026, month: 1, day: 15)
        let second = Provenance(paragraph: 2, kind: .hearing, reference: "a", on: day)
        #expect(Provenance.missing([second], in: text, hasEvidence: true) == [1, 3])
        let whole = Provenance(paragraph: nil, kind: .hearing, reference: "a", on: day)
        #expect(Provenance.missing([second, whole], in: text, hasEvidence: false) == [])
    }
}
