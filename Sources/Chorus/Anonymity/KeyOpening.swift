import Foundation
import Postgres

extension ServerParts {
    /// Opens a key inside a transaction that has the network set; the directory gets a new version that names the old one.
    ///
    /// - Parameters:
    ///   - new: scope, epoch and days.
    ///   - key: made beforehand, off the event loop.
    func openKey(_ new: NewKey, _ key: SealedKey, of network: UUID, in transaction: PostgresTransaction) async throws {
        let last = try await lockDirectory(of: network, in: transaction)
        _ = try await transaction.execute(
            InsertKey(network: network, new: new, key: key, seq: (last?.seq ?? 0) + 1)
        )
        try await appendVersion(after: last, of: network, in: transaction)
    }

    /// Takes the directory for a change.
    ///
    /// - Returns: its newest version; `nil` when there is none yet.
    private func lockDirectory(of network: UUID, in transaction: PostgresTransaction) async throws -> DirectoryVersion?
    {
        _ = try await transaction.execute(LockDirectory(network: network))
        if let last = try await transaction.first(ReadDirectoryVersions(network: network)) { return last }
        // Keys from before there was a chain: it begins with the version that they had.
        let keys = try await transaction.execute(ReadKeys(network: network))
        guard let seq = keys.map(\.directorySeq).max() else { return nil }
        return try await insertVersion(seq, prev: Self.beginning, keys, of: network, in: transaction)
    }

    /// What the first version of a chain names as the one before.
    private static var beginning: [UInt8] { [UInt8](repeating: 0, count: 32) }

    private func appendVersion(
        after last: DirectoryVersion?,
        of network: UUID,
        in transaction: PostgresTransaction
    ) async throws {
        let keys = try await transaction.execute(ReadKeys(network: network))
        let prev = last?.digest ?? Self.beginning
        _ = try await insertVersion((last?.seq ?? 0) + 1, prev: prev, keys, of: network, in: transaction)
    }

    private func insertVersion(
        _ seq: Int,
        prev: [UInt8],
        _ keys: [AnonymousKey],
        of network: UUID,
        in transaction: PostgresTransaction
    ) async throws -> DirectoryVersion {
        let bundle = WebClient.bundleDigest
        let directory = KeyDirectory(network: network, seq: seq, prev: prev, bundle: bundle, keys: keys)
        let version = DirectoryVersion(
            seq: directory.seq,
            prev: directory.prev,
            bundle: directory.bundle,
            digest: directory.digest
        )
        _ = try await transaction.execute(InsertDirectoryVersion(network: network, version: version))
        return version
    }

    /// Notes another web client in the directory, so that its digest is part of the chain before anybody is served it.
    func noteBundle(of network: UUID) async throws {
        // Looked at first without the lock, which writes: this runs with every mix.
        let newest = try await databases.member.first(ReadDirectoryVersions(network: network), network: network)
        if newest?.bundle == WebClient.bundleDigest { return }
        try await databases.member.transaction(network: network) { transaction in
            let last = try await lockDirectory(of: network, in: transaction)
            guard let last, last.bundle != WebClient.bundleDigest else { return }
            try await appendVersion(after: last, of: network, in: transaction)
        }
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

    /// How many free messages a member has in a week.
    static let messagesPerMember = 3

    private func openMessageKey(of network: Network, _ epoch: Epoch) async throws {
        let key = try await makeKey()
        let new = NewKey(
            scope: network.id,
            kind: .message,
            tokensPerMember: Self.messagesPerMember,
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

    /// Opens the message keys of all networks and erases the private parts of those that are over.
    func openDueKeys() async throws {
        for network in try await databases.member.execute(ReadAllNetworks()) {
            try await noteBundle(of: network.id)
            try await openMessageKeys(of: network)
            let today = PostgresDate.today(in: network.zone, at: now())
            _ = try await databases.member.execute(
                ErasePrivateKeys(network: network.id, today: today),
                network: network.id
            )
        }
    }

    /// Deletes the nullifiers of keys that are over, and who had tokens of them.
    ///
    /// Later than the private parts: a submission that was sent twice may wait for ``Mixer/maximumWait`` mixes, and its second
    /// copy is caught by the nullifier of the first.
    func deleteOldNullifiers() async throws {
        for network in try await databases.member.execute(ReadAllNetworks()) {
            let today = PostgresDate.today(in: network.zone, at: now())
            let statement = DeleteNullifiers(network: network.id, today: today)
            _ = try await databases.mixer.execute(statement, network: network.id)
            _ = try await databases.mixer.execute(
                ForgetParticipants(
                    network: network.id,
                    today: today,
                    askedBefore: today.adding(days: -Int(Admission.memory / 86_400) - 1)
                ),
                network: network.id
            )
        }
    }
}
