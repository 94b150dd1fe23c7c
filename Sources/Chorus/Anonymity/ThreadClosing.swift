import Foundation
import Postgres

extension ServerParts {
    /// Closes the threads that are over and erases what leads to them.
    ///
    /// A thread for which a reply waits stays open: what was acknowledged must not lose its place before it is mixed.
    func closeThreads() async throws {
        let waiting = try await waitingReplies()
        for network in try await databases.mixer.execute(ReadAllNetworks()) {
            let today = PostgresDate.today(in: network.zone, at: now())
            try await databases.mixer.transaction(network: network.id) { transaction in
                _ = try await transaction.execute(CloseMessages(network: network.id, today: today, waiting: waiting))
                _ = try await transaction.execute(DeleteRejected(network: network.id, today: today, waiting: waiting))
                _ = try await transaction.execute(DeleteThreads(network: network.id, today: today, waiting: waiting))
            }
        }
    }
}

/// The threads for which replies wait: an author's is known by its lookup, the team's by its message.
struct WaitingReplies: Sendable {
    var lookups: [[UInt8]] = []
    var messages: [UUID] = []
}

extension ServerParts {
    private func waitingReplies() async throws -> WaitingReplies {
        var waiting = WaitingReplies()
        for batch in try await databases.mixer.execute(ReadBatches()) {
            guard let key = batchKeys.key(batch.id) else { continue }
            for sealed in try await databases.mixer.execute(ReadInbox(batch: batch.id)) {
                let staged = try StagedSubmission.open(sealed, key)
                guard let reply = staged.reply else { continue }
                if let message = reply.message {
                    waiting.messages.append(message)
                } else {
                    waiting.lookups.append(lookup(of: staged.receiptId))
                }
            }
        }
        return waiting
    }
}

/// Which threads are over: 90 days after the last message, or after the day by which the team had to answer if it has not.
private let overThreads = """
    SELECT t.message_id FROM thread t
    JOIN message m ON m.network_id = $1 AND m.id = t.message_id
    JOIN channel c ON c.network_id = $1 AND c.id = m.channel_id
    WHERE t.network_id = $1 AND NOT t.lookup = ANY ($3) AND NOT t.message_id = ANY ($4) AND $2 >= 90 + greatest(
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
    let waiting: WaitingReplies
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
        parameters.append(waiting.lookups)
        parameters.append(waiting.messages)
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
    let waiting: WaitingReplies
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
        parameters.append(waiting.lookups)
        parameters.append(waiting.messages)
    }
}

struct DeleteThreads: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM thread WHERE network_id = $1 AND message_id IN (\(overThreads))"
    let network: UUID
    let today: PostgresDate
    let waiting: WaitingReplies
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(today)
        parameters.append(waiting.lookups)
        parameters.append(waiting.messages)
    }
}
