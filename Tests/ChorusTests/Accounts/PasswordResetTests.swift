import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Getting back in by a coordinator's code: what it opens, for whom, and who is told.
@Suite struct PasswordResetTests {
    private static let wrong = "0000-0000-0000-0000"

    /// A server that lets guess as long as it takes, and a coordinator who is signed in.
    private func withTown(
        now: @escaping @Sendable () -> Date = { Date() },
        _ body: (TestServer, TestPerson) async throws -> Void
    ) async throws {
        let configure: (inout ServerConfiguration) -> Void = { configuration in
            configuration.failedSignInsPerMinute = 100_000
            // Many passwords are looked at, and how long one takes is not asked here.
            configuration.passwordCost = 10
        }
        try await withServer(now: now, configure: configure) { server in
            let coordinator = try await server.session(of: try await server.person(.member, .coordinator))
            try await body(server, coordinator)
        }
    }

    private func code(_ server: TestServer, for member: TestSignIn, by coordinator: TestPerson) async throws -> String {
        let made = try await server.resetCode(for: member.person.membership, by: coordinator)
        #expect(made.status == 201, "\(made.text)")
        return made.json["code"].string
    }

    @Test func aCodeLetsItsMemberInAndEverybodyElseOut() async throws {
        try await withTown { server, coordinator in
            let member = try await server.signedIn()
            let program =
                "{\"name\":\"Programm\",\"scopes\":[\"read\"],\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            let token = try await server.send("POST", "/v1/me/api-tokens", program, as: member.person)
            let reader = TestPerson(account: UUID(), membership: UUID(), token: token.json["token"].string)
            #expect(try await server.send("POST", "/v1/me/calendar-key", as: member.person).status == 201)
            let events = "\(server.home)/events"
            for person in [member.person, reader] { try await server.keep(events, as: person) }

            let code = try await code(server, for: member, by: coordinator)
            #expect(code.wholeMatch(of: /[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}/) != nil, "\(code)")
            let kept = try await server.texts("SELECT r::text FROM password_reset r")
            #expect(kept.count == 1 && !kept[0].contains(code.prefix(4)), "its hash is kept, not the code")
            #expect(try await server.send("GET", events, as: member.person).status == 200, "a code alone ends nothing")
            #expect(try await server.resetPassword(member.email, code, "kurz").pointers == ["/password"])

            let typed = code.lowercased().replacing("0", with: "o").replacing("1", with: "l").replacing("-", with: " ")
            #expect(try await server.resetPassword(member.email.uppercased(), typed).status == 204)
            for person in [member.person, reader] {
                #expect(try await server.send("GET", events, as: person).status == 401)
            }
            for table in ["session", "api_token", "calendar_key"] {
                let left = "SELECT count(*) FROM \(table) WHERE account_id = '\(member.person.account.text)'"
                #expect(try await server.count(left) == 0, "\(table)")
            }
            #expect(try await server.signIn(member.email) == nil)
            #expect(try await server.signIn(member.email, "ein-neues-langes-wort") != nil)
            #expect(try await server.resetPassword(member.email, code).problem == "reset-refused", "once")
        }
    }

    @Test func theMemberIsToldAndTheChainSaysItOfNobody() async throws {
        try await withTown { server, coordinator in
            let (member, other) = (try await server.signedIn(), try await server.signedIn())
            let council = try await server.person(.council)
            func told(_ token: String) async throws -> [JSONValue] {
                let reader = TestPerson(account: UUID(), membership: UUID(), token: token)
                return try await server.send("GET", "/v1/me/news", as: reader).json["items"].array
            }
            let code = try await code(server, for: member, by: coordinator)
            let before = try await told(member.person.token)
            #expect(before.map { $0["kind"].string } == ["password-reset"], "before anybody has used it")
            #expect(before.first?["subject"].string == member.person.membership.text)
            #expect(before.first?["title"].string == "")
            #expect(before.first?["read"] == .bool(false))
            #expect(try await server.resetPassword(member.email, code).status == 204)
            let token = try #require(try await server.signIn(member.email, "ein-neues-langes-wort"))
            #expect(try await told(token).map { $0["kind"].string } == ["password-reset"])
            #expect(try await told(other.person.token).isEmpty)
            let reader = TestPerson(account: UUID(), membership: UUID(), token: token)
            let export = try await server.send("GET", "/v1/me/export", as: reader).json["passwordResets"].array
            #expect(export.count == 1 && export[0]["usedOn"] != .null)

            let (entries, pages) = try await server.audit(as: council)
            let resets = entries.filter { $0["kind"].string == "reset" }
            #expect(resets.map { $0["content"]["step"].string } == ["made", "used"])
            for name in [member.person.account.text, member.person.membership.text, member.email] {
                #expect(!pages.joined().contains(name))
            }
            #expect(try await server.server.verifyAudit(network: server.network.slug).count == 1)
            #expect(try await TestVerifier.run([pages.joined()], of: server.network.id).0 == 0)
        }
    }

    @Test func everyRefusalIsTheSame() async throws {
        let clock = TestClock()
        try await withTown(now: clock.now) { server, coordinator in
            let (member, other) = (try await server.signedIn(), try await server.signedIn())
            let (old, foreign) = (
                try await code(server, for: member, by: coordinator),
                try await code(server, for: other, by: coordinator)
            )
            let new = try await code(server, for: member, by: coordinator)
            var replies = [
                try await server.resetPassword("nobody@example.org", new),
                try await server.resetPassword(member.email, Self.wrong),
                try await server.resetPassword(member.email, "?"),
                try await server.resetPassword(member.email, old),
                try await server.resetPassword(member.email, foreign),
                try await server.resetPassword(other.email, new),
            ]
            // The day after the next is the last one.
            clock.pass(days: 2)
            #expect(try await server.resetPassword(member.email, new).status == 204)
            replies.append(try await server.resetPassword(member.email, new))
            clock.pass(days: 1)
            replies.append(try await server.resetPassword(other.email, foreign))
            let answers = replies.map { [$0.json["type"].string, $0.json["title"].string, $0.json["detail"].string] }
            #expect(Set(answers).count == 1 && replies[0].problem == "reset-refused", "\(answers)")
            #expect(replies.allSatisfy { $0.status == 422 && $0.pointers.isEmpty })
        }
    }

    @Test func tenAttemptsAtOnceOrOneByOneEndACode() async throws {
        try await withTown { server, coordinator in
            let member = try await server.signedIn()
            let first = try await code(server, for: member, by: coordinator)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<24 {
                    group.addTask { try await server.resetPassword(member.email, Self.wrong).status }
                }
                for try await status in group { #expect(status == 422) }
            }
            #expect(try await server.count("SELECT attempts FROM password_reset") == PasswordReset.attempts)
            #expect(try await server.resetPassword(member.email, first).problem == "reset-refused")
            let second = try await code(server, for: member, by: coordinator)
            for _ in 1..<PasswordReset.attempts {
                #expect(try await server.resetPassword(member.email, Self.wrong).status == 422)
            }
            #expect(try await server.resetPassword(member.email, second).status == 204, "the tenth may be right")
        }
    }

    @Test func guessingIsAsSlowAsGuessingPasswords() async throws {
        try await withServer(now: TestClock().now, configure: { $0.passwordCost = 10 }) { server in
            let coordinator = try await server.session(of: try await server.person(.member, .coordinator))
            let member = try await server.signedIn()
            let code = try await code(server, for: member, by: coordinator)
            var statuses: [Int] = []
            for index in 0..<22 {
                statuses.append(try await server.resetPassword("a\(index)@example.org", Self.wrong).status)
            }
            #expect(statuses.prefix(20).allSatisfy { $0 == 422 } && statuses.suffix(2) == [429, 429])
            #expect(try await server.resetPassword(member.email, code).status == 429, "of this address, in this minute")
            #expect(try await server.signIn(member.email) == nil, "and passwords neither")
        }
    }

    @Test func ofCodesMadeAtOnceOneIsGoodAndIsUsedOnce() async throws {
        try await withTown { server, coordinator in
            let member = try await server.signedIn()
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<6 { group.addTask { try await code(server, for: member, by: coordinator) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(codes).count == 6)
            let passwords = (0..<12).map { "ein-neues-langes-wort-\($0)" }
            let used = try await withThrowingTaskGroup(of: String?.self) { group in
                // Each code twice: more attempts than one code has, so that the right one may not come to its turn.
                for (index, password) in passwords.enumerated() where index < PasswordReset.attempts {
                    group.addTask {
                        let reply = try await server.resetPassword(member.email, codes[index % 6], password)
                        return reply.status == 204 ? password : nil
                    }
                }
                return try await group.reduce(into: [String]()) { if let password = $1 { $0.append(password) } }
            }
            #expect(used.count == 1, "\(used)")
            #expect(try await server.signIn(member.email, used.first ?? "") != nil)
        }
    }

    @Test func whoSignsInWithTheOldPasswordAtTheSameMomentIsOutToo() async throws {
        try await withTown { server, coordinator in
            let member = try await server.signedIn()
            var password = TestSignIn.password
            for round in 0..<6 {
                let (code, old) = (try await code(server, for: member, by: coordinator), password)
                let new = "ein-neues-langes-wort-\(round)"
                let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
                    group.addTask {
                        let reply = try await server.resetPassword(member.email, code, new)
                        #expect(reply.status == 204, "\(reply.text)")
                        return nil
                    }
                    for _ in 0..<6 { group.addTask { try await server.signIn(member.email, old) } }
                    return try await group.reduce(into: [String]()) { if let token = $1 { $0.append(token) } }
                }
                for token in tokens {
                    let thief = TestPerson(account: UUID(), membership: UUID(), token: token)
                    #expect(try await server.send("GET", "/v1/me", as: thief).status == 401)
                }
                password = new
            }
        }
    }

    @Test func anotherServerKnowsAtOnce() async throws {
        try await withTown { server, coordinator in
            let member = try await server.signedIn()
            let code = try await code(server, for: member, by: coordinator)
            try await server.withSecondServer { other in
                let events = "\(server.home)/events"
                try await other.keep(events, as: member.person)
                #expect(try await server.resetPassword(member.email, code).status == 204)
                #expect(try await soon { try await other.send("GET", events, as: member.person).status == 401 })
            }
        }
    }

    @Test func whatIsOverIsForgotten() async throws {
        let clock = TestClock()
        try await withTown(now: clock.now) { server, coordinator in
            let (member, gone) = (try await server.signedIn(), try await server.signedIn())
            for person in [member, gone] { _ = try await code(server, for: person, by: coordinator) }
            #expect(try await server.send("DELETE", "/v1/me", as: gone.person).status == 204)
            #expect(try await server.count("SELECT count(*) FROM password_reset") == 1)
            func passed(_ days: Int) async throws -> Int {
                clock.pass(days: days)
                try await server.parts.keepJobs()
                try await server.parts.jobRunner.runDue()
                return try await server.count("SELECT count(*) FROM password_reset WHERE code_hash IS NOT NULL")
            }
            #expect(try await passed(2) == 1, "good today")
            #expect(try await passed(1) == 0, "over")
            #expect(try await server.count("SELECT count(*) FROM password_reset") == 1, "news still")
            _ = try await passed(NewsWindow.days)
            #expect(try await server.count("SELECT count(*) FROM password_reset") == 0)
        }
    }
}
