/// Comma-separated values (RFC 4180).
enum CSV {
    /// - Parameters:
    ///   - rows: the first is the header.
    ///   - forSpreadsheets: puts an apostrophe before a field that a spreadsheet would take for a formula (OWASP, CSV
    ///     Injection); not for programs, which read fields as they are.
    static func text(_ rows: [[String]], forSpreadsheets: Bool = false) -> String {
        rows.map { row in
            row.map { field(forSpreadsheets ? guarded($0) : $0) }.joined(separator: ",") + "\r\n"
        }.joined()
    }

    // By Unicode scalars: as a Character, CR LF is one letter and a mark after a comma hides the comma.
    private static func guarded(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r\n".unicodeScalars.contains($0) } ?? false
        return isFormula && Double(text) == nil ? "'" + text : text
    }

    private static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        return String(quoted) + "\""
    }

    /// Reads rows; quoted fields may hold separators, quotes and line breaks.
    static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field = ""
        var isQuoted = false
        var characters = text.unicodeScalars.makeIterator()
        var next = characters.next()
        while let scalar = next {
            next = characters.next()
            switch scalar {
            case "\"" where isQuoted && next == "\"":
                field.unicodeScalars.append("\"")
                next = characters.next()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                row.append(field)
                field = ""
            case "\n" where !isQuoted:
                rows.append(row + [field])
                (row, field) = ([], "")
            case "\r" where !isQuoted: break
            default: field.unicodeScalars.append(scalar)
            }
        }
        if !field.isEmpty || !row.isEmpty { rows.append(row + [field]) }
        return rows.filter { $0 != [""] }
    }
}
