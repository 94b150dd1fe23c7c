public import Foundation

/// An open transaction; used only inside the closure that it is handed to.
public struct PostgresTransaction: Sendable {
    let core: PoolCore
    let lease: Int

    /// Runs one statement in the transaction.
    ///
    /// - Parameter statement: what to run.
    /// - Returns: the rows.
    /// - Throws: ``PostgresError``, after which the transaction can only be rolled back; `CancellationError`.
    public func execute<S: PostgresStatement>(_ statement: S) async throws -> [S.Row] {
        try await core.execute(statement, network: nil, lease: lease)
    }

    /// Runs one statement in the transaction and takes its first row.
    ///
    /// - Parameter statement: what to run.
    /// - Returns: `nil` when there is no row.
    /// - Throws: as ``execute(_:)``.
    public func first<S: PostgresStatement>(_ statement: S) async throws -> S.Row? {
        try await execute(statement).first
    }

    /// Changes whose rows the following statements may see.
    ///
    /// - Parameter id: the network.
    /// - Throws: ``PostgresError``; `CancellationError`.
    public func setNetwork(_ id: UUID) async throws {
        _ = try await core.command("SET LOCAL chorus.network_id = '\(id.postgresText)'", lease: lease)
    }

    /// Lets all that follows take as long as it takes: neither the server ends it nor the pool.
    ///
    /// - Throws: ``PostgresError``; `CancellationError`.
    public func allowTime() async throws {
        _ = try await core.command("SET LOCAL statement_timeout = 0", lease: lease)
        try await core.giveTime(lease)
    }

    /// Runs a text of several commands without parameters, by the simple protocol; for migrations.
    ///
    /// - Parameter sql: SQL from the program itself, never from outside.
    /// - Throws: ``PostgresError``.
    public func run(_ sql: String) async throws {
        try await core.simple(sql, lease: lease)
    }

    /// Sends rows by `COPY … FROM STDIN (FORMAT binary)`.
    ///
    /// - Parameters:
    ///   - sql: the `COPY` command; the types of its columns must be exactly those of the values.
    ///   - rows: one list of values for each row.
    /// - Returns: how many rows the server took.
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func copyIn(_ sql: String, rows: some Sequence<PostgresParameters> & Sendable) async throws -> Int {
        try await core.copyIn(sql, rows: rows, lease: lease)
    }

    func begin(network: UUID?) async throws {
        _ = try await core.command("BEGIN", lease: lease)
        if let network { try await setNetwork(network) }
    }

    func commit() async throws {
        let tag = try await core.command("COMMIT", lease: lease)
        guard tag == "COMMIT" else { throw PostgresError(.transactionAborted) }
    }

    /// Rolls back if the connection is still there; a cancelled task must not keep it from doing so.
    func rollBack() async {
        await core.rollBack(lease)
    }
}

extension PoolCore {
    /// Ends the transaction of a lease; whether that worked shows when the lease is released.
    func rollBack(_ lease: Int) async {
        _ = try? await simple("ROLLBACK", lease: lease)
    }

    /// Runs commands by the simple protocol on a leased connection.
    func simple(_ sql: String, lease: Int) async throws {
        try await exclusively(lease) { connection in
            guard connection.sendSimple(sql) else { throw lost(lease) }
            var failure: PostgresError?
            while let result = try await nextResult(of: connection, lease) {
                if failure == nil, result.isFailure { failure = result.error }
            }
            if connection.takeUnconfirmed(), failure == nil { failure = PostgresError(.connectionLost) }
            if let failure { throw failure }
        }
    }

    func copyIn(_ sql: String, rows: some Sequence<PostgresParameters>, lease: Int) async throws -> Int {
        try await exclusively(lease) { connection in
            guard connection.sendSimple(sql) else { throw lost(lease) }
            guard let first = try await nextResult(of: connection, lease), !first.isFailure else {
                let error = PostgresError(.refused)
                while let result = try await nextResult(of: connection, lease) { _ = result }
                throw error
            }
            try await send(rows, to: connection, lease)
            var failure: PostgresError?
            var count = 0
            while let result = try await nextResult(of: connection, lease) {
                if result.isFailure { failure = failure ?? result.error }
                count = Int(result.commandTag.split(separator: " ").last ?? "") ?? count
            }
            if let failure { throw failure }
            return count
        }
    }

    private func send(_ rows: some Sequence<PostgresParameters>, to connection: Connection, _ lease: Int) async throws {
        var buffer = BinaryCopy.header
        for row in rows {
            BinaryCopy.append(row, to: &buffer)
            if buffer.count > 65_536 {
                try await put(buffer, to: connection, lease)
                buffer = []
            }
        }
        try await put(buffer + BinaryCopy.trailer, to: connection, lease)
        while true {
            guard let isDone = connection.endCopy(failed: false) else { throw lost(lease) }
            if isDone { return }
            try await waitForSocket(lease)
        }
    }

    private func put(_ bytes: [UInt8], to connection: Connection, _ lease: Int) async throws {
        while true {
            guard let isTaken = connection.putCopy(bytes) else { throw lost(lease) }
            if isTaken { return }
            try await waitForSocket(lease)
        }
    }

    private func nextResult(of connection: Connection, _ lease: Int) async throws -> ResultView? {
        while connection.isBusy { try await waitForSocket(lease) }
        return connection.nextResult()
    }

    /// Leaves pipeline mode for a while: neither the simple protocol nor COPY exists inside it.
    private func exclusively<Value>(_ lease: Int, _ body: (Connection) async throws -> Value) async throws -> Value {
        let connection = try connection(lease)
        guard connection.leavePipeline() else { throw lost(lease) }
        connection.isExclusive = true
        defer {
            connection.isExclusive = false
            _ = connection.enterPipeline()
        }
        return try await body(connection)
    }
}

/// The binary format of COPY (PostgreSQL manual, COPY, "Binary Format").
private enum BinaryCopy {
    static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    static let trailer: [UInt8] = [0xFF, 0xFF]

    static func append(_ row: PostgresParameters, to buffer: inout [UInt8]) {
        Int16(row.values.count).appendBigEndian(to: &buffer)
        for value in row.values {
            Int32(value.range?.count ?? -1).appendBigEndian(to: &buffer)
            if let range = value.range { buffer += row.bytes[range] }
        }
    }
}
