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
            guard let source = try await transaction.first(FinishClosing(due: due)),
                let network = try await transaction.first(ReadNetwork(id: due.network))
            else { return }
            let nodes = try await transaction.execute(ReadPlan(network: due.network, round: due.id))
            let pending = try await transaction.execute(ReadContributions(network: due.network, round: due.id))
            let plan = Plan(nodes: nodes.map(\.node))
            let parameters = Parameters(k: network.k, d: network.d)
            var coins = AnyGenerator(coins())
            let closing = plan.close(pending: pending, parameters: parameters, using: &coins)
            let cells = plan.publish(closing.blocks, k: network.k)
            let names = Dictionary(nodes.compactMap { node in node.node.unit.map { ($0, node.unitName ?? "") } }) {
                first,
                _ in first
            }
            let texts = Dictionary(
                try await transaction.execute(ReadItemTexts(network: due.network, round: due.id)).map {
                    ($0.id, $0.text)
                }
            ) { first, _ in first }
            let id = UUID()
            _ = try await transaction.execute(LockNumbering(owner: due.network))
            _ = try await transaction.execute(
                InsertPendingRelease(
                    due: due,
                    id: id,
                    title: source,
                    closedOn: .today(in: network.zone, at: now()),
                    k: network.k
                )
            )
            _ = try await transaction.execute(
                InsertPendingCells(network: due.network, release: id, cells: cells, texts: texts, unitNames: names)
            )
            _ = try await transaction.execute(
                DeleteContributions(network: due.network, ids: closing.released + closing.expired)
            )
            _ = try await transaction.execute(
                AgeContributions(network: due.network, maximumCloses: parameters.maximumCloses)
            )
        }
    }

    /// Copies frozen releases into the record; a crash between the two databases only means doing it again.
    private func publishPending(of network: UUID) async throws -> [UUID] {
        var published: [UUID] = []
        for release in try await databases.release.execute(ReadPendingReleases(network: network), network: network) {
            let cells = try await databases.release.execute(
                ReadPendingCells(network: network, release: release.id),
                network: network
            )
            let at = now()
            try await databases.recordWriter.transaction(network: network) { transaction in
                if release.isEndorsement {
                    if let cell = cells.first {
                        let support = InsertSupport(
                            network: network,
                            recommendation: release.round,
                            cell: cell,
                            now: at
                        )
                        _ = try await transaction.execute(support)
                    }
                } else {
                    _ = try await transaction.execute(InsertRelease(network: network, release: release))
                    _ = try await transaction.execute(InsertCells(network: network, release: release.id, cells: cells))
                }
            }
            _ = try await databases.release.execute(
                MarkPublished(network: network, release: release.id),
                network: network
            )
            published.append(release.id)
        }
        return published
    }
}

/// A generator whose type is known only at run time.
private struct AnyGenerator: RandomNumberGenerator {
    private var generator: any RandomNumberGenerator

    init(_ generator: any RandomNumberGenerator) {
        self.generator = generator
    }

    mutating func next() -> UInt64 { generator.next() }
}
