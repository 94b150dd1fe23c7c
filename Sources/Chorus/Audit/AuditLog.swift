import AnonymousTokens
import Foundation
import Postgres

extension ServerParts {
    /// Adds an entry to a network's audit chain: if the transaction is not committed, it was never there.
    ///
    /// Last in its transaction, because whoever adds to the same chain waits from here until the transaction ends.
    ///
    /// - Parameters:
    ///   - event: what it tells of.
    ///   - network: whose chain it is; the transaction must have been begun for it.
    ///   - day: when it was done; today where the network is, by default.
    ///   - transaction: in which it is done.
    func note(
        _ event: AuditEvent,
        in network: UUID,
        on day: PostgresDate? = nil,
        _ transaction: PostgresTransaction
    ) async throws {
        let entered: PostgresDate
        if let day {
            entered = day
        } else {
            guard let place = try await transaction.first(ReadNetwork(id: network)) else { throw Problem(.notFound) }
            entered = .today(in: place.zone, at: now())
        }
        _ = try await transaction.execute(AppendAudit(network: network, day: entered, event: event))
    }

    /// Enters a change of somebody's roles; plain membership is not one, because the chain would count the members.
    func noteRoles(
        from before: [String],
        to after: [String],
        in network: UUID,
        _ transaction: PostgresTransaction
    ) async throws {
        let (old, new) = (Self.duties(before), Self.duties(after))
        guard old != new else { return }
        try await note(.roles(before: old, after: new), in: network, transaction)
    }

    private static func duties(_ roles: [String]) -> Set<Role> {
        Set(roles.compactMap(Role.init(rawValue:))).subtracting([.member])
    }

    /// Enters answers that a crash between the two databases kept from the chain; harmless when nothing is missing.
    func repairAnswers() async throws {
        for network in try await databases.member.execute(ReadAllNetworks()) {
            let answers = try await databases.hr.execute(ReadAnswers(network: network.id), network: network.id)
            guard !answers.isEmpty else { continue }
            let contents = ReadAuditContents(network: network.id, kind: .answer)
            let known = Set(try await databases.member.execute(contents, network: network.id))
            for answer in answers where !known.contains(AuditEvent.answer(answer).content.text) {
                try await databases.member.transaction(network: network.id) { transaction in
                    try await note(.answer(answer), in: network.id, on: answer.answeredOn, transaction)
                }
            }
        }
    }

    /// Follows a network's chain to its end.
    ///
    /// - Returns: how far it holds, and the position where it breaks, if it does.
    func followAudit(of network: UUID) async throws -> (chain: AuditChain, firstBreak: Int?) {
        var chain = AuditChain(network: network)
        let limit = 1_000
        while true {
            let page = ReadAudit(network: network, after: chain.head.position, limit: limit)
            let rows = try await databases.member.execute(page, network: network)
            let entries = rows.compactMap(\.entry)
            for entry in entries.prefix(limit) where !chain.follow(entry) {
                return (chain, chain.head.position + 1)
            }
            guard entries.count <= limit else { continue }
            return (chain, rows.first?.head == chain.head ? nil : chain.head.position + 1)
        }
    }
}

extension Server {
    /// How far an audit chain was followed.
    public struct AuditReport: Encodable, Sendable {
        /// The network's short name.
        public let network: String
        /// How many entries hold.
        public let entries: Int
        /// Hash of the last of them, in hexadecimal digits.
        public let hash: String
    }

    /// Checks the audit chains of all networks, or of one.
    ///
    /// - Parameter name: slug or id; all networks by default.
    /// - Returns: what was found, by network.
    /// - Throws: ``OperationRefusal`` naming each network whose chain is broken, and where; what PostgreSQL says.
    public func verifyAudit(network name: String? = nil) async throws -> [AuditReport] {
        var networks: [Network] = []
        if let name {
            networks = [try await network(named: name)]
        } else {
            networks = try await parts.databases.member.execute(ReadAllNetworks())
        }
        var reports: [AuditReport] = []
        var breaks: [String] = []
        for network in networks {
            let (chain, firstBreak) = try await parts.followAudit(of: network.id)
            if let firstBreak {
                breaks.append("The audit chain of '\(network.slug)' breaks at position \(firstBreak).")
            }
            reports.append(
                AuditReport(network: network.slug, entries: chain.head.position, hash: chain.head.hash.hex)
            )
        }
        guard breaks.isEmpty else {
            throw OperationRefusal(
                (breaks + ["What stands there, or what stood there, was changed outside the program. Tell the council."])
                    .joined(separator: "\n")
            )
        }
        return reports
    }
}
