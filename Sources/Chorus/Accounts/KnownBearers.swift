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

    /// Entries of late and those before; when there are too many of late, those before go.
    ///
    /// So whoever asks often stays, and making room takes no time.
    private struct Generations {
        var late: [BearerQuestion: Entry] = [:]
        var before: [BearerQuestion: Entry] = [:]

        mutating func put(_ entry: Entry, _ question: BearerQuestion, most: Int) {
            if late.count >= most { (before, late) = (late, [:]) }
            late[question] = entry
        }

        mutating func take(_ question: BearerQuestion, most: Int) -> Entry? {
            if let entry = late[question] { return entry }
            guard let entry = before.removeValue(forKey: question) else { return nil }
            put(entry, question, most: most)
            return entry
        }
    }

    /// How long an entry is kept at most.
    private static let lifetime = Changes.lifetime

    private let capacity: Int
    private let changes: Changes
    private let now: @Sendable () -> Date
    private let generations = Mutex(Generations())

    /// - Parameters:
    ///   - capacity: how many may be kept; 100,000 by default, some hundred bytes each.
    ///   - changes: says what is still good.
    ///   - now: the present instant.
    init(capacity: Int = 100_000, changes: Changes, now: @escaping @Sendable () -> Date) {
        self.capacity = capacity
        self.changes = changes
        self.now = now
    }

    /// Who is known by a credential; `nil` when the database has to be asked.
    func find(_ question: BearerQuestion) -> Bearer? {
        guard let entry = generations.withLock({ $0.take(question, most: capacity / 2) }),
            changes.mark(question.network, .people) == entry.mark
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
        generations.withLock { $0.put(entry, question, most: capacity / 2) }
    }

    /// How many are kept.
    var count: Int { generations.withLock { $0.late.count + $0.before.count } }
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
