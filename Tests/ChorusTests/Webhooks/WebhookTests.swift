import Crypto
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Systems of HR that are told that the record has grown: at least once, signed, and without waiting for one another.
@Suite struct WebhookTests {
    private static let due = "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}"

    private func create(
        _ server: TestServer,
        _ url: String,
        _ events: [String] = ["recommendation.published", "answer.recorded"],
        by hr: TestPerson
    ) async throws -> JSONValue {
        let names = events.map { "\"\($0)\"" }.joined(separator: ",")
        let body = "{\"url\":\"\(url)\",\"events\":[\(names)]}"
        let reply = try await server.send("POST", "\(server.record)/webhooks", body, as: hr)
        #expect(reply.status == 201, "\(reply.text)")
        return reply.json
    }

    private func turn(_ server: TestServer, _ clock: TestClock) async throws {
        clock.pass(seconds: ServerParts.deliveryPause + 1)
        try await server.parts.deliveryRunner.runDue()
    }

    /// Checks a notice as its receiver would: RFC 2104 over what the headers and the body say.
    private func isSigned(_ notice: TestReceiver.Notice, with secret: String) throws -> Bool {
        let key = try #require(Data(base64Encoded: String(secret.dropFirst(6))))
        let (id, time) = (notice.headers["webhook-id"] ?? "", notice.headers["webhook-timestamp"] ?? "")
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(id).\(time).\(notice.body)".utf8),
            using: SymmetricKey(data: key)
        )
        return notice.headers["webhook-signature"] == "v1,\(Data(code).base64EncodedString())"
    }

    private func withHooks(
        _ answer: @escaping @Sendable (Int) -> Int?,
        _ body: (TestServer, TestClock, TestReceiver) async throws -> Void
    ) async throws {
        let (clock, receiver) = (TestClock(), try TestReceiver(answer: answer))
        defer { receiver.close() }
        try await withServer(now: clock.now, configure: { $0.webhookHosts = ["127.0.0.1"] }) { server in
            try await body(server, clock, receiver)
        }
    }

    @Test func aReceiverThatFailsFiveTimesGetsTheEventOnTheSixthTry() async throws {
        try await withHooks({ $0 < 5 ? 500 : 204 }) { server, clock, receiver in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let before = try await server.publishRecommendation(by: coordinator)
            let hook = try await create(server, receiver.url, by: hr)
            let id = try await server.publishRecommendation(by: coordinator)
            for (attempt, wait) in zip(1..., JobTiming.waits(jitter: 1).prefix(6)) {
                try await turn(server, clock)
                #expect(receiver.told.count == attempt, "attempt \(attempt)")
                try await server.parts.deliveryRunner.runDue()
                #expect(receiver.told.count == attempt, "not at once again")
                clock.pass(seconds: wait)
            }
            try await turn(server, clock)
            let told = receiver.told
            #expect(told.count == 6, "and not once more")
            #expect(Set(told.map(\.body)).count == 1, "each time the same")
            #expect(Set(told.compactMap { $0.headers["webhook-id"] }).count == 1)
            #expect(Set(told.compactMap { $0.headers["webhook-timestamp"] }).count == 6)
            for notice in told { #expect(try isSigned(notice, with: hook["secret"].string)) }
            let body = try JSONParser.parse(Array(told[5].body.utf8))
            #expect(body["event"].string == "recommendation.published")
            #expect(body["recommendation"].string == id, "\(body) is not of \(before)")
            #expect(body["number"].int == 2)
            #expect(body.names == ["day", "event", "id", "network", "number", "recommendation"], "nothing else")
            let left = try await server.count("SELECT count(*) FROM webhook_delivery")
            #expect(left == 0)
        }
    }

    @Test func aReceiverIsToldOfWhatItWantsAndOfNothingElse() async throws {
        try await withHooks({ _ in 200 }) { server, clock, receiver in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let events = ["answer.recorded", "outcome.recorded", "recommendation.overdue"]
            _ = try await create(server, receiver.url, events, by: hr)
            let id = try await server.publishRecommendation(by: coordinator)
            let late = try await server.publishRecommendation(by: coordinator)
            try await server.answerRecommendation(id, as: hr)
            let outcome = "{\"status\":\"planned\",\"text\":\"Bald.\",\"on\":\"2027-01-05\"}"
            let made = try await server.send("POST", "\(server.record)/recommendations/\(id)/outcomes", outcome, as: hr)
            #expect(made.status == 201)
            try await turn(server, clock)
            clock.pass(days: 40)
            try await server.parts.keepJobs()
            try await server.parts.jobRunner.runDue()
            try await turn(server, clock)
            let told = try receiver.told.map { try JSONParser.parse(Array($0.body.utf8)) }
            #expect(told.map { $0["event"].string } == events)
            #expect(told.map { $0["recommendation"].string } == [id, id, late])
            #expect(told[1]["day"].string == "2027-01-05")
            #expect(!receiver.told.contains { $0.body.contains("Bald") || $0.body.contains("Amt") })
        }
    }

    @Test func whoHangsHoldsNobodyUp() async throws {
        let hanging = try (0..<3).map { _ in try TestReceiver { _ in nil } }
        defer { for receiver in hanging { receiver.close() } }
        try await withHooks({ _ in 200 }) { server, clock, receiver in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            for other in hanging { _ = try await create(server, other.url, by: hr) }
            _ = try await create(server, receiver.url, by: hr)
            for _ in 0..<3 { _ = try await server.publishRecommendation(by: coordinator) }
            clock.pass(seconds: 1)
            var parts = server.parts
            // Long enough that all else is over before, on a machine that has much else to do.
            parts.webhooks.patience = 25
            async let turn = parts.deliveryRunner.runDue()
            let told = try await receiver.wait(for: 3)
            #expect(told.count == 3)
            // Other work does not wait for them either.
            try await parts.keepJobs()
            #expect(try await parts.jobRunner.runDue() == 2)
            let ended = try await server.count("SELECT count(*) FROM webhook_delivery WHERE failure IS NOT NULL")
            #expect(ended == 0, "they hang still")
            _ = try await turn
            for other in hanging { #expect(other.told.count == 1, "the others wait behind the one that hangs") }
            let failures = try await server.texts(
                "SELECT DISTINCT failure FROM webhook_delivery WHERE failure IS NOT NULL"
            )
            #expect(failures == ["took too long"])
        }
    }

    @Test func whatIsNeverTakenBecomesADeadLetterThatCanBeSentAgain() async throws {
        try await withHooks({ _ in 503 }) { server, clock, receiver in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let hook = try await create(server, receiver.url, by: hr)
            let path = "\(server.record)/webhooks/\(hook["id"].string)"
            let id = try await server.publishRecommendation(by: coordinator)
            for wait in JobTiming.waits(jitter: 1) {
                #expect(try await server.send("GET", "\(path)/dead-letters", as: hr).json["items"].array.isEmpty)
                try await turn(server, clock)
                clock.pass(seconds: wait)
            }
            #expect(receiver.told.count == JobTiming.attempts)
            try await turn(server, clock)
            #expect(receiver.told.count == JobTiming.attempts, "given up")
            let letters = try await server.send("GET", "\(path)/dead-letters", as: hr)
            let letter = letters.json["items"][0]
            #expect(letter["recommendation"].string == id, "\(letters.text)")
            #expect((letter["failure"].string, letter["attempts"].int) == ("HTTP 503", 12))
            receiver.answer { _ in 204 }
            let again = "\(path)/dead-letters/\(letter["id"].string)/redelivery"
            #expect(try await server.send("POST", again, as: hr).status == 204)
            try await turn(server, clock)
            #expect(receiver.told.last?.body == receiver.told.first?.body)
            #expect(receiver.told.count == JobTiming.attempts + 1)
            let left = try await server.send("GET", "\(path)/dead-letters", as: hr)
            #expect(left.json["items"].array.isEmpty)
            #expect(try await server.send("POST", again, as: hr).status == 404)
        }
    }

    @Test func aTrialGoesTheWayOfAllOthersAndAnEndedReceiverIsToldNothing() async throws {
        try await withHooks({ _ in 200 }) { server, clock, receiver in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let hook = try await create(server, receiver.url, by: hr)
            let path = "\(server.record)/webhooks/\(hook["id"].string)"
            let sent = try await server.send("POST", "\(path)/test", as: hr)
            #expect(sent.status == 202)
            try await turn(server, clock)
            #expect(receiver.told.count == 1 && receiver.told[0].headers["webhook-id"] == sent.json["id"].string)
            #expect(receiver.told[0].body.contains("\"event\":\"webhook.test\""))
            #expect(try await server.send("DELETE", path, as: hr).status == 204)
            _ = try await server.publishRecommendation(by: coordinator)
            try await turn(server, clock)
            try await turn(server, clock)
            #expect(receiver.told.count == 1)
            let jobs = try await server.count("SELECT count(*) FROM job WHERE kind = 'deliverWebhook'")
            #expect(jobs == 0)
        }
    }

    @Test func onlyHRHasReceiversAndTheirSecretIsShownOnce() async throws {
        try await withHooks({ _ in 200 }) { server, _, receiver in
            let hr = try await server.person(.hr)
            let hook = try await create(server, receiver.url, by: hr)
            let secret = hook["secret"].string
            #expect(secret.wholeMatch(of: #/whsec_[A-Za-z0-9+/]{43}=/#) != nil)
            let path = "\(server.record)/webhooks"
            for place in [path, "\(path)/\(hook["id"].string)"] {
                let read = try await server.send("GET", place, as: hr)
                #expect(read.status == 200 && !read.text.contains("secret"), "\(read.text)")
                let again = try await server.send(
                    "GET",
                    place,
                    as: hr,
                    headers: ["If-None-Match": read.headers["etag"] ?? ""]
                )
                #expect(again.status == 304)
                for roles in [[Role.council], [.member, .coordinator]] {
                    let other = try await server.person(roles: roles)
                    #expect(try await server.send("GET", place, as: other).status == 403)
                }
            }
            let bytes = try #require(Data(base64Encoded: String(secret.dropFirst(6))))
            let stored = try await server.texts("SELECT encode(sealed_secret, 'hex') FROM webhook")
            #expect(stored.count == 1 && !stored[0].contains(Array(bytes).hex))
        }
    }

    @Test func addressesOfTheInsideAreRefusedWhenTheyAreUsedAndNotOnlyWhenTheyAreNamed() async throws {
        let (clock, receiver) = (TestClock(), try TestReceiver { _ in 200 })
        defer { receiver.close() }
        try await withServer(now: clock.now) { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let literal = ["https://127.0.0.1:\(receiver.port)/", "https://[::1]:\(receiver.port)/"]
            for url in [receiver.url] + literal {
                let body = "{\"url\":\"\(url)\",\"events\":[\"answer.recorded\"]}"
                let refused = try await server.send("POST", "\(server.record)/webhooks", body, as: hr)
                #expect(refused.status == 422 && refused.pointers == ["/url"], "\(url)")
            }
            let name = "https://localhost:\(receiver.port)/"
            for _ in 0..<3 { _ = try await create(server, name, by: hr) }
            // However they came to stand there.
            for url in literal {
                let one = "SELECT id FROM webhook WHERE url = '\(name)' LIMIT 1"
                try await server.run("UPDATE webhook SET url = '\(url)' WHERE id = (\(one))", on: .private)
            }
            _ = try await server.publishRecommendation(by: coordinator)
            try await turn(server, clock)
            let failures = try await server.texts("SELECT failure FROM webhook_delivery")
            #expect(failures == Array(repeating: "not a public address", count: 3))
            #expect(receiver.told.isEmpty)
        }
    }
}
