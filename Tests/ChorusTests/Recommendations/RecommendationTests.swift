import Foundation
import Testing

@testable import Chorus
@testable import TestSupport

@Suite struct RecommendationTests {
    private static let draft = """
        {"title":"Beschwerdestelle bekannt machen","text":"Zu wenige kennen sie.","measure":"Aushang","evidence":[]}
        """

    private func publish(_ server: TestServer, by coordinator: TestPerson, draft: String = draft) async throws -> String
    {
        let made = try await server.send("POST", "\(server.home)/recommendations", draft, as: coordinator)
        #expect(made.status == 201, "\(made.text)")
        let id = made.json["id"].string
        let due = "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}"
        let published = try await server.send(
            "PUT",
            "\(server.home)/recommendations/\(id)/publication",
            due,
            as: coordinator
        )
        #expect(published.json["state"].string == "published", "\(published.text)")
        return id
    }

    @Test func aPublishedRecommendationIsAnsweredAndFollowed() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, council, member) = (
                try await server.person(.hr), try await server.person(.council), try await server.person(.member)
            )
            let id = try await publish(server, by: coordinator)
            let path = "\(server.record)/recommendations/\(id)"
            #expect(try await server.send("GET", path, as: council).json["status"].string == "published")
            let reasonless = "{\"decision\":\"declined\",\"text\":\" \",\"responsible\":\"Personalamt\"}"
            #expect(try await server.send("PUT", "\(path)/answer", reasonless, as: hr).pointers == ["/text"])
            let early = "{\"status\":\"done\",\"text\":\"Fertig.\",\"on\":\"2026-12-01\"}"
            #expect(try await server.send("POST", "\(path)/outcomes", early, as: hr).status == 409)
            let answer =
                "{\"decision\":\"partly\",\"text\":\"Aushang ja.\",\"responsible\":\"Personalamt\",\"dueOn\":null}"
            #expect(try await server.send("PUT", "\(path)/answer", answer, as: council).status == 403)
            let answered = try await server.send("PUT", "\(path)/answer", answer, as: hr)
            #expect(answered.json["answer"]["version"].int == 1, "\(answered.text)")
            #expect(try await server.send("PUT", "\(path)/answer", answer, as: hr).status == 428)
            let stale = try await server.send("PUT", "\(path)/answer", answer, as: hr, headers: ["If-Match": "\"1\""])
            #expect(stale.status == 412)
            let tag = ["If-Match": answered.headers["etag"] ?? ""]
            #expect(
                try await server.send("PUT", "\(path)/answer", answer, as: hr, headers: tag).json["answer"]["version"]
                    .int == 2
            )
            #expect(try await server.send("POST", "\(path)/outcomes", early, as: hr).status == 201)
            let seen = try await server.send("GET", "\(server.home)/recommendations/\(id)", as: member).json
            #expect(seen["status"].string == "done")
            #expect(seen["outcomes"][0]["text"].string == "Fertig.")
            let filtered = try await server.send("GET", "\(server.record)/recommendations?status=overdue", as: hr).json
            #expect(filtered["items"].array.isEmpty)
        }
    }

    @Test func draftsAreForCoordinatorsAndEvidenceForReleasedCellsOnly() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, member) = (try await server.person(.hr), try await server.person(.member))
            let made = try await server.send("POST", "\(server.home)/recommendations", Self.draft, as: coordinator)
            let path = "\(server.home)/recommendations/\(made.json["id"].string)"
            #expect(try await server.send("GET", path, as: member).status == 404)
            #expect(
                try await server.send("GET", "\(server.record)/recommendations", as: hr).json["items"].array.isEmpty
            )
            #expect(try await server.send("PATCH", path, "{\"title\":\"Neu\"}", as: coordinator).status == 428)
            let tag = ["If-Match": made.headers["etag"] ?? ""]
            let changed = try await server.send("PATCH", path, "{\"title\":\"Neu\"}", as: coordinator, headers: tag)
            #expect(changed.json["title"].string == "Neu")
            #expect(
                try await server.send("PATCH", path, "{\"title\":\"Alt\"}", as: coordinator, headers: tag).status == 412
            )
            let invented = Self.draft.replacing(
                "[]",
                with: "[{\"release\":\"\(UUID().text)\",\"table\":\"item\",\"item\":\"\(UUID().text)\"}]"
            )
            let refused = try await server.send("POST", "\(server.home)/recommendations", invented, as: coordinator)
            #expect(refused.problem == "evidence-not-released")
            #expect(refused.pointers == ["/evidence/0"])
        }
    }

    @Test func aPublicationThatACrashKeptFromTheRecordIsRepaired() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let id = try await publish(server, by: coordinator)
            try await server.run("DELETE FROM recommendation", on: .record)
            try await server.parts.repairPublications()
            let hr = try await server.person(.hr)
            #expect(try await server.send("GET", "\(server.record)/recommendations/\(id)", as: hr).status == 200)
        }
    }

    @Test func aSpreadsheetGetsItsFieldsQuotedAndNoFormula() {
        let text = CSV.text([["a,b", "x\ny", "=1+1", "\"q\"", "-3"]], forSpreadsheets: true)
        #expect(text == "\"a,b\",\"x\ny\",'=1+1,\"\"\"q\"\"\",-3\r\n")
        #expect(CSV.rows(text) == [["a,b", "x\ny", "'=1+1", "\"q\"", "-3"]])
    }
}
