import Foundation
import Hummingbird
import Postgres

/// Released numbers: for HR and council below `/v1/hr`, and the very same for members.
struct ReleaseRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/hr/networks/{network}/releases": ["limit", "after"],
        "/v1/networks/{network}/releases": ["limit", "after"],
    ]

    let parts: ServerParts

    func add(record: some RouterMethods<RecordContext>, member: some RouterMethods<MemberContext>) {
        record.get("releases") { try await list($0, $1.member, .record) }
        record.get("releases/{release}/tables/{table}") { try await table($0, $1, $1.member, .record) }
        member.get("releases") { try await list($0, $1.member, .insiders) }
        member.get("releases/{release}/tables/{table}") { try await table($0, $1, $1.member, .insiders) }
    }

    private func list(
        _ request: Request,
        _ member: Member,
        _ audience: ReadyAnswers.Audience
    ) async throws -> Response {
        let place = parts.ready.place(for: request, of: member, audience)
        if let ready = parts.ready.answer(at: place) { return ready.response(for: request) }
        let network = member.network
        let page = try PageRequest(request)
        let found = try await parts.shownRecord(of: network).execute(
            ReadReleases(network: network, before: try page.afterNumber(), limit: page.limit),
            network: network
        )
        let shown = Page(found, limit: page.limit, cursor: { ["\($0.number)"] })
        return parts.ready.keep(try Representation(shown, for: request), at: place).response(for: request)
    }

    private struct Table: Encodable {
        let release: String
        let table: String
        let cells: [CellAnswer]
        let note: String
    }

    private func table(
        _ request: Request,
        _ context: some RequestContext,
        _ member: Member,
        _ audience: ReadyAnswers.Audience
    ) async throws -> Response {
        let place = parts.ready.place(for: request, of: member, audience)
        if let ready = parts.ready.answer(at: place) { return ready.response(for: request) }
        let network = member.network
        let id = try context.id("release")
        guard let table = context.parameters.get("table").flatMap(ReleaseTable.init(rawValue:)),
            case let source = parts.shownRecord(of: network),
            try await source.first(ReadReleases(network: network, id: id), network: network) != nil
        else { throw Problem(.notFound) }
        let cells = try await source.execute(ReadCells(network: network, release: id, table: table), network: network)
        let shown = Table(release: id.text, table: table.rawValue, cells: cells, note: Self.note)
        return parts.ready.keep(try Representation(shown), at: place).response(for: request)
    }

    /// What a reader of the numbers has to know.
    private static let note =
        "Each cell is a rounded sum of groups of at least k people with different answers. A missing cell says nothing. "
        + "Totals are totals of what was released. The unit is what each person chose. In a release of scheme S2 every count has noise "
        + "on it, and only what is clearly above its noise is shown."
}

extension ServerParts {
    /// A release in the record; `nil` when it is not there.
    func release(_ id: UUID, of network: UUID) async throws -> ReleaseAnswer? {
        try await databases.hr.first(ReadReleases(network: network, id: id), network: network)
    }
}
