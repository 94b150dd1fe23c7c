import Foundation
import Hummingbird
import Postgres

/// `/v1/networks`: the networks themselves and their units.
struct NetworkRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/networks": ["limit", "after"]]

    let parts: ServerParts

    func add(signedIn: some RouterMethods<SignedInContext>, member: some RouterMethods<MemberContext>) {
        signedIn.get("/v1/networks", use: list)
        signedIn.post("/v1/networks", use: create)
        signedIn.get("/v1/networks/{network}", use: read)
        member.patch("", use: update)
        member.get("units", use: readUnits)
        member.put("units", use: replaceUnits)
    }

    private var pool: PostgresPool { parts.databases.member }

    private func list(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let page = try PageRequest(request)
        let networks = try await pool.execute(
            ReadNetworks(
                account: context.identity.account,
                isAdmin: context.identity.isAdmin,
                after: try page.afterId(),
                limit: page.limit
            )
        )
        return try .read(Page(networks.map(NetworkAnswer.init), limit: page.limit, cursor: { [$0.id] }), for: request)
    }

    private func create(_ request: Request, _ context: SignedInContext) async throws -> Response {
        guard context.identity.isAdmin else { throw Problem(.forbidden) }
        let network = try await parts.createNetwork(try await request.decode(NewNetwork.self))
        return try .created(NetworkAnswer(network), at: "/v1/networks/\(network.id.text)", version: network.version)
    }

    private func read(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let id = try context.id("network")
        guard context.membership != nil || context.identity.isAdmin,
            let network = try await pool.first(ReadNetwork(id: id))
        else { throw Problem(.notFound) }
        return try .read(NetworkAnswer(network), for: request, version: network.version)
    }

    private func update(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let expected = try request.expectedVersion()
        let change = try await request.decode(NetworkChange.self)
        let updated = try await parts.updateNetwork(context.network, change, expected: expected)
        return try .read(NetworkAnswer(updated), for: request, version: updated.version)
    }

    // MARK: Units

    private struct Units: Encodable {
        let items: [OrganisationalUnit]
        @ExplicitNull var next: String?
    }

    private func readUnits(_ request: Request, _ context: MemberContext) async throws -> Response {
        let network = try await parts.network(context.network)
        let units = try await pool.execute(ReadUnits(network: context.network), network: context.network)
        return try .read(Units(items: units, next: nil), for: request, version: network.version)
    }

    private func replaceUnits(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let expected = try request.expectedVersion()
        let tree = try await request.decode(UnitTree.self, limit: 1 << 20)
        try await parts.replaceUnits(of: context.network, tree, expected: expected)
        return try await readUnits(request, context)
    }
}

extension ServerParts {
    /// The network of a request.
    ///
    /// - Throws: ``Problem`` `notFound`.
    func network(_ id: UUID) async throws -> Network {
        guard let network = try await databases.member.first(ReadNetwork(id: id)) else { throw Problem(.notFound) }
        return network
    }

    /// The day it is where the network is.
    ///
    /// - Throws: ``Problem`` `notFound`.
    func today(of network: UUID) async throws -> PostgresDate {
        .today(in: try await self.network(network).zone, at: now())
    }

    /// Makes a network with its first keys, which are usable at once.
    func createNetwork(_ new: NewNetwork, keyNoticeDays: Int = 7) async throws -> Network {
        let statement = InsertNetwork(id: UUID(), network: new, keyNoticeDays: keyNoticeDays)
        let network = try await databases.member.transaction(network: statement.id) { transaction -> Network in
            guard let network = try await transaction.first(statement) else { throw Problem(.internal) }
            try await note(.thresholds(before: nil, after: network), in: network.id, transaction)
            return network
        }
        try await openMessageKeys(of: network)
        return network
    }

    /// Changes a network, and enters it in the audit chain when thresholds are raised or others may see the record.
    ///
    /// - Throws: ``Problem`` `invalid` when one would be lowered, `stale` when somebody else was faster.
    func updateNetwork(_ id: UUID, _ change: NetworkChange, expected: Int?) async throws -> Network {
        try await databases.member.transaction(network: id) { transaction -> Network in
            guard let before = try await transaction.first(LockNetwork(id: id)) else { throw Problem(.notFound) }
            try change.check(against: before)
            let statement = UpdateNetwork(id: id, expected: expected, change: change)
            guard let updated = try await transaction.first(statement) else { throw Problem(.stale) }
            if !updated.discloses(as: before) {
                try await note(.thresholds(before: before, after: updated), in: id, transaction)
            }
            return updated
        }
    }

    /// Replaces the units of a network and raises its version, which is theirs too.
    func replaceUnits(of network: UUID, _ tree: UnitTree, expected: Int?) async throws {
        try await databases.member.transaction(network: network) { transaction in
            let change = RaiseNetworkVersion(id: network, expected: expected)
            guard try await transaction.first(change) != nil else { throw Problem(.stale) }
            let units = tree.entries.map { (id: $0.id ?? UUID(), name: $0.name, parent: $0.parent) }
            _ = try await transaction.execute(ReplaceUnits(network: network, units: units))
        }
    }
}

struct RaiseNetworkVersion: PostgresStatement {
    static let sql = """
        UPDATE network SET version = version + 1
        WHERE id = $1 AND ($2::bigint IS NULL OR version = $2)
        RETURNING version
        """
    let id: UUID
    let expected: Int?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(expected)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}
