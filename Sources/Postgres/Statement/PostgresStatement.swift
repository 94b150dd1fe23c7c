/// One SQL statement as a value: its text, its parameters and how a row of it is read, on one screen.
///
/// A statement is prepared once for each connection, when it is first used there.
public protocol PostgresStatement: Sendable {
    /// What a row becomes; `Void` for a statement without rows.
    associatedtype Row: Sendable

    /// The text, with `$1`, `$2`, … for the parameters in the order in which ``bind(_:)`` appends them.
    static var sql: String { get }

    /// Appends the parameters.
    ///
    /// - Parameter parameters: takes one value for each placeholder.
    func bind(_ parameters: inout PostgresParameters)

    /// Reads one row, column by column in the order of the statement.
    ///
    /// - Parameter row: the row; a value is taken with each ``PostgresRow/next(_:)``.
    /// - Throws: ``PostgresDecodingError`` when the row does not have what is read.
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row
}

extension PostgresStatement {
    /// Appends nothing: the default for a statement without parameters.
    public func bind(_ parameters: inout PostgresParameters) {}
}

extension PostgresStatement where Row == Void {
    /// Reads nothing: the default for a statement without rows.
    public static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) {}
}
