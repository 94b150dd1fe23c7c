import Foundation
import Postgres
import Synchronization

/// Who has signed in lately, so that not every request asks the database who its bearer is.
///
/// An entry is good until anything changes that it was read from: accounts, what they sign in with, or the network.
/// Nobody is kept who was not found, and the credential itself is nowhere: the key is its SHA-256.
final class KnownBearers: Sendable {
    private struct Entry {
        let bearer: Bearer
        let mark: Changes.Mark
        let knownAt: Date
    }

    /// How long an entry is kept at most.
    private static let lifetime = Changes.lifetime

    private let capacity: Int
    private let changes: Changes
    private let now: @Sendable () -> Date
    private let entries = Mutex<[BearerQuestion: Entry]>([:])

    /// - Parameters:
    ///   - capacity: how many may be kept, then all are asked for anew; 20,000 by default.
    ///   - changes: says what is still good.
    ///   - now: the present instant.
    init(capacity: Int = 20_000, changes: Changes, now: @escaping @Sendable () -> Date) {
        self.capacity = capacity
        self.changes = changes
        self.now = now
    }

    /// Who is known by a credential; `nil` when the database has to be asked.
    func find(_ question: BearerQuestion) -> Bearer? {
        guard let entry = entries.withLock({ $0[question] }), changes.mark(question.network, .people) == entry.mark
        else { return nil }
        let instant = now()
        guard (0...Self.lifetime).contains(instant.timeIntervalSince(entry.knownAt)), instant < entry.bearer.expiresAt
        else { return nil }
        return entry.bearer
    }

    /// Remembers somebody.
    ///
    /// - Parameters:
    ///   - bearer: who was found.
    ///   - question: what was asked.
    ///   - mark: taken before the database was asked.
    func keep(_ bearer: Bearer, _ question: BearerQuestion, _ mark: Changes.Mark?) {
        // Whoever is not in the network yet may be let in by another process, of which nothing tells.
        guard let mark, question.network == nil || bearer.member != nil else { return }
        let entry = Entry(bearer: bearer, mark: mark, knownAt: now())
        entries.withLock { entries in
            if entries.count >= capacity { entries = [:] }
            entries[question] = entry
        }
    }

    /// How many are kept.
    var count: Int { entries.withLock(\.count) }
}

extension ServerParts {
    /// Who a credential belongs to, and the account's place in a network.
    ///
    /// - Parameters:
    ///   - credential: what was sent.
    ///   - network: of the route; `nil` outside networks.
    /// - Returns: `nil` for an unknown or expired credential.
    /// - Throws: `PostgresError`.
    func bearer(of credential: Credential, in network: UUID?) async throws -> Bearer? {
        let question = BearerQuestion(tokenHash: credential.hash, network: network)
        if let known = bearers.find(question) { return known }
        return try await signIns.submit(question)
    }
}
