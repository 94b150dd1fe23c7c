import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Nobody finds out who has an account here, neither by an answer nor by its time.
@Suite struct EnumerationTests {
    /// A server where passwords take next to no time, so that all else that differs shows.
    private func withTown(_ body: (TestServer, TestSignIn) async throws -> Void) async throws {
        let configure: (inout ServerConfiguration) -> Void = { configuration in
            configuration.failedSignInsPerMinute = 1_000_000
            configuration.passwordCost = 4
        }
        try await withServer(configure: configure) { server in try await body(server, try await server.signedIn()) }
    }

    /// All of an answer but what is of the one request.
    private func shown(_ reply: TestReply) -> String {
        var headers = reply.headers
        // How much is left of the minute, which goes down with every request.
        for name in ["date", "ratelimit"] where headers[name] != nil { headers[name] = "…" }
        let text = reply.text.replacing(reply.json["requestId"].string, with: "…")
        return "\(reply.status) \(headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }) \(text)"
    }

    private typealias Way = (name: String, ask: @Sendable (TestServer, String) async throws -> TestReply)

    /// Where a stranger can type an address.
    private static let ways: [Way] = [
        ("sign-in", { try await $0.session($1, "ein-falsches-wort") }),
        ("sign-in with a code", { try await $0.session($1, "ein-falsches-wort", totp: "123456") }),
        ("password reset", { try await $0.resetPassword($1, "0000-0000-0000-0000") }),
        (
            "account without a code",
            { server, email in
                let body =
                    "{\"invitation\":\"\(server.network.slug)-0000-0000-0000-0000\",\"email\":\"\(email)\""
                    + ",\"password\":\"\(TestSignIn.password)\",\"displayName\":\"Ada\",\"locale\":\"de\"}"
                return try await server.send("POST", "/v1/accounts", body)
            }
        ),
    ]

    @Test func theAnswersAreTheSameToTheLetter() async throws {
        try await withTown { server, member in
            let factor = try await server.secondFactor(of: try await server.signedIn())
            let roster = "email,displayName,unit,locale\nada@example.org,Ada,,de\n"
            _ = try await server.server.importRoster(roster, network: server.network.id.text)
            for way in Self.ways {
                var answers: Set<String> = []
                for email in [member.email, factor.email, "ada@example.org", "\(UUID().text)@example.org"] {
                    answers.insert(shown(try await way.ask(server, email)))
                }
                #expect(answers.count == 1, "\(way.name): \(answers)")
            }
        }
    }

    @Test func aCodeTellsAtMostOnceAndNotToWhomItBelongs() async throws {
        try await withTown { server, member in
            let coordinator = try await server.person(.member, .coordinator)
            let body = "{\"count\":2,\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            let codes = try await server.send("POST", "\(server.home)/invitations", body, as: coordinator).json["codes"]
            func join(_ code: String, _ email: String) async throws -> TestReply {
                let account =
                    "{\"invitation\":\"\(code)\",\"email\":\"\(email)\",\"password\":\"\(TestSignIn.password)\""
                    + ",\"displayName\":\"Ada\",\"locale\":\"de\"}"
                return try await server.send("POST", "/v1/accounts", account)
            }
            let taken = try await join(codes[0].string, member.email)
            let wrong = try await join("\(server.network.slug)-0000-0000-0000-0000", member.email)
            #expect(shown(taken) == shown(wrong), "an address that is taken is refused like a code that is wrong")
            let stranger = try await join(codes[0].string, "\(UUID().text)@example.org")
            #expect(shown(stranger) == shown(wrong), "and the code is used up by it")
            #expect(try await join(codes[1].string, "\(UUID().text)@example.org").status == 201)
            // Who has an account asks to be let in; the network says nothing of who else has.
            let outsider = try await server.person(roles: [])
            let asked = try await server.send("POST", "\(server.home)/join-requests", "{}", as: outsider)
            #expect(asked.status == 201 && !asked.text.contains("@"))
            let list = try await server.send("GET", "\(server.home)/join-requests", as: coordinator)
            #expect(!list.text.contains("@"), "coordinators see names")
        }
    }

    /// Interleaved, so that whatever else the machine does falls on both alike.
    @Test(arguments: 0..<3)
    func theTimesAreTheSame(_ index: Int) async throws {
        try await withTown { server, member in
            let way = Self.ways[index]
            var seen: [Difference] = []
            // A difference that is there is there every time; one of chance is not.
            for _ in 0..<4 {
                seen.append(try await difference(way, member.email, 100, on: server))
                if seen.last?.isTelling == false { break }
            }
            #expect(seen.contains { !$0.isTelling }, "\(way.name): \(seen)")
        }
    }

    /// So that the test above can fail: half a millisecond more is found, between times that differ by three and more by themselves.
    @Test func aDifferenceThatIsThereIsFound() {
        var generator = SeededGenerator(seed: 7)
        func times(_ more: Double) -> [Double] {
            (0..<100).map { _ in 0.004 + more + 0.001 * Double.random(in: 0...1, using: &generator) }
                .map { Int.random(in: 0..<20, using: &generator) == 0 ? $0 + 0.003 : $0 }
        }
        let (same, other) = (Difference(times(0), times(0)), Difference(times(0.000_5), times(0)))
        #expect(!same.isTelling, "\(same)")
        #expect(other.isTelling, "\(other)")
    }

    private func difference(
        _ way: Way,
        _ known: String,
        _ count: Int,
        on server: TestServer
    ) async throws -> Difference {
        var (there, nobody): ([Double], [Double]) = ([], [])
        for number in 0..<count + 10 {
            let stranger = "\(UUID().text)@example.org"
            var times: [Bool: Double] = [:]
            for isThere in number.isMultiple(of: 2) ? [true, false] : [false, true] {
                times[isThere] = try await Self.time { _ = try await way.ask(server, isThere ? known : stranger) }
            }
            // The first few prepare statements and open connections.
            guard number >= 10 else { continue }
            there.append(times[true] ?? 0)
            nobody.append(times[false] ?? 0)
        }
        return Difference(there, nobody)
    }

    private static func time(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - start) / .seconds(1)
    }
}

/// Whether two sets of times are of one kind (Mann and Whitney, 1947, by ranks and the normal approximation).
private struct Difference: CustomStringConvertible {
    let z: Double
    /// Of the medians, in seconds.
    let shift: Double

    init(_ one: [Double], _ other: [Double]) {
        let all = (one.map { ($0, true) } + other.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var ranks = 0.0
        for (index, value) in all.enumerated() where value.1 { ranks += Double(index + 1) }
        let (n, m) = (Double(one.count), Double(other.count))
        let u = ranks - n * (n + 1) / 2
        z = (u - n * m / 2) / (n * m * (n + m + 1) / 12).squareRoot()
        shift = Self.median(one) - Self.median(other)
    }

    /// Beyond chance (five standard deviations), and large enough to be seen through a network.
    var isTelling: Bool { abs(z) > 5 && abs(shift) > 0.000_3 }

    var description: String { "z \(z), medians differ by \(shift * 1_000) ms" }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
