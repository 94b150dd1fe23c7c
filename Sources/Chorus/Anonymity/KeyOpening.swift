import Foundation
import Postgres

extension ServerParts {
    /// Opens a key inside a transaction that has the network set; the directory gets a new version that names the old one.
    ///
    /// - Parameters:
    ///   - new: scope, epoch and days.
    ///   - key: made beforehand, off the event loop.
    func openKey(_ new: NewKey, _ key: SealedKey, of network: UUID, in transaction: PostgresTransaction) async throws {
        let seq = try await transaction.first(LockDirectory(network: network)) ?? 0
        let shown = KeyDirectory(
            network: network,
            seq: seq,
            prev: try await transaction.first(ReadDirectoryVersion(network: network))?.prev ?? [],
            bundle: WebClient.bundleDigest,
            keys: try await transaction.execute(ReadKeys(network: network))
        )
        let prev = seq == 0 ? [UInt8](repeating: 0, count: 32) : shown.digest
        _ = try await transaction.execute(InsertKey(network: network, new: new, key: key, seq: seq + 1))
        _ = try await transaction.execute(SaveDirectoryVersion(network: network, seq: seq + 1, prev: prev))
    }

    /// A new key pair, made off the event loop.
    func makeKey() async throws -> SealedKey {
        let sealing = secrets.keySealing
        return try await compute { try SealedKey(sealingWith: sealing) }
    }

    /// Opens the message keys that are due: this week's, and the next ones as long before as the network announces them.
    func openMessageKeys(of network: Network) async throws {
        let today = PostgresDate.today(in: network.zone, at: now())
        let known = Set(
            try await databases.member.execute(ReadEpochs(network: network.id, scope: network.id), network: network.id)
        )
        var epoch = Epoch(containing: today)
        while epoch.monday.adding(days: -network.keyNoticeDays) <= today {
            if !known.contains(epoch.name) { try await openMessageKey(of: network, epoch) }
            epoch = epoch.next
        }
    }

    private func openMessageKey(of network: Network, _ epoch: Epoch) async throws {
        let key = try await makeKey()
        let new = NewKey(
            scope: network.id,
            kind: .message,
            tokensPerMember: 3,
            minSet: network.minSet,
            epoch: epoch.name,
            issueFrom: epoch.monday,
            issueTo: epoch.sunday,
            redeemTo: epoch.sunday.adding(days: 7)
        )
        do {
            try await databases.member.transaction(network: network.id) { transaction in
                try await openKey(new, key, of: network.id, in: transaction)
            }
        } catch let error as PostgresError where error.sqlState == "23505" {
            // Another server opened the key of this epoch at the same time.
        }
    }

    /// Opens the message keys of all networks.
    func openDueKeys() async throws {
        for network in try await databases.member.execute(ReadAllNetworks()) { try await openMessageKeys(of: network) }
    }
}
