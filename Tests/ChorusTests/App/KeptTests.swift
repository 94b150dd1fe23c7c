import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
@testable import TestSupport
import Testing

@testable import Chorus

/// What is kept in memory, without a server.
@Suite struct KeptTests {
    private let network = UUID()

    /// Changes that have heard of both databases.
    private static func alive() -> Changes {
        let changes = Changes()
        for kind in DatabaseKind.allCases { changes.take("beat \(changes.sender)", from: kind) }
        return changes
    }

    private func member() -> Member {
        Member(network: network, id: UUID(), account: UUID(), roles: [.member], unit: nil)
    }

    private func place(_ path: String, of member: Member, in ready: ReadyAnswers, isDaily: Bool = false)
        -> ReadyAnswers.Place
    {
        let head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: path)
        let request = Request(head: head, body: .init(buffer: ByteBuffer()))
        return ready.place(for: request, of: member, .insiders, isDaily: isDaily)
    }

    private static func answer(_ size: Int) throws -> Representation {
        try Representation(String(repeating: "x", count: size))
    }

    @Test func manyTargetsStayWithinTheBound() throws {
        let ready = ReadyAnswers(capacity: 100_000, changes: Self.alive(), now: { Date() })
        let (member, answer) = (member(), try Self.answer(1_000))
        for index in 0..<1_000 {
            ready.keep(answer, at: place("/\(index)", of: member, in: ready))
            #expect(ready.size <= 100_000)
        }
        let kept = (0..<1_000).filter { ready.owner(of: "/\($0)") != nil }
        #expect((50...100).contains(kept.count), "some are kept, but not more than there is room for")
    }

    /// `?limit=` followed by thousands of zeros and a number is a target too.
    @Test func longTargetsCountAsWell() throws {
        let ready = ReadyAnswers(capacity: 100_000, changes: Self.alive(), now: { Date() })
        let (member, answer) = (member(), try Self.answer(10))
        let targets = (0..<200).map { "/?limit=" + String(repeating: "0", count: 5_000) + "\($0)" }
        for target in targets { ready.keep(answer, at: place(target, of: member, in: ready)) }
        let kept = targets.filter { ready.owner(of: $0) != nil }
        #expect((1...20).contains(kept.count))
    }

    @Test func manyReadersOfOneTargetStayWithinTheBound() throws {
        let ready = ReadyAnswers(capacity: 100_000, changes: Self.alive(), now: { Date() })
        let answer = try Self.answer(1_000)
        for index in 0..<5_000 {
            ready.keep(answer, at: place("/", of: member(), in: ready), isShared: index.isMultiple(of: 2))
            #expect(ready.size <= 100_000)
        }
        let large = try Self.answer(30_000)
        ready.keep(large, at: place("/large", of: member(), in: ready))
        #expect(ready.owner(of: "/large") == nil, "one answer does not take the place of all others")
    }

    @Test func nothingIsKeptThatWasReadBeforeAChangeOrInASilence() throws {
        let changes = Self.alive()
        let ready = ReadyAnswers(changes: changes, now: { Date() })
        let (member, answer) = (member(), try Self.answer(10))
        let before = place("/", of: member, in: ready)
        changes.changed(network)
        ready.keep(answer, at: before)
        #expect(ready.answer(to: "/", for: member.id) == nil)
        let after = place("/", of: member, in: ready)
        ready.keep(answer, at: after)
        #expect(ready.answer(to: "/", for: member.id) != nil)
        #expect(ready.answer(to: "/", for: UUID()) == nil, "who has not read it has no right proven")
        ready.keep(answer, at: before)
        #expect(ready.answer(to: "/", for: member.id) == nil, "what was read earlier is not taken for what is good")

        let mute = ReadyAnswers(changes: Changes(), now: { Date() })
        mute.keep(answer, at: place("/", of: member, in: mute))
        #expect(mute.owner(of: "/") == nil, "nobody has been heard")
    }

    @Test func whatIsKeptEndsAfterAWhileAndWhenTheClockGoesBack() throws {
        let clock = TestClock()
        let ready = ReadyAnswers(changes: Self.alive(), now: clock.now)
        let member = member()
        ready.keep(try Self.answer(10), at: place("/", of: member, in: ready))
        #expect(ready.answer(to: "/", for: member.id) != nil)
        clock.pass(days: 1)
        #expect(ready.answer(to: "/", for: member.id) == nil)
        clock.pass(days: -2)
        #expect(ready.answer(to: "/", for: member.id) == nil)
    }

    @Test func whatSaysTheDayIsNotKeptIntoTheNext() throws {
        let midnight = Date(timeIntervalSince1970: 1_795_302_000)
        let instant = Mutex(midnight.addingTimeInterval(-2))
        let ready = ReadyAnswers(changes: Self.alive(), now: { instant.withLock { $0 } })
        let member = member()
        for (target, isDaily) in [("/always", false), ("/daily", true)] {
            ready.keep(try Self.answer(10), at: place(target, of: member, in: ready, isDaily: isDaily))
            #expect(ready.answer(to: target, for: member.id) != nil)
        }
        instant.withLock { $0 = midnight.addingTimeInterval(1) }
        #expect(ready.answer(to: "/always", for: member.id) != nil)
        #expect(ready.answer(to: "/daily", for: member.id) == nil)
    }

    @Test func anAnswerWhoseFateIsUnknownIsHeardOfLater() {
        let changes = Self.alive()
        let (sender, mark) = (changes.sender, changes.mark(network, .events))
        changes.take("events \(sender) \(network.text)", from: .private)
        #expect(changes.mark(network, .events) == mark, "it was counted when it was acknowledged")
        changes.lostSight()
        changes.take("events \(sender) \(network.text)", from: .private)
        #expect(changes.mark(network, .events) != mark)
    }

    @Test func noMoreBearersAreKnownThanMayBe() {
        let changes = Self.alive()
        let bearers = KnownBearers(capacity: 50, changes: changes, now: { Date() })
        let identity = Identity(account: UUID(), isAdmin: false, scopes: nil)
        for index in 0..<1_000 {
            let hash = Credential(text: "\(index)").hash
            let mark = changes.mark(network, .people)
            let bearer = Bearer(identity: identity, member: member(), expiresAt: Date().addingTimeInterval(60))
            bearers.keep(bearer, BearerQuestion(tokenHash: hash, network: network), mark)
            #expect(bearers.count <= 50)
            #expect(bearers.find(BearerQuestion(tokenHash: hash, network: network))?.identity == identity)
            #expect(bearers.find(BearerQuestion(tokenHash: hash, network: UUID())) == nil)
        }
        let known = {
            (0..<1_000).filter {
                bearers.find(BearerQuestion(tokenHash: Credential(text: "\($0)").hash, network: network)) != nil
            }
        }
        #expect(!known().isEmpty)
        changes.peopleChanged()
        #expect(known().isEmpty)
    }

    @Test func aCredentialIsKnownNoLongerThanItIsGood() {
        let changes = Self.alive()
        let clock = TestClock()
        let bearers = KnownBearers(changes: changes, now: clock.now)
        let identity = Identity(account: UUID(), isAdmin: false, scopes: nil)
        func keep(_ name: String, for seconds: Double) {
            let mark = changes.mark(network, .people)
            let expiry = clock.now().addingTimeInterval(seconds)
            let bearer = Bearer(identity: identity, member: member(), expiresAt: expiry)
            bearers.keep(bearer, BearerQuestion(tokenHash: Credential(text: name).hash, network: network), mark)
        }
        keep("good", for: 60)
        keep("over", for: 0)
        #expect(bearers.find(BearerQuestion(tokenHash: Credential(text: "good").hash, network: network)) != nil)
        #expect(bearers.find(BearerQuestion(tokenHash: Credential(text: "over").hash, network: network)) == nil)
    }

    /// Anybody can name networks that there are not, without signing in.
    @Test func networksThatThereAreNotTakeNoMemory() {
        let changes = Self.alive()
        let mark = changes.mark(network, .events)
        for _ in 0..<Changes.mostNetworks * 2 { changes.changed(UUID()) }
        #expect(changes.networkCount <= Changes.mostNetworks)
        #expect(changes.mark(network, .events) != mark, "what was forgotten is not taken for unchanged")
    }
}
