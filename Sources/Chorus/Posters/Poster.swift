import Foundation

/// A page of size A4 for a notice board.
struct Poster: Sendable {
    /// Some lines below a heading.
    struct Section: Sendable {
        let heading: String
        let lines: [String]
        /// Whether the lines are steps, one after the other.
        var areSteps = false
        /// Whether there is a line to write on.
        var hasBlank = false
    }

    let language: Language
    let network: String
    let employer: String
    let title: String
    let lead: String
    let address: String
    /// What is read out in place of the code.
    let codeLabel: String
    let sections: [Section]
    /// Names and values, such as numbers to compare.
    var terms: [(name: String, value: String)] = []

    /// The whole page, without scripts; every text in it is escaped.
    ///
    /// - Parameter code: of the address; without one the page shows the address alone.
    func html(_ code: QRCode?) -> String {
        let figure = code.map { "<div class=\"code\">\($0.svg(label: codeLabel))</div>" } ?? ""
        return """
            <!doctype html>
            <html lang="\(language.rawValue)"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(HTML.text(title)) – \(HTML.text(network))</title><link rel="stylesheet" href="/poster.css"></head><body><main>
            <p class="network" dir="auto">\(HTML.text(network)) · \(HTML.text(employer))</p>
            <h1 dir="auto">\(HTML.text(title))</h1><p class="lead">\(HTML.text(lead))</p>
            <figure>\(figure)<figcaption><strong>\(HTML.text(address))</strong></figcaption></figure>
            \(sections.map(Self.write).joined(separator: "\n"))
            \(list)</main></body></html>

            """
    }

    private static func write(_ section: Section) -> String {
        let items = section.lines.map { "<li dir=\"auto\">\(HTML.text($0))</li>" }.joined()
        let list = section.areSteps ? "<ol>\(items)</ol>" : "<ul>\(items)</ul>"
        let blank = section.hasBlank ? "<p class=\"blank\"></p>" : ""
        return "<section><h2>\(HTML.text(section.heading))</h2>\(section.lines.isEmpty ? "" : list)\(blank)</section>"
    }

    private var list: String {
        guard !terms.isEmpty else { return "" }
        let rows = terms.map { "<dt>\(HTML.text($0.name))</dt><dd>\(HTML.text($0.value))</dd>" }
        return "<dl>\(rows.joined())</dl>"
    }
}

/// What a poster of a network is about.
enum PosterKind: String, CaseIterable, Sendable {
    case join, inbox

    /// Where its code leads, behind the server's address.
    ///
    /// Whoever looks for an answer is not signed in, so the address says in which network; nobody types that from paper.
    func path(in network: UUID) -> String {
        switch self {
        case .join: "/"
        case .inbox: "/#/inbox/\(network.text)"
        }
    }
}
