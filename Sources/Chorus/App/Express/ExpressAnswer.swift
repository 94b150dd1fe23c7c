import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import Synchronization

/// An answer as the bytes that go out.
struct ExpressAnswer: Sendable {
    let head: ByteBuffer
    /// `nil` when it stands behind the head already, or there is none.
    let body: ByteBuffer?

    /// A body that is small, behind its head.
    ///
    /// - Parameters:
    ///   - status: such as `200 OK`.
    ///   - json: the body.
    ///   - headers: further lines, each with its line end.
    ///   - isSecure: whether it goes out encrypted.
    init(_ status: StaticString, json: String, headers: String = "", isSecure: Bool) {
        var head = ByteBuffer()
        head.reserveCapacity(1_024)
        head.writeString("HTTP/1.1 \(status)\r\ncontent-type: \(Response.jsonType)\r\n")
        head.writeString("cache-control: no-store\r\n")
        head.writeString("content-length: \(json.utf8.count)\r\n")
        head.writeString(headers)
        Self.writeCommon(to: &head, isSecure)
        head.writeString(json)
        self.head = head
        body = nil
    }

    /// What is kept ready, or 304 when the client has it already.
    ///
    /// - Parameters:
    ///   - ready: the answer.
    ///   - ifNoneMatch: what the client has.
    ///   - headers: further lines, each with its line end.
    ///   - isSecure: whether it goes out encrypted.
    init(_ ready: Representation, ifNoneMatch: String?, headers: String, isSecure: Bool) {
        let isKnown = EntityTag.matches(ifNoneMatch, ready.entityTag)
        var head = ByteBuffer()
        head.reserveCapacity(1_024)
        head.writeString(isKnown ? "HTTP/1.1 304 Not Modified\r\netag: " : "HTTP/1.1 200 OK\r\netag: ")
        head.writeString(ready.entityTag)
        if let link = ready.link {
            head.writeString("\r\nlink: ")
            head.writeString(link)
        }
        if let updatedUntil = ready.updatedUntil {
            head.writeString("\r\nupdated-until: ")
            head.writeString(updatedUntil)
        }
        head.writeString("\r\ncache-control: no-store\r\n")
        if !isKnown {
            head.writeString("content-type: \(Response.jsonType)\r\ncontent-length: ")
            head.writeString(String(ready.body.readableBytes))
            head.writeString("\r\n")
        }
        head.writeString(headers)
        Self.writeCommon(to: &head, isSecure)
        self.head = head
        body = isKnown ? nil : ready.body
    }

    private static func writeCommon(to head: inout ByteBuffer, _ isSecure: Bool) {
        head.writeStaticString("date: ")
        head.writeString(HTTPDate.now)
        head.writeString(isSecure ? fixedSecure : fixed)
    }

    private static let fixed = "\r\n\(SetSecurityHeaders.fields.lines)\r\n"
    private static let fixedSecure = "\r\n\(SetSecurityHeaders.fields.lines)\(SetSecurityHeaders.secure.lines)\r\n"
}

/// The present second as RFC 9110, section 5.6.7, writes it.
private enum HTTPDate {
    private static let cache = Mutex((second: 0, text: ""))

    static var now: String {
        let second = time(nil)
        return cache.withLock { cache in
            if cache.second != second { cache = (second, text(second)) }
            return cache.text
        }
    }

    private static func text(_ second: Int) -> String {
        Date(timeIntervalSince1970: Double(second)).formatted(
            .verbatim(
                "\(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits) GMT",
                locale: Locale(identifier: "en_US_POSIX"),
                timeZone: .gmt,
                calendar: Calendar(identifier: .gregorian)
            )
        )
    }
}
