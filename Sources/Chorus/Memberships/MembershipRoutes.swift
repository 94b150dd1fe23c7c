import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/memberships`, `/invitations` and `/join-requests`: who is in.
struct MembershipRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/networks/{network}/memberships": ["limit", "after"],
        "/v1/networks/{network}/join-requests": ["limit", "after"],
    ]

    let parts: ServerParts

    func add(signedIn: some RouterMethods<SignedInContext>, member: some RouterMethods<MemberContext>) {
        member.get("memberships", use: list)
        member.get("memberships/me", use: readOwn)
        member.patch("memberships/me", use: updateOwn)
        member.delete("memberships/me", use: leave)
        member.get("memberships/{membership}", use: read)
        member.patch("memberships/{membership}", use: update)
        member.delete("memberships/{membership}", use: remove)
        member.post("invitations", use: invite)
        signedIn.post("/v1/networks/{network}/join-requests", use: ask)
        member.get("join-requests", use: listRequests)
        member.put("join-requests/{request}/decision", use: decide)
    }

    private var pool: PostgresPool { parts.databases.member }

    // MARK: Memberships

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let page = try PageRequest(request, keys: 2)
        let found = try await pool.execute(
            ReadMemberships(
                network: context.network,
                afterName: page.after?.first,
                afterId: try page.afterId(),
                limit: page.limit
            ),
            network: context.network
        )
        return try .read(Page(found, limit: page.limit, cursor: { [$0.displayName, $0.id] }), for: request)
    }

    private func readOwn(_ request: Request, _ context: MemberContext) async throws -> Response {
        try await answer(request, context, id: context.member.id)
    }

    private func read(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        return try await answer(request, context, id: try context.id("membership"))
    }

    private func answer(_ request: Request, _ context: MemberContext, id: UUID) async throws -> Response {
        let statement = ReadMembership(network: context.network, id: id)
        guard let found = try await pool.first(statement, network: context.network) else { throw Problem(.notFound) }
        return try .read(found, for: request, version: found.version)
    }

    private func updateOwn(_ request: Request, _ context: MemberContext) async throws -> Response {
        let change = try await request.decode(MembershipChange.self)
        if change.roles != nil { try context.member.require(.coordinator) }
        return try await apply(change, to: context.member.id, expected: nil, request, context)
    }

    private func update(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let id = try context.id("membership")
        let expected = try request.expectedVersion()
        let change = try await request.decode(MembershipChange.self)
        return try await apply(change, to: id, expected: expected, request, context)
    }

    private func apply(
        _ change: MembershipChange,
        to id: UUID,
        expected: Int?,
        _ request: Request,
        _ context: MemberContext
    ) async throws -> Response {
        let network = context.network
        let updated = try await pool.transaction(network: network) { transaction in
            if let roles = change.roles, !roles.contains(.coordinator) {
                try await requireAnotherCoordinator(than: id, network, transaction)
            }
            guard let before = try await transaction.first(LockMembership(network: network, id: id)) else {
                throw Problem(.notFound)
            }
            let statement = UpdateMembership(network: network, id: id, expected: expected, change: change)
            guard let updated = try await transaction.first(statement) else { throw Problem(.stale) }
            try await parts.noteRoles(from: before.roles, to: updated.roles, in: network, transaction)
            return updated
        }
        return try .read(updated, for: request, version: updated.version)
    }

    private func leave(_ request: Request, _ context: MemberContext) async throws -> Response {
        try await delete(context.member.id, context)
    }

    private func remove(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        return try await delete(try context.id("membership"), context)
    }

    private func delete(_ id: UUID, _ context: MemberContext) async throws -> Response {
        let network = context.network
        let gone = try await pool.transaction(network: network) { transaction in
            try await requireAnotherCoordinator(than: id, network, transaction)
            return try await parts.endMembership(id, of: network, in: transaction)
        }
        guard gone else { throw Problem(.notFound) }
        return .noContent
    }

    /// A network without a coordinator could let nobody in any more.
    private func requireAnotherCoordinator(
        than id: UUID,
        _ network: UUID,
        _ transaction: PostgresTransaction
    ) async throws {
        let coordinators = try await transaction.execute(LockCoordinators(network: network))
        if coordinators == [id] { throw Problem(.stateConflict) }
    }

    // MARK: Ways in

    private struct Invitations: JSONInput {
        let count: Int
        let expiresOn: PostgresDate

        init(_ fields: inout Fields) {
            count = fields.integer("count", in: 1...500)
            expiresOn = fields.day("expiresOn")
        }
    }

    private struct Codes: Encodable {
        let codes: [String]
        let expiresOn: String
    }

    private func invite(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(Invitations.self)
        let network = try await parts.network(context.network)
        let today = PostgresDate.today(in: network.zone, at: parts.now())
        guard input.expiresOn >= today, input.expiresOn <= today.adding(days: 366) else {
            throw Problem.invalid("/expiresOn", "must be a day within the next year")
        }
        let codes = (0..<input.count).map { _ in InvitationCode(slug: network.slug) }
        let statement = InsertInvitations(
            network: network.id,
            hashes: codes.map(\.hash),
            expiresOn: input.expiresOn,
            today: today
        )
        _ = try await pool.execute(statement, network: network.id)
        let answer = Codes(codes: codes.map(\.text), expiresOn: input.expiresOn.description)
        return try .created(answer, at: "/v1/networks/\(network.id.text)/invitations")
    }

    private struct Question: JSONInput {
        let text: String
        init(_ fields: inout Fields) { text = fields.optionalString("text", length: 0...2_000) ?? "" }
    }

    private func ask(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let network = try await parts.network(try context.id("network"))
        let input = try await request.decode(Question.self)
        guard context.membership == nil else { throw Problem(.alreadyExists) }
        let id = UUID()
        let day = PostgresDate.today(in: network.zone, at: parts.now())
        _ = try await pool.execute(
            InsertJoinRequest(
                network: network.id,
                id: id,
                account: context.identity.account,
                text: input.text,
                day: day
            ),
            network: network.id
        )
        let statement = ReadJoinRequests(network: network.id, id: id)
        guard let made = try await pool.first(statement, network: network.id) else { throw Problem(.internal) }
        return try .created(made, at: "/v1/networks/\(network.id.text)/join-requests/\(id.text)")
    }

    private func listRequests(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let page = try PageRequest(request)
        let found = try await pool.execute(
            ReadJoinRequests(network: context.network, after: try page.afterId(), limit: page.limit),
            network: context.network
        )
        return try .read(Page(found, limit: page.limit, cursor: { [$0.id] }), for: request)
    }

    private struct Decision: JSONInput {
        let decision: JoinDecision
        let reason: String?

        init(_ fields: inout Fields) {
            decision = fields.choice("decision", default: .declined)
            reason = fields.optionalString("reason", length: 1...2_000)
        }
    }

    private func decide(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(Decision.self)
        let (network, id) = (context.network, try context.id("request"))
        let decided = try await pool.transaction(network: network) { transaction -> JoinRequestAnswer? in
            let found = ReadJoinRequests(network: network, id: id)
            guard try await transaction.first(found) != nil else { throw Problem(.notFound) }
            let statement = DecideJoinRequest(network: network, id: id, decision: input.decision, reason: input.reason)
            guard let asker = try await transaction.first(statement) else { throw Problem(.stateConflict) }
            if input.decision == .approved {
                // Art. 9: whoever has withdrawn is asked again before being let in, not signed up in their absence.
                let consents = try await transaction.execute(ReadConsents(account: asker.account))
                // Who has given none is asked when they come: a coordinator's yes is not theirs.
                if consents.contains(where: { $0.purpose == .membership && $0.withdrawnOn != nil }) {
                    throw Problem(.stateConflict)
                }
                _ = try await transaction.execute(
                    InsertMembership(
                        network: network,
                        account: asker.account,
                        roles: [.member],
                        displayName: asker.displayName
                    )
                )
            }
            return try await transaction.first(found)
        }
        guard let decided else { throw Problem(.internal) }
        return try .read(decided, for: request)
    }
}

extension ServerParts {
    /// Ends all memberships of an account and frees its seats.
    func leaveAllNetworks(_ account: UUID) async throws {
        for membership in try await memberships(of: account) {
            try await databases.member.transaction(network: membership.network) { transaction in
                _ = try await endMembership(membership.id, of: membership.network, in: transaction)
            }
        }
    }

    /// Frees the seats of a membership, deletes it, and enters the end of its roles in the audit chain.
    ///
    /// - Returns: whether it was there.
    func endMembership(_ id: UUID, of network: UUID, in transaction: PostgresTransaction) async throws -> Bool {
        _ = try await transaction.execute(WithdrawAllRSVPs(network: network, membership: id))
        guard let before = try await transaction.first(LockMembership(network: network, id: id)) else { return false }
        _ = try await transaction.execute(ForgetAuthorship(network: network, membership: id))
        _ = try await transaction.execute(DeleteMembership(network: network, id: id))
        try await noteRoles(from: before.roles, to: [], in: network, transaction)
        return true
    }
}
