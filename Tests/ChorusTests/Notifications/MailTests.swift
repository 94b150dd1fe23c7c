import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Mail from the rows that ask for it to the program that takes it.
@Suite struct MailTests {
    /// A mail program that keeps what it is given in a directory, with its arguments, and says what a test wants.
    private struct Post {
        let folder: URL
        var program: String { folder.appending(path: "sendmail").path(percentEncoded: false) }

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "chorus-mail-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // Killed first where it is to say nothing: a program that ends without a word.
            let script = """
                #!/bin/sh
                cd "\(folder.path(percentEncoded: false))" || exit 71
                for last; do :; done
                while [ -f "held-$last" ]; do sleep 0.1; done
                [ -f "code-$last" ] && exit "$(cat "code-$last")"
                name=$(mktemp mail.XXXXXXXX)
                { echo "$*"; cat; } > "$name"
                """
            try Data(script.utf8).write(to: folder.appending(path: "sendmail"))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        }

        func refuse(_ address: String, with code: Int?) throws {
            let file = folder.appending(path: "code-\(address)")
            if let code {
                try Data("\(code)".utf8).write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
        }

        /// Lets the program hang on mail to somebody.
        func hold(_ address: String) throws { try Data().write(to: folder.appending(path: "held-\(address)")) }

        func letGo(_ address: String) throws {
            try FileManager.default.removeItem(at: folder.appending(path: "held-\(address)"))
        }

        /// What came since the last look.
        func take() throws -> [String] {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            return try names.filter { $0.hasPrefix("mail.") }.sorted().map { name in
                let file = folder.appending(path: name)
                defer { try? FileManager.default.removeItem(at: file) }
                return try String(contentsOf: file, encoding: .utf8)
            }
        }

        func close() { try? FileManager.default.removeItem(at: folder) }
    }

    private func withPost(_ body: (TestServer, TestClock, Post) async throws -> Void) async throws {
        let (clock, post) = (TestClock(), try Post())
        defer { post.close() }
        let configure: (inout ServerConfiguration) -> Void = { configuration in
            configuration.mailFrom = "post@chorus.example"
            configuration.publicURL = "https://chorus.example"
            configuration.sendmail = post.program
        }
        try await withServer(now: clock.now, configure: configure) { server in try await body(server, clock, post) }
    }

    /// A member who has consented to mail.
    private func reader(_ server: TestServer, _ mail: MailRhythm? = nil, _ locale: Language = .de) async throws
        -> TestPerson
    {
        let person = try await server.person(.member)
        _ = try await server.send("PUT", "/v1/me/consents/mail", "{\"textVersion\":\"2026-11\"}", as: person)
        _ = try await server.send("PATCH", "/v1/me", "{\"locale\":\"\(locale.rawValue)\"}", as: person)
        if let mail {
            let choice = "{\"mail\":\"\(mail.rawValue)\",\"calendarAlarms\":true}"
            _ = try await server.send("PUT", "/v1/me/notifications", choice, as: person)
        }
        return person
    }

    private func header(_ name: String, of mail: String) -> String {
        let line = mail.components(separatedBy: "\n").first { $0.hasPrefix("\(name): ") } ?? ""
        return String(line.dropFirst(name.count + 2))
    }

    /// Does what is due, as a running server does.
    private func work(_ server: TestServer) async throws {
        try await server.parts.keepJobs()
        try await server.parts.jobRunner.runDue()
        try await server.parts.deliveryRunner.runDue()
    }

    private func receivers(_ mails: [String]) -> Set<String> { Set(mails.map { header("To", of: $0) }) }

    private func email(_ person: TestPerson) -> String { "\(person.account.text)@example.org" }

    @Test func whoWantsMailAndHasUnreadNewsGetsOneThatSaysNoMore() async throws {
        try await withPost { server, clock, post in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            let (weekly, simple) = (try await reader(server), try await reader(server, .weekly, .deSimple))
            let (daily, atOnce) = (try await reader(server, .daily, .en), try await reader(server, .atOnce))
            let (silent, hasRead) = (try await reader(server, MailRhythm.none), try await reader(server))
            let (hasNotAgreed, notConcerned) = (try await server.person(.member), try await reader(server))
            let id = try await NewsTests.publish(server, by: coordinator)
            for person in [weekly, simple, daily, atOnce, silent, hasRead, hasNotAgreed] {
                let path = "\(server.home)/recommendations/\(id)/follow"
                #expect(try await server.send("PUT", path, as: person).status == 204)
            }
            try await NewsTests.answer(server, id, by: hr)
            clock.pass(seconds: 1)
            let mark = "{\"until\":\"\(RFC3339.string(clock.now()))\"}"
            _ = try await server.send("PUT", "/v1/me/news/read", mark, as: hasRead)
            var got: [String] = []
            // Eight days, hour by hour.
            for _ in 0..<(8 * 24) {
                clock.pass(seconds: 3_600)
                try await work(server)
                got += try post.take()
            }
            #expect(got.count == 4, "one each: \(got.map { header("To", of: $0) })")
            #expect(receivers(got) == Set([weekly, simple, daily, atOnce].map(email)))
            #expect(!receivers(got).contains(email(notConcerned)))
            for mail in got {
                for secret in ["Aushang", id, "Netz ", server.network.slug, server.network.id.text] {
                    #expect(!mail.contains(secret), "\(secret)")
                }
                #expect(mail.hasPrefix("-i -f post@chorus.example -- \(header("To", of: mail))\n"))
            }
            let subjects = Dictionary(grouping: got) { header("Subject", of: $0) }.mapValues(\.count)
            #expect(subjects == ["Es gibt Neuigkeiten": 2, "Es gibt etwas Neues": 1, "There is news": 1])
            #expect(Set(got.map { header("Message-ID", of: $0) }).count == 4)
            let left = try await server.count("SELECT count(*) FROM mail")
            #expect(left == 0)
        }
    }

    @Test func aResetIsToldOnTheSameDayToWhoGetsAnyMail() async throws {
        try await withPost { server, clock, post in
            let coordinator = try await server.session(of: try await server.person(.member, .coordinator))
            let (weekly, silent) = (try await reader(server), try await reader(server, MailRhythm.none))
            let hasNotAgreed = try await server.person(.member)
            for person in [weekly, silent, hasNotAgreed, weekly] {
                let made = try await server.resetCode(for: person.membership, by: coordinator)
                #expect(made.status == 201, "\(made.text)")
            }
            clock.pass(seconds: MailRhythm.atOnce.spread)
            try await work(server)
            let got = try post.take()
            #expect(got.map { header("To", of: $0) } == [email(weekly)], "once a day at most")
            #expect(got.first.map { header("Subject", of: $0) } == "Es gibt Neuigkeiten")
            for word in ["asswor", "ennwort", "Code ", "reset", server.network.slug] {
                #expect(!(got.first ?? word).contains(word), "\(word)")
            }
            #expect(try await server.count("SELECT count(*) FROM mail") == 0)
        }
    }

    @Test func oneClickEndsAllMailAndLookingDoesNot() async throws {
        try await withPost { server, clock, post in
            let (organiser, member) = (try await server.person(.member, .organiser), try await reader(server))
            try await occasion(server, organiser, [member])
            clock.pass(seconds: 60)
            try await server.parts.askForNewsMail(in: server.network, isNow: true)
            try await work(server)
            let mail = try #require(try post.take().first)
            let address = header("List-Unsubscribe", of: mail).dropFirst().dropLast()
            #expect(address.hasPrefix("https://chorus.example/v1/unsubscribe/"))
            let path = String(address.dropFirst("https://chorus.example".count))
            for language in ["de", "de-simple", "en"] {
                let page = try await server.send(
                    "GET",
                    path,
                    headers: ["Accept": "text/html", "Accept-Language": language]
                )
                #expect(page.status == 200 && page.text.contains("<form"))
                #expect(page.headers["content-language"] == language)
            }
            let path2 = "/v1/me/notifications"
            #expect(try await server.send("GET", path2, as: member).json["mail"].string == "weekly")
            // It waits already when its reader changes their mind.
            clock.pass(days: 1)
            try await occasion(server, organiser, [member])
            clock.pass(seconds: 60)
            try await server.parts.askForNewsMail(in: server.network, isNow: true)
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            let click = Array("List-Unsubscribe=One-Click".utf8)
            let reply = try await server.send("POST", path, headers: form, bytes: click)
            #expect(reply.status == 200)
            #expect(try await server.send("GET", path2, as: member).json["mail"].string == "none")
            try await work(server)
            #expect(try post.take() == [])
            let left = try await server.count("SELECT count(*) FROM mail")
            #expect(left == 0)
            for method in ["GET", "POST"] {
                #expect(try await server.send(method, "/v1/unsubscribe/\(UUID().text)").status == 404)
            }
            // Erased meanwhile: it does no harm.
            #expect(try await server.send("DELETE", "/v1/me", as: member).status == 204)
            #expect(try await server.send("POST", path).status == 200)
        }
    }

    /// Cancels an event that some go to.
    private func occasion(_ server: TestServer, _ organiser: TestPerson, _ people: [TestPerson]) async throws {
        let event = RSVPTests.newEvent(capacity: nil)
        let made = try await server.send("POST", "\(server.home)/events", event, as: organiser)
        let path = "\(server.home)/events/\(made.json["id"].string)"
        for person in people {
            let reply = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"going\"}", as: person)
            #expect(reply.status == 200)
        }
        #expect(try await server.send("DELETE", path, as: organiser).status == 204)
    }

    @Test func whoCannotBeReachedKeepsNobodyWaiting() async throws {
        try await withPost { server, clock, post in
            let organiser = try await server.person(.member, .organiser)
            var people: [TestPerson] = []
            for _ in 0..<30 { people.append(try await reader(server)) }
            let (busy, gone) = (people[0], people[1])
            try post.refuse(email(busy), with: 75)
            try post.refuse(email(gone), with: 67)
            try await server.run(
                "UPDATE account SET email = 'a,b@example.org' WHERE id = '\(people[2].account.text)'",
                on: .private
            )
            try await occasion(server, organiser, people)
            clock.pass(seconds: 60)
            try await server.parts.askForNewsMail(in: server.network, isNow: true)
            try await work(server)
            #expect(try receivers(post.take()) == Set(people[3...].map(email)))
            let waiting = try await server.texts("SELECT attempts::text FROM mail")
            #expect(waiting == ["1"], "who is busy is asked again, who is gone is not")
            try await work(server)
            #expect(try post.take() == [], "not at once")
            try post.refuse(email(busy), with: nil)
            clock.pass(seconds: 10)
            try await work(server)
            #expect(try receivers(post.take()) == [email(busy)])
            let left = try await server.count("SELECT count(*) FROM mail")
            #expect(left == 0)
            let metrics = try await server.send("GET", "/metrics").text
            #expect(metrics.contains("chorus_mail_is_sent 1.0"))
            #expect(!metrics.contains("example.org"))
        }
    }

    @Test func whoAsksForMailIsNotRefusedBecauseTheMailProgramHangs() async throws {
        try await withPost { server, clock, post in
            let organiser = try await server.person(.member, .organiser)
            let (slow, other) = (try await reader(server), try await reader(server))
            try post.hold(email(slow))
            try await occasion(server, organiser, [slow])
            clock.pass(seconds: 60)
            try await server.parts.askForNewsMail(in: server.network, isNow: true)
            async let sending = server.parts.deliveryRunner.runDue()
            for _ in 0..<600 where try await server.count("SELECT count(*) FROM mail WHERE attempts = 1") == 0 {
                try await Task.sleep(for: .milliseconds(50))
            }
            clock.pass(seconds: 1)
            try await occasion(server, organiser, [other])
            clock.pass(seconds: 60)
            // Longer than PostgreSQL waits for a lock.
            try await server.parts.askForNewsMail(in: server.network, isNow: true)
            let waiting = try await server.texts("SELECT attempts::text FROM mail ORDER BY attempts")
            #expect(waiting == ["0", "1"], "it hangs still")
            try post.letGo(email(slow))
            _ = try await sending
            var got: Set<String> = []
            // On a slow machine the program may have hung for longer than it may: then it is asked again.
            for _ in 0..<10 where got.count < 2 {
                try await work(server)
                got.formUnion(try receivers(post.take()))
                clock.pass(seconds: 600)
            }
            #expect(got == Set([slow, other].map(email)))
        }
    }

    @Test func twoServersSendEachMailOnce() async throws {
        try await withPost { server, clock, post in
            let organiser = try await server.person(.member, .organiser)
            var people: [TestPerson] = []
            for _ in 0..<40 { people.append(try await reader(server)) }
            try await occasion(server, organiser, people)
            clock.pass(seconds: 60)
            try await server.withSecondServer { other in
                async let here: Void = server.parts.askForNewsMail(in: server.network, isNow: true)
                async let there: Void = other.parts.askForNewsMail(in: server.network, isNow: true)
                _ = try await (here, there)
                async let first: Void = work(server)
                async let second: Void = work(other)
                _ = try await (first, second)
            }
            let mails = try post.take()
            #expect(mails.count == 40)
            #expect(receivers(mails) == Set(people.map(email)))
        }
    }

    @Test func aMailProgramThatNeverEndsIsEnded() async throws {
        let began = ContinuousClock.now
        let status = await ChildProgram.run(["/bin/sleep", "1000"], within: 0.3).status
        #expect(Sendmail.Outcome(status: status) == .putOff)
        // Beside hundreds of other tests a third of a second may take half a minute.
        #expect(ContinuousClock.now - began < .seconds(500))
        let missing = await ChildProgram.run(["/nowhere/sendmail"], input: [1], within: 1).status
        #expect(Sendmail.Outcome(status: missing) == .putOff)
    }

    @Test func whatIsPutOffForADayIsGivenUpAndAMailThatGoesTwiceSaysSo() async throws {
        try await withPost { server, clock, post in
            let (organiser, member) = (try await server.person(.member, .organiser), try await reader(server))
            try await occasion(server, organiser, [member])
            clock.pass(seconds: 60)
            try await server.parts.askForNewsMail(in: server.network, isNow: true)
            // As a server leaves it that ended between handing over and noting it.
            try await server.run("CREATE TABLE kept AS SELECT * FROM mail", on: .private)
            try await work(server)
            let first = try #require(try post.take().first)
            try await server.run("INSERT INTO mail SELECT * FROM kept", on: .private)
            try await work(server)
            let second = try #require(try post.take().first)
            #expect(header("Message-ID", of: first) == header("Message-ID", of: second))
            #expect(header("List-Unsubscribe", of: first) != header("List-Unsubscribe", of: second))
            try post.refuse(email(member), with: 75)
            try await server.run("INSERT INTO mail SELECT * FROM kept", on: .private)
            for _ in 0..<12 {
                clock.pass(seconds: 26_000)
                try await work(server)
            }
            let left = try await server.count("SELECT count(*) FROM mail")
            #expect(left == 0)
        }
    }

    @Test func aMessageToAnAnonymousChannelCausesNoMail() async throws {
        try await withPost { server, clock, post in
            let coordinator = try await server.person(.member, .coordinator, .moderator)
            var readers: [TestPerson] = []
            for _ in 0..<20 { readers.append(try await reader(server, .atOnce)) }
            let channel = try await server.channel(by: coordinator)
            var wallets: [TestWallet] = []
            for person in readers { wallets.append(try await server.wallet(of: person)) }
            let token = wallets[0].tokens[server.network.id]?.first
            let posted = try await server.submit(token, TestServer.message("Hallo", channel: channel))
            #expect(posted.status == 202)
            try await server.mix()
            clock.pass(days: 1)
            try await server.parts.askForNewsMail(in: server.network, isNow: true)
            try await work(server)
            #expect(try post.take() == [])
        }
    }

    @Test func remindersGoToHRAndItsDeputyAndThenToTheBodies() async throws {
        try await withPost { server, clock, post in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, _) = (try await server.person(.hr), try await reader(server))
            let contacts = """
                {"deputy":{"name":"V","email":"v@example.org"},"bodies":[{"name":"Rat","email":"rat@example.org"}],"graceDays":5}
                """
            let path = "\(server.home)/answer-duty-contacts"
            let named = try await server.send("PUT", path, contacts, as: coordinator, headers: ["If-Match": "*"])
            #expect(named.status == 200)
            let id = try await NewsTests.publish(server, by: coordinator, title: "Rampe am Rathaus")
            var got: [(day: Int, to: Set<String>)] = []
            for day in 1...40 {
                clock.pass(days: 1)
                try await work(server)
                let mails = try post.take()
                for mail in mails {
                    #expect(header("Subject", of: mail) == "Stellungnahme zu Handlungsempfehlung Nr. 1")
                    #expect(mail.contains("Rampe am Rathaus"))
                    #expect(header("List-Unsubscribe", of: mail) == "", "what is owed is not unsubscribed from")
                }
                if !mails.isEmpty { got.append((day, receivers(mails))) }
            }
            let employer: Set = [email(hr), "v@example.org"]
            #expect(got.map(\.to) == [employer, employer, employer, ["rat@example.org"]], "\(got)")
            #expect(got.map(\.day) == [16, 27, 31, 36])
            try await NewsTests.answer(server, id, by: hr)
            clock.pass(days: 30)
            try await work(server)
            #expect(try post.take() == [])
        }
    }

    @Test func withoutAnAddressOrAProgramNoMailIsAskedFor() async throws {
        try await withServer { server in
            let (organiser, member) = (try await server.person(.member, .organiser), try await reader(server))
            try await occasion(server, organiser, [member])
            try await work(server)
            let rows = try await server.count("SELECT count(*) FROM mail")
            #expect(rows == 0)
            let kinds = try await server.texts("SELECT kind FROM job ORDER BY kind")
            #expect(kinds == ["forgetExpired", "remindOfAnswers"])
            await #expect(throws: OperationRefusal.self) { try await server.server.askForNewsMail(now: true) }
            #expect(try await server.send("GET", "/metrics").text.contains("chorus_mail_is_sent 0.0"))
        }
    }
}
