import Postgres

extension Problem {
    /// The only table from SQLSTATE and constraint name to an answer.
    ///
    /// A constraint that a request can break has a line here; whatever has none is a mistake of ours.
    init(sqlError error: PostgresError) {
        switch error.kind {
        case .server(let sqlState, let constraint, _):
            self = Self.named[constraint ?? ""] ?? Self.byState(sqlState)
        case .connectionLost, .connectFailed, .poolTimeout, .closed: self = .unavailable()
        default: self = Problem(.internal)
        }
    }

    private static let named: [String: Problem] = [
        "network_slug_unique": .init(.alreadyExists, errors: [.init(pointer: "/slug", detail: "is taken")]),
        "network_slug_check": .invalid("/slug", "must be lower-case letters, digits and single dashes"),
        "membership_unit_fkey": .invalid("/unit", "is no unit of this network"),
        "membership_roles_check": .invalid("/roles", "hr cannot be joined with another role"),
        "unit_parent_fkey": .invalid("", "a parent is no unit of this network, or a unit in use is missing"),
        "join_request_account_unique": .init(.alreadyExists),
    ]

    /// Connections (which a pooler refuses in its own way), a full disk or too many connections, shutting down or
    /// told to stop, and a disk that fails (PostgreSQL manual, appendix A): nothing that a request could do better.
    private static let busyClasses: Set<String> = ["08", "53", "57", "58"]

    private static func byState(_ sqlState: String) -> Problem {
        switch sqlState {
        // Text that UTF-8 or PostgreSQL cannot hold, a number or an instant out of its range.
        case "22021", "22P05", "22003", "22008": Problem(.invalid)
        // A check, a foreign key or a unique rule of the schema.
        case "23514", "23503", "23502": Problem(.invalid)
        case "23505": Problem(.alreadyExists)
        // Serialisation, deadlock, lock time-out, and a server that takes no writes since another one does.
        case "40001", "40P01", "55P03", "25006": .unavailable()
        default: busyClasses.contains(String(sqlState.prefix(2))) ? .unavailable() : Problem(.internal)
        }
    }
}
