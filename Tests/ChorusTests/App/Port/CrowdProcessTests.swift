import Foundation
import Synchronization
@testable import TestSupport
import Testing

@testable import Chorus

/// The real program beside clients that do nothing, little, or too much; `Tests/Benchmarks/crowd` does the same with thousands.
@Suite(.serialized) struct CrowdProcessTests {
    /// What a member did, as far as they were told.
    private final class Deeds: Sendable {
        struct Told: Sendable {
            var acknowledged: [Int: String] = [:]
            /// Sent, and neither acknowledged nor refused.
            var open: [Int: String] = [:]
        }

        private let told = Mutex(Told())

        var known: Told { told.withLock { $0 } }
        func send(_ answer: String, _ number: Int) { told.withLock { $0.open[number] = answer } }
        func acknowledge(_ answer: String, _ number: Int) {
            told.withLock {
                $0.acknowledged[number] = answer
                $0.open[number] = nil
            }
        }
    }

    @Test func theProgramServesBesideACrowdAndEndsInTimeWithAllItHasAcknowledged() async throws {
        try await withTown { town, path, members in
            try await serveBesideACrowd(town, path, members)
            try await endUnderLoad(town, path, members, isStuck: false)
        }
    }

    @Test(.enabled(if: TestLength.isLong))
    func aDatabaseThatDoesNotMoveIsBorneAndKeepsNoServerFromItsEnd() async throws {
        try await withTown { town, path, members in
            try await bearASlowDatabase(town, path, members)
            try await endUnderLoad(town, path, members, isStuck: true)
        }
    }

    /// A town with members and an event.
    private func withTown(_ body: (TestProcess, String, [TestPerson]) async throws -> Void) async throws {
        try await withCrashTown { town, _, _, _ in
            let token = try town.run(["token", "create", "--role", "organiser", "--network", "crash"]) ?? ""
            let organiser = TestPerson(account: UUID(), membership: UUID(), token: token)
            let rows = CSV.rows(try String(contentsOfFile: town.directory + ".tokens", encoding: .utf8)).dropFirst()
            let members = rows.map { TestPerson(account: UUID(), membership: UUID(), token: $0[1]) }
            let event = RSVPTests.newEvent(capacity: nil)
            let made = try await town.send("POST", "\(town.home)/events", event, as: organiser)
            #expect(made.status == 201, "\(made.text)")
            try await body(town, "\(town.home)/events/\(made.json["id"].string)", members)
        }
    }

    private func residentBytes(_ town: TestProcess) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(try town.identifier)/status", encoding: .utf8)
        let kibibytes = status.firstMatch(of: /VmRSS:\s+(\d+) kB/).flatMap { Double($0.1) }
        return try #require(kibibytes) * 1_024
    }

    private func serveBesideACrowd(_ town: TestProcess, _ path: String, _ members: [TestPerson]) async throws {
        let before = try residentBytes(town)
        let idle = TestCrowd(300, port: town.port)
        let (heads, bodies) = (TestCrowd(40, port: town.port), TestCrowd(40, port: town.port))
        heads.send("GET / HTTP/1.1\r\nHost: a\r\n")
        bodies.send(
            "POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"
        )
        let readers = TestCrowd(20, port: town.port)
        let start = ContinuousClock.now
        var isCut = false
        while ContinuousClock.now < start + .seconds(90), !isCut {
            heads.send("X")
            bodies.send(" ")
            readers.send(String(repeating: "GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n", count: 10))
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for member in members { group.addTask { try await town.send("GET", path, as: member).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
            // Bodies have twice the time of heads, which is waited for only where time is given.
            isCut = heads.look().allSatisfy(\.isClosed) && (!TestLength.isLong || bodies.look().allSatisfy(\.isClosed))
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(isCut, "slow heads are cut, and bodies after them")
        #expect(idle.look().allSatisfy { !$0.isClosed && $0.text.isEmpty }, "idle ones may stay for a while")
        let grown = try residentBytes(town) - before
        #expect(grown < 150_000_000, "\(grown) bytes for 400 connections")
    }

    /// Hundreds of requests that each need a connection to a database on which nothing moves.
    private func bearASlowDatabase(_ town: TestProcess, _ path: String, _ members: [TestPerson]) async throws {
        let before = try residentBytes(town)
        let crowd = TestCrowd(400, port: town.port)
        let lock = "BEGIN; LOCK TABLE event IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(8); COMMIT"
        async let held: Void = offThread { try town.psql(lock) }
        try await Task.sleep(for: .milliseconds(500))
        crowd.send(
            "GET \(town.home)/events?limit=7 HTTP/1.1\r\nHost: a\r\n"
                + "Authorization: Bearer \(members[0].token)\r\n\r\n"
        )
        try await held
        var texts = [String](repeating: "", count: 400)
        for _ in 0..<500 {
            for (place, found) in crowd.look().enumerated() { texts[place] += found.text }
            if texts.allSatisfy({ !$0.isEmpty }) { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let refused = texts.filter { $0.hasPrefix("HTTP/1.1 503") }
        #expect(
            texts.allSatisfy { $0.hasPrefix("HTTP/1.1 503") || $0.hasPrefix("HTTP/1.1 200") },
            "everybody is answered"
        )
        #expect(
            refused.count > 50 && refused.allSatisfy { $0.lowercased().contains("retry-after: ") },
            "\(refused.count)"
        )
        let reply = try await town.send("PUT", "\(path)/rsvp", "{\"answer\":\"declined\"}", as: members[0])
        #expect(reply.status == 200, "and then it goes on")
        let grown = try residentBytes(town) - before
        #expect(grown < 150_000_000, "\(grown) bytes")
    }

    private func endUnderLoad(_ town: TestProcess, _ path: String, _ members: [TestPerson], isStuck: Bool) async throws
    {
        let deeds = Deeds()
        let crowds = (0..<5).map { _ in TestCrowd(20, port: town.port) }
        crowds[1].send("GET / HTTP/1.1\r\nHost: a\r\n")
        crowds[2].send(
            "POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        crowds[3].send(String(repeating: "GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n", count: 40))
        crowds[4].send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        let id = path.split(separator: "/").last.map(String.init) ?? ""
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, member) in members.enumerated() {
                group.addTask {
                    var answer = "going"
                    while true {
                        answer = answer == "going" ? "declined" : "going"
                        deeds.send(answer, number)
                        let json = "{\"answer\":\"\(answer)\"}"
                        guard let reply = try? await town.send("PUT", "\(path)/rsvp", json, as: member),
                            reply.status == 200
                        else { return }
                        deeds.acknowledge(answer, number)
                    }
                }
            }
            for _ in 0..<500 where deeds.known.acknowledged.count < members.count {
                try await Task.sleep(for: .milliseconds(10))
            }
            if isStuck {
                let lock = "BEGIN; SELECT FROM event WHERE id = '\(id)' FOR UPDATE; SELECT pg_sleep(60)"
                group.addTask { try? await offThread { try town.psql(lock) } }
            }
            try await Task.sleep(for: .seconds(1))
            let start = ContinuousClock.now
            let code = try await offThread { town.stop() }
            let took = ContinuousClock.now - start
            #expect(code == 0 && took < .seconds(10), "exit code \(code) after \(took)")
            try await group.waitForAll()
        }
        try town.start()
        withExtendedLifetime(crowds) {}
        let known = deeds.known
        #expect(known.acknowledged.count == members.count)
        for (number, member) in members.enumerated() {
            let answer = try await town.send("GET", path, as: member).json["myRsvp"]["answer"].string
            let possible = [known.acknowledged[number], known.open[number]].compactMap(\.self)
            #expect(possible.contains(answer), "\(number): \(answer), not one of \(possible)")
        }
    }
}

/// Something that blocks, on a thread that no task waits for.
private func offThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}
