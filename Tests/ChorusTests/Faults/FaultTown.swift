import AnonymousTokens
import Foundation
import Postgres
import Synchronization
@testable import TestSupport
import Testing

@testable import Chorus

/// A town whose members answer events and speak anonymously while something is done to its databases.
final class FaultTown: Sendable {
    /// What one member was told of their answer to the event.
    fileprivate struct Answer {
        /// The last one that was acknowledged.
        var acknowledged: String?
        /// Those sent since, of which nobody knows.
        var unknown: Set<String> = []
    }

    fileprivate struct State {
        var answers: [UUID: Answer] = [:]
        var acknowledgedRSVPs = 0
        var said: [String] = []
        var refusals: [Int: Int] = [:]
        var slowest: Duration = .zero
        /// The first acknowledgement of each kind since the fault.
        var back: [String: ContinuousClock.Instant] = [:]
        var fault: ContinuousClock.Instant?
        var isOver = false
    }

    let server: TestServer
    let event: String
    private let channel: String
    private let team: TestPerson
    private let members: [TestPerson]
    private let tokens: [Token]
    private let state = Mutex(State())

    /// - Parameter server: an empty one.
    init(_ server: TestServer) async throws {
        self.server = server
        team = try await server.person(.member, .organiser, .coordinator, .moderator)
        event = try await server.makeEvent(by: team)
        channel = try await server.channel(by: team)
        members = try await server.people(20)
        var tokens: [Token] = []
        for member in members { tokens += try await server.wallet(of: member).tokens[server.network.id] ?? [] }
        self.tokens = tokens
    }

    /// Lets eight members answer again and again, and three speak, until ``end()``.
    func work() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for member in members.prefix(8) { group.addTask { try await self.answer(as: member) } }
            for place in 0..<3 { group.addTask { try await self.speak(place) } }
            try await group.waitForAll()
        }
    }

    /// From now on what is acknowledged shows that the service is back.
    func noteFault() { state.withLock { $0.fault = .now } }

    /// Waits until both kinds of writes have been acknowledged again.
    ///
    /// - Returns: how long after the fault that was.
    func comesBack(within limit: Duration = .seconds(30)) async throws -> Duration {
        let isBack = try await soon(within: limit) { state.withLock { $0.back.count == 2 } }
        #expect(isBack)
        return state.withLock { state in
            guard let fault = state.fault, let last = state.back.values.max() else { return .seconds(3_600) }
            return last - fault
        }
    }

    func end() { state.withLock { $0.isOver = true } }

    /// How many answers and submissions were acknowledged, and how long the slowest request of all took.
    var figures: (answers: Int, said: Int, slowest: Duration) {
        state.withLock { ($0.acknowledgedRSVPs, $0.said.count, $0.slowest) }
    }

    // MARK: What they do

    private func answer(as member: TestPerson) async throws {
        var turn = 0
        while !state.withLock(\.isOver) {
            let answer = ["going", "maybe", "declined"][turn % 3]
            turn += 1
            state.withLock { _ = $0.answers[member.membership, default: Answer()].unknown.insert(answer) }
            let reply = try await timed { try await self.server.rsvp(self.event, answer, as: member) }
            if reply.status == 200 {
                state.withLock { state in
                    state.answers[member.membership] = Answer(acknowledged: answer)
                    state.acknowledgedRSVPs += 1
                    state.noteBack("answer")
                }
            } else {
                note(reply)
            }
            try await Task.sleep(for: .milliseconds(15))
        }
    }

    private func speak(_ place: Int) async throws {
        for (index, token) in tokens.enumerated() where index % 3 == place {
            if state.withLock(\.isOver) { return }
            let (text, receipt) = ("Stimme \(index)", TestServer.randomReceipt())
            // As the client's outbox does: the same again until it is acknowledged.
            while true {
                let reply = try await timed {
                    try await self.server.submit(
                        token,
                        receiptId: receipt,
                        TestServer.message(text, channel: self.channel)
                    )
                }
                if reply.status == 202 { break }
                note(reply)
                if state.withLock(\.isOver) { return }
                try await Task.sleep(for: .milliseconds(50))
            }
            state.withLock { state in
                state.said.append(text)
                state.noteBack("submission")
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    private func timed(_ body: () async throws -> TestReply) async throws -> TestReply {
        let start = ContinuousClock.now
        let reply = try await body()
        let passed = ContinuousClock.now - start
        state.withLock { $0.slowest = max($0.slowest, passed) }
        return reply
    }

    /// Whatever is not done is refused as unavailable, with a word on when to come back.
    private func note(_ reply: TestReply) {
        #expect(reply.status == 503, "\(reply.text)")
        #expect(reply.headers["retry-after"] != nil)
        state.withLock { $0.refusals[reply.status, default: 0] += 1 }
    }

    // MARK: What is left

    /// Every acknowledged answer stands, unless a later one of the same member does that nobody knew of; every
    /// acknowledged submission is there once, and none twice.
    func losesNothing() async throws {
        let state = state.withLock { $0 }
        let found = try await server.texts(
            "SELECT membership_id || ' ' || answer FROM rsvp WHERE event_id = '\(event.suffix(36))'"
        )
        let answers = Dictionary(
            found.compactMap { line -> (UUID, String)? in
                let words = line.split(separator: " ")
                return UUID(uuidString: String(words[0])).map { ($0, String(words[1])) }
            }
        ) { first, _ in first }
        for (member, answer) in state.answers {
            guard let acknowledged = answer.acknowledged else { continue }
            let stands = answers[member] ?? "nothing"
            #expect(stands == acknowledged || answer.unknown.contains(stands), "\(stands) instead of \(acknowledged)")
        }
        _ = try await server.mix()
        let messages = try await server.send("GET", "\(server.home)/channels/\(channel)/messages?limit=200", as: team)
        let texts = messages.json["items"].array.map { $0["text"].string }
        #expect(Set(texts).count == texts.count, "one stands there twice")
        #expect(Set(state.said).subtracting(texts).isEmpty, "lost: \(Set(state.said).subtracting(texts))")
    }
}

extension FaultTown.State {
    fileprivate mutating func noteBack(_ kind: String) {
        if fault != nil, back[kind] == nil { back[kind] = .now }
    }
}
