import Foundation

/// An e-mail address that can stand in a header and on a command line as it is: a dot-atom, `@`, a host name (RFC 5321, section 4.1.2).
///
/// No quoted local part, no comment, no white space, no line break and nothing beyond ASCII: there is nothing to escape, and so
/// nothing that could be forgotten.
struct MailAddress: Sendable, Hashable {
    let text: String

    /// - Parameter text: an address; `nil` is returned for what is none, or is allowed but not known here.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, Self.isLocalPart(parts[0]), Self.isHost(parts[1]) else {
            return nil
        }
        self.text = text
    }

    /// What stands behind the `@`.
    var host: String { String(text.drop { $0 != "@" }.dropFirst()) }

    private static let atoms = Set("!#$%&'*+/=?^_`{|}~-".utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isLocalPart(_ part: Substring.UTF8View) -> Bool {
        let words = part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return part.count <= 64 && part.first != UInt8(ascii: "-")
            && words.allSatisfy { !$0.isEmpty && $0.allSatisfy { isAlphanumeric($0) || atoms.contains($0) } }
    }

    private static func isHost(_ part: Substring.UTF8View) -> Bool {
        part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            let dash = UInt8(ascii: "-")
            return (1...63).contains(label.count) && label.first != dash && label.last != dash
                && label.allSatisfy { isAlphanumeric($0) || $0 == dash }
        }
    }
}

/// Who a mail is from: a name for people and an address.
struct Mailbox: Sendable, Hashable {
    let name: String
    let address: MailAddress

    /// - Parameter text: `Name <address>`, or an address alone; its name is "Chorus" then, which says nothing of anybody.
    init?(_ text: String) {
        guard text.last == ">", let open = text.lastIndex(of: "<") else {
            guard let address = MailAddress(text.trimmingWhitespace()) else { return nil }
            (name, self.address) = ("Chorus", address)
            return
        }
        let name = text[..<open].trimmingWhitespace()
        guard let address = MailAddress(String(text[text.index(after: open)...].dropLast())),
            (1...40).contains(name.utf8.count),
            name.unicodeScalars.allSatisfy({
                $0.properties.generalCategory != .control && !"<>@".unicodeScalars.contains($0)
            })
        else { return nil }
        (self.name, self.address) = (name, address)
    }

    /// As it stands in `From`; a name of anything but letters, digits and spaces is an encoded word (RFC 2047).
    var header: String {
        let isPlain = name.utf8.allSatisfy { byte in
            byte == 0x20 || byte < 0x80 && Character(UnicodeScalar(byte)).isLetter || (0x30...0x39).contains(byte)
        }
        let shown = isPlain ? name : "=?utf-8?B?\(Data(name.utf8).base64EncodedString())?="
        return "\(shown) <\(address.text)>"
    }
}
