@testable import TestSupport
import Testing

@testable import Chorus

/// Whatever people write, it stays text: the page has the elements and attributes that it has with harmless words.
@Suite struct PublicRecordPageTests {
    private static func record(_ text: String) -> PublicRecord {
        let recommendation = PublicRecommendation(
            number: 1,
            title: text,
            text: text,
            measure: text,
            status: "done",
            publishedOn: "2026-01-01",
            answerDueOn: "2026-02-01",
            overdue: false,
            evidence: [
                .init(
                    releaseNumber: 4,
                    table: "item-unit",
                    itemText: text,
                    unitName: text,
                    atLeast: 20,
                    negative: 0.4,
                    neutral: 0.2,
                    positive: 0.4,
                    mean: 3
                )
            ],
            support: .init(atLeast: 10, yes: 0.6, no: 0.2, abstain: 0.2),
            answer: .init(
                decision: "partly",
                text: text,
                responsible: text,
                dueOn: "2026-03-01",
                answeredOn: "2026-01-15",
                version: 1,
                revision: 1
            ),
            outcomes: [.init(status: "done", text: text, on: "2026-02-01")]
        )
        return PublicRecord(
            network: .init(slug: "netz", name: text, employer: text),
            answerDuty: .init(owed: 1, overdue: 0, longestDelayDays: 0),
            items: [recommendation],
            next: nil
        )
    }

    /// Everything between angle brackets, in its order.
    private static func tags(_ page: String) -> [String] { page.matches(of: /<[^>]*>/).map { String($0.0) } }

    private static let pieces = [
        "<script>alert(1)</script>", "</h1>", "<img src=x onerror=alert(1)>", "\"", "'", ">", "<", "&",
        "&lt;script&gt;",
        "javascript:alert(1)", "<!--", "-->", "]]>", "<![CDATA[", "</article><h1>", "\u{0}", "\u{1B}", "\u{202E}",
        "\u{FEFF}",
        "ä", "مرحبا", "👩🏽‍💻", "{{", "\\", "`", "%3Cscript%3E", "<svg/onload=alert(1)>", "' onmouseover='alert(1)",
        "&#x3C;",
        "<a href=\"http://b\u{F6}se\">", "\u{2028}<b>",
    ]

    @Test func hostileTextsChangeNoElementOfThePage() {
        var coins = SeededGenerator(seed: 3)
        for language in Language.allCases {
            let harmless = Self.tags(PublicRecordPage(Self.record("Text"), in: language).html)
            #expect(harmless.count > 60)
            for _ in 0..<500 {
                let count = Int.random(in: 1...8, using: &coins)
                var text = (0..<count).map { _ in Self.pieces.randomElement(using: &coins) ?? "" }.joined()
                // Paragraphs are elements; one each, as the harmless text has.
                text = "x" + text.filter { !$0.isNewline }
                let page = PublicRecordPage(Self.record(text), in: language).html
                #expect(Self.tags(page) == harmless, "\(text)")
                #expect(!page.unicodeScalars.contains { $0 == "\u{0}" || $0 == "\u{1B}" || $0 == "\u{202E}" })
            }
        }
    }

    @Test func whatIsEscapedReadsAsItWasWritten() {
        func read(_ html: String) -> String {
            html.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
                .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
        }
        for text in Self.pieces where !text.unicodeScalars.contains(where: { $0.value < 32 || $0 == "\u{202E}" }) {
            #expect(read(HTML.text(text)) == text)
        }
        #expect(HTML.paragraphs("a\n\n  \nb<") == "<p>a</p><p>b&lt;</p>")
        #expect(HTML.paragraphs("\n").isEmpty)
    }
}
