import Foundation
import Hummingbird
import Postgres

/// The personal feed: `calendar.ics?key=…`, readable by a calendar program that cannot sign in.
struct CalendarFeedRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/networks/{network}/calendar.ics": ["key"]]

    let parts: ServerParts

    func add(open: some RouterMethods<AppContext>, signedIn: some RouterMethods<SignedInContext>) {
        open.get("/v1/networks/{network}/calendar.ics", use: feed)
        signedIn.post("/v1/me/calendar-key", use: createKey)
        signedIn.delete("/v1/me/calendar-key", use: deleteKey)
    }

    private var pool: PostgresPool { parts.databases.member }

    private func feed(_ request: Request, _ context: AppContext) async throws -> Response {
        let network = try context.id("network")
        let key = Credential(text: request.queryText("key") ?? "")
        let statement = ReadCalendarOwner(keyHash: key.hash, network: network)
        guard let owner = try await pool.first(statement, network: network) else { throw Problem(.notFound) }
        let since = parts.now().addingTimeInterval(-90 * 86_400)
        let events = try await pool.execute(
            ReadAnsweredEvents(network: network, member: owner.membership, since: since),
            network: network
        )
        let calendar = CalendarObject(
            network: network,
            events: events,
            attendee: .init(membership: owner.membership, email: owner.email),
            showsOnlineUrl: { $0.ownStatus == "going" },
            hasAlarms: owner.hasAlarms
        )
        return calendar.response(fileName: "chorus.ics")
    }

    private struct Key: Encodable { let key: String }

    /// A new key makes the old one useless.
    private func createKey(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let key = Credential()
        _ = try await pool.execute(SaveCalendarKey(account: context.identity.account, keyHash: key.hash))
        return try .created(Key(key: key.text), at: "/v1/me/calendar-key")
    }

    private func deleteKey(_ request: Request, _ context: SignedInContext) async throws -> Response {
        _ = try await pool.execute(DeleteCalendarKey(account: context.identity.account))
        return .noContent
    }
}

struct ReadCalendarOwner: PostgresStatement {
    static let sql = """
        SELECT m.id, a.email, coalesce(n.calendar_alarms, true)
        FROM calendar_key k
        JOIN account a ON a.id = k.account_id
        LEFT JOIN notification n ON n.account_id = a.id
        JOIN membership m ON m.network_id = $2 AND m.account_id = a.id AND m.state = 'active'
        WHERE k.key_hash = $1 AND NOT 'hr' = ANY (m.roles)
        """
    let keyHash: [UInt8]
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(keyHash)
        parameters.append(network)
    }
    static func decode(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> (membership: UUID, email: String?, hasAlarms: Bool) {
        (try row.next(), try row.next(), try row.next())
    }
}

struct SaveCalendarKey: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO calendar_key (account_id, key_hash) VALUES ($1, $2)
        ON CONFLICT (account_id) DO UPDATE SET key_hash = EXCLUDED.key_hash
        """
    let account: UUID
    let keyHash: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(keyHash)
    }
}

struct DeleteCalendarKey: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM calendar_key WHERE account_id = $1"
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
}
