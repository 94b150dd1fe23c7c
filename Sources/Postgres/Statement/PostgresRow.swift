/// One row of a result, read column by column; it cannot outlive the result it is read from.
public struct PostgresRow: ~Copyable {
    /// Where the values come from.
    enum Source {
        case result(ResultView, row: Int)
        /// No row at all: samples are handed out and the types asked for are written down (``PostgresStatement/probe()``).
        case probe
    }

    private let source: Source
    private(set) var column = 0
    /// What was asked for, column by column; only filled when probing.
    private(set) var asked: [[PostgresType]] = []

    init(_ source: Source) {
        self.source = source
    }

    /// Takes the next column.
    ///
    /// - Parameter type: what to read it as; inferred by default.
    /// - Throws: ``PostgresDecodingError`` when there is no such column, it is NULL, or of another type.
    public mutating func next<T: PostgresDecodable>(_ type: T.Type = T.self) throws(PostgresDecodingError) -> T {
        guard let value: T = try nextValue() else {
            throw PostgresDecodingError(column: column - 1, reason: "is NULL")
        }
        return value
    }

    /// Takes the next column, which may be NULL.
    ///
    /// - Parameter type: what to read it as; inferred by default.
    /// - Throws: ``PostgresDecodingError`` when there is no such column, or it is of another type.
    public mutating func next<T: PostgresDecodable>(_ type: T?.Type = T?.self) throws(PostgresDecodingError) -> T? {
        try nextValue()
    }

    /// Takes the next column, a text that names a case of an enumeration.
    ///
    /// - Parameter type: the enumeration; inferred by default.
    /// - Throws: ``PostgresDecodingError`` when there is no such column, it is NULL, or names no case.
    public mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ type: Choice.Type = Choice.self
    ) throws(PostgresDecodingError) -> Choice {
        guard let value = try optionalChoice(type) else {
            throw PostgresDecodingError(column: column - 1, reason: "is NULL")
        }
        return value
    }

    /// Takes the next column, a text that names a case of an enumeration or is NULL.
    ///
    /// - Parameter type: the enumeration; inferred by default.
    /// - Throws: ``PostgresDecodingError`` when there is no such column or it names no case.
    public mutating func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _ type: Choice.Type = Choice.self
    ) throws(PostgresDecodingError) -> Choice? {
        guard let text: String = try nextValue() else { return nil }
        if case .probe = source { return Choice.allCases.first }
        guard let choice = Choice(rawValue: text) else {
            throw PostgresDecodingError(column: column - 1, reason: "is no \(Choice.self)")
        }
        return choice
    }

    private mutating func nextValue<T: PostgresDecodable>() throws(PostgresDecodingError) -> T? {
        defer { column += 1 }
        switch source {
        case .probe:
            asked.append(T.readableTypes)
            return T.sample
        case .result(let result, let row):
            guard column < result.columnCount else {
                throw PostgresDecodingError(column: column, reason: "is not in the row")
            }
            guard T.readableTypes.contains(result.type(of: column)) else {
                throw PostgresDecodingError(column: column, reason: "is not a \(T.self)")
            }
            guard let bytes = result.bytes(row: row, column: column) else { return nil }
            let value =
                result.isBinary(column)
                ? T(binary: bytes[...]) : String(validating: bytes, as: UTF8.self).flatMap { T(text: $0) }
            guard let value else { throw PostgresDecodingError(column: column, reason: "is no readable \(T.self)") }
            return value
        }
    }
}

extension PostgresStatement {
    /// The types that the decoder reads, column by column, found out without a row.
    ///
    /// - Throws: ``PostgresDecodingError`` when the decoder refuses sample values.
    public static func probe() throws(PostgresDecodingError) -> [[PostgresType]] {
        var row = PostgresRow(.probe)
        _ = try decode(&row)
        return row.asked
    }
}
