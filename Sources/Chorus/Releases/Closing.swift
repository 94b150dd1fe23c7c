import Disclosure
import Foundation
import Postgres

/// A round, or the endorsements of a recommendation, whose numbers are to be released.
struct DueRelease: Sendable, Equatable {
    let network: UUID
    let id: UUID
    let isEndorsement: Bool
}

extension ServerParts {
    /// Everything that has been closed and waits for the mix that empties the inbox of its last ballots.
    func closingRounds() async throws -> [DueRelease] {
        var due: [DueRelease] = []
        for network in try await databases.release.execute(ReadAllNetworks()) {
            due += try await databases.release.execute(ReadClosing(network: network.id), network: network.id)
        }
        return due
    }

    /// Closes plans and publishes what they release.
    ///
    /// - Returns: ids of the releases that reached the record.
    func releaseRounds(_ due: [DueRelease]) async throws -> [UUID] {
        for release in due { try await freeze(release) }
        var published: [UUID] = []
        for network in try await databases.release.execute(ReadAllNetworks()) {
            published += try await publishPending(of: network.id)
        }
        return published
    }

    /// One transaction: contributions become frozen cells and are deleted.
    private func freeze(_ due: DueRelease) async throws {
        try await databases.release.transaction(network: due.network) { transaction in
            // Contributions of a round are counted and deleted all at once, however many they are.
            try await transaction.allowTime()
            guard let source = try await transaction.first(FinishClosing(due: due)),
                let network = try await transaction.first(ReadNetwork(id: due.network))
            else { return }
            let frozen = FrozenRelease(
                id: UUID(),
                round: due.id,
                title: source.title,
                closedOn: .today(in: network.zone, at: now()),
                k: network.k,
                isEndorsement: due.isEndorsement,
                scheme: source.scheme
            )
            if source.scheme == .s2 {
                let spent = SpendLedger(network: network.id, round: due.id, day: frozen.closedOn)
                // Without its row in the ledger nothing is drawn: neither a second time, nor beyond the budget.
                guard try await transaction.first(spent) != nil else { throw Problem(.internal) }
            }
            let cells = try await cells(of: due, source.scheme, network, in: transaction)
            _ = try await transaction.execute(DeleteContributions(network: due.network, round: due.id))
            try await save(frozen, cells, of: network, in: transaction)
        }
    }

    private func cells(
        of due: DueRelease,
        _ scheme: Scheme,
        _ network: Network,
        in transaction: PostgresTransaction
    ) async throws -> [FrozenCell] {
        let nodes = try await transaction.execute(ReadPlan(network: due.network, round: due.id))
        let texts = try await transaction.execute(ReadItemTexts(network: due.network, round: due.id))
        let tallies = try await transaction.execute(ReadTallies(network: due.network, round: due.id))
        let units = Dictionary(nodes.map { ($0.node.unit, $0.unitName) }) { first, _ in first }
        let items = Dictionary(texts.map { ($0.id, $0.text) }) { first, _ in first }
        let plan = Plan(nodes: nodes.map(\.node))
        func frozen(_ item: UUID, _ unit: UUID?, _ cell: Cell<UUID>?, _ noise: NoisyCell<UUID>? = nil) -> FrozenCell {
            let unitName = unit.flatMap { units[$0] ?? "" }
            return FrozenCell(
                item: item,
                itemText: items[item] ?? "",
                unit: unit,
                unitName: unitName,
                cell: cell,
                noise: noise
            )
        }
        switch scheme {
        case .s1:
            let parameters = Parameters(k: network.k, d: network.d)
            var coins = AnyGenerator(coins())
            let blocks = plan.close(tallies: tallies, parameters: parameters, using: &coins)
            return plan.publish(blocks, k: network.k).map { frozen($0.item, $0.unit, $0) }
        case .s2:
            // Never from a seed: who knows the noise knows the numbers.
            var generator = SystemRandomNumberGenerator()
            return plan.noise(tallies, parameters: StrictParameters(), using: &generator)
                .map { frozen($0.item, $0.unit, $0.cell, $0) }
        }
    }

    /// Numbers a release, keeps it with its cells until it is in the record, and enters it in the audit chain.
    func save(
        _ release: FrozenRelease,
        _ cells: [FrozenCell],
        of network: Network,
        in transaction: PostgresTransaction
    ) async throws {
        _ = try await transaction.execute(LockNumbering(owner: network.id))
        let insert = InsertPendingRelease(network: network.id, release: release)
        guard let number = try await transaction.first(insert) else { throw Problem(.internal) }
        _ = try await transaction.execute(InsertPendingCells(network: network.id, release: release.id, cells: cells))
        let event = AuditEvent.release(release, number: number, cells: cells)
        try await note(event, in: network.id, on: release.closedOn, transaction)
    }

    /// Copies frozen releases into the record; a crash between the two databases only means doing it again.
    private func publishPending(of network: UUID) async throws -> [UUID] {
        var published: [UUID] = []
        let pending = try await databases.release.execute(ReadPendingReleases(network: network), network: network)
        for (release, number) in pending {
            let cells = try await databases.release.execute(
                ReadPendingCells(network: network, release: release.id),
                network: network
            )
            let at = now()
            try await databases.recordWriter.transaction(network: network) { transaction in
                if release.isEndorsement {
                    guard let cell = cells.first else { return }
                    let support = InsertSupport(network: network, recommendation: release.round, cell: cell, now: at)
                    _ = try await transaction.execute(support)
                } else {
                    _ = try await transaction.execute(InsertRelease(network: network, release: release, number: number))
                    _ = try await transaction.execute(InsertCells(network: network, release: release.id, cells: cells))
                }
            }
            let done = MarkPublished(network: network, release: release.id)
            _ = try await databases.release.execute(done, network: network)
            published.append(release.id)
        }
        return published
    }
}

/// A generator whose type is known only at run time.
struct AnyGenerator: RandomNumberGenerator {
    private var generator: any RandomNumberGenerator

    init(_ generator: any RandomNumberGenerator) {
        self.generator = generator
    }

    mutating func next() -> UInt64 { generator.next() }
}
