import Foundation
import Hummingbird
import NIOCore
import Synchronization

/// Answers to reads that many people share, kept as ready bytes until something they depend on changes.
///
/// Only a handler that has just read the databases puts something here, with the mark of the moment before it read; what
/// is taken out is good at this very moment (``Changes``). What one person alone may see is kept for that person alone.
final class ReadyAnswers: Sendable {
    /// Who an answer is for.
    enum Audience: Sendable {
        /// Those inside the network.
        case insiders
        /// HR and council: the record.
        case record
    }

    /// Where an answer belongs, and the moment before it was read.
    struct Place: Sendable {
        fileprivate let target: String
        fileprivate let network: UUID
        fileprivate let audience: Audience
        fileprivate let topic: Changes.Topic
        fileprivate let member: UUID
        fileprivate let isDaily: Bool
        fileprivate let mark: Changes.Mark?

        /// Whether anything can be kept here.
        var isOpen: Bool { mark != nil }
    }

    fileprivate struct Shelf {
        /// Under which all of it is good.
        struct Condition {
            let network: UUID
            let topic: Changes.Topic
            let mark: Changes.Mark
            let keptAt: Date
            let isDaily: Bool

            /// Whether time alone has not made it wrong.
            func isFresh(at instant: Date) -> Bool {
                (0...Changes.lifetime).contains(instant.timeIntervalSince(keptAt))
                    && (!isDaily || Self.quarter(instant) == Self.quarter(keptAt))
            }

            /// Every zone's day begins with a quarter of an hour of UTC.
            private static func quarter(_ instant: Date) -> Int {
                Int((instant.timeIntervalSince1970 / 900).rounded(.down))
            }
        }

        let condition: Condition
        let audience: Audience
        var shared: Representation?
        /// Those who see what everybody sees.
        var sharers: Set<UUID> = []
        var own: [UUID: Representation] = [:]
        /// Makes what a member sees, where no question is needed for that.
        var compose: (@Sendable (UUID) -> Representation)?
        var size = 0
    }

    private struct State {
        var shelves: [String: Shelf] = [:]
        var size = 0
    }

    /// What an entry costs beside its body and its target, about.
    private static let overhead = 256

    private let capacity: Int
    private let changes: Changes
    private let now: @Sendable () -> Date
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: how many bytes may be kept; 64 MiB by default.
    ///   - changes: says what is still good.
    ///   - now: the present instant.
    init(capacity: Int = 64 << 20, changes: Changes, now: @escaping @Sendable () -> Date) {
        self.capacity = capacity
        self.changes = changes
        self.now = now
    }

    // MARK: For the handlers, which read the databases

    /// A place for the answer to a request; taken before anything is read.
    ///
    /// - Parameters:
    ///   - request: the read.
    ///   - member: who asks.
    ///   - audience: who may ask.
    ///   - topic: what the answer depends on; everything of the network but answers to events by default.
    ///   - isDaily: whether it says what day it is, in the network's zone; false by default.
    func place(
        for request: Request,
        of member: Member,
        _ audience: Audience,
        _ topic: Changes.Topic = .content,
        isDaily: Bool = false
    ) -> Place {
        Place(
            target: request.head.path ?? "",
            network: member.network,
            audience: audience,
            topic: topic,
            member: member.id,
            isDaily: isDaily,
            mark: changes.mark(member.network, topic)
        )
    }

    /// What is ready at a place.
    func answer(at place: Place) -> Representation? { answer(to: place.target, for: place.member) }

    /// Keeps an answer.
    ///
    /// - Parameters:
    ///   - answer: what was read after the place was taken.
    ///   - place: where it belongs.
    ///   - isShared: whether everybody of the audience would see just this.
    ///   - weight: what `compose` holds in memory, in bytes; 0 by default.
    ///   - compose: makes what any member of the audience sees; without it, it is known only of who asked.
    /// - Returns: the same answer.
    @discardableResult
    func keep(
        _ answer: Representation,
        at place: Place,
        isShared: Bool = true,
        weight: Int = 0,
        compose: (@Sendable (UUID) -> Representation)? = nil
    ) -> Representation {
        guard let mark = place.mark, !place.target.isEmpty else { return answer }
        let keptAt = now()
        // Who asks chooses how long a target is: zeros before a number are not refused.
        let size = Self.size(of: answer, at: place.target) + weight
        guard size < capacity / 4 else { return answer }
        state.withLock { state in
            // Another mark is another moment: all that is on the shelf goes.
            if let old = state.shelves[place.target], !old.isAsGood(as: mark, at: keptAt) {
                state.size -= old.size
                state.shelves[place.target] = nil
            }
            let condition = Shelf.Condition(
                network: place.network,
                topic: place.topic,
                mark: mark,
                keptAt: keptAt,
                isDaily: place.isDaily
            )
            // Taken out while it is changed, so that it is not copied.
            var shelf =
                state.shelves.removeValue(forKey: place.target) ?? Shelf(condition: condition, audience: place.audience)
            let before = shelf.size
            if let compose {
                shelf.put(answer, by: compose, size: size)
            } else {
                shelf.put(answer, for: place.member, isShared: isShared, size: size)
            }
            state.size += shelf.size - before
            state.shelves[place.target] = shelf
            makeRoom(&state)
        }
        return answer
    }

    /// Drops shelves, in the arbitrary order of a dictionary, until a quarter is free.
    private func makeRoom(_ state: inout State) {
        guard state.size > capacity else { return }
        while state.size > capacity / 4 * 3, let first = state.shelves.first {
            state.size -= first.value.size
            state.shelves[first.key] = nil
        }
    }

    // MARK: For the express lane, which reads nothing

    /// Whose answer is kept for a request target, if any is.
    func owner(of target: String) -> (network: UUID, audience: Audience)? {
        state.withLock { $0.shelves[target].map { ($0.condition.network, $0.audience) } }
    }

    /// What a member sees at a request target; `nil` when that is not known at this moment.
    ///
    /// - Parameters:
    ///   - target: path and query, to the byte.
    ///   - member: somebody of the audience, which the caller has made sure of.
    func answer(to target: String, for member: UUID) -> Representation? {
        let found = state.withLock { state -> (known: Shelf.Known, condition: Shelf.Condition)? in
            guard let shelf = state.shelves[target] else { return nil }
            return shelf.known(of: member).map { ($0, shelf.condition) }
        }
        guard let (known, condition) = found, changes.mark(condition.network, condition.topic) == condition.mark,
            condition.isFresh(at: now())
        else { return nil }
        switch known {
        case .answer(let answer): return answer
        case .composer(let compose):
            let answer = compose(member)
            remember(answer, of: member, at: target, condition.mark)
            return answer
        }
    }

    /// Keeps what was composed for somebody, unless it is what everybody sees or the moment has passed.
    private func remember(_ answer: Representation, of member: UUID, at target: String, _ mark: Changes.Mark) {
        let size = Self.size(of: answer, at: target)
        state.withLock { state in
            guard var shelf = state.shelves.removeValue(forKey: target) else { return }
            if shelf.condition.mark == mark, shelf.shared?.entityTag != answer.entityTag {
                let before = shelf.size
                shelf.put(answer, for: member, isShared: false, size: size)
                state.size += shelf.size - before
            }
            state.shelves[target] = shelf
            makeRoom(&state)
        }
    }

    private static func size(of answer: Representation, at target: String) -> Int {
        answer.body.readableBytes + target.utf8.count + overhead
    }

    /// How many bytes are kept, about.
    var size: Int { state.withLock { $0.size } }
}

extension ReadyAnswers.Shelf {
    fileprivate func isAsGood(as mark: Changes.Mark, at instant: Date) -> Bool {
        condition.mark == mark && condition.isFresh(at: instant)
    }

    /// How an answer to somebody comes about.
    fileprivate enum Known {
        case answer(Representation)
        case composer(@Sendable (UUID) -> Representation)
    }

    fileprivate func known(of member: UUID) -> Known? {
        if let answer = own[member] { return .answer(answer) }
        if sharers.contains(member), let shared { return .answer(shared) }
        return compose.map(Known.composer)
    }

    fileprivate mutating func put(
        _ answer: Representation,
        by composer: @escaping @Sendable (UUID) -> Representation,
        size cost: Int
    ) {
        // Read again by two at once, it is the same again.
        if compose == nil { size += cost }
        (shared, compose) = (answer, composer)
    }

    fileprivate mutating func put(_ answer: Representation, for member: UUID, isShared: Bool, size cost: Int) {
        if isShared {
            if shared == nil { size += cost }
            shared = answer
            if sharers.insert(member).inserted { size += 32 }
        } else {
            if own[member] == nil { size += cost }
            own[member] = answer
        }
    }
}
