/// A paragraph of a draft: lines without an empty one between them.
struct Paragraph: Sendable, Equatable {
    let text: String
    /// White space between it and the next one; of the last, to the end.
    let gap: String

    /// Splits a text at its empty lines; white space before the first paragraph belongs to it.
    ///
    /// - Returns: at least one; texts and gaps together are the text again.
    static func split(_ text: String) -> [Paragraph] {
        var paragraphs: [Paragraph] = []
        var (body, gap, hasText): ([UInt8], [UInt8], Bool) = ([], [], false)
        func end() {
            let kept = body.count - body.reversed().prefix { isSpace($0) }.count
            paragraphs.append(
                Paragraph(
                    text: String(decoding: body[..<kept], as: UTF8.self),
                    gap: String(decoding: body[kept...] + gap, as: UTF8.self)
                )
            )
            (body, gap) = ([], [])
        }
        for line in lines(of: Array(text.utf8)) {
            let isBlank = line.allSatisfy(isSpace)
            if isBlank, hasText {
                gap += line
            } else {
                if !gap.isEmpty { end() }
                body += line
                hasText = hasText || !isBlank
            }
        }
        end()
        return paragraphs
    }

    /// Lines with their ends.
    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            lines.append(bytes[start...index])
            start = index + 1
        }
        return lines + [bytes[start...]]
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\n")
    }

    /// The words, each with the white space after it.
    var words: [String] {
        var words: [String] = []
        var (start, wasSpace) = (text.utf8.startIndex, false)
        for index in text.utf8.indices {
            let isSpace = Self.isSpace(text.utf8[index])
            if wasSpace, !isSpace {
                words.append(String(text[start..<index]))
                start = index
            }
            wasSpace = isSpace
        }
        if start < text.utf8.endIndex { words.append(String(text[start...])) }
        return words
    }
}
