/// What went wrong between this process and PostgreSQL; bland on purpose.
///
/// PostgreSQL's own message and its DETAIL quote values of the failing row, so they are never kept: an error knows its
/// SQLSTATE, the name of the constraint and of the table, and nothing that somebody sent.
public struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Kind: Hashable, Sendable {
        /// The server refused the statement; its transaction is rolled back.
        case server(sqlState: String, constraint: String?, table: String?)
        /// The connection went away while the statement was in flight: whether it took effect is unknown.
        case connectionLost
        /// No connection could be made within the wait time-out; nothing was sent.
        case connectFailed
        /// Every connection was busy for the whole wait time-out; nothing was sent.
        case poolTimeout
        /// The pool is shut down; nothing was sent.
        case closed
        /// COMMIT was answered by ROLLBACK, because an error inside the transaction was caught and ignored.
        case transactionAborted
        /// A row does not have the columns that its decoder reads.
        case decoding(PostgresDecodingError)
        /// libpq refused the call, for example because a connection string cannot be read.
        case refused
    }

    /// What kind of failure it was.
    public let kind: Kind

    /// Makes an error of the given kind.
    ///
    /// - Parameter kind: what went wrong.
    public init(_ kind: Kind) {
        self.kind = kind
    }

    /// SQLSTATE of a server error (PostgreSQL manual, appendix A); `nil` for the other kinds.
    public var sqlState: String? {
        if case .server(let sqlState, _, _) = kind { sqlState } else { nil }
    }

    /// The kind in words, with SQLSTATE, constraint and table but without any value.
    public var description: String {
        switch kind {
        case .server(let sqlState, let constraint, let table):
            let places = [constraint.map { "constraint \($0)" }, table.map { "table \($0)" }].compactMap { $0 }
            return (["SQLSTATE \(sqlState)"] + places).joined(separator: ", ")
        case .connectionLost: return "connection lost"
        case .connectFailed: return "connect failed"
        case .poolTimeout: return "pool time-out"
        case .closed: return "pool closed"
        case .transactionAborted: return "transaction aborted"
        case .decoding(let error): return error.description
        case .refused: return "refused by libpq"
        }
    }
}

/// A row does not have what its decoder reads; names types and places, never values.
public struct PostgresDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Column in the row, counted from zero.
    public let column: Int
    /// What is wrong there.
    public let reason: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - column: column in the row, counted from zero.
    ///   - reason: what is wrong there, without the value.
    public init(column: Int, reason: String) {
        self.column = column
        self.reason = reason
    }

    /// Column and reason.
    public var description: String { "column \(column): \(reason)" }
}
