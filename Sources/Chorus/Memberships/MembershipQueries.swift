import Foundation
import Postgres

/// A membership as coordinators and its owner see it.
struct MembershipAnswer: Encodable, Sendable {
    let id: String
    let displayName: String
    let roles: [String]
    let state: String
    @ExplicitNull var unit: String?
    let version: Int
}

extension MembershipAnswer {
    static let columns = "id, display_name, roles, state, unit_id, version"

    fileprivate init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        let id: UUID = try row.next()
        self.id = id.text
        displayName = try row.next()
        roles = try row.next()
        state = try row.next()
        let unit: UUID? = try row.next()
        self.unit = unit.text
        version = try row.next()
    }
}

/// Makes a membership and notes in the account's directory where it is.
struct InsertMembership: PostgresStatement {
    static let sql = """
        WITH place AS (
            INSERT INTO account_network (account_id, network_id) VALUES ($3, $1) ON CONFLICT DO NOTHING
        )
        INSERT INTO membership (network_id, id, account_id, roles, unit_id, display_name)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (network_id, account_id) DO NOTHING
        RETURNING id
        """
    let network: UUID
    var id = UUID()
    let account: UUID
    let roles: [Role]
    var unit: UUID?
    let displayName: String
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(account)
        parameters.append(roles.map(\.rawValue))
        parameters.append(unit)
        parameters.append(displayName)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct ReadMemberships: PostgresStatement {
    static let sql = """
        SELECT \(MembershipAnswer.columns) FROM membership
        WHERE network_id = $1 AND ($2::text IS NULL OR (display_name, id) > ($2, $3))
        ORDER BY display_name, id
        LIMIT $4
        """
    let network: UUID
    let afterName: String?
    let afterId: UUID?
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(afterName)
        parameters.append(afterId)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> MembershipAnswer {
        try MembershipAnswer(&row)
    }
}

struct ReadMembership: PostgresStatement {
    static let sql = "SELECT \(MembershipAnswer.columns) FROM membership WHERE network_id = $1 AND id = $2"
    let network: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> MembershipAnswer {
        try MembershipAnswer(&row)
    }
}

/// What somebody's roles are, and stay until the transaction ends.
struct LockMembership: PostgresStatement {
    static let sql = """
        SELECT \(MembershipAnswer.columns) FROM membership WHERE network_id = $1 AND id = $2 FOR NO KEY UPDATE
        """
    let network: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> MembershipAnswer {
        try MembershipAnswer(&row)
    }
}

struct UpdateMembership: PostgresStatement {
    static let sql = """
        UPDATE membership
        SET roles = coalesce($4, roles), unit_id = CASE WHEN $5 THEN $6 ELSE unit_id END,
            display_name = coalesce($7, display_name), version = version + 1
        WHERE network_id = $1 AND id = $2 AND ($3::bigint IS NULL OR version = $3)
        RETURNING \(MembershipAnswer.columns)
        """
    let network: UUID
    let id: UUID
    let expected: Int?
    let change: MembershipChange
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(expected)
        parameters.append(change.roles?.map(\.rawValue))
        parameters.append(change.changesUnit)
        parameters.append(change.unit)
        parameters.append(change.displayName)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> MembershipAnswer {
        try MembershipAnswer(&row)
    }
}

struct MembershipChange: JSONInput {
    let roles: [Role]?
    let changesUnit: Bool
    let unit: UUID?
    let displayName: String?

    init(_ fields: inout Fields) {
        if fields.contains("roles") {
            let names = fields.strings("roles", count: 1...6, length: 1...20)
            let known = Set(names).compactMap(Role.init(rawValue:)).sorted { $0.rawValue < $1.rawValue }
            if known.count < names.count { fields.refuse("roles", "must be different roles of a network") }
            if known.contains(.hr), known.count > 1 { fields.refuse("roles", "hr cannot be joined with another role") }
            roles = known
        } else {
            roles = nil
        }
        changesUnit = fields.contains("unit")
        unit = fields.optionalUUID("unit")
        displayName = fields.optionalString("displayName", length: 1...120)
    }
}

/// How many coordinators there are; the rows are locked so that two cannot leave at once.
struct LockCoordinators: PostgresStatement {
    static let sql = """
        SELECT id FROM membership WHERE network_id = $1 AND 'coordinator' = ANY (roles) AND state = 'active' FOR UPDATE
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Takes a member's name off the events that they made and the comments that they wrote, which stay.
///
/// Under the lock of the membership, so that nothing new can name it.
struct ForgetAuthorship: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH comments AS (
            UPDATE draft_comment SET membership_id = NULL WHERE network_id = $1 AND membership_id = $2
        )
        UPDATE event SET organiser_id = NULL WHERE network_id = $1 AND organiser_id = $2
        """
    let network: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
    }
}

struct DeleteMembership: PostgresStatement {
    static let sql = """
        WITH gone AS (
            DELETE FROM membership WHERE network_id = $1 AND id = $2 RETURNING account_id
        ), place AS (
            DELETE FROM account_network WHERE network_id = $1 AND account_id IN (SELECT account_id FROM gone)
        ), asked AS (
            DELETE FROM join_request WHERE network_id = $1 AND account_id IN (SELECT account_id FROM gone)
        )
        SELECT account_id FROM gone
        """
    let network: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
