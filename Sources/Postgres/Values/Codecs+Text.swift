public import Foundation

extension String: PostgresCodable, PostgresArrayElement {
    /// `text`.
    public static var type: PostgresType { .text }
    /// `text`, `varchar` and `name`.
    public static var readableTypes: [PostgresType] { [.text, .varchar, .name] }
    /// A word.
    public static var sample: String { "sample" }

    /// Reads UTF-8.
    public init?(binary bytes: PostgresBytes) {
        self.init(validating: bytes, as: UTF8.self)
    }

    /// Takes the text as it is.
    public init?(text: String) { self = text }
    /// Appends UTF-8.
    public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
    /// The text itself.
    public var postgresText: String { self }
}

extension UUID: PostgresCodable, PostgresArrayElement {
    /// `uuid`.
    public static var type: PostgresType { .uuid }
    /// `uuid`.
    public static var readableTypes: [PostgresType] { [.uuid] }
    /// A fixed id.
    public static var sample: UUID { UUID(uuid: (1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16)) }

    /// Reads sixteen bytes.
    public init?(binary bytes: PostgresBytes) {
        guard bytes.count == 16 else { return nil }
        let b = Array(bytes)
        self.init(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
            )
        )
    }

    /// Reads the usual form with dashes.
    public init?(text: String) { self.init(uuidString: text) }

    /// Appends sixteen bytes.
    public func encode(into bytes: inout [UInt8]) {
        unsafe withUnsafeBytes(of: uuid) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Lower case with dashes.
    public var postgresText: String { uuidString.lowercased() }
}

extension PostgresJSON: PostgresCodable, PostgresArrayElement {
    /// `jsonb`.
    public static var type: PostgresType { .jsonb }
    /// `jsonb`.
    public static var readableTypes: [PostgresType] { [.jsonb] }
    /// An empty list.
    public static var sample: PostgresJSON { .init(bytes: Array("[]".utf8)) }

    /// Reads the version byte 1 and the text after it.
    public init?(binary bytes: PostgresBytes) {
        guard bytes.first == 1 else { return nil }
        self.init(bytes: Array(bytes.dropFirst()))
    }

    /// Takes the text as it is.
    public init?(text: String) { self.init(bytes: Array(text.utf8)) }

    /// Appends the version byte 1 and the text.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(1)
        bytes += self.bytes
    }

    /// The JSON text.
    public var postgresText: String { String(decoding: bytes, as: UTF8.self) }
}

extension PostgresDate: PostgresCodable, PostgresArrayElement {
    /// `date`.
    public static var type: PostgresType { .date }
    /// `date`.
    public static var readableTypes: [PostgresType] { [.date] }
    /// A Saturday.
    public static var sample: PostgresDate { .init(year: 2026, month: 11, day: 21) }

    /// Reads days since 2000; the two infinities are no days.
    public init?(binary bytes: PostgresBytes) {
        guard let days = Int32(bigEndianBytes: bytes), days != .max, days != .min else { return nil }
        self.init(daysSince2000: Int(days))
    }

    /// Reads ISO 8601.
    public init?(text: String) { self.init(text) }
    /// Appends days since 2000.
    public func encode(into bytes: inout [UInt8]) { Int32(clamping: daysSince2000).appendBigEndian(to: &bytes) }
    /// ISO 8601.
    public var postgresText: String { description }
}

extension Date: PostgresCodable, PostgresArrayElement {
    private static let epoch2000 = 946_684_800.0

    /// `timestamptz`.
    public static var type: PostgresType { .timestamptz }
    /// `timestamptz` only: a `timestamp` without zone is no instant.
    public static var readableTypes: [PostgresType] { [.timestamptz] }
    /// The first second of 2000 in UTC.
    public static var sample: Date { Date(timeIntervalSince1970: epoch2000) }

    /// Reads microseconds since 2000 in UTC; the two infinities are no instants.
    public init?(binary bytes: PostgresBytes) {
        guard let micros = Int64(bigEndianBytes: bytes), micros != .max, micros != .min else { return nil }
        self.init(timeIntervalSince1970: Self.epoch2000 + Double(micros) / 1_000_000)
    }

    /// Reads `2026-11-21 04:53:14.5+00`, as a session in UTC writes it.
    public init?(text: String) {
        let iso = text.replacing(" ", with: "T").replacing("+00", with: "Z")
        guard
            let date = (try? Date.ISO8601FormatStyle(includingFractionalSeconds: false).parse(iso))
                ?? (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(iso))
        else { return nil }
        self = date
    }

    /// Appends microseconds since 2000, rounded.
    public func encode(into bytes: inout [UInt8]) {
        let micros = ((timeIntervalSince1970 - Self.epoch2000) * 1_000_000).rounded()
        // An instant that PostgreSQL cannot hold becomes its infinity, which a check or a comparison then refuses.
        (Int64(exactly: micros) ?? (micros < 0 ? .min : .max)).appendBigEndian(to: &bytes)
    }

    /// ISO 8601 in UTC with microseconds.
    public var postgresText: String {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(self)
    }
}
