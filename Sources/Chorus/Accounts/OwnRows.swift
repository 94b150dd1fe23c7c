import Foundation
import Postgres

/// A row about the account that no other part of its export shows.
struct ExportedRow: Encodable, Sendable {
    /// What it is, such as `joinRequest`.
    let kind: String
    @ExplicitNull var network: String?
    let data: JSONValue
}

/// What a network holds of an account beside what its members' parts of the export show; requests to join are of
/// networks that it is not in.
struct ReadOwnRows: PostgresStatement {
    static let sql = """
        WITH own AS (SELECT id FROM membership WHERE network_id = $1 AND account_id = $2)
        SELECT 'joinRequest', jsonb_build_object(
            'text', text, 'decision', decision, 'reason', reason, 'createdOn', created_on)
        FROM join_request WHERE network_id = $1 AND account_id = $2
        UNION ALL
        SELECT 'organisedEvent', jsonb_build_object('event', e.id, 'title', e.title)
        FROM event e JOIN own ON e.organiser_id = own.id WHERE e.network_id = $1
        UNION ALL
        SELECT 'askedIn', jsonb_build_object('scope', s.scope_id)
        FROM anon_scope_member s JOIN own ON s.membership_id = own.id WHERE s.network_id = $1
        UNION ALL
        SELECT 'hasTokens', jsonb_build_object('scope', g.scope_id, 'epoch', g.epoch)
        FROM own CROSS JOIN LATERAL list_own_grants($1, own.id) g
        UNION ALL
        SELECT 'waitingMail', jsonb_build_object('dueAt', m.due_at)
        FROM mail m JOIN own ON m.membership_id = own.id WHERE m.network_id = $1
        UNION ALL
        SELECT 'providerSession', jsonb_build_object('expiresAt', t.expires_at)
        FROM provider_session s JOIN session t ON t.token_hash = s.token_hash
        WHERE s.network_id = $1 AND t.account_id = $2
        """
    let network: UUID
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(account)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (kind: String, data: PostgresJSON) {
        (try row.next(), try row.next())
    }
}

/// What is held of an account whatever networks it is in; digests of what lets it in are of no use to anybody.
struct ReadOwnTraces: PostgresStatement {
    static let sql = """
        SELECT 'session', jsonb_build_object('expiresAt', expires_at) FROM session WHERE account_id = $1
        UNION ALL
        SELECT 'calendarFeed', '{}'::jsonb FROM calendar_key WHERE account_id = $1
        UNION ALL
        SELECT 'rememberedRequest', jsonb_build_object('day', day) FROM idempotency WHERE account_id = $1
        UNION ALL
        SELECT 'unusedSince', jsonb_build_object('day', unused_since) FROM account WHERE id = $1 AND unused_since IS NOT NULL
        """
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (kind: String, data: PostgresJSON) {
        (try row.next(), try row.next())
    }
}

extension ServerParts {
    /// All that is held of an account and shown nowhere else in its export.
    ///
    /// Who asks for that waits for one statement for each
    /// network: an account's requests to join stand in networks that nothing else joins it with.
    func ownRows(of account: UUID) async throws -> [ExportedRow] {
        var rows = try await databases.member.execute(ReadOwnTraces(account: account)).map { trace in
            ExportedRow(kind: trace.kind, network: nil, data: try JSONParser.parse(trace.data.bytes))
        }
        rows += try await databases.member.execute(ReadAccountNetworks(account: account)).map { network in
            ExportedRow(kind: "inNetwork", network: nil, data: .object(["network": .string(network.text)]))
        }
        for network in try await databases.member.execute(ReadAllNetworks()) {
            let statement = ReadOwnRows(network: network.id, account: account)
            rows += try await databases.member.execute(statement, network: network.id).map { row in
                ExportedRow(kind: row.kind, network: network.id.text, data: try JSONParser.parse(row.data.bytes))
            }
        }
        return rows
    }
}
