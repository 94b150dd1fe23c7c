/// A type that can stand in an array.
public protocol PostgresArrayElement: Sendable {
    /// The type of an array of such elements.
    static var arrayType: PostgresType { get }
    /// The array types that can be read.
    static var readableArrayTypes: [PostgresType] { get }
    /// Appends an array in binary format.
    static func encodeArray(_ elements: [Self], into bytes: inout [UInt8])
    /// Reads an array in binary format; `nil` when it is none.
    static func decodeArray(binary bytes: PostgresBytes) -> [Self]?
    /// An array in text format.
    static func arrayText(_ elements: [Self]) -> String
    /// Reads an array in text format; `nil` when it is none.
    static func decodeArray(text: String) -> [Self]?
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    /// The array type of the element, or `bytea` for bytes.
    public static var type: PostgresType { Element.arrayType }
    /// Appends the array in binary format.
    public func encode(into bytes: inout [UInt8]) { Element.encodeArray(self, into: &bytes) }
    /// The array in text format.
    public var postgresText: String { Element.arrayText(self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    /// The array type of the element, or `bytea` for bytes.
    public static var readableTypes: [PostgresType] { Element.readableArrayTypes }
    /// An empty array.
    public static var sample: [Element] { [] }

    /// Reads an array of one dimension.
    public init?(binary bytes: PostgresBytes) {
        guard let elements = Element.decodeArray(binary: bytes) else { return nil }
        self = elements
    }

    /// Reads an array of one dimension.
    public init?(text: String) {
        guard let elements = Element.decodeArray(text: text) else { return nil }
        self = elements
    }
}

extension PostgresArrayElement where Self: PostgresCodable {
    /// The array type of this element type.
    public static var arrayType: PostgresType { type.array }
    /// The array types of all that the element type reads.
    public static var readableArrayTypes: [PostgresType] { readableTypes.map(\.array) }

    /// Appends an array of one dimension without nulls.
    public static func encodeArray(_ elements: [Self], into bytes: inout [UInt8]) {
        ArrayFormat.encode(elements.lazy.map(Optional.some), into: &bytes)
    }

    /// Reads an array of one dimension; an element that is null makes it unreadable.
    public static func decodeArray(binary bytes: PostgresBytes) -> [Self]? {
        guard let elements = ArrayFormat.decode(bytes, as: Self.self) else { return nil }
        let present = elements.compactMap { $0 }
        return present.count == elements.count ? present : nil
    }

    /// `{"a","b"}`.
    public static func arrayText(_ elements: [Self]) -> String {
        ArrayFormat.text(elements.map(Optional.some))
    }

    /// Reads `{a,"b"}`; an element that is null makes it unreadable.
    public static func decodeArray(text: String) -> [Self]? {
        guard let elements = ArrayFormat.parse(text, as: Self.self) else { return nil }
        let present = elements.compactMap { $0 }
        return present.count == elements.count ? present : nil
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement & PostgresCodable {
    /// The array type of the wrapped type.
    public static var arrayType: PostgresType { Wrapped.arrayType }
    /// The array types of the wrapped type.
    public static var readableArrayTypes: [PostgresType] { Wrapped.readableArrayTypes }
    /// Appends an array of one dimension, nulls included.
    public static func encodeArray(_ elements: [Self], into bytes: inout [UInt8]) {
        ArrayFormat.encode(elements, into: &bytes)
    }
    /// Reads an array of one dimension, nulls included.
    public static func decodeArray(binary bytes: PostgresBytes) -> [Self]? {
        ArrayFormat.decode(bytes, as: Wrapped.self)
    }
    /// `{"a",NULL}`.
    public static func arrayText(_ elements: [Self]) -> String { ArrayFormat.text(elements) }
    /// Reads `{a,NULL}`.
    public static func decodeArray(text: String) -> [Self]? { ArrayFormat.parse(text, as: Wrapped.self) }
}

extension UInt8: PostgresArrayElement {
    /// `bytea`: an array of bytes is a byte string.
    public static var arrayType: PostgresType { .bytea }
    /// `bytea`.
    public static var readableArrayTypes: [PostgresType] { [.bytea] }
    /// Appends the bytes as they are.
    public static func encodeArray(_ elements: [UInt8], into bytes: inout [UInt8]) { bytes += elements }
    /// Takes the bytes as they are.
    public static func decodeArray(binary bytes: PostgresBytes) -> [UInt8]? { Array(bytes) }

    /// `\x` and hexadecimal digits.
    public static func arrayText(_ elements: [UInt8]) -> String {
        "\\x" + elements.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Reads `\x` and hexadecimal digits.
    public static func decodeArray(text: String) -> [UInt8]? {
        let digits = Array(text.utf8.dropFirst(2))
        guard text.hasPrefix("\\x"), digits.count.isMultiple(of: 2) else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return bytes.count == digits.count / 2 ? bytes : nil
    }
}

extension [UInt8]: PostgresArrayElement {
    /// `bytea[]`.
    public static var arrayType: PostgresType { PostgresType.bytea.array }
    /// `bytea[]`.
    public static var readableArrayTypes: [PostgresType] { [PostgresType.bytea.array] }
}

extension PostgresType {
    /// The array type of a built-in type.
    var array: PostgresType {
        let oid: UInt32 =
            switch self {
            case .bool: 1000
            case .bytea: 1001
            case .name: 1003
            case .int2: 1005
            case .int4: 1007
            case .text: 1009
            case .varchar: 1015
            case .int8: 1016
            case .float8: 1022
            case .date: 1182
            case .timestamptz: 1185
            case .uuid: 2951
            case .jsonb: 3807
            default: 0
            }
        return PostgresType(oid: oid)
    }
}
