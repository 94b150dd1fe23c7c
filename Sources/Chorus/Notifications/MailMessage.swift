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
        Array((headers.map { "\($0.name): \($0.value)\n" }.joined() + "\n").utf8) + Self.quotedPrintable(text)
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

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// An instant as in RFC 5322, section 3.3.
    static func date(_ instant: Date) -> String {
        var seconds = time_t(instant.timeIntervalSince1970)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(weekdays[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(two).joined(separator: ":")
        return "\(day) \(parts.tm_year + 1_900) \(clock) +0000"
    }

    /// Quoted-printable (RFC 2045, section 6.7): lines of at most 76 characters of ASCII.
    static func quotedPrintable(_ text: String) -> [UInt8] {
        let (lineFeed, equals, space) = (UInt8(ascii: "\n"), UInt8(ascii: "="), UInt8(ascii: " "))
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for line in text.utf8.split(separator: lineFeed, omittingEmptySubsequences: false) {
            var length = 0
            let last = line.indices.last
            for index in line.indices {
                let byte = line[index]
                let isPlain = (0x21...0x7E).contains(byte) && byte != equals || byte == space && index != last
                let size = isPlain ? 1 : 3
                // Room is kept for the sign that the line goes on.
                if length + size > 75 {
                    result += [equals, lineFeed]
                    length = 0
                }
                if isPlain {
                    result.append(byte)
                } else {
                    result += [equals, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
                length += size
            }
            result.append(lineFeed)
        }
        return result
    }
}
