import AnonymousTokens
import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/audit`: what was done with the network's voice, for those who check it.
struct AuditRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/networks/{network}/audit": ["limit", "after"]]

    let parts: ServerParts

    /// Below neither the routes of insiders nor those of the record: its readers are on both sides.
    func add(signedIn: some RouterMethods<SignedInContext>) {
        signedIn.get("/v1/networks/{network}/audit", use: list)
    }

    private func list(_ request: Request, _ context: SignedInContext) async throws -> Response {
        guard let member = context.membership else { throw Problem(.notFound) }
        try member.require(.coordinator, .council)
        let asked = try PageRequest(request)
        let statement = ReadAudit(network: member.network, after: try asked.afterNumber() ?? 0, limit: asked.limit)
        let rows = try await parts.databases.member.execute(statement, network: member.network)
        let page = AuditPage(rows, limit: asked.limit)
        let link = Representation.link(to: page.next, for: request)
        return try Representation(page, link: link).response(for: request)
    }
}

/// A page of entries with the end of the chain at the same moment: without it, entries cut off the end would not be missed.
struct AuditPage: Encodable, Sendable {
    struct Head: Encodable, Sendable {
        let position: Int
        let hash: String
    }

    /// An entry with all that its hash is of, but the network and the version of the form.
    struct Entry: Encodable, Sendable {
        let position: Int
        let day: String
        let kind: String
        let content: CanonicalJSON
        let previous: String
        let hash: String
    }

    let items: [Entry]
    @ExplicitNull var next: String?
    let head: Head

    /// - Parameters:
    ///   - rows: of up to one entry more than the limit.
    ///   - limit: how many to show.
    init(_ rows: [ReadAudit.Row], limit: Int) {
        let entries = rows.compactMap(\.entry).map(Entry.init)
        let page = Page(entries, limit: limit, cursor: { ["\($0.position)"] })
        items = page.items
        next = page.next
        let end = rows.first?.head ?? .beginning
        head = Head(position: end.position, hash: end.hash.hex)
    }
}

extension AuditPage.Entry {
    init(_ entry: AuditEntry) {
        position = entry.position
        day = entry.day.description
        kind = entry.kind
        // What somebody has spoilt is shown as it is, so that readers find it too.
        content = entry.members ?? .string(entry.content)
        previous = entry.previous.hex
        hash = entry.hash.hex
    }
}
