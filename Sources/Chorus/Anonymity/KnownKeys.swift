import AnonymousTokens
import Foundation
import Postgres
import Synchronization

/// A signing key with what a submission under it is checked against.
struct KnownKey: Sendable {
    let key: AnonymousKey
    let network: Network
    let publicKey: IssuerPublicKey
    let contextDigest: [UInt8]

    /// Whether a token is of this key and for its context.
    func signed(_ token: Token) -> Bool { token.isValid(forContextDigest: contextDigest, under: publicKey) }

    /// Whether tokens of the key are taken on a day.
    ///
    /// - Throws: ``Problem`` `keyClosed` or `setTooSmall`.
    func requireOpen(at now: Date) throws(Problem) {
        guard key.isRedeemable(on: .today(in: network.zone, at: now)) else { throw Problem(.keyClosed) }
        guard key.granted >= key.minSet else { throw Problem(.setTooSmall) }
    }
}

/// The keys that submissions named lately, and the places that they named and that are there.
///
/// Nothing here is of a person: keys belong to a whole network. Whether a key is still open decides the statement that
/// stages a submission, which holds the key; this only spares the questions before it.
final class KnownKeys: Sendable {
    private struct Entry {
        let known: KnownKey
        let mark: Changes.Mark
        let knownAt: Date
        /// What was looked for and found.
        var references: Set<Reference> = []
    }

    /// What a submission names beside its key.
    struct Reference: Hashable, Sendable {
        let id: UUID
        /// The channel of a theme, or the round of an item.
        let owner: UUID?

        init(_ id: UUID, of owner: UUID? = nil) {
            self.id = id
            self.owner = owner
        }
    }

    private struct State {
        var keys: [[UInt8]: Entry] = [:]
        var batch: UUID?
    }

    private static let lifetime = Changes.lifetime
    private static let capacity = 2_000
    private static let referencesOfOne = 5_000

    private let changes: Changes
    private let now: @Sendable () -> Date
    private let state = Mutex(State())

    /// - Parameters:
    ///   - changes: says what is still good.
    ///   - now: the present instant.
    init(changes: Changes, now: @escaping @Sendable () -> Date) {
        self.changes = changes
        self.now = now
    }

    /// A key that is known at this moment.
    func find(_ keyId: [UInt8]) -> KnownKey? { entry(keyId)?.known }

    /// Whether something that a submission names was found before.
    func hasFound(_ references: [Reference], under keyId: [UInt8]) -> Bool {
        entry(keyId).map { $0.references.isSuperset(of: references) } ?? false
    }

    private func entry(_ keyId: [UInt8]) -> Entry? {
        guard let entry = state.withLock({ $0.keys[keyId] }),
            changes.mark(entry.known.network.id, .content) == entry.mark,
            (0...Self.lifetime).contains(now().timeIntervalSince(entry.knownAt))
        else { return nil }
        return entry
    }

    /// Keeps a key that was just read.
    ///
    /// - Parameter mark: taken before it was.
    func keep(_ known: KnownKey, _ mark: Changes.Mark?) {
        guard let mark else { return }
        let entry = Entry(known: known, mark: mark, knownAt: now())
        state.withLock { state in
            if state.keys.count >= Self.capacity { state.keys = [:] }
            state.keys[known.key.keyId] = entry
        }
    }

    /// Keeps what was found; it is good as long as its key is.
    ///
    /// - Parameter mark: taken before it was read.
    func keep(_ references: [Reference], under keyId: [UInt8], _ mark: Changes.Mark?) {
        state.withLock { state in
            guard var entry = state.keys.removeValue(forKey: keyId) else { return }
            if entry.mark == mark {
                if entry.references.count > Self.referencesOfOne { entry.references = [] }
                entry.references.formUnion(references)
            }
            state.keys[keyId] = entry
        }
    }

    /// The batch that took the last submission: open, unless it has been mixed since.
    var lastBatch: UUID? {
        get { state.withLock { $0.batch } }
        set { state.withLock { $0.batch = newValue } }
    }
}

extension Submission.Content {
    /// What has to be there for this to be taken.
    var references: [KnownKeys.Reference] {
        switch self {
        case .message(let message):
            [
                .init(message.channel), message.theme.map { .init($0, of: message.channel) },
                message.unit.map { .init($0) },
            ]
            .compactMap(\.self)
        case .ballot(let ballot):
            ballot.answers.map { .init($0.item, of: ballot.round) }
        case .endorsement: []
        }
    }
}
