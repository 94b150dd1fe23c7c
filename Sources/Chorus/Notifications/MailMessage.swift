import Foundation

/// A mail as the bytes that go to `sendmail` (RFC 5322): plain text, headers of ASCII only.
///
/// Every header is made of constants, numbers, checked addresses and tokens; what people wrote stands in the encoded text, where no
/// line break of theirs is one of the mail's.
struct MailMessage: Sendable {
    let from: Mailbox
    let to: MailAddress
    /// ASCII.
    let subject: String
    let language: Language
    let text: String
    let date: Date
    /// What stands before the `@`: the same for the same person and occasion.
    let messageId: String
    /// Where one click ends all mail; `nil` for a reminder, which is owed and not subscribed to.
    let unsubscribe: String?

    var bytes: [UInt8] {
        Array((headers.map { "\($0.name): \($0.value)\n" }.joined() + "\n" + Self.quotedPrintable(text)).utf8)
    }

    private var headers: [(name: String, value: String)] {
        var headers = [
            ("From", from.header), ("To", to.text), ("Subject", subject), ("Date", Self.date(date)),
            ("Message-ID", "<\(messageId)@\(from.address.host)>"), ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "quoted-printable"),
            ("Content-Language", language.rawValue),
            // RFC 3834: no answering machine answers. The last one is for those of Exchange, which do not know the first.
            ("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"),
        ]
        if let unsubscribe {
            headers += [
                ("Precedence", "bulk"),
                // RFC 8058.
                ("List-Unsubscribe", "<\(unsubscribe)>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ]
        }
        return headers
    }

    /// An instant as in RFC 5322, section 3.3.
    static func date(_ instant: Date) -> String {
        instant.formatted(
            .verbatim(
                "\(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits) +0000",
                locale: Locale(identifier: "en_US_POSIX"),
                timeZone: .gmt,
                calendar: Calendar(identifier: .gregorian)
            )
        )
    }

    /// Quoted-printable (RFC 2045, section 6.7): lines of at most 76 characters of ASCII.
    static func quotedPrintable(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var length = 0
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isLast = index == bytes.count - 1
                let isPlain = (0x21...0x7E).contains(byte) && byte != 0x3D || byte == 0x20 && !isLast
                let piece =
                    isPlain
                    ? String(UnicodeScalar(byte)) : "=\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
                // Room is kept for the sign that the line goes on.
                if length + piece.count > 75 {
                    result += "=\n"
                    length = 0
                }
                result += piece
                length += piece.count
            }
            result += "\n"
        }
        return result
    }
}
