import Foundation
import Postgres

/// Somebody with an account asks to be let in.
struct JoinRequestAnswer: Encodable, Sendable {
    let id: String
    let displayName: String
    let text: String
    @ExplicitNull var decision: String?
    @ExplicitNull var reason: String?
    let createdOn: String
}

enum JoinDecision: String, CaseIterable, Sendable {
    case approved, declined
}

struct InsertJoinRequest: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO join_request (network_id, id, account_id, text, created_on) VALUES ($1, $2, $3, $4, $5)
        """
    let network: UUID
    let id: UUID
    let account: UUID
    let text: String
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(account)
        parameters.append(text)
        parameters.append(day)
    }
}

struct ReadJoinRequests: PostgresStatement {
    static let sql = """
        SELECT j.id, a.display_name, j.text, j.decision, j.reason, j.created_on
        FROM join_request j JOIN account a ON a.id = j.account_id
        WHERE j.network_id = $1 AND ($2::uuid IS NULL OR j.id > $2) AND ($4::uuid IS NULL OR j.id = $4)
        ORDER BY j.id
        LIMIT $3
        """
    let network: UUID
    var after: UUID?
    var limit = 1
    var id: UUID?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(after)
        parameters.append(limit + 1)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> JoinRequestAnswer {
        let id: UUID = try row.next()
        let name: String = try row.next()
        let text: String = try row.next()
        let decision: String? = try row.next()
        let reason: String? = try row.next()
        let day: PostgresDate = try row.next()
        return JoinRequestAnswer(
            id: id.text,
            displayName: name,
            text: text,
            decision: decision,
            reason: reason,
            createdOn: day.description
        )
    }
}

/// Decides once; the account that asked is given back for the membership.
struct DecideJoinRequest: PostgresStatement {
    static let sql = """
        UPDATE join_request j SET decision = $3, reason = $4
        FROM account a
        WHERE j.network_id = $1 AND j.id = $2 AND a.id = j.account_id AND (j.decision IS NULL OR j.decision = $3)
        RETURNING a.id, a.display_name
        """
    let network: UUID
    let id: UUID
    let decision: JoinDecision
    let reason: String?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(decision.rawValue)
        parameters.append(reason)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (account: UUID, displayName: String) {
        (try row.next(), try row.next())
    }
}
