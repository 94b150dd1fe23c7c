import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The status report: only what was released, in both languages, and no text of anybody becomes more than text.
@Suite struct ReportTests {
    /// Texts that try to be more.
    private static func hostile(_ generator: inout some RandomNumberGenerator) -> String {
        let pieces = [
            "<script>alert(1)</script>", "</dd>", "<img src=x onerror=y>", "&lt;", "&#60;", "\"", "'", "`code`", "```",
            "# Titel", "- Liste", "1. Liste", "| Zelle |", "\n\n", "\r\n", "\n# H\n", "    eingerückt",
            "[a](javascript:b)",
            "![x](y)", "<http://a.b>", "http://a.b/c", "www.a.b", "a@b.c", "**fett**", "_x_", "~~y~~", "\\", "\\\\|",
            "---",
            "===", "> Zitat", "\u{0}", "\u{202E}abc", "\u{2028}", "<!--", "-->", "]]>", "&amp", "ü", "🙂", "e\u{301}",
            "$x$",
            "{{x}}", "{x}", "[^1]", "[ ]", ":smile:", "@all", "+1", "*", "\t*", "<br>", "=1+1",
        ]
        return (0..<Int.random(in: 1...8, using: &generator))
            .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
    }

    @Test func inMarkdownEveryMarkIsEscapedAndNoTextHasASecondLine() {
        var generator = SystemRandomNumberGenerator()
        let harmless = Set(",;?%".unicodeScalars)
        for _ in 0..<3_000 {
            let escaped = Array(ReportMarkdown.escaped(Self.hostile(&generator)).unicodeScalars)
            var index = 0
            while index < escaped.count {
                let scalar = escaped[index]
                #expect(scalar.properties.generalCategory != .control)
                if scalar == "\\" {
                    let next = escaped.indices.contains(index + 1) ? escaped[index + 1] : "x"
                    #expect(Self.isMark(next), "a backslash stands before a mark: \(next)")
                    index += 2
                    continue
                }
                #expect(!Self.isMark(scalar) || harmless.contains(scalar), "\(scalar) stands alone")
                index += 1
            }
            #expect(escaped.first?.properties.isWhitespace != true)
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && scalar.value > 32 && scalar.value < 127 && !scalar.properties.isAlphabetic
            && scalar.properties.numericType == nil
    }

    @Test func inHTMLWhatIsWrittenReadsAsWhatWasSaid() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let text = Self.hostile(&generator)
            let escaped = ReportHTML.escaped(text)
            #expect(!escaped.contains { "<>\"'".contains($0) })
            let read = escaped.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
                .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
            #expect(read == PlainText.line(text))
        }
    }

    /// A report in which every text of people is the given one.
    private func report(_ text: String) -> Report {
        let answer = RecommendationAnswer.Reply(
            decision: "declined",
            text: text,
            responsible: text,
            dueOn: "2027-01-01",
            answeredOn: "2026-12-01",
            version: 1,
            revision: 1
        )
        let shown = RecommendationAnswer(
            id: "a",
            number: 1,
            title: text,
            text: text,
            theme: nil,
            unit: nil,
            measure: text,
            status: "done",
            publishedOn: "2026-11-01",
            answerDueOn: "2026-12-01",
            overdue: true,
            evidence: [],
            support: .init(atLeast: 10, yes: 0.6, no: 0.3, abstain: 0.1),
            answer: answer,
            outcomes: [.init(id: "o", status: "done", text: text, on: "2027-01-01")],
            reminders: [],
            revision: 1,
            provenance: [],
            consultation: [],
            version: 1
        )
        return Report(
            network: text,
            employer: text,
            from: nil,
            to: nil,
            asOf: .init(year: 2027, month: 1, day: 1),
            recommendations: [shown]
        )
    }

    @Test(arguments: ReportLanguage.allCases)
    func aHostileTextChangesNeitherTheTagsNorTheLinesOfAReport(_ language: ReportLanguage) {
        var generator = SystemRandomNumberGenerator()
        func tags(_ text: String) -> [String] {
            ReportHTML.write(ReportDocument(report(text), language)).matches(of: #/<[^>]*>/#).map { String($0.0) }
        }
        func lines(_ text: String) -> Int {
            ReportMarkdown.write(ReportDocument(report(text), language)).split(
                omittingEmptySubsequences: false,
                whereSeparator: \.isNewline
            ).count
        }
        for _ in 0..<200 {
            let text = "x" + Self.hostile(&generator)
            #expect(tags(text) == tags("x"))
            #expect(lines(text) == lines("x"))
        }
    }

    @Test func theReportIsOfTheRecordAloneInBothLanguagesAndForms() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, member) = (try await server.person(.hr), try await server.person(.member))
            let people = try await server.people(24)
            let round = try await server.openRound(by: coordinator)
            let release = try await server.vote(in: round, people, closedBy: coordinator) { index in
                round.ballot(index < 12 ? 1 : 5)
            }
            let place = "{\"release\":\"\(release["id"].string)\",\"table\":\"item\",\"item\":\"\(round.items[0])\"}"
            let draft =
                "{\"title\":\"Respekt & Ruhe\",\"text\":\"x\",\"measure\":\"Leitfaden\",\"evidence\":[\(place)]}"
            let made = try await server.send("POST", "\(server.home)/recommendations", draft, as: coordinator)
            #expect(made.status == 201, "\(made.text)")
            let id = made.json["id"].string
            let due = "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}"
            _ = try await server.send("PUT", "\(server.home)/recommendations/\(id)/publication", due, as: coordinator)
            let unpublished = "{\"title\":\"Geheim\",\"text\":\"x\",\"measure\":\"y\",\"evidence\":[]}"
            _ = try await server.send("POST", "\(server.home)/recommendations", unpublished, as: coordinator)
            try await server.answerRecommendation(id, as: hr)

            for (base, person) in [(server.record, hr), (server.home, member)] {
                let german = try await server.send("GET", "\(base)/report?language=de&format=html", as: person)
                #expect(german.status == 200, "\(german.text)")
                #expect(german.headers["content-type"] == "text/html; charset=utf-8")
                #expect(german.headers["content-security-policy"]?.contains("style-src 'self'") == true)
                #expect(german.text.contains("<html lang=\"de\">") && german.text.contains("Sachstandsbericht"))
                #expect(german.text.contains("Respekt &amp; Ruhe") && german.text.contains("Respekt?"))
                #expect(german.text.contains("angenommen") && !german.text.contains("Geheim"))
                #expect(!german.text.contains("style=") && !german.text.contains("<script"))
                let english = try await server.send("GET", "\(base)/report?language=en&format=md", as: person)
                #expect(english.headers["content-type"]?.hasPrefix("text/markdown") == true)
                #expect(english.text.contains("# Status report") && english.text.contains("Respekt \\& Ruhe"))
                #expect(english.text.contains("| Release no\\. |") && english.text.contains("accepted"))
                let tag = ["If-None-Match": english.headers["etag"] ?? ""]
                let again = try await server.send(
                    "GET",
                    "\(base)/report?language=en&format=md",
                    as: person,
                    headers: tag
                )
                #expect(again.status == 304)
                let none = try await server.send(
                    "GET",
                    "\(base)/report?language=en&format=md&to=2020-01-01",
                    as: person
                )
                #expect(none.text.contains("No recommendation was published"))
                for wrong in ["format=pdf", "language=fr", "from=2026-13-01", "to=soon"] {
                    #expect(
                        try await server.send("GET", "\(base)/report?\(wrong)", as: person).status == 400,
                        "\(wrong)"
                    )
                }
            }
            let style = try await server.send("GET", "/report.css")
            #expect(style.text.contains("size: A4") && style.text.contains("counter(page)"))
            #expect(style.text.contains("table-header-group"))
        }
    }
}
