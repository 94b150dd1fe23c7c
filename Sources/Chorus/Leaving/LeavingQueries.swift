import Foundation
import Postgres

struct ReadLeavingOfMembers: PostgresStatement {
    static let sql = LeavingFile.sql(LeavingFile.ofMembers)
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> LeavingRow { try LeavingRow(&row) }
}

struct ReadLeavingOfModerators: PostgresStatement {
    static let sql = LeavingFile.sql(LeavingFile.ofModerators)
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> LeavingRow { try LeavingRow(&row) }
}

struct ReadLeavingOfRecord: PostgresStatement {
    static let sql = LeavingFile.sql(LeavingFile.ofRecord)
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> LeavingRow { try LeavingRow(&row) }
}

/// A row of a table, as JSON.
struct LeavingRow: Sendable {
    let table: String
    let json: PostgresJSON

    init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        table = try row.next()
        json = try row.next()
    }
}

/// How members are reached, for the roster: the account's address belongs to the person, and goes along with the
/// membership.
struct ReadLeavingMembers: PostgresStatement {
    static let sql = """
        SELECT coalesce(a.email, ''), m.display_name, coalesce(u.name, ''), a.locale, array_to_string(m.roles, ' '), m.state
        FROM membership m JOIN account a ON a.id = m.account_id
        LEFT JOIN unit u ON u.network_id = $1 AND u.id = m.unit_id
        WHERE m.network_id = $1
        ORDER BY m.id
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [String] {
        [try row.next(), try row.next(), try row.next(), try row.next(), try row.next(), try row.next()]
    }
}

/// What the schema says of tables and columns: the comments of `sql/`.
struct ReadColumns: PostgresStatement {
    typealias Row = (table: String, about: String?, column: String, type: String)

    static let sql = """
        SELECT c.relname::text, obj_description(c.oid, 'pg_class'), a.attname::text, format_type(a.atttypid, a.atttypmod)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname <> 'network_id'
        ORDER BY c.relname, a.attnum
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        (try row.next(), try row.next(), try row.next(), try row.next())
    }
}
