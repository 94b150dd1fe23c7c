import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The employer's duty to answer, on the server's clock.
@Suite struct ReminderTests {
    @Test func theStepsFollowTheDueDate() {
        let today = PostgresDate(year: 2026, month: 11, day: 21)
        func steps(_ days: Int) -> [ReminderStep] {
            ReminderStep.allCases.filter { $0.dueDates(on: today, graceDays: 14).contains(today.adding(days: days)) }
        }
        #expect(steps(15) == [])
        #expect(steps(14) == [.soon])
        #expect(steps(4) == [.soon])
        #expect(steps(3) == [.last])
        #expect(steps(0) == [.last], "the day itself is the employer's")
        #expect(steps(-1) == [.overdue])
        #expect(steps(-14) == [.overdue])
        #expect(steps(-15) == [.overdue, .escalated])
        // A clock that stands before its own epoch is wrong, not fatal.
        for step in ReminderStep.allCases {
            #expect(!step.dueDates(on: .init(daysSince2000: -9_000), graceDays: 14).isEmpty)
        }
    }

    /// Publishes a recommendation whose answer is due in thirty days.
    private func publish(_ server: TestServer, by coordinator: TestPerson, _ clock: TestClock) async throws -> String {
        let draft =
            "{\"title\":\"Aushang\",\"text\":\"Zu wenige kennen sie.\",\"measure\":\"Aushang\",\"evidence\":[],\(TestServer.provenance)}"
        let made = try await server.send("POST", "\(server.home)/recommendations", draft, as: coordinator)
        let id = made.json["id"].string
        let due = PostgresDate.today(in: server.network.zone, at: clock.now()).adding(days: 30)
        let path = "\(server.home)/recommendations/\(id)/publication"
        let published = try await server.send("PUT", path, "{\"answerDueOn\":\"\(due)\"}", as: coordinator)
        #expect(published.status == 200, "\(published.text)")
        return id
    }

    /// Lets days pass and does what is due then.
    private func pass(_ days: Int, _ clock: TestClock, _ server: TestServer) async throws {
        clock.pass(days: days)
        try await server.parts.keepJobs()
        try await server.parts.jobRunner.runDue()
        // Heard of by NOTIFY within milliseconds; a test that looks at once would race against that.
        server.parts.changes.everythingChanged()
    }

    private func steps(_ reply: TestReply) -> [String] { reply.json["reminders"].array.map { $0["step"].string } }

    private func steps(at path: String, as person: TestPerson, _ server: TestServer) async throws -> [String] {
        steps(try await server.send("GET", path, as: person))
    }

    @Test func theEmployerIsRemindedThenOverdueAndThenItGoesFurther() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, council) = (try await server.person(.hr), try await server.person(.council))
            let member = try await server.person(.member)
            let (id, answered) = (
                try await publish(server, by: coordinator, clock), try await publish(server, by: coordinator, clock)
            )
            let answer = "{\"decision\":\"accepted\",\"text\":\"Ja.\",\"responsible\":\"Amt\",\"dueOn\":null}"
            let given = try await server.send(
                "PUT",
                "\(server.record)/recommendations/\(answered)/answer",
                answer,
                as: hr
            )
            #expect(given.status == 200)
            let path = "\(server.record)/recommendations/\(id)"

            try await pass(0, clock, server)
            #expect(try await steps(at: path, as: hr, server) == [])
            try await pass(16, clock, server)
            #expect(try await steps(at: path, as: hr, server) == ["soon"])
            try await pass(1, clock, server)
            #expect(try await steps(at: path, as: hr, server) == ["soon"], "once")
            try await pass(10, clock, server)
            #expect(try await steps(at: path, as: hr, server) == ["soon", "last"])
            let before = try await server.send("GET", path, as: hr)
            #expect(before.json["overdue"] == .bool(false))

            try await pass(4, clock, server)
            let late = try await server.send("GET", path, as: hr)
            #expect(late.json["status"].string == "overdue")
            #expect(steps(late) == ["soon", "last", "overdue"])
            #expect(late.headers["etag"] != before.headers["etag"])

            try await pass(14, clock, server)
            let since = RFC3339.string(clock.now().addingTimeInterval(-60)).replacing("+", with: "%2B")
            let changed = try await server.send(
                "GET",
                "\(server.record)/recommendations?updatedSince=\(since)",
                as: council
            )
            #expect(changed.json["items"].array.map { $0["id"].string } == [id], "\(changed.text)")
            for (place, person) in [(server.home, member), (server.record, hr), (server.record, council)] {
                let owed = try await server.send("GET", "\(place)/answer-duty", as: person).json
                let counts = ["owed", "soon", "overdue", "escalated", "longestDelayDays"].map { owed[$0].int }
                #expect(counts == [1, 0, 1, 1, 15], "\(owed)")
            }
            #expect(try await server.send("GET", "\(server.record)/answer-duty", as: member).status == 403)
            let seen = try await server.send("GET", "\(server.home)/recommendations/\(id)", as: member)
            #expect(steps(seen) == ["soon", "last", "overdue", "escalated"], "members see what the bodies see")
            let timeline = try await server.send("GET", "\(server.home)/recommendations/\(id)/timeline", as: member)
            let events = timeline.json["items"].array.map { $0["event"].string }
            #expect(events == ["published", "reminded", "reminded", "answer-due", "overdue", "escalated"])
            let other = try await server.send("GET", "\(server.record)/recommendations/\(answered)", as: hr)
            #expect(steps(other) == [], "who has answered is left in peace")

            // A late answer ends the delay and does not unsay it.
            let tooLate = try await server.send("PUT", "\(path)/answer", answer, as: hr)
            #expect(tooLate.json["status"].string == "answered", "a reminder is no change that an answer crosses")
            #expect(steps(tooLate).count == 4)
        }
    }

    @Test func whatAClockThatStoodAheadHasNotedDoesNotShowAndKeepsNothingFromItsDay() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let (coordinator, hr) = (try await server.person(.member, .coordinator), try await server.person(.hr))
            let id = try await publish(server, by: coordinator, clock)
            let path = "\(server.record)/recommendations/\(id)"
            try await pass(400, clock, server)
            #expect(try await steps(at: path, as: hr, server) == ["overdue", "escalated"])
            try await pass(-400, clock, server)
            #expect(try await steps(at: path, as: hr, server) == [])
            try await pass(16, clock, server)
            #expect(try await steps(at: path, as: hr, server) == ["soon"])
            try await pass(15, clock, server)
            #expect(try await steps(at: path, as: hr, server) == ["soon", "overdue"])
        }
    }
}
