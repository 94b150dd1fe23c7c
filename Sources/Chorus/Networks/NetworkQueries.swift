import Foundation
import Postgres

private let columns =
    "id, slug, name, employer, time_zone, locale, k, d, min_set, key_notice_days, public_record, version"

extension Network {
    fileprivate init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        id = try row.next()
        slug = try row.next()
        name = try row.next()
        employer = try row.next()
        timeZone = try row.next()
        locale = try row.choice()
        k = try row.next()
        d = try row.next()
        minSet = try row.next()
        keyNoticeDays = try row.next()
        isRecordPublic = try row.next()
        version = try row.next()
    }
}

struct ReadNetwork: PostgresStatement {
    static let sql = "SELECT \(columns) FROM network WHERE id = $1"
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Network { try Network(&row) }
}

/// Keeps others from changing the network until the transaction ends.
struct LockNetwork: PostgresStatement {
    static let sql = "SELECT \(columns) FROM network WHERE id = $1 FOR NO KEY UPDATE"
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(id) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Network { try Network(&row) }
}

struct ReadNetworkBySlug: PostgresStatement {
    static let sql = "SELECT \(columns) FROM network WHERE slug = $1"
    let slug: String
    func bind(_ parameters: inout PostgresParameters) { parameters.append(slug) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Network { try Network(&row) }
}

/// The networks that an account is in, or all of them for an admin.
struct ReadNetworks: PostgresStatement {
    static let sql = """
        SELECT \(columns) FROM network
        WHERE ($2 OR id IN (SELECT network_id FROM account_network WHERE account_id = $1))
            AND ($3::uuid IS NULL OR id > $3)
        ORDER BY id
        LIMIT $4
        """
    let account: UUID
    let isAdmin: Bool
    let after: UUID?
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(isAdmin)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Network { try Network(&row) }
}

struct ReadAllNetworks: PostgresStatement {
    static let sql = "SELECT \(columns) FROM network ORDER BY id"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Network { try Network(&row) }
}

struct InsertNetwork: PostgresStatement {
    static let sql = """
        INSERT INTO network (id, slug, name, employer, time_zone, locale, key_notice_days)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING \(columns)
        """
    let id: UUID
    let network: NewNetwork
    var keyNoticeDays = 7
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(network.slug)
        parameters.append(network.name)
        parameters.append(network.employer)
        parameters.append(network.timeZone)
        parameters.append(network.locale.rawValue)
        parameters.append(Int16(keyNoticeDays))
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Network { try Network(&row) }
}

/// Thresholds are only ever raised: `greatest` holds even if two changes meet.
struct UpdateNetwork: PostgresStatement {
    static let sql = """
        UPDATE network
        SET name = coalesce($3, name), employer = coalesce($4, employer), time_zone = coalesce($5, time_zone),
            locale = coalesce($6, locale), k = greatest(k, $7), d = greatest(d, $8), min_set = greatest(min_set, $9),
            public_record = coalesce($10, public_record), version = version + 1
        WHERE id = $1 AND ($2::bigint IS NULL OR version = $2)
        RETURNING \(columns)
        """
    let id: UUID
    let expected: Int?
    let change: NetworkChange
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(expected)
        parameters.append(change.name)
        parameters.append(change.employer)
        parameters.append(change.timeZone)
        parameters.append(change.locale?.rawValue)
        parameters.append(change.k.map { Int16($0) })
        parameters.append(change.d.map { Int16($0) })
        parameters.append(change.minSet.map { Int16($0) })
        parameters.append(change.publicRecord)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Network { try Network(&row) }
}

/// What a coordinator may change of a network.
struct NetworkChange: JSONInput {
    let name: String?
    let employer: String?
    let timeZone: String?
    let locale: Language?
    let k: Int?
    let d: Int?
    let minSet: Int?
    let publicRecord: Bool?

    init(_ fields: inout Fields) {
        name = fields.optionalString("name", length: 1...200)
        employer = fields.optionalString("employer", length: 1...200)
        timeZone = fields.timeZone("timeZone")
        locale = fields.optionalChoice("locale")
        let thresholds = fields.optionalObject("thresholds", as: Thresholds.self)
        k = thresholds?.k
        d = thresholds?.d
        minSet = thresholds?.minSet
        publicRecord = fields.optionalBool("publicRecord")
    }

    private struct Thresholds: JSONInput {
        let k: Int?
        let d: Int?
        let minSet: Int?

        init(_ fields: inout Fields) {
            k = fields.optionalInteger("k", in: 3...50)
            d = fields.optionalInteger("d", in: 1...10)
            minSet = fields.optionalInteger("minSet", in: 10...1_000)
        }
    }

    /// - Throws: ``Problem`` `invalid` naming each threshold that would be lowered.
    func check(against network: Network) throws(Problem) {
        let lowered = [("k", k, network.k), ("d", d, network.d), ("minSet", minSet, network.minSet)].filter {
            ($0.1 ?? .max) < $0.2
        }
        guard lowered.isEmpty else {
            throw Problem(
                .invalid,
                errors: lowered.map { .init(pointer: "/thresholds/\($0.0)", detail: "may only be raised") }
            )
        }
    }
}
