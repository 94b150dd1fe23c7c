import Foundation

/// What one caller wants from a connection in one transaction: a statement, and the network that it runs in.
struct Unit {
    enum Purpose {
        case execute
        case describe
    }

    let id: PipelineState.UnitID
    var purpose = Purpose.execute
    /// Whether the unit is a transaction of its own; inside an open one nothing is set up.
    var network: UUID?
    /// Says which prepared statement it is; `nil` sends the text as it is, unprepared.
    let statement: ObjectIdentifier?
    let sql: String
    let parameters: PostgresParameters
    /// Called exactly once, on the reactor's thread.
    let complete: (Result<ResultView?, any Error>) -> Void

    /// What the server answered so far.
    var result: ResultView?
    var error: PostgresError?
    /// Whether its caller has gone.
    var isCancelled = false
    /// Whether a cancel request for a neighbour was on its way while this one was in flight.
    var mayBeHit = false
    /// Whether it was sent again already.
    var isRepeated = false

    init(
        id: PipelineState.UnitID,
        statement: ObjectIdentifier?,
        sql: String,
        parameters: PostgresParameters = PostgresParameters(),
        network: UUID? = nil,
        complete: @escaping (Result<ResultView?, any Error>) -> Void
    ) {
        self.id = id
        self.statement = statement
        self.sql = sql
        self.parameters = parameters
        self.network = network
        self.complete = complete
    }
}
