/// Arrays of one dimension in both of PostgreSQL's formats (src/backend/utils/adt/arrayfuncs.c).
enum ArrayFormat {
    static func encode<Element: PostgresEncodable>(_ elements: some Collection<Element?>, into bytes: inout [UInt8]) {
        Int32(elements.isEmpty ? 0 : 1).appendBigEndian(to: &bytes)
        Int32(elements.contains { $0 == nil } ? 1 : 0).appendBigEndian(to: &bytes)
        Element.type.oid.appendBigEndian(to: &bytes)
        guard !elements.isEmpty else { return }
        Int32(elements.count).appendBigEndian(to: &bytes)
        Int32(1).appendBigEndian(to: &bytes)
        for element in elements {
            let start = bytes.count
            Int32(-1).appendBigEndian(to: &bytes)
            guard let element else { continue }
            element.encode(into: &bytes)
            let length = UInt32(bytes.count - start - 4)
            for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * place)) }
        }
    }

    static func decode<Element: PostgresDecodable>(_ bytes: PostgresBytes, as type: Element.Type) -> [Element?]? {
        var rest = bytes
        guard let dimensions = take(&rest), take(&rest) != nil, let oid = take(&rest),
            Element.readableTypes.contains(where: { $0.oid == UInt32(bitPattern: oid) })
        else { return nil }
        if dimensions == 0 { return [] }
        guard dimensions == 1, let count = take(&rest), count >= 0, take(&rest) != nil else { return nil }
        var elements: [Element?] = []
        for _ in 0..<count {
            guard let length = take(&rest) else { return nil }
            if length < 0 {
                elements.append(nil)
                continue
            }
            guard rest.count >= Int(length), let element = Element(binary: rest.prefix(Int(length))) else { return nil }
            elements.append(element)
            rest = rest.dropFirst(Int(length))
        }
        return rest.isEmpty ? elements : nil
    }

    static func text<Element: PostgresEncodable>(_ elements: [Element?]) -> String {
        let quoted = elements.map { element -> String in
            guard let element else { return "NULL" }
            return "\"" + element.postgresText.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }

    static func parse<Element: PostgresDecodable>(_ text: String, as type: Element.Type) -> [Element?]? {
        guard let pieces = split(text) else { return nil }
        var elements: [Element?] = []
        for piece in pieces {
            if !piece.quoted, piece.text.uppercased() == "NULL" {
                elements.append(nil)
            } else if let element = Element(text: piece.text) {
                elements.append(element)
            } else {
                return nil
            }
        }
        return elements
    }

    /// Splits `{a,"b\"c"}` into its elements.
    private static func split(_ text: String) -> [(text: String, quoted: Bool)]? {
        guard text.first == "{", text.last == "}", text.count >= 2 else { return nil }
        var pieces: [(text: String, quoted: Bool)] = []
        var current = (text: "", quoted: false)
        var inQuotes = false
        var escaped = false
        for character in text.dropFirst().dropLast() {
            switch (character, inQuotes, escaped) {
            case (_, _, true):
                current.text.append(character)
                escaped = false
            case ("\\", _, _): escaped = true
            case ("\"", _, _):
                inQuotes.toggle()
                current.quoted = true
            case (",", false, _):
                pieces.append(current)
                current = ("", false)
            default: current.text.append(character)
            }
        }
        guard !inQuotes, !escaped else { return nil }
        return text.count == 2 ? [] : pieces + [current]
    }

    private static func take(_ bytes: inout PostgresBytes) -> Int32? {
        guard bytes.count >= 4, let value = Int32(bigEndianBytes: bytes.prefix(4)) else { return nil }
        bytes = bytes.dropFirst(4)
        return value
    }
}
