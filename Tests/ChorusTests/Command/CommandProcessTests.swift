import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The command line as other programs drive it: exit codes, the JSON line, and what an operator is told.
@Suite(.serialized) struct CommandProcessTests {
    private func withDirectory(_ body: (TestProcess) async throws -> Void) async throws {
        let town = try TestProcess()
        defer { town.tearDown() }
        try await body(town)
    }

    @Test func wrongUsageIsTwoAndWrongConfigurationIsThree() async throws {
        try await withDirectory { town in
            #expect(try town.outcome(["fly"]).code == 2)
            #expect(try town.outcome(["serve", "--wings"]).code == 2)
            let port = try town.outcome(["serve", "--port", "ninety"])
            #expect(port.code == 3)
            #expect(port.text.contains("CHORUS_PORT"))
            let cost = try town.outcome(["serve"], environment: ["CHORUS_PASSWORD_COST": "3"])
            #expect(cost.code == 3)
            #expect(cost.text.contains("15"))
            let unknown = try town.outcome(["serve"], environment: ["CHORUS_PROT": "8080"])
            #expect(unknown.code == 3)
            #expect(unknown.text.contains("CHORUS_PROT") && !unknown.text.contains("8080"), "values are not repeated")
            let file = town.directory + ".csv"
            try "CHORUS_PORT=0\n{\"port\": 1}\n".write(toFile: file, atomically: true, encoding: .utf8)
            let json = try town.outcome(["serve", "--config", file])
            #expect(json.code == 3)
            #expect(json.text.contains("Line 2"))
            let away = try town.outcome(["migrate", "--config", file + ".none"])
            #expect(away.code == 3)
            let help = try town.outcome(["serve", "--help"])
            #expect(help.code == 0)
            #expect(help.text.contains("--port"))
            #expect(!FileManager.default.fileExists(atPath: town.directory), "nothing was made")
        }
    }

    @Test func aTownIsSetUpServedExaminedAndStopped() async throws {
        try await withDirectory { town in
            #expect(try town.outcome(["migrate"]).code == 0)
            let made = ["network", "create", "stadt", "--name", "Netz", "--employer", "Stadt"]
            #expect(try town.outcome(made).code == 0)
            let again = try town.outcome(made)
            #expect(again.code == 1, "\(again.text)")
            #expect(again.text.contains("stadt") || again.text.contains("slug"), "\(again.text)")
            #expect(try town.outcome(["token", "create", "--role", "emperor", "--network", "stadt"]).code == 1)
            #expect(try town.outcome(["token", "create", "--role", "hr", "--network", "nowhere"]).code == 1)
            try town.start()
            #expect(try await town.send("GET", "/readyz").status == 200)
            // Beside the running server.
            #expect(try town.outcome(["mix", "--now"]).code == 0)
            let hr = try town.run(["token", "create", "--role", "hr", "--network", "stadt"]) ?? ""
            let person = TestPerson(account: UUID(), membership: UUID(), token: hr)
            #expect(try await town.send("GET", "/v1/me", as: person).json["memberships"][0]["roles"][0].string == "hr")
            let fine = try town.outcome(["doctor"])
            #expect(fine.code == 0, "\(fine.text)")
            #expect(fine.text.contains("no statement and no value"))
            // The network was made, and HR got a token.
            let audit = try town.outcome(["audit", "verify", "stadt"])
            #expect(audit.code == 0, "\(audit.text)")
            #expect(audit.text.contains("stadt: the chain holds, position 2"), "\(audit.text)")
            // Somebody looks for a fault, and forgets to take it back.
            try town.psql("ALTER ROLE chorus_anonymous SET log_statement = 'all'")
            let talkative = try town.outcome(["doctor"])
            #expect(talkative.code == 1)
            #expect(talkative.text.contains("log_statement = all"), "\(talkative.text)")
            #expect(try town.outcome(["migrate"]).code == 0)
            #expect(try town.outcome(["doctor"]).code == 0, "migrate has mended it")
            // Somebody was told that it makes things faster.
            try town.psql("ALTER ROLE chorus_member SET synchronous_commit = 'off'")
            let hasty = try town.outcome(["doctor"])
            try town.psql("ALTER ROLE chorus_member RESET synchronous_commit")
            #expect(hasty.code == 1)
            #expect(hasty.text.contains("synchronous_commit = off"), "\(hasty.text)")
            #expect(town.stop() == 0)
            #expect(!FileManager.default.fileExists(atPath: town.directory + "/postgres/postmaster.pid"))
            // What a colleague may do wrong, and how they are told.
            let secret = town.directory + "/secrets"
            chmod(secret, 0o755)
            let open = try town.outcome(["doctor", "--json"])
            chmod(secret, 0o700)
            #expect(open.code == 1)
            let findings = try JSONParser.parse(Array(open.text.utf8))
            let wrong = (findings.array + findings["findings"].array).filter { $0["isFine"] == .bool(false) }
            #expect(wrong.contains { $0["mend"].string.contains("chmod") }, "\(open.text)")
        }
    }

    @Test func anybodyCanCheckTheKeysAndKeepThem() async throws {
        try await withDirectory { town in
            try town.start()
            let made = ["network", "create", "stadt", "--name", "N", "--employer", "S", "--key-notice-days", "0"]
            let network = try #require(try town.run(made))
            let address = "http://127.0.0.1:\(town.port)/v1/anonymous/directory?network=\(network)"
            let file = town.directory + ".csv"
            func verify(_ source: String, _ more: String...) throws -> (code: Int32, text: String) {
                // Not a server's command: it takes no --data.
                try town.outcome(["directory", "verify", source] + more, data: false)
            }
            let first = try verify(address, "--save", file)
            #expect(first.code == 0, "\(first.text)")
            #expect(first.text.contains("Short code"))
            let saved = try verify(file)
            #expect(saved.text == first.text, "\(saved.text)")
            #expect(try verify(address, "--against", file).code == 0)
            let json = try JSONParser.parse(Array(try verify(file, "--json").text.utf8))
            #expect(first.text.contains(json["shortCode"].string))
            // One letter of a key.
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let changed = text.replacing("\"epoch\":\"20", with: "\"epoch\":\"30")
            #expect(changed != text)
            try changed.write(toFile: file, atomically: true, encoding: .utf8)
            let tampered = try verify(file)
            #expect(tampered.code == 1)
            #expect(tampered.text.contains("digest"))
            #expect(try verify(address, "--against", file).code == 1)
            #expect(try verify("http://127.0.0.1:\(town.port)/elsewhere").code == 1)
            #expect(try verify(file + ".none").code == 1)
            #expect(town.stop() == 0)
        }
    }

    @Test func commandsAtOnceShareOneServerAndTheLastOneStopsIt() async throws {
        try await withDirectory { town in
            let codes = try await withThrowingTaskGroup(of: (Int32, String).self) { group in
                for index in 0..<4 {
                    group.addTask {
                        try town.outcome(["network", "create", "stadt-\(index)", "--name", "N", "--employer", "S"])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.allSatisfy { $0.0 == 0 }, "\(codes)")
            #expect(!FileManager.default.fileExists(atPath: town.directory + "/postgres/postmaster.pid"))
            // A stranger's process number in the lock file of a crash.
            let stranger = "\(getpid())\n\(town.directory)/postgres\n0\n5432\n\n\n\nready   \n"
            try stranger.write(toFile: town.directory + "/postgres/postmaster.pid", atomically: true, encoding: .utf8)
            try town.start()
            #expect(try await town.send("GET", "/readyz").status == 200)
            #expect(town.stop(SIGHUP) == 0, "as when its terminal is closed")
            #expect(!FileManager.default.fileExists(atPath: town.directory + "/postgres/postmaster.pid"))
        }
    }

    @Test func aDatabaseThatIsNewerIsNotTouched() async throws {
        try await withDirectory { town in
            try town.start()
            let network = try town.run(["network", "create", "stadt", "--name", "Netz", "--employer", "Stadt"])
            #expect(network != nil)
            try town.psql("INSERT INTO migration VALUES (9999, 'm9999_future', '')")
            #expect(town.stop() == 0)
            let refused = try town.outcome(["serve", "--port", "0"])
            #expect(refused.code == 3)
            #expect(refused.text.contains("m9999_future"), "\(refused.text)")
            #expect(try town.outcome(["doctor"]).code == 1)
        }
    }

    @Test func theDemoSaysInOneLineHowToSignIn() async throws {
        try await withDirectory { town in
            let line = try town.startDemo(seed: 7)
            let ready = try JSONParser.parse(Array(line.utf8))
            #expect(ready.names == ["url", "network", "signIns", "private", "record"])
            let signIns = ready["signIns"].array
            let roles = signIns.map { $0["role"].string }
            #expect(Set(roles) == ["member", "organiser", "moderator", "coordinator", "hr", "council", "admin"])
            #expect(roles.count { $0 == "member" } == 2)
            var people: [String: TestPerson] = [:]
            for signIn in signIns {
                let body = "{\"email\":\"\(signIn["email"].string)\",\"password\":\"\(signIn["password"].string)\"}"
                let session = try await town.send("POST", "/v1/sessions", body)
                #expect(session.status == 201)
                people[signIn["role"].string] = TestPerson(
                    account: UUID(),
                    membership: UUID(),
                    token: session.json["token"].string
                )
            }
            town.use(network: try #require(UUID(uuidString: ready["network"].string)))
            func items(_ path: String, _ role: String) async throws -> [JSONValue] {
                try await town.send("GET", "\(path)?limit=200", as: people[role]).json["items"].array
            }
            #expect(
                try await items("\(town.home)/memberships", "coordinator").count {
                    $0["roles"] != .array([.string("hr")])
                }
                    >= 60
            )
            let units = try await town.send("GET", "\(town.home)/units", as: people["member"]).json["items"].array
            #expect(units.count == 6)
            let events = try await items("\(town.home)/events", "member")
            #expect(events.count == 12)
            #expect(events.contains { $0["going"].int == $0["capacity"].int && $0["waitlisted"].int > 0 })
            let channels = try await items("\(town.home)/channels", "member")
            #expect(channels.count == 3)
            var messages = 0
            for channel in channels {
                messages += try await items("\(town.home)/channels/\(channel["id"].string)/messages", "moderator").count
            }
            #expect(messages == 40)
            let rounds = try await items("\(town.home)/rounds", "member").map { $0["state"].string }
            #expect(rounds.sorted() == ["closed", "open"])
            let releases = try await items("\(town.record)/releases", "hr")
            #expect(releases.count == 1)
            let drafts = try await town.send(
                "GET",
                "\(town.home)/recommendations?state=draft",
                as: people["coordinator"]
            )
            let statuses = try await items("\(town.record)/recommendations", "hr").map { $0["status"].string }
            #expect(drafts.json["items"].array.count + statuses.count == 4)
            #expect(Set(statuses).count >= 3, "\(statuses)")
            #expect(town.stop() == 0)
        }
    }
}
