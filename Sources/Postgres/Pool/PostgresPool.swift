public import Foundation
public import Logging
public import ServiceLifecycle

/// Connections to one database with one login, shared by many callers.
///
/// Independent statements of several callers travel in one connection's pipeline; a transaction has a connection alone.
/// Connections are opened when they are needed and again after a loss.
public final class PostgresPool: Service {
    let core: PoolCore

    /// Makes a pool; nothing is connected until the first statement.
    ///
    /// - Parameters:
    ///   - configuration: where to connect and how much the pool may take.
    ///   - logger: told of lost connections, never of statements or values.
    public init(_ configuration: PostgresConfiguration, logger: Logger) {
        core = PoolCore(configuration, logger: logger)
    }

    deinit { core.reactor.stop() }

    /// Waits for the shutdown of the service and closes the connections then.
    public func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    /// Refuses new requests, waits up to five seconds for what is in flight, and closes the connections.
    public func close() async {
        await core.close()
    }

    /// How the pool does at the moment.
    public var health: PostgresPoolHealth {
        get async { await core.health }
    }

    /// Runs one statement as a transaction of its own, in one round trip.
    ///
    /// - Parameters:
    ///   - statement: what to run.
    ///   - network: whose rows it may see (`SET LOCAL chorus.network_id`); none by default.
    /// - Returns: the rows.
    /// - Throws: ``PostgresError``; `CancellationError` when the task was cancelled before the statement took effect.
    public func execute<S: PostgresStatement>(_ statement: S, network: UUID? = nil) async throws -> [S.Row] {
        try await core.execute(statement, network: network, lease: nil)
    }

    /// Runs one statement and takes its first row.
    ///
    /// - Parameters:
    ///   - statement: what to run.
    ///   - network: whose rows it may see; none by default.
    /// - Returns: `nil` when there is no row.
    /// - Throws: as ``execute(_:network:)``.
    public func first<S: PostgresStatement>(_ statement: S, network: UUID? = nil) async throws -> S.Row? {
        try await execute(statement, network: network).first
    }

    /// Runs one statement as ``execute(_:network:)`` does, for callers that are no tasks, such as event loops.
    ///
    /// - Parameters:
    ///   - statement: what to run.
    ///   - network: whose rows it may see; none by default.
    ///   - completion: takes the rows or ``PostgresError``; called once, on the pool's thread, which it must not block.
    public func execute<S: PostgresStatement>(
        _ statement: S,
        network: UUID? = nil,
        then completion: @escaping @Sendable (Result<[S.Row], any Error>) -> Void
    ) where S: Sendable, S.Row: Sendable {
        core.execute(statement, network: network, then: completion)
    }

    /// Runs several statements in one transaction on a connection of their own.
    ///
    /// - Parameters:
    ///   - network: whose rows they may see; none by default.
    ///   - body: what to run; an error thrown in it rolls back.
    /// - Returns: what the body returns, after the commit.
    /// - Throws: what the body throws; ``PostgresError``. Serialisation failures and deadlocks are not tried again.
    public func transaction<R: Sendable>(
        network: UUID? = nil,
        _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        let transaction = PostgresTransaction(core: core, lease: try await core.lease())
        do {
            try await transaction.begin(network: network)
            let result = try await body(transaction)
            try await transaction.commit()
            await core.release(transaction.lease)
            return result
        } catch {
            await transaction.rollBack()
            await core.release(transaction.lease)
            throw error
        }
    }

    /// Runs a command outside any transaction, by the simple protocol; for `CREATE DATABASE` and the like.
    ///
    /// - Parameter sql: one command from the program itself, never from outside.
    /// - Throws: ``PostgresError``.
    public func run(_ sql: String) async throws {
        let lease = try await core.lease()
        do {
            try await core.simple(sql, lease: lease)
            await core.release(lease)
        } catch {
            await core.release(lease)
            throw error
        }
    }

    /// Prepares a statement and asks the server what it takes and gives.
    ///
    /// - Parameter statement: any value of its type; it is not run.
    /// - Returns: the types of parameters and columns.
    /// - Throws: ``PostgresError``, for example SQLSTATE 42501 when the login may not run it… at run time only: rights are
    ///   checked when a statement runs, not when it is described.
    public func describe<S: PostgresStatement>(_ statement: S) async throws -> PostgresStatementDescription {
        try await core.describe(statement)
    }

    /// Whether the pool talks to PostgreSQL itself, and not to a pooler that lends its sessions to many clients.
    ///
    /// A pooler makes up the process that it names to a client.
    ///
    /// - Throws: ``PostgresError``.
    public func hasSessionsOfItsOwn() async throws -> Bool {
        try await transaction { transaction in
            let named = try await transaction.core.backendID(transaction.lease)
            return try await transaction.first(ReadBackendID()) == named
        }
    }

    /// What other sessions send with `NOTIFY`.
    ///
    /// The sequence has a connection of its own while it is iterated and makes a new one after a loss; then it gives an
    /// empty payload first, because notifications may have been missed.
    ///
    /// - Parameter channel: name of the channel; letters, digits and underscores.
    public func listen(_ channel: String) -> PostgresNotifications {
        PostgresNotifications(pool: self, channel: channel)
    }
}

private struct ReadBackendID: PostgresStatement {
    static let sql = "SELECT pg_backend_pid()"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

/// What the server says of a statement.
public struct PostgresStatementDescription: Sendable {
    /// Types of the parameters in their order.
    public let parameters: [PostgresType]
    /// Names and types of the columns in their order.
    public let columns: [(name: String, type: PostgresType)]
}

extension PoolCore {
    func backendID(_ lease: Int) throws(PostgresError) -> Int { try connection(lease).backendID }

    func giveTime(_ lease: Int) throws(PostgresError) { try connection(lease).hasTime = true }

    func execute<S: PostgresStatement>(_ statement: S, network: UUID?, lease: Int?) async throws -> [S.Row] {
        try await submit(lease: lease) { id, complete in
            Self.unit(id, statement, network: network, complete)
        } read: {
            try Self.rows($0, of: S.self)
        }
    }

    nonisolated func execute<S: PostgresStatement>(
        _ statement: S,
        network: UUID?,
        then completion: @escaping @Sendable (Result<[S.Row], any Error>) -> Void
    ) {
        let send: @Sendable (isolated PoolCore) -> Void = { core in
            let unit = Self.unit(core.nextID(), statement, network: network) { outcome in
                completion(outcome.flatMap { result in Result { try Self.rows(result, of: S.self) } })
            }
            core.request(unit)
        }
        reactor.run { self.assumeIsolated { send($0) } }
    }

    private static func unit<S: PostgresStatement>(
        _ id: UInt64,
        _ statement: S,
        network: UUID?,
        _ complete: @escaping (Result<ResultView?, any Error>) -> Void
    ) -> Unit {
        var parameters = PostgresParameters()
        statement.bind(&parameters)
        return Unit(
            id: id,
            statement: S.isPlannedAnew ? nil : ObjectIdentifier(S.self),
            sql: S.sql,
            parameters: parameters,
            network: network,
            complete: complete
        )
    }

    private static func rows<S: PostgresStatement>(_ result: ResultView?, of type: S.Type) throws -> [S.Row] {
        guard let result else { return [] }
        return try (0..<result.rowCount).map { index throws(PostgresError) in
            var row = PostgresRow(.result(result, row: index))
            do throws(PostgresDecodingError) {
                return try S.decode(&row)
            } catch {
                throw PostgresError(.decoding(error))
            }
        }
    }

    /// Runs a text without parameters and rows.
    ///
    /// - Returns: the command tag.
    func command(_ sql: String, lease: Int) async throws -> String {
        try await submit(lease: lease) { id, complete in
            Unit(id: id, statement: nil, sql: sql, complete: complete)
        } read: {
            $0?.commandTag ?? ""
        }
    }

    func describe<S: PostgresStatement>(_ statement: S) async throws -> PostgresStatementDescription {
        try await submit { id, complete in
            var parameters = PostgresParameters()
            statement.bind(&parameters)
            var unit = Unit(
                id: id,
                statement: ObjectIdentifier(S.self),
                sql: S.sql,
                parameters: parameters,
                complete: complete
            )
            unit.purpose = .describe
            return unit
        } read: { result in
            PostgresStatementDescription(
                parameters: result?.parameterTypes ?? [],
                columns: (0..<(result?.columnCount ?? 0)).map {
                    (result?.name(of: $0) ?? "", result?.type(of: $0) ?? .text)
                }
            )
        }
    }
}
