import Disclosure
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Rounds one after the other, and HR's script beside them.
struct Campaign {
    var town: AttackedTown
    var attacker: Attacker
    let clock: TestClock
    let coins: TestCoins
    /// How many rounds are voted in over the way that members take.
    var realRounds = 2
    var knowledge = AttackersKnowledge()
    private(set) var rounds = 0
    private(set) var refused = 0
    private(set) var ballots = 0
    private(set) var contributions = 0
    private(set) var released = 0

    init(town: AttackedTown, attacker: Attacker, clock: TestClock, coins: TestCoins) {
        self.town = town
        self.attacker = attacker
        self.clock = clock
        self.coins = coins
    }

    /// Asks the whole network.
    ///
    /// - Returns: what HR finds in the record afterwards.
    @discardableResult
    mutating func ask(
        _ items: [(id: UUID, text: String)],
        day: Int,
        mood: [String: Int] = [:]
    ) async throws -> Attacker.News {
        let round = try await AttackedRound(rounds, items, in: town, day: day, now: clock.now())
        return try await run(try #require(round), mood: mood)
    }

    /// Asks the guests of events until one audience is admitted, and then the same guests and one more.
    ///
    /// Tried are now and then all but five of the network or eight people, then any others.
    mutating func askGuests(_ text: String, slot: Int, on day: Int) async throws {
        let present = town.present.map(\.number).shuffled(using: &town.random)
        var audiences: [[Int]] = []
        if slot % 3 == 0 { audiences.append(Array(present.dropFirst(5))) }
        if slot % 3 == 1 { audiences.append(Array(present.prefix(8))) }
        while audiences.count < 20 {
            let size = Int.random(in: 12...60, using: &town.random)
            audiences.append(Array(present.shuffled(using: &town.random).prefix(size)))
        }
        for going in audiences where try await ask(going, text, slot: slot, on: day) {
            _ = try await ask(going + present.filter { !going.contains($0) }.prefix(1), text, slot: slot, on: day)
            return
        }
    }

    /// Asks the guests of one event, if that is admitted.
    private mutating func ask(_ going: [Int], _ text: String, slot: Int, on day: Int) async throws -> Bool {
        let items = [text, "Wie war das Treffen?", "Neues zum Treffen \(slot)?"].map { (id: UUID(), text: $0) }
        let event = (id: try await town.event(going, on: clock.now()), going: going)
        guard let round = try await AttackedRound(rounds, items, in: town, of: event, day: day, now: clock.now()) else {
            refused += 1
            return false
        }
        _ = try await run(round)
        return true
    }

    /// Voting in three batches, and the close; HR pulls after each.
    private mutating func run(_ round: AttackedRound, mood: [String: Int] = [:]) async throws -> Attacker.News {
        let cast = town.ballots(of: round.audience, on: round.items.map(\.text), mood: mood)
            .shuffled(using: &town.random)
        let isReal = rounds < realRounds
        let wallets = isReal ? try await self.wallets(of: cast.map(\.voter)) : [:]
        let size = (cast.count + 2) / 3
        for first in stride(from: 0, to: cast.count, by: max(1, size)) {
            let batch = Array(cast[first..<min(first + size, cast.count)])
            if isReal {
                try await round.submit(batch, with: wallets, to: town.server)
            } else {
                try await round.insert(batch, into: town.server)
            }
            try await pullsNothingNew(ofEverything: false)
        }
        let close = try await round.foresee(coins.next(seed: UInt64(rounds)), on: town.server)
        let path = "\(town.server.home)/rounds/\(round.id.text)/closure"
        // Everything is pulled after each close; a second time before it as long as that is quick, and then now and again.
        try await pullsNothingNew(ofEverything: rounds < 10 || rounds % 10 == 9)
        #expect(try await town.server.send("PUT", path, as: town.coordinator).status == 200)
        let news = try await attacker.pull()
        #expect(news.changed.isEmpty && news.releases.count == 1, "a close adds one release and changes none")
        check(news, close)
        let blocks = round.blocks(of: close, cast)
        check(blocks, close)
        knowledge.add(round, blocks)
        rounds += 1
        ballots += cast.count
        contributions += close.contributions
        released += close.released
        return news
    }

    private mutating func pullsNothingNew(ofEverything: Bool) async throws {
        let news = try await attacker.pull(ofEverything: ofEverything)
        #expect(news.changed.isEmpty && news.releases.isEmpty, "answers change only at closes")
    }

    /// What HR reads are the sums of these blocks and nothing else.
    private func check(_ news: Attacker.News, _ close: ForeseenClose) {
        func percent(_ value: JSONValue) -> Int { Int((value.double * 100).rounded()) }
        let read = news.tables.values.flatMap(\.["cells"].array).map { cell in
            [cell["item"].string, cell["unit"].string, "\(cell["atLeast"].int)"]
                + ["negative", "neutral", "positive", "mean"].map { "\(percent(cell[$0]))" }
        }
        let foreseen = close.cells.map { cell in
            [cell.item.text, cell.unit.text ?? ""]
                + [cell.atLeast, cell.negative, cell.neutral, cell.positive, cell.meanTenths * 10].map { "\($0)" }
        }
        #expect(Set(read) == Set(foreseen))
        #expect(read.count == foreseen.count)
    }

    /// I5 and I6, and that the attacker knows no less than everything.
    func check(_ known: [KnownBlock], _ close: ForeseenClose) {
        let (k, d) = (town.server.network.k, town.server.network.d)
        for (known, block) in zip(known, close.blocks) {
            #expect(known.members.count == block.count)
            #expect(
                RatingClass.allCases.map { known.classes[$0] ?? 0 } == [block.negative, block.neutral, block.positive]
            )
            #expect(block.count >= k, "I6")
            #expect(block.count - (known.classes.values.max() ?? 0) >= d, "I6")
            #expect(known.population >= 2 * k, "I6")
        }
        for item in Set(known.map(\.item)) {
            let members = known.filter { $0.item == item }.map(\.members)
            #expect(members.reduce(0) { $0 + $1.count } == members.reduce(into: Set()) { $0.formUnion($1) }.count, "I5")
        }
    }

    func wallets(of voters: [Int]) async throws -> [Int: TestWallet] {
        let (server, people) = (town.server, town.people)
        return try await withThrowingTaskGroup(of: [(Int, TestWallet)].self) { group in
            for lane in 0..<4 {
                let mine = stride(from: lane, to: voters.count, by: 4).map { voters[$0] }
                group.addTask {
                    var found: [(Int, TestWallet)] = []
                    for number in mine { found.append((number, try await server.wallet(of: people[number].person))) }
                    return found
                }
            }
            return try await group.reduce(into: [:]) { all, some in
                for (number, wallet) in some { all[number] = wallet }
            }
        }
    }
}
