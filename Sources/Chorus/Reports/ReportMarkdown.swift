/// Writes a report as CommonMark with the tables of GitHub.
enum ReportMarkdown {
    static func write(_ document: ReportDocument) -> String {
        (["# \(escaped(document.title))"] + document.parts.map(write)).joined(separator: "\n\n") + "\n"
    }

    private static func write(_ part: ReportDocument.Part) -> String {
        switch part {
        case .heading(let level, let text): "\(String(repeating: "#", count: level)) \(escaped(text))"
        case .paragraph(let text): escaped(text)
        case .terms(let terms): terms.map { "- **\(escaped($0.0))**: \(escaped($0.1))" }.joined(separator: "\n")
        case .table(let caption, let head, let rows):
            (["**\(escaped(caption))**", "", line(head), line(head.map { _ in "---" }, isEscaped: true)]
                + rows.map { line($0) })
                .joined(separator: "\n")
        }
    }

    private static func line(_ cells: [String], isEscaped: Bool = false) -> String {
        "| " + cells.map { isEscaped ? $0 : escaped($0) }.joined(separator: " | ") + " |"
    }

    /// A text of one line in which nothing means anything: before each mark of ASCII stands a backslash (CommonMark 0.31, section
    /// 2.4), line breaks and other control characters are spaces, and what turns the direction of writing is left out.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in PlainText.line(text).unicodeScalars {
            switch scalar {
            case "!"..."/", ":"..."@", "["..."`", "{"..."~":
                // Marks inside of words and numbers mean nothing: dates and sentences stay readable.
                if !",;?%".unicodeScalars.contains(scalar) { result.append("\\") }
                result.append(scalar)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}

/// Text of people in documents of ours.
enum PlainText {
    /// On one line, without control characters and without what turns the direction of what follows (Unicode TR 9, section 2).
    static func line(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !turning.contains(scalar) {
            let isBreak = scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
            result.append(isBreak ? " " : scalar)
        }
        return String(result).trimmingWhitespace()
    }

    private static let turning = Set(
        "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{200E}\u{200F}\u{061C}"
            .unicodeScalars
    )
}
