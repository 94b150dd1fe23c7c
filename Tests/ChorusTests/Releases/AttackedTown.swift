import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// A made-up network whose people come, go, move and have opinions; the attacker knows everything of it but the opinions.
struct AttackedTown {
    /// Somebody in it.
    struct Townsperson: Sendable {
        /// Place in ``AttackedTown/people``, for ever.
        let number: Int
        let person: TestPerson
        /// Place in ``AttackedTown/units``.
        var unit: Int
        /// How often they vote, in per cent; some never do.
        let turnout: Int
        var isHere = true
    }

    let server: TestServer
    let coordinator: TestPerson
    let units = (0..<12).map { _ in UUID() }
    private(set) var people: [Townsperson] = []
    var random: SeededGenerator

    /// Settles twelve units of 6 to 30 people.
    init(on server: TestServer, seed: UInt64) async throws {
        self.server = server
        random = SeededGenerator(seed: seed)
        coordinator = try await server.person(.member, .coordinator, .organiser)
        _ = try await server.parts.databases.member.execute(
            ReplaceUnits(network: server.network.id, units: units.enumerated().map { ($1, "Amt \($0)", nil) }),
            network: server.network.id
        )
        for unit in units.indices {
            let size = Int.random(in: 6...30, using: &random)
            for person in try await server.people(size, unit: units[unit]) { settle(person, in: unit) }
        }
    }

    /// Those who are members now.
    var present: [Townsperson] { people.filter(\.isHere) }

    private mutating func settle(_ person: TestPerson, in unit: Int) {
        let turnout = Int.random(in: 0..<20, using: &random) == 0 ? 0 : Int.random(in: 55...95, using: &random)
        people.append(Townsperson(number: people.count, person: person, unit: unit, turnout: turnout))
    }

    /// Two people move to another unit, somebody joins and somebody leaves.
    mutating func pass() async throws {
        for _ in 0..<2 {
            guard let mover = present.randomElement(using: &random) else { return }
            let unit = Int.random(in: units.indices, using: &random)
            let path = "\(server.home)/memberships"
            let version = try await server.send("GET", "\(path)/me", as: mover.person).headers["etag"] ?? ""
            let moved = try await server.send(
                "PATCH",
                "\(path)/\(mover.person.membership.text)",
                "{\"unit\":\"\(units[unit].text)\"}",
                as: coordinator,
                headers: ["If-Match": version]
            )
            #expect(moved.status == 200, "\(moved.text)")
            people[mover.number].unit = unit
        }
        let unit = Int.random(in: units.indices, using: &random)
        settle(try await server.person(.member, unit: units[unit]), in: unit)
        guard let leaver = present.randomElement(using: &random) else { return }
        #expect(try await server.send("DELETE", "/v1/me", as: leaver.person).status == 204)
        people[leaver.number].isHere = false
    }

    /// An event to which some people say that they come; answered over HTTP, one by one.
    ///
    /// - Parameter day: today, by the server's clock.
    /// - Returns: its id.
    func event(_ going: [Int], on day: Date) async throws -> String {
        let starts = RFC3339.string(day.addingTimeInterval(86_400))
        let ends = RFC3339.string(day.addingTimeInterval(90_000))
        let body = """
            {"title":"Stammtisch","kind":"meeting","startsAt":"\(starts)","endsAt":"\(ends)","capacity":null}
            """
        let made = try await server.send("POST", "\(server.home)/events", body, as: coordinator)
        let id = made.json["id"].string
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in going {
                let (path, person) = ("\(server.home)/events/\(id)/rsvp", people[number].person)
                group.addTask { try await server.send("PUT", path, "{\"answer\":\"going\"}", as: person).status }
            }
            for try await status in group { #expect(status == 200) }
        }
        return id
    }

    /// Who votes this time, and what: stable opinions with some noise, some units of one mind, some that hardly vote.
    ///
    /// - Parameters:
    ///   - audience: who may vote.
    ///   - texts: of the items.
    ///   - mood: by how much everybody rates an item higher than they would; by its text.
    mutating func ballots(of audience: [Int], on texts: [String], mood: [String: Int] = [:]) -> [TownBallot] {
        let hushed = Set(units.indices.filter { _ in Int.random(in: 0..<10, using: &random) == 0 })
        var ballots: [TownBallot] = []
        for number in audience {
            let voter = people[number]
            let turnout = hushed.contains(voter.unit) ? voter.turnout / 8 : voter.turnout
            guard Int.random(in: 0..<100, using: &random) < turnout else { continue }
            var unit: UUID? = units[voter.unit]
            if Int.random(in: 0..<30, using: &random) == 0 { unit = nil }
            let ratings = texts.map { min(5, max(1, rating(of: voter, on: $0) + (mood[$0] ?? 0))) }
            ballots.append(TownBallot(voter: number, unit: unit, ratings: ratings))
        }
        return ballots
    }

    private mutating func rating(of voter: Townsperson, on text: String) -> Int {
        let question = UInt64(text.utf8.reduce(0) { ($0 * 31 + Int($1)) % 1_000_003 })
        var common = SeededGenerator(seed: question * 64 + UInt64(voter.unit))
        if Int.random(in: 0..<12, using: &common) == 0 { return 5 }
        var own = SeededGenerator(seed: question * 4_096 + UInt64(voter.number))
        let stable = [1, 2, 2, 3, 3, 4, 4, 5][Int.random(in: 0..<8, using: &own)]
        return Int.random(in: 0..<10, using: &random) == 0 ? Int.random(in: 1...5, using: &random) : stable
    }
}

/// What one person answers in one round.
struct TownBallot: Sendable {
    let voter: Int
    /// The unit that they chose; some choose none.
    let unit: UUID?
    /// One for each item, in their order.
    let ratings: [Int]
}
