import Foundation
import Postgres

extension ServerParts {
    /// Closes the threads that are over and erases what leads to them.
    func closeThreads() async throws {
        for network in try await databases.mixer.execute(ReadAllNetworks()) {
            let today = PostgresDate.today(in: network.zone, at: now())
            try await databases.mixer.transaction(network: network.id) { transaction in
                _ = try await transaction.execute(CloseMessages(network: network.id, today: today))
                _ = try await transaction.execute(DeleteRejected(network: network.id, today: today))
                _ = try await transaction.execute(DeleteThreads(network: network.id, today: today))
            }
        }
    }
}

/// Which threads are over: 90 days after the last message, or after the day by which the team had to answer if it has not.
private let overThreads = """
    SELECT t.message_id FROM thread t
    JOIN message m ON m.network_id = $1 AND m.id = t.message_id
    JOIN channel c ON c.network_id = $1 AND c.id = m.channel_id
    WHERE t.network_id = $1 AND $2 >= 90 + greatest(
        m.batch_day,
        (SELECT max(r.batch_day) FROM reply r WHERE r.network_id = $1 AND r.message_id = m.id),
        CASE WHEN m.state IN ('inReview', 'open')
            THEN coalesce(m.acknowledged_on, m.batch_day + c.acknowledge_days) + c.answer_days END)
    """

struct CloseMessages: PostgresStatement {
    typealias Row = Void
    static let sql = """
        UPDATE message SET state = 'closed'
        WHERE network_id = $1 AND state NOT IN ('closed', 'rejected') AND id IN (\(overThreads))
        """
    let network: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
    }
}

/// A rejected text is of no use to anybody once its author can no longer ask why.
struct DeleteRejected: PostgresStatement {
    typealias Row = Void
    static let sql = """
        DELETE FROM message
        WHERE network_id = $1 AND state = 'rejected'
            AND (id IN (\(overThreads))
                OR NOT EXISTS (SELECT FROM thread t WHERE t.network_id = $1 AND t.message_id = message.id))
        """
    let network: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
    }
}

struct DeleteThreads: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM thread WHERE network_id = $1 AND message_id IN (\(overThreads))"
    let network: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
    }
}
