import AnonymousTokens
import Crypto
import Foundation
import Postgres

/// One entry of a network's audit chain, as it is stored: every part may have been tampered with.
struct AuditEntry: Sendable, Equatable {
    /// Counts from one.
    let position: Int
    let day: PostgresDate
    /// Name of an ``AuditKind``, unless somebody wrote something else there.
    let kind: String
    /// Canonical JSON, likewise.
    let content: String
    /// Hash of the entry before.
    let previous: [UInt8]
    let hash: [UInt8]

    /// What the content says; `nil` when it is not written as canonical JSON is.
    var members: CanonicalJSON? {
        guard let parsed = try? JSONParser.parse(Array(content.utf8)), let members = CanonicalJSON(parsed),
            members.text == content
        else { return nil }
        return members
    }

    /// The hash that the entry of a network should have; `nil` when its content cannot be read.
    func expectedHash(in network: UUID) -> [UInt8]? {
        guard let members else { return nil }
        let whole = CanonicalJSON.object([
            "v": .integer(1), "network": .string(network.text), "position": .integer(position),
            "day": .string(day.description), "kind": .string(kind), "content": members,
            "previous": .string(previous.hex),
        ])
        return Array(SHA256.hash(data: whole.bytes))
    }
}

/// The end of a chain.
struct AuditHead: Sendable, Equatable {
    /// Of the last entry; 0 before the first.
    let position: Int
    /// Of the last entry; zeros before the first.
    let hash: [UInt8]

    /// Before the first entry.
    static let beginning = AuditHead(position: 0, hash: [UInt8](repeating: 0, count: 32))
}

/// A chain as far as it was followed (the idea is that of RFC 9162, with one log for each network, small enough to read whole).
struct AuditChain: Sendable, Equatable {
    let network: UUID
    /// The last entry that followed.
    private(set) var head = AuditHead.beginning

    /// A chain that is followed from its beginning.
    ///
    /// - Parameter network: whose it is.
    init(network: UUID) {
        self.network = network
    }

    /// Takes the next entry, if it follows from those before and is what its hash says.
    ///
    /// - Returns: whether it does; the chain is as before if not.
    mutating func follow(_ entry: AuditEntry) -> Bool {
        guard entry.position == head.position + 1, entry.previous == head.hash,
            entry.expectedHash(in: network) == entry.hash
        else { return false }
        head = AuditHead(position: entry.position, hash: entry.hash)
        return true
    }

    /// Finds where a chain breaks.
    ///
    /// - Parameters:
    ///   - entries: all of them, in their order.
    ///   - end: where the chain is said to end.
    ///   - network: whose chain it is.
    /// - Returns: position of the first entry that is not what was entered there: changed, missing, or one too many; `nil` for a
    ///   whole chain.
    static func firstBreak(in entries: [AuditEntry], end: AuditHead, of network: UUID) -> Int? {
        var chain = AuditChain(network: network)
        for entry in entries where !chain.follow(entry) { return chain.head.position + 1 }
        return chain.head == end ? nil : chain.head.position + 1
    }
}
