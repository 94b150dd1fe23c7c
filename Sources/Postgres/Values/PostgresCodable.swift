/// A Swift type that can stand for a parameter.
public protocol PostgresEncodable: Sendable {
    /// The PostgreSQL type that the server is told.
    static var type: PostgresType { get }

    /// Appends the value in PostgreSQL's binary format.
    ///
    /// - Parameter bytes: what the value is appended to.
    func encode(into bytes: inout [UInt8])

    /// The value in PostgreSQL's text format.
    var postgresText: String { get }
}

/// A Swift type that a column can be read as.
public protocol PostgresDecodable: Sendable {
    /// The PostgreSQL types that it reads.
    static var readableTypes: [PostgresType] { get }

    /// A harmless value, which stands for a column when a decoder is checked without a row.
    static var sample: Self { get }

    /// Reads PostgreSQL's binary format.
    ///
    /// - Parameter bytes: the bytes of one value.
    /// - Returns: `nil` when the bytes are no such value.
    init?(binary bytes: PostgresBytes)

    /// Reads PostgreSQL's text format.
    ///
    /// - Parameter text: the text of one value.
    /// - Returns: `nil` when the text is no such value.
    init?(text: String)
}

/// A type that goes both ways.
public typealias PostgresCodable = PostgresEncodable & PostgresDecodable

/// The bytes of one value of a row.
public typealias PostgresBytes = ArraySlice<UInt8>

/// A PostgreSQL type by its object id (`pg_type.oid`; those of built-in types never change).
public struct PostgresType: Hashable, Sendable {
    /// The object id.
    public let oid: UInt32

    /// Names a type by its object id.
    ///
    /// - Parameter oid: `pg_type.oid`.
    public init(oid: UInt32) {
        self.oid = oid
    }

    static let bool = Self(oid: 16)
    static let bytea = Self(oid: 17)
    static let name = Self(oid: 19)
    static let int8 = Self(oid: 20)
    static let int2 = Self(oid: 21)
    static let int4 = Self(oid: 23)
    static let text = Self(oid: 25)
    static let json = Self(oid: 114)
    static let float8 = Self(oid: 701)
    static let varchar = Self(oid: 1043)
    static let date = Self(oid: 1082)
    static let timestamptz = Self(oid: 1184)
    static let uuid = Self(oid: 2950)
    static let jsonb = Self(oid: 3802)
}

extension FixedWidthInteger {
    /// Reads a big-endian integer of exactly its own width.
    init?(bigEndianBytes bytes: PostgresBytes) {
        guard bytes.count == Self.bitWidth / 8 else { return nil }
        self = bytes.reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
    }

    /// Appends the integer, big-endian.
    func appendBigEndian(to bytes: inout [UInt8]) {
        unsafe withUnsafeBytes(of: bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}
