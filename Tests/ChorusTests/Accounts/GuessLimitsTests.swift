import Crypto
import Foundation
import HTTPTypes
@testable import TestSupport
import Testing

@testable import Chorus

/// Guessing is slowed down, and nobody is locked out by what others guess.
@Suite struct GuessLimitsTests {
    private static let own = ["Sec-Fetch-Site": "same-origin"]

    /// A server whose clock stands, so that all guesses fall into one minute.
    private func withTown(_ body: (TestServer) async throws -> Void) async throws {
        try await withServer(now: TestClock().now, configure: { $0.passwordCost = 10 }, body)
    }

    /// The cookie by which the browser is known from now on.
    private func device(_ reply: TestReply) throws -> String {
        let cookie = try #require(reply.cookies.first { $0.hasPrefix("chorus-device=") })
        #expect(cookie.hasSuffix("; Path=/; Max-Age=15552000; HttpOnly; SameSite=Strict"))
        return String(cookie.prefix { $0 != ";" })
    }

    /// Guesses from ever other addresses; those who are asked to work do.
    ///
    /// - Returns: how many had to.
    private func attack(_ account: String, _ count: Int, on server: TestServer) async throws -> Int {
        var worked = 0
        for number in 0..<count {
            let guess = Guess(account: account, source: "10.\(number % 5_000)", device: nil)
            do {
                _ = try await server.parts.guesses.count(guess, proof: nil) { nil as Int? }
            } catch let problem as Problem {
                // Some pay, as an attacker could; that all do would take this test too long.
                worked += 1
                guard number % 2_500 == 0, let challenge = problem.challenge else { continue }
                let proof = solved(challenge.text, challenge.difficulty)
                _ = try await server.parts.guesses.count(guess, proof: proof) { nil as Int? }
            }
        }
        return worked
    }

    @Test func tenThousandGuessesFromManyAddressesLockNobodyOut() async throws {
        try await withTown { server in
            let (victim, other) = (try await server.signedIn(), try await server.signedIn())
            let known = try device(try await server.session(victim.email, headers: Self.own))
            let worked = try await attack(victim.email, 10_000, on: server)
            #expect(worked >= 9_950, "beyond the allowance each costs work: \(worked)")

            let cookie = Self.own.merging(["Cookie": known]) { $1 }
            #expect(try await server.session(victim.email, headers: cookie).status == 201, "a known browser, at once")
            let asked = try await server.session(victim.email)
            #expect(asked.status == 429 && asked.problem == "challenge-required")
            let difficulty = Int(asked.json["difficulty"].double)
            #expect(GuessLimits.bits.contains(difficulty))
            let proof = solved(asked.json["challenge"].string, difficulty)
            let paid = try await server.session(victim.email, headers: ["Chorus-Proof": proof])
            #expect(paid.status == 201, "a new one, with work: \(paid.text)")
            let again = try await server.session(victim.email, headers: ["Chorus-Proof": proof])
            #expect(again.problem == "challenge-required", "each piece of work is good once")
            #expect(try await server.session(other.email).status == 201, "nobody else notices")
            #expect(try await server.session(victim.email, headers: ["Chorus-Proof": "a b"]).problem == "malformed")
        }
    }

    @Test func aCodeOfTheCoordinatorsIsGuessedUnderTheSameRule() async throws {
        try await withTown { server in
            let coordinator = try await server.session(of: try await server.person(.member, .coordinator))
            let member = try await server.signedIn()
            let code = try await server.resetCode(for: member.person.membership, by: coordinator).json["code"].string
            _ = try await attack(member.email, 100, on: server)
            let asked = try await server.resetPassword(member.email, code)
            #expect(asked.problem == "challenge-required")
            let proof = solved(asked.json["challenge"].string, Int(asked.json["difficulty"].double))
            let body = "{\"email\":\"\(member.email)\",\"code\":\"\(code)\",\"password\":\"ein-neues-langes-wort\"}"
            let paid = try await server.send("POST", "/v1/password-resets", body, headers: ["Chorus-Proof": proof])
            #expect(paid.status == 204)
        }
    }

    @Test func aBrowserIsKnownForItsAccountAloneAndForATime() throws {
        let (key, now) = (SecretKey.sample, Date(timeIntervalSince1970: 1_800_000_000))
        let value = KnownDevice.value(for: "ada@example.org", at: now, key)
        #expect(!value.contains("ada"))
        let nonce = KnownDevice.nonce(in: value, for: "ada@example.org", at: now, key)
        #expect(nonce != nil)
        #expect(KnownDevice.nonce(in: value, for: "bob@example.org", at: now, key) == nil)
        let late = now.addingTimeInterval(Double(KnownDevice.days + 1) * 86_400)
        #expect(KnownDevice.nonce(in: value, for: "ada@example.org", at: late, key) == nil)
        let parts = value.split(separator: ".")
        for forged in ["\(parts[0]).99999.\(parts[2])", "", "..", "a.b.c", "\(value).a"] {
            #expect(KnownDevice.nonce(in: forged, for: "ada@example.org", at: now, key) == nil, "\(forged)")
        }
    }

    @Test func aKnownBrowserThatGuessesIsAStrangerAndSigningOutForgetsIt() async throws {
        try await withTown { server in
            let member = try await server.signedIn()
            let known = try device(try await server.session(member.email, headers: Self.own))
            let cookie = Self.own.merging(["Cookie": known]) { $1 }
            var problems: [String] = []
            for _ in 0..<32 {
                problems.append(try await server.session(member.email, "ein-falsches-wort", headers: cookie).problem)
            }
            #expect(problems.prefix(30).allSatisfy { $0 == "unauthenticated" }, "20 as known, 10 as a stranger")
            #expect(problems.suffix(2) == ["challenge-required", "challenge-required"])
            let out = try await server.send("DELETE", "/v1/sessions/current", as: member.person)
            #expect(out.cookies.count == 2 && out.cookies.allSatisfy { $0.contains("Max-Age=0") })
        }
    }

    @Test func anAddressAloneIsRefusedOnlyFarBeyondItsAllowance() async throws {
        let limits = GuessLimits(allowance: 4, key: SecretKey.sample, now: { Date(timeIntervalSince1970: 90) })
        var problems: [ProblemName: Int] = [:]
        for number in 0..<46 {
            let guess = Guess(account: "a\(number)", source: "one", device: nil)
            do {
                _ = try await limits.count(guess, proof: nil) { nil as Int? }
            } catch let problem as Problem {
                problems[problem.name, default: 0] += 1
                guard let challenge = problem.challenge else {
                    #expect(problem.headers[.retryAfter] == "30")
                    continue
                }
                let proof = solved(challenge.text, challenge.difficulty)
                _ = try await limits.count(guess, proof: proof) { nil as Int? }
            }
        }
        #expect(problems == [.challengeRequired: 36, .tooManyRequests: 6])
    }

    @Test func whatIsCountedTakesNoMoreRoomTheMoreItIs() {
        var counts = GuessCounts(window: 60)
        let size = counts.size
        for number in 0..<200_000 { counts.add(1, to: number % 10_000, at: 0) }
        #expect(counts.size == size && size <= 1 << 18)
        let found = (0..<10_000).map { counts.add(0, to: $0, at: 0) }
        #expect(found.allSatisfy { $0 >= 20 }, "never too little")
        #expect(found.count { $0 == 20 } > 7_000, "and mostly right: \(found.count { $0 == 20 })")
        #expect(counts.add(1, to: 7, at: 60) == 1, "a new minute")
        #expect(counts.add(-1, to: 8, at: 60) == 0, "what was counted before it is not taken back from it")
        #expect(counts.rest(at: 61) == 59)
    }
}

private enum SecretKey {
    static let sample = SymmetricKey(data: [UInt8](repeating: 7, count: 32))
}
