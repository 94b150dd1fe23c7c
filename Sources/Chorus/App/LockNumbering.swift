import Foundation
import Postgres

/// Waits for whoever numbers the same things in another transaction, and keeps others waiting until this one ends.
///
/// The next number is one more than the greatest; two that read it at once would take the same and one would fail. A statement
/// of its own, because a statement sees what was committed before it began.
struct LockNumbering: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))"
    /// What the numbers are counted in: a network, a message, a recommendation.
    let owner: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(owner) }
}
