import Foundation
import Postgres
import Synchronization

/// What has changed in the databases, as far as this process knows: numbers that grow with every change.
///
/// Whoever keeps an answer keeps the ``Mark`` of the moment before its statements ran, and the answer is good as long as
/// the mark is: a commit of this process raises the numbers before it is acknowledged, one of another process when its
/// `NOTIFY` arrives. Notifications that could be lost make no answer stale: each database has to send back a beat of this
/// process every second, and while one is missing there are no marks, hence nothing that was kept is used.
final class Changes: Sendable {
    /// What an answer depends on.
    enum Topic: Sendable {
        /// Accounts and what they sign in with, and everything of the network.
        case people
        /// Everything of the network but the answers to its events.
        case content
        /// The events with their counts too.
        case events
    }

    /// A moment in the life of a network.
    struct Mark: Equatable, Sendable {
        fileprivate let everything: Int
        fileprivate let people: Int
        fileprivate let content: Int
        fileprivate let events: Int
    }

    private struct Counts {
        var content = 0
        var events = 0
    }

    private struct State {
        var sender = UUID().text
        var everything = 0
        var people = 0
        var networks: [UUID: Counts] = [:]
        var lastBeat: [DatabaseKind: ContinuousClock.Instant] = [:]

        /// Raises a number of a network.
        mutating func raise(_ number: WritableKeyPath<Counts, Int>, of network: UUID) {
            // Requests name networks that there are not; the table starts anew rather than grow, and so do all marks.
            if networks.count >= Changes.mostNetworks, networks[network] == nil {
                networks = [:]
                everything += 1
            }
            networks[network, default: Counts()][keyPath: number] += 1
        }
    }

    /// How many networks are told apart at most.
    static let mostNetworks = 10_000

    /// How long anything is kept at most, in seconds: by then even what no notification tells of is right.
    static let lifetime: TimeInterval = 300
    /// How long a database may be silent before what was kept is no longer trusted.
    static let patience: Duration = .seconds(3)

    /// Names this process in its own notifications.
    var sender: String { state.withLock(\.sender) }
    private let state = Mutex(State())

    /// The mark of this moment.
    ///
    /// - Parameters:
    ///   - network: whose; `nil` for what belongs to no network.
    ///   - topic: what the answer depends on.
    /// - Returns: `nil` while nothing may be kept.
    func mark(_ network: UUID?, _ topic: Topic) -> Mark? {
        let now = ContinuousClock.now
        return state.withLock { state in
            for kind in DatabaseKind.allCases {
                guard let beat = state.lastBeat[kind], now - beat < Self.patience else { return nil }
            }
            let counts = network.flatMap { state.networks[$0] } ?? Counts()
            return Mark(
                everything: state.everything,
                people: topic == .people ? state.people : 0,
                content: counts.content,
                events: topic == .events ? counts.events : 0
            )
        }
    }

    /// How many networks are told apart at the moment.
    var networkCount: Int { state.withLock(\.networks.count) }

    // MARK: What changed

    /// Something of a network changed.
    func changed(_ network: UUID) {
        state.withLock { $0.raise(\.content, of: network) }
    }

    /// Answers to events of some networks changed.
    func answered(_ networks: some Sequence<UUID>) {
        state.withLock { state in
            for network in networks { state.raise(\.events, of: network) }
        }
    }

    /// A connection was lost while this process wrote: whether and when that was committed only its notification will tell.
    func lostSight() { state.withLock { $0.sender = UUID().text } }

    /// Accounts, or what they sign in with, changed.
    func peopleChanged() { state.withLock { $0.people += 1 } }

    /// Anything may have changed.
    func everythingChanged() { state.withLock { $0.everything += 1 } }

    /// Takes a notification.
    ///
    /// - Parameters:
    ///   - payload: empty after a new connection, when some may have been missed.
    ///   - kind: the database that it came from.
    func take(_ payload: String, from kind: DatabaseKind) {
        let words = payload.split(separator: " ")
        switch words.first {
        case "beat":
            let sender = sender
            if words.dropFirst().first.map({ $0 == sender }) ?? false { beat(of: kind) }
        case "people": peopleChanged()
        case "network": for id in words.dropFirst() { UUID(utf8: id.utf8).map(changed) }
        case "events":
            // This process raised its numbers itself, before it acknowledged the answers.
            let sender = sender
            guard words.dropFirst().first.map({ $0 != sender }) ?? false else { return }
            answered(words.dropFirst(2).compactMap { UUID(utf8: $0.utf8) })
        default: everythingChanged()
        }
    }

    private func beat(of kind: DatabaseKind) {
        let now = ContinuousClock.now
        state.withLock { state in
            // Whatever was sent during a silence may be lost.
            if state.lastBeat[kind].map({ now - $0 >= Self.patience }) ?? true { state.everything += 1 }
            state.lastBeat[kind] = now
        }
    }
}

/// Sends a beat to everybody who listens to a database.
struct SendBeat: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT pg_notify('chorus', 'beat ' || $1::text)"
    let sender: String
    func bind(_ parameters: inout PostgresParameters) { parameters.append(sender) }
}
