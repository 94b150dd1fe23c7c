/// One SQL statement as a value: its text, its parameters and how a row of it is read, on one screen.
///
/// A statement is prepared once for each connection, when it is first used there, unless it is planned anew each time.
public protocol PostgresStatement: Sendable {
    /// What a row becomes; `Void` for a statement without rows.
    associatedtype Row: Sendable

    /// The text, with `$1`, `$2`, … for the parameters in the order in which ``bind(_:)`` appends them.
    static var sql: String { get }

    /// Whether PostgreSQL makes a plan for the values of each execution instead of preparing one for all; false by default.
    ///
    /// For filters that may be absent: the plan for any values expects each of them to leave next to nothing, and then reads
    /// and sorts all that one for these values leaves alone once a page is full.
    static var isPlannedAnew: Bool { get }

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
    /// Prepared once: the default.
    public static var isPlannedAnew: Bool { false }

    /// Appends nothing: the default for a statement without parameters.
    public func bind(_ parameters: inout PostgresParameters) {}
}

extension PostgresStatement where Row == Void {
    /// Reads nothing: the default for a statement without rows.
    public static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) {}
}
