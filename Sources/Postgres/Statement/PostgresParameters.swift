/// The parameters of a statement, in PostgreSQL's binary format.
public struct PostgresParameters: Hashable, Sendable {
    struct Value: Hashable, Sendable {
        let type: PostgresType
        /// `nil` is NULL; otherwise where in `bytes` the value stands.
        let range: Range<Int>?
    }

    private(set) var values: [Value] = []
    private(set) var bytes: [UInt8] = []

    /// Makes an empty list of parameters.
    public init() {}

    /// Appends a value.
    ///
    /// - Parameter value: the next parameter.
    public mutating func append<T: PostgresEncodable>(_ value: T) {
        let start = bytes.count
        value.encode(into: &bytes)
        values.append(Value(type: T.type, range: start..<bytes.count))
    }

    /// Appends a value that may be NULL.
    ///
    /// - Parameter value: the next parameter, `nil` for NULL.
    public mutating func append<T: PostgresEncodable>(_ value: T?) {
        if let value {
            append(value)
        } else {
            values.append(Value(type: T.type, range: nil))
        }
    }
}
