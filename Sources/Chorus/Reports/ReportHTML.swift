/// Writes a report as a page that prints as well as it reads: `report.css` makes A4 pages with numbers of it.
enum ReportHTML {
    static func write(_ document: ReportDocument) -> String {
        """
        <!doctype html>
        <html lang="\(document.language.rawValue)"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escaped(document.title))</title><link rel="stylesheet" href="/report.css"></head><body><main>
        <h1>\(escaped(document.title))</h1>
        \(document.parts.map(write).joined(separator: "\n"))
        </main></body></html>

        """
    }

    private static func write(_ part: ReportDocument.Part) -> String {
        switch part {
        case .heading(let level, let text): "<h\(level)>\(escaped(text))</h\(level)>"
        case .paragraph(let text): "<p class=\"note\">\(escaped(text))</p>"
        case .terms(let terms):
            "<dl>" + terms.map { "<dt>\(escaped($0.0))</dt><dd dir=\"auto\">\(escaped($0.1))</dd>" }.joined() + "</dl>"
        case .table(let caption, let head, let rows):
            "<table><caption>\(escaped(caption))</caption><thead><tr>"
                + head.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined() + "</tr></thead><tbody>"
                + rows.map(row).joined() + "</tbody></table>"
        }
    }

    private static func row(_ cells: [String]) -> String {
        let others = cells.dropFirst().map { cell in
            let isNumber = cell.unicodeScalars.first.map { ("0"..."9").contains($0) } ?? false
            return "<td\(isNumber ? " class=\"number\"" : " dir=\"auto\"")>\(escaped(cell))</td>"
        }
        return "<tr><th scope=\"row\" dir=\"auto\">\(escaped(cells.first ?? ""))</th>\(others.joined())</tr>"
    }

    /// A text of one line that is text everywhere in HTML, inside of attributes too.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in PlainText.line(text).unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
