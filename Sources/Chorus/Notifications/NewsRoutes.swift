import Foundation
import Hummingbird
import Postgres

/// `/v1/me/news`: what happened that concerns the signed-in account, in all of its networks.
struct NewsRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/me/news": ["after", "limit"]]

    let parts: ServerParts

    func add(signedIn: some RouterMethods<SignedInContext>) {
        signedIn.get("/v1/me/news", use: list)
        signedIn.put("/v1/me/news/read", use: markRead)
    }

    private struct Shown: Encodable, Sendable {
        let kind: String
        let network: String
        let subject: String
        let title: String
        let at: String
        let read: Bool
        let key: NewsItem.Key

        enum CodingKeys: CodingKey { case kind, network, subject, title, at, read }

        init(_ item: NewsItem, readUntil: Date?) {
            kind = item.kind.rawValue
            network = (item.network?.id).text ?? ""
            subject = item.subject.text
            title = item.title
            at = RFC3339.string(item.at, in: item.network?.zone ?? .gmt)
            read = readUntil.map { item.at <= $0 } ?? false
            key = item.key
        }
    }

    private func list(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let page = try PageRequest(request, keys: 3)
        let before = try page.after.map { texts throws(Problem) in try NewsItem.Key(cursor: texts) }
        let account = context.identity.account
        let found = try await parts.news(of: account, before: before, limit: page.limit)
        let chosen = try await parts.databases.member.first(ReadNotification(account: account))
        let shown = found.map { Shown($0, readUntil: chosen?.readUntil) }
        return try .read(Page(shown, limit: page.limit, cursor: \.key.texts), for: request)
    }

    private struct Mark: JSONInput {
        let until: Date
        init(_ fields: inout Fields) { until = fields.instant("until") }
    }

    private func markRead(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let mark = try await request.decode(Mark.self)
        let account = context.identity.account
        // The instant of what was read, not of the reading: when somebody was here is not to be found in a dump.
        if let newest = try await parts.news(of: account, limit: 1, until: mark.until).first {
            _ = try await parts.databases.member.execute(MarkNewsRead(account: account, until: newest.at))
        }
        return .noContent
    }
}

extension ServerParts {
    /// The latest news of an account.
    ///
    /// - Parameters:
    ///   - account: whose.
    ///   - before: only what comes after this one in the list; `nil` for the beginning.
    ///   - limit: how many; up to one more is found.
    ///   - until: only what is no later than this; all that is news by now, by default.
    func news(
        of account: UUID,
        before: NewsItem.Key? = nil,
        limit: Int,
        until: Date = .distantFuture
    ) async throws -> [NewsItem] {
        let window = NewsWindow.upTo(min(until, now()))
        var found: [[NewsItem]] = []
        for membership in try await memberships(of: account) where membership.state == "active" {
            let network = try await network(membership.network)
            found += try await news(of: membership, in: network, window, before, limit).map { items in
                items.map { item in
                    var item = item
                    item.network = network
                    return item
                }
            }
        }
        return NewsItem.latest(found, limit: limit)
    }

    private func news(
        of membership: AccountMembership,
        in network: Network,
        _ window: NewsWindow,
        _ before: NewsItem.Key?,
        _ limit: Int
    ) async throws -> [[NewsItem]] {
        let isInsider = membership.roles.contains { Role(rawValue: $0).map(Role.insiders.contains) ?? false }
        var own: [NewsItem] = []
        var followed: [UUID] = []
        // HR and council hear of the record only.
        if isInsider {
            own = try await databases.member.execute(
                ReadMemberNews(
                    network: network.id,
                    membership: membership.id,
                    window: window,
                    before: before,
                    limit: limit
                ),
                network: network.id
            )
            let follows = ReadFollows(network: network.id, membership: membership.id)
            followed = try await databases.member.execute(follows, network: network.id)
        }
        let recorded = try await databases.hr.execute(
            ReadRecordNews(
                network: network,
                recommendations: followed,
                window: window,
                before: before,
                limit: limit
            ),
            network: network.id
        )
        return [own, recorded]
    }
}
