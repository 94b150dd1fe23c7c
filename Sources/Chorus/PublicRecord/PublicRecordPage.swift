/// What a network shows to everybody, as a page without scripts (German or English).
struct PublicRecordPage: Sendable {
    let language: Language
    private let record: PublicRecord
    private let words: PublicRecordWords

    /// - Parameters:
    ///   - record: what is shown.
    ///   - language: of the reader; English for who reads English, else German.
    init(_ record: PublicRecord, in language: Language) {
        self.language = language == .en ? .en : .de
        self.record = record
        words = self.language == .en ? .english : .german
    }

    /// The whole page; every text of people in it is escaped.
    var html: String {
        let name = HTML.text(record.network.name)
        let cards = record.items.map(card).joined()
        return """
            <!doctype html>
            <html lang="\(language.rawValue)"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(words.title) – \(name)</title><link rel="stylesheet" href="/docs.css"></head><body>
            <header><h1>\(words.title)</h1><p>\(name), \(HTML.text(record.network.employer))</p></header>
            <main><section aria-labelledby="duty"><h2 id="duty">\(words.duty)</h2>\(duty)</section>
            <section aria-labelledby="list"><h2 id="list">\(words.list)</h2>
            \(cards.isEmpty ? "<p>\(words.none)</p>" : cards)</section></main>
            <footer><p>\(words.note)</p>\(next)</footer></body></html>

            """
    }

    private var duty: String {
        let duty = record.answerDuty
        let rows = [
            (words.owed, duty.owed), (words.overdue, duty.overdue), (words.delay, duty.longestDelayDays),
        ]
        return table(rows.map { [$0, "\($1)"] })
    }

    private var next: String {
        guard let next = record.next else { return "" }
        let place = "/public/\(HTML.text(record.network.slug))?after=\(HTML.text(next))"
        return "<p><a rel=\"next\" href=\"\(place)\">\(words.more)</a></p>"
    }

    private func card(_ item: PublicRecommendation) -> String {
        let id = "n\(item.number)"
        let due = item.overdue ? "<strong>\(words.late)</strong>" : words.status(item.status)
        return """
            <article aria-labelledby="\(id)"><h3 id="\(id)">\(words.number) \(item.number): \(HTML.text(item.title))</h3>
            <p>\(due) · \(words.published) \(words.day(item.publishedOn)) · \(words.due) \(words.day(item.answerDueOn))</p>
            \(HTML.paragraphs(item.text))<h4>\(words.measure)</h4>\(HTML.paragraphs(item.measure))
            \(evidence(item))\(support(item))\(answer(item))\(outcomes(item))</article>
            """
    }

    private func evidence(_ item: PublicRecommendation) -> String {
        guard !item.evidence.isEmpty else { return "" }
        let rows = item.evidence.map { cell in
            let place = [cell.itemText, cell.unitName].compactMap(\.self).joined(separator: " · ")
            let shares = [cell.negative, cell.neutral, cell.positive].map(words.share)
            return ["\(cell.releaseNumber)", HTML.text(place), "\(cell.atLeast)"] + shares
        }
        return "<h4>\(words.evidence)</h4>" + table(rows, head: words.evidenceHead)
    }

    private func support(_ item: PublicRecommendation) -> String {
        guard let support = item.support else { return "" }
        let row = ["\(support.atLeast)"] + [support.yes, support.no, support.abstain].map(words.share)
        return "<h4>\(words.support)</h4>" + table([row], head: words.supportHead)
    }

    private func answer(_ item: PublicRecommendation) -> String {
        guard let answer = item.answer else { return "<h4>\(words.answer)</h4><p>\(words.noAnswer)</p>" }
        let dueOn = answer.dueOn.map { " · \(words.doneBy) \(words.day($0))" } ?? ""
        return """
            <h4>\(words.answer)</h4><p>\(words.decision(answer.decision)) · \(words.day(answer.answeredOn)) ·
            \(HTML.text(answer.responsible))\(dueOn)</p>\(HTML.paragraphs(answer.text))
            """
    }

    private func outcomes(_ item: PublicRecommendation) -> String {
        guard !item.outcomes.isEmpty else { return "" }
        let rows = item.outcomes.map { [words.day($0.on), words.status($0.status), HTML.text($0.text)] }
        return "<h4>\(words.outcomes)</h4>" + table(rows, head: words.outcomesHead)
    }

    /// - Parameters:
    ///   - rows: cells that are HTML already.
    ///   - head: names of the columns; without any, the first cell of a row is its name.
    private func table(_ rows: [[String]], head: [String] = []) -> String {
        let names = head.map { "<th scope=\"col\">\($0)</th>" }.joined()
        let lines = rows.map { row in
            let cells = row.enumerated().map { index, cell in
                head.isEmpty && index == 0 ? "<th scope=\"row\">\(cell)</th>" : "<td>\(cell)</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        let top = head.isEmpty ? "" : "<thead><tr>\(names)</tr></thead>"
        return "<div class=\"wide\"><table>\(top)<tbody>\(lines.joined())</tbody></table></div>"
    }
}

/// Texts of people on their way into a page.
enum HTML {
    /// As the content of an element or of a quoted attribute, and nothing else (HTML, section 13.1).
    static func text(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // No part of a text; some would end the page for a reader, and marks of direction could turn its words around.
            case "\u{0}"..."\u{8}", "\u{B}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// One paragraph for each line that says something.
    static func paragraphs(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
            .map { "<p>\(self.text(String($0)))</p>" }
            .joined()
    }
}
