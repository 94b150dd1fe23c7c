import Foundation
import Hummingbird
import Postgres

/// `/v1/public/networks/{network}/recommendations` and the page `/public/{network}`: what a network shows to everybody.
///
/// Both read the record alone, as HR does, and both are there only when the network has said so.
struct PublicRecordRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/public/networks/{network}/recommendations": ["limit", "after"],
        "/public/{network}": ["after"],
    ]

    let parts: ServerParts

    func add(pages: some RouterMethods<AppContext>, data: some RouterMethods<AppContext>) {
        data.get("/v1/public/networks/{network}/recommendations", use: list)
        pages.get("/public/{network}", use: page)
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let record = try await parts.publicRecord(of: try await network(context), try PageRequest(request))
        let link = Representation.link(to: record.next, for: request)
        return Self.cached(try Representation(record, link: link).response(for: request))
    }

    private func page(_ request: Request, _ context: AppContext) async throws -> Response {
        let network = try await network(context)
        let record = try await parts.publicRecord(of: network, try PageRequest(request))
        let page = PublicRecordPage(record, in: context.language)
        let bytes = Data(page.html.utf8)
        let tag = EntityTag.of(bytes, version: nil)
        var response = Response(status: .notModified, headers: [.eTag: tag])
        if !EntityTag.matches(request.headers[.ifNoneMatch], tag) {
            response.status = .ok
            response.headers[.contentType] = "text/html; charset=utf-8"
            response.body = .init(byteBuffer: ByteBuffer(bytes: bytes))
        }
        return Self.cached(response.speaking(page.language))
    }

    /// By slug or by id; who has not opened its record is as unknown as who does not exist.
    private func network(_ context: AppContext) async throws -> Network {
        let name = context.parameters.get("network") ?? ""
        let pool = parts.databases.member
        var found: Network?
        if let id = UUID(utf8: name.utf8) { found = try await pool.first(ReadNetwork(id: id)) }
        // What no slug is like is asked of no database.
        if found == nil, name.wholeMatch(of: /[a-z0-9](-?[a-z0-9]){1,39}/) != nil {
            found = try await pool.first(ReadNetworkBySlug(slug: name))
        }
        guard let found, found.isRecordPublic else { throw Problem(.notFound) }
        return found
    }

    /// A minute in between is little for the public, and keeps a crowd from the databases.
    private static func cached(_ response: Response) -> Response {
        var response = response
        response.headers[.cacheControl] = "public, max-age=60"
        return response
    }
}

extension ServerParts {
    /// A page of what a network shows to everybody, from the record alone.
    func publicRecord(of network: Network, _ page: PageRequest) async throws -> PublicRecord {
        let filter = RecommendationFilter(after: try page.afterNumber(), limit: page.limit)
        let found = try await recommendations(of: network.id, filter)
        let owed = try await owedAnswers(of: network.id)
        let items = Page(found.map(PublicRecommendation.init), limit: page.limit, cursor: { ["\($0.number)"] })
        return PublicRecord(
            network: .init(slug: network.slug, name: network.name, employer: network.employer),
            answerDuty: .init(owed: owed.owed, overdue: owed.overdue, longestDelayDays: owed.longestDelayDays),
            items: items.items,
            next: items.next
        )
    }
}
