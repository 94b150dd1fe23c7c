import Foundation
import Hummingbird
import Postgres

/// `/v1/hr/networks/{network}/webhooks`: where systems of HR want to be told that the record has grown.
struct WebhookRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/hr/networks/{network}/webhooks/{webhook}/dead-letters": ["limit", "after"]
    ]

    let parts: ServerParts

    func add(record: some RouterMethods<RecordContext>) {
        record.get("webhooks", use: list)
        record.post("webhooks", use: create)
        record.get("webhooks/{webhook}", use: read)
        record.delete("webhooks/{webhook}", use: delete)
        record.post("webhooks/{webhook}/test", use: test)
        record.get("webhooks/{webhook}/dead-letters", use: listLetters)
        record.post("webhooks/{webhook}/dead-letters/{letter}/redelivery", use: redeliver)
    }

    private var pool: PostgresPool { parts.databases.member }

    private func list(_ request: Request, _ context: RecordContext) async throws -> Response {
        try context.member.require(.hr)
        let found = try await pool.execute(ReadWebhooks(network: context.network), network: context.network)
        return try .read(
            Page(found.map { WebhookAnswer($0) }, limit: InsertWebhook.maximum, cursor: { [$0.id] }),
            for: request
        )
    }

    private func find(_ context: RecordContext) async throws -> Webhook {
        try context.member.require(.hr)
        let statement = ReadWebhooks(network: context.network, id: try context.id("webhook"))
        guard let found = try await pool.first(statement, network: context.network) else { throw Problem(.notFound) }
        return found
    }

    private func read(_ request: Request, _ context: RecordContext) async throws -> Response {
        try .read(WebhookAnswer(try await find(context)), for: request)
    }

    private func create(_ request: Request, _ context: RecordContext) async throws -> Response {
        try context.member.require(.hr)
        let input = try await request.decode(NewWebhook.self)
        guard let target = input.target, target.isEncrypted || parts.webhooks.trusts(target) else {
            throw Problem.invalid("/url", "must be https")
        }
        // Said at once where it is known at once; a name is looked up before each notice.
        if let address = target.address, !PublicAddress.isPublic(address), !parts.webhooks.trusts(target) {
            throw Problem.invalid("/url", "must be a public address")
        }
        let (id, secret) = (UUID(), WebhookSecret())
        let webhook = Webhook(
            id: id,
            url: input.url,
            events: input.events.map(\.rawValue),
            createdOn: try await parts.today(of: context.network),
            sealedSecret: try secret.sealed(for: id, under: parts.secrets.webhookSealing),
            // Of what was there before it is not told.
            toldUntil: try await parts.recordedUntil(context.network) ?? Date(timeIntervalSince1970: 0)
        )
        let statement = InsertWebhook(network: context.network, webhook: webhook)
        guard try await pool.first(statement, network: context.network) != nil else { throw Problem(.stateConflict) }
        // Should this be lost, the hourly upkeep asks for it again.
        let turn = Job.deliverWebhook(.init(network: context.network, webhook: id))
        _ = try await parts.databases.job.execute(try InsertJob(turn, dueAt: parts.now()))
        return try .created(
            WebhookAnswer(webhook, secret: secret),
            at: "/v1/hr/networks/\(context.network.text)/webhooks/\(id.text)"
        )
    }

    private func delete(_ request: Request, _ context: RecordContext) async throws -> Response {
        try context.member.require(.hr)
        let statement = DeleteWebhook(network: context.network, id: try context.id("webhook"))
        guard try await pool.first(statement, network: context.network) != nil else { throw Problem(.notFound) }
        return .noContent
    }

    private struct Sent: Encodable { let id: String }

    /// Sent on the way of all others, so that it shows what they will meet.
    private func test(_ request: Request, _ context: RecordContext) async throws -> Response {
        let webhook = try await find(context)
        let notice = WebhookNotice(
            id: UUID(),
            event: WebhookEvent.test,
            subject: nil,
            number: nil,
            day: try await parts.today(of: context.network)
        )
        let statement = InsertDeliveries(
            network: context.network,
            webhook: webhook.id,
            notices: [notice],
            now: parts.now()
        )
        _ = try await pool.execute(statement, network: context.network)
        return try .json(Sent(id: notice.id.text), status: .accepted)
    }

    private func listLetters(_ request: Request, _ context: RecordContext) async throws -> Response {
        let webhook = try await find(context)
        let page = try PageRequest(request)
        let statement = ReadDeadLetters(
            network: context.network,
            webhook: webhook.id,
            after: try page.afterId(),
            limit: page.limit
        )
        let found = try await pool.execute(statement, network: context.network)
        return try .read(Page(found, limit: page.limit, cursor: { [$0.id] }), for: request)
    }

    private func redeliver(_ request: Request, _ context: RecordContext) async throws -> Response {
        let webhook = try await find(context)
        let statement = RedeliverLetter(
            network: context.network,
            webhook: webhook.id,
            id: try context.id("letter"),
            now: parts.now()
        )
        guard try await pool.first(statement, network: context.network) != nil else { throw Problem(.notFound) }
        return .noContent
    }
}
