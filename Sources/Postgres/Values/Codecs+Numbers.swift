// Binary formats: PostgreSQL's send and receive functions (src/backend/utils/adt), all big-endian.

/// What the integers share: any integer column can be read as any integer type that its value fits.
protocol PostgresInteger: FixedWidthInteger & SignedInteger & PostgresCodable & PostgresArrayElement {}

extension PostgresInteger {
    /// The integer types that are no wider.
    public static var readableTypes: [PostgresType] { [.int2, .int4, .int8].filter { $0.width <= bitWidth / 8 } }
    /// One.
    public static var sample: Self { 1 }

    /// Reads two, four or eight bytes.
    public init?(binary bytes: PostgresBytes) {
        switch bytes.count {
        case 2: self.init(exactly: Int16(bigEndianBytes: bytes) ?? 0)
        case 4: self.init(exactly: Int32(bigEndianBytes: bytes) ?? 0)
        case 8: self.init(exactly: Int64(bigEndianBytes: bytes) ?? 0)
        default: return nil
        }
    }

    /// Reads decimal digits.
    public init?(text: String) { self.init(text, radix: 10) }
    /// Appends all its bytes, big-endian.
    public func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
    /// Decimal digits.
    public var postgresText: String { String(self) }
}

extension PostgresType {
    fileprivate var width: Int {
        switch self {
        case .int2: 2
        case .int4: 4
        default: 8
        }
    }
}

extension Int16: PostgresInteger {
    /// `smallint`.
    public static var type: PostgresType { .int2 }
}
extension Int32: PostgresInteger {
    /// `integer`.
    public static var type: PostgresType { .int4 }
}
extension Int64: PostgresInteger {
    /// `bigint`.
    public static var type: PostgresType { .int8 }
}
extension Int: PostgresInteger {
    /// `bigint`.
    public static var type: PostgresType { .int8 }
}

extension Double: PostgresCodable, PostgresArrayElement {
    /// `double precision`.
    public static var type: PostgresType { .float8 }
    /// `double precision` only; `numeric` is to be cast in the statement.
    public static var readableTypes: [PostgresType] { [.float8] }
    /// One.
    public static var sample: Double { 1 }

    /// Reads eight bytes of IEEE 754.
    public init?(binary bytes: PostgresBytes) {
        guard let bits = UInt64(bigEndianBytes: bytes) else { return nil }
        self.init(bitPattern: bits)
    }

    /// Reads PostgreSQL's text, `NaN` and `Infinity` included.
    public init?(text: String) { self.init(text) }
    /// Appends eight bytes of IEEE 754.
    public func encode(into bytes: inout [UInt8]) { bitPattern.appendBigEndian(to: &bytes) }
    /// The shortest text that reads back as the same number.
    public var postgresText: String { isInfinite ? (self < 0 ? "-Infinity" : "Infinity") : isNaN ? "NaN" : "\(self)" }
}

extension Bool: PostgresCodable, PostgresArrayElement {
    /// `boolean`.
    public static var type: PostgresType { .bool }
    /// `boolean`.
    public static var readableTypes: [PostgresType] { [.bool] }
    /// False.
    public static var sample: Bool { false }

    /// Reads one byte.
    public init?(binary bytes: PostgresBytes) {
        guard bytes.count == 1, let byte = bytes.first else { return nil }
        self = byte != 0
    }

    /// Reads `t` or `f`.
    public init?(text: String) {
        guard text == "t" || text == "f" else { return nil }
        self = text == "t"
    }

    /// Appends one byte.
    public func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
    /// `t` or `f`.
    public var postgresText: String { self ? "t" : "f" }
}
