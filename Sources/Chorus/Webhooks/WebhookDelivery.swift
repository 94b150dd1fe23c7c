import Foundation
import Postgres
import ServiceLifecycle

extension ServerParts {
    /// How often a receiver's turn comes.
    static let deliveryPause = 5.0

    /// A receiver's turn: finds what the record has for it and sends what is due.
    ///
    /// Nothing here is undone when the turn fails or its server ends. What was found waits in the database, and what was sent and
    /// could not be noted is sent again: at least once.
    ///
    /// - Returns: when its next turn comes; `nil` when it is gone.
    func deliver(_ work: Job.OfWebhook) async throws -> Date? {
        let (pool, network) = (databases.job, work.network)
        guard let webhook = try await pool.first(ReadWebhooks(network: network, id: work.webhook), network: network)
        else { return nil }
        try await find(for: webhook, in: network)
        guard let place = try await pool.first(ReadNetwork(id: network)) else { return nil }
        let tidying = TidyDeliveries(
            network: network,
            webhook: webhook.id,
            now: now(),
            today: .today(in: place.zone, at: now())
        )
        _ = try await pool.execute(tidying, network: network)
        try await send(to: webhook, of: place)
        return now().addingTimeInterval(Self.deliveryPause)
    }

    /// Lets wait what was recorded since the last turn.
    ///
    /// Notices and the mark up to which they go are committed together.
    private func find(for webhook: Webhook, in network: UUID) async throws {
        let changes = ReadChanges(network: network, since: webhook.toldUntil, limit: 500)
        let found = try await databases.hr.execute(changes, network: network)
        guard let last = found.last else { return }
        let notices = found.map(\.notice).filter { webhook.events.contains($0.event) }
        try await databases.job.transaction(network: network) { transaction in
            let waiting = InsertDeliveries(network: network, webhook: webhook.id, notices: notices, now: now())
            _ = try await transaction.execute(waiting)
            _ = try await transaction.execute(MoveWebhook(network: network, id: webhook.id, toldUntil: last.at))
        }
        CrashPoint.reached("webhook-found")
    }

    /// Sends until nothing is due or the receiver does not answer: then the others would only be held up as well.
    private func send(to webhook: Webhook, of network: Network) async throws {
        let pool = databases.job
        guard let target = WebhookTarget(webhook.url) else { return }
        let secret = try WebhookSecret(sealed: webhook.sealedSecret, for: webhook.id, under: secrets.webhookSealing)
        let end = ContinuousClock.now + .seconds(2 * webhooks.patience)
        while ContinuousClock.now < end, !Task.isCancelled, !Task.isShuttingDownGracefully {
            let waits = JobTiming.waits(jitter: .random(in: 0..<1))
            let taking = TakeDelivery(network: network.id, webhook: webhook.id, now: now(), waits: waits)
            guard let notice = try await pool.first(taking, network: network.id) else { return }
            CrashPoint.reached("webhook-taken")
            let outcome = await webhooks.send(
                notice.body(of: network.id),
                headers: notice.headers(of: network.id, at: now(), secret),
                to: target
            )
            CrashPoint.reached("webhook-sent")
            guard try await note(outcome, of: notice, webhook, network) else { return }
        }
    }

    /// - Returns: whether the receiver answers.
    private func note(
        _ outcome: WebhookSender.Outcome,
        of notice: WebhookNotice,
        _ webhook: Webhook,
        _ network: Network
    ) async throws -> Bool {
        let pool = databases.job
        func fail(_ reason: String) -> FailDelivery {
            let today = PostgresDate.today(in: network.zone, at: now())
            return FailDelivery(network: network.id, webhook: webhook.id, id: notice.id, reason: reason, today: today)
        }
        switch outcome {
        case .delivered:
            let end = EndDelivery(network: network.id, webhook: webhook.id, id: notice.id)
            _ = try await pool.execute(end, network: network.id)
            return true
        case .refused(let reason):
            _ = try await pool.execute(fail(reason), network: network.id)
            return true
        case .unreachable(let reason):
            _ = try await pool.execute(fail(reason), network: network.id)
            return false
        }
    }
}
