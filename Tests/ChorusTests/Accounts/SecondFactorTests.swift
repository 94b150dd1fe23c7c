import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// A code beside the password: asked for once the password is right, good once, and taken away by nobody quietly.
@Suite struct SecondFactorTests {
    private static let path = "/v1/me/second-factor"

    /// A server whose clock stands, so that a test knows the half minute.
    private func withTown(
        guesses: Int = 100_000,
        _ body: (TestServer, TestClock) async throws -> Void
    ) async throws {
        let clock = TestClock()
        let configure: (inout ServerConfiguration) -> Void = { configuration in
            configuration.failedSignInsPerMinute = guesses
            configuration.passwordCost = 10
        }
        try await withServer(now: clock.now, configure: configure) { server in try await body(server, clock) }
    }

    private func code(_ factor: TestFactor, _ clock: TestClock, _ distance: Int = 0) -> String {
        factor.totp.code(at: TOTP.step(at: clock.now()) + distance)
    }

    private func change(
        _ server: TestServer,
        _ what: String,
        _ factor: TestFactor,
        _ code: String,
        _ password: String = TestSignIn.password
    ) async throws -> TestReply {
        let body = "{\"password\":\"\(password)\",\"code\":\"\(code)\"}"
        return try await server.send("PUT", "\(Self.path)/\(what)", body, as: factor.person)
    }

    @Test func aCodeIsAskedForOnceThePasswordIsRightAndIsGoodOnce() async throws {
        try await withTown { server, clock in
            let member = try await server.signedIn()
            #expect(try await server.send("GET", Self.path, as: member.person).json["state"].string == "none")
            let factor = try await server.secondFactor(of: member)
            #expect(factor.recoveryCodes.count == 10 && Set(factor.recoveryCodes).count == 10)

            clock.pass(seconds: 30)
            let good = code(factor, clock)
            #expect(
                try await server.session(member.email, "ein-falsches-wort", totp: good).problem == "unauthenticated"
            )
            #expect(try await server.session(member.email, "ein-falsches-wort").problem == "unauthenticated")
            let asked = try await server.session(member.email)
            #expect(asked.status == 401 && asked.problem == "second-factor-required" && asked.pointers == [])
            #expect(asked.headers["www-authenticate"] == "Bearer")
            let wrong = try await server.session(member.email, totp: good == "123456" ? "123457" : "123456")
            #expect(wrong.problem == "second-factor-required" && wrong.pointers == ["/totp"], "\(wrong.text)")
            #expect(try await server.session(member.email, totp: "12345").pointers == ["/totp"], "too short")
            let spaced = "\(good.prefix(3)) \(good.suffix(3))"
            let first = try await server.session(member.email, totp: spaced)
            #expect(first.status == 201, "\(first.text)")
            #expect(try await server.session(member.email, totp: good).status == 401, "used")
            #expect(
                try await server.session(member.email, totp: code(factor, clock, -1)).status == 401,
                "older than one used"
            )
            #expect(
                try await server.session(member.email, totp: code(factor, clock, 1)).status == 201,
                "a clock that is fast"
            )

            let typed = factor.recoveryCodes[3].lowercased().replacing("-", with: " ")
            #expect(try await server.session(member.email, totp: typed).status == 201)
            #expect(try await server.session(member.email, totp: typed).status == 401, "used")
            let state = try await server.send("GET", Self.path, as: member.person).json
            #expect(state["state"].string == "on" && state["recoveryCodesLeft"].double == 9)
            #expect(state["since"].string == PostgresDate.today(in: .gmt, at: clock.now()).description)
        }
    }

    @Test func nothingIsInForceBeforeACodeOfTheAppWasRight() async throws {
        try await withTown { server, clock in
            let member = try await server.signedIn()
            let refused = try await server.send(
                "PUT",
                "\(Self.path)/secret",
                "{\"password\":\"falsch\"}",
                as: member.person
            )
            #expect(refused.pointers == ["/password"])
            #expect(try await server.confirm("123456", by: member.person).status == 409, "nothing to confirm")
            let first = try await server.begunFactor(of: member)
            let second = try await server.begunFactor(of: member)
            #expect(try await server.session(member.email).status == 201, "set up by half")
            let step = TOTP.step(at: clock.now())
            #expect(try await server.confirm(first.code(at: step), by: member.person).pointers == ["/code"])
            #expect(try await server.confirm(second.code(at: step), by: member.person).status == 200)
            #expect(try await server.session(member.email, totp: second.code(at: step)).status == 401, "used by that")
            let again = "{\"password\":\"\(TestSignIn.password)\"}"
            #expect(try await server.send("PUT", "\(Self.path)/secret", again, as: member.person).status == 409)
        }
    }

    @Test func nobodyReadsTheSecretAgain() async throws {
        try await withTown { server, _ in
            let member = try await server.signedIn()
            let totp = try await server.begunFactor(of: member)
            let begun = try await server.send(
                "PUT",
                "\(Self.path)/secret",
                "{\"password\":\"\(TestSignIn.password)\"}",
                as: member.person
            ).json
            #expect(begun["address"].string.contains(begun["secret"].string) && begun["secret"].string != totp.base32)
            if server.parts.codes.areThere { #expect(begun["code"].string.hasPrefix("<svg ")) }
            let factor = try await server.secondFactor(of: member)
            let rows = try await server.texts(
                "SELECT f::text FROM second_factor f UNION ALL SELECT c::text FROM recovery_code c"
            ).joined()
            #expect(!rows.contains(factor.totp.secret.hex) && rows.count > 100)
            let export = try await server.send("GET", "/v1/me/export", as: member.person)
            #expect(export.json["secondFactor"]["state"].string == "on")
            for code in factor.recoveryCodes { #expect(!rows.contains(code) && !export.text.contains(code)) }
            #expect(!export.text.contains(factor.totp.base32))
            // What a program may not: its token would outlive the factor.
            let program = try await server.person(.member)
            for (method, path, body) in [
                ("GET", Self.path, nil), ("PUT", "\(Self.path)/secret", "{\"password\":\"a\"}"),
                ("PUT", "\(Self.path)/confirmation", "{\"code\":\"123456\"}"),
                ("PUT", "\(Self.path)/removal", "{\"password\":\"a\",\"code\":\"123456\"}"),
                ("PUT", "\(Self.path)/recovery-codes", "{\"password\":\"a\",\"code\":\"123456\"}"),
            ] as [(String, String, String?)] {
                #expect(try await server.send(method, path, body, as: program).status == 403, "\(path)")
            }
        }
    }

    @Test func ofManyWhoComeWithOneCodeAtOnceOneIsLetIn() async throws {
        try await withTown { server, clock in
            let factor = try await server.secondFactor(of: try await server.signedIn())
            clock.pass(seconds: 30)
            for proof in [code(factor, clock), factor.recoveryCodes[0]] {
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    // No more than may be wrong in an hour.
                    for _ in 0..<GuessLimits.codes {
                        group.addTask { try await server.session(factor.email, totp: proof).status }
                    }
                    return try await group.reduce(into: [Int]()) { $0.append($1) }
                }
                #expect(
                    statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 401 } == GuessLimits.codes - 1,
                    "\(statuses)"
                )
            }
        }
    }

    @Test func whoSignsInWithoutACodeAtTheMomentOfTheChangeIsOut() async throws {
        try await withTown { server, clock in
            for _ in 0..<6 {
                let member = try await server.signedIn()
                let totp = try await server.begunFactor(of: member)
                let code = totp.code(at: TOTP.step(at: clock.now()))
                let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
                    group.addTask {
                        let reply = try await server.confirm(code, by: member.person)
                        #expect(reply.status == 200, "\(reply.text)")
                        return nil
                    }
                    for _ in 0..<6 { group.addTask { try await server.signIn(member.email) } }
                    return try await group.reduce(into: [String]()) { if let token = $1 { $0.append(token) } }
                }
                for token in tokens {
                    let thief = TestPerson(account: UUID(), membership: UUID(), token: token)
                    #expect(try await server.send("GET", "/v1/me", as: thief).status == 401)
                }
                #expect(
                    try await server.send("GET", "/v1/me", as: member.person).status == 200,
                    "who has set it up stays"
                )
            }
        }
    }

    @Test func removingTakesPasswordAndCodeAndIsTold() async throws {
        try await withTown { server, clock in
            let factor = try await server.secondFactor(of: try await server.signedIn())
            clock.pass(seconds: 30)
            #expect(
                try await change(server, "removal", factor, code(factor, clock), "falsch").pointers == ["/password"]
            )
            #expect(try await change(server, "removal", factor, "000 000 000").pointers == ["/code"])
            let renewed = try await change(server, "recovery-codes", factor, code(factor, clock))
            let fresh = renewed.json["codes"].array.map(\.string)
            #expect(fresh.count == 10 && Set(fresh).isDisjoint(with: factor.recoveryCodes))
            #expect(
                try await server.session(factor.email, totp: factor.recoveryCodes[0]).status == 401,
                "old codes are over"
            )
            #expect(try await change(server, "removal", factor, code(factor, clock)).status == 422, "used")
            #expect(try await change(server, "removal", factor, fresh[0]).status == 204)
            #expect(try await change(server, "removal", factor, fresh[1]).status == 409)
            #expect(try await server.session(factor.email).status == 201)
            #expect(try await server.count("SELECT count(*) FROM recovery_code") == 0)
            #expect(try await server.count("SELECT count(*) FROM second_factor WHERE sealed_secret IS NOT NULL") == 0)
            let news = try await server.send("GET", "/v1/me/news", as: factor.person).json["items"].array
            #expect(news.map { $0["kind"].string } == ["second-factor"])
        }
    }

    @Test func aPasswordResetLeavesItAndTheOperatorRemovesItOnlyWhenTold() async throws {
        try await withTown { server, clock in
            let coordinator = try await server.session(of: try await server.person(.member, .coordinator))
            let factor = try await server.secondFactor(of: try await server.signedIn())
            let made = try await server.resetCode(for: factor.person.membership, by: coordinator)
            #expect(made.status == 201)
            let new = "ein-neues-langes-wort"
            #expect(try await server.resetPassword(factor.email, made.json["code"].string, new).status == 204)
            clock.pass(seconds: 30)
            #expect(try await server.session(factor.email, new).problem == "second-factor-required")
            #expect(try await server.session(factor.email, new, totp: code(factor, clock)).status == 201)
            #expect(try await server.server.resetPassword(email: factor.email, password: new + "1"))
            #expect(try await server.session(factor.email, new + "1").problem == "second-factor-required")
            let isLeft = try await server.server.resetPassword(
                email: factor.email,
                password: new + "2",
                removesSecondFactor: true
            )
            #expect(!isLeft)
            let session = try await server.session(factor.email, new + "2")
            #expect(session.status == 201)
            let reader = TestPerson(account: UUID(), membership: UUID(), token: session.json["token"].string)
            let news = try await server.send("GET", "/v1/me/news", as: reader).json["items"].array
            #expect(Set(news.map { $0["kind"].string }) == ["second-factor", "password-reset"])
        }
    }

    @Test func guessingCodesEndsButNotForAKnownBrowserNorForRecoveryCodes() async throws {
        try await withTown { server, clock in
            let member = try await server.signedIn()
            let own = ["Sec-Fetch-Site": "same-origin"]
            let cookies = try await server.session(member.email, headers: own).cookies
            let device = cookies.first { $0.contains("chorus-device") }?.prefix { $0 != ";" } ?? ""
            let factor = try await server.secondFactor(of: member)
            clock.pass(seconds: 30)
            let good = code(factor, clock)
            let wrong =
                ["000000", "111111", "222222"].first { !(-1...1).map { code(factor, clock, $0) }.contains($0) } ?? ""
            for _ in 0..<GuessLimits.codes {
                #expect(try await server.session(member.email, totp: wrong).status == 401)
            }
            let refused = try await server.session(member.email, totp: good)
            #expect(refused.status == 429 && refused.problem == "too-many-requests")
            #expect(Int(refused.headers["retry-after"] ?? "").map { (1...3_600).contains($0) } == true)
            #expect(try await server.session(member.email, totp: factor.recoveryCodes[0]).status == 201)
            let known = ["Cookie": String(device)].merging(own) { $1 }
            #expect(try await server.session(member.email, totp: good, headers: known).status == 201)
        }
    }

    @Test func theHalfMinuteOfASignInIsForgottenWithinADay() async throws {
        try await withTown { server, clock in
            let factor = try await server.secondFactor(of: try await server.signedIn())
            let half = try await server.signedIn()
            _ = try await server.begunFactor(of: half)
            func kept() async throws -> [Int] {
                try await server.parts.keepJobs()
                try await server.parts.jobRunner.runDue()
                return [
                    try await server.count("SELECT count(last_step) FROM second_factor"),
                    try await server.count("SELECT count(*) FROM second_factor"),
                ]
            }
            #expect(try await kept() == [1, 2])
            clock.pass(days: 1)
            #expect(try await kept() == [0, 2])
            #expect(try await server.session(factor.email, totp: code(factor, clock)).status == 201, "good without it")
            clock.pass(days: NewsWindow.days + 1)
            #expect(try await kept() == [0, 1], "nobody has put it in force")
        }
    }
}
