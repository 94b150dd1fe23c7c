import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Clocks of channels, and the end of a dialogue (anonymity.md, section 4).
@Suite struct ThreadClosingTests {
    private let clock = TestClock()

    private func pass(days: Int) { clock.pass(days: days) }

    private func day(_ message: TestMessage, adding days: Int = 0) -> String {
        let now = clock.now()
        return PostgresDate.today(in: message.server.network.zone, at: now).adding(days: days).description
    }

    private func overdue(_ message: TestMessage) async throws -> Int {
        let list = message.path.split(separator: "/").dropLast().joined(separator: "/")
        return try await message.server.send("GET", "/\(list)?overdue=true", as: message.team).json["items"].array.count
    }

    @Test func aThreadEndsNinetyDaysAfterItsLastMessage() async throws {
        try await withMessage(now: clock.now) { message in
            pass(days: 80)
            #expect(try await message.answer("Danke").status == 202)
            try await message.server.mix()
            pass(days: 89)
            try await message.server.parts.closeThreads()
            #expect(try await message.inbox()["state"].string == "open")
            pass(days: 1)
            try await message.server.parts.closeThreads()
            #expect(try await message.inbox()["state"].string == "unknown")
            #expect(try await message.server.count("SELECT count(*) FROM thread") == 0, "nothing leads back any more")
            let seen = try await message.seen()
            #expect(seen["state"].string == "closed")
            #expect(seen["reachable"] == .bool(false))
            let late = try await message.answer("Noch etwas")
            #expect(late.problem == "state-conflict", "nobody could read it, so it is not taken")
        }
    }

    @Test func aReplyThatWaitsKeepsItsThread() async throws {
        try await withMessage(now: clock.now) { message in
            pass(days: 89)
            #expect(try await message.reply("noch etwas").status == 202)
            pass(days: 1)
            try await message.server.parts.closeThreads()
            try await message.server.mix()
            #expect(try await message.inbox()["messages"].array.map { $0["text"].string } == ["Frage", "noch etwas"])
            pass(days: 89)
            #expect(try await message.answer("Danke").status == 202)
            pass(days: 1)
            try await message.server.parts.closeThreads()
            try await message.server.mix()
            #expect(try await message.inbox()["messages"].array.count == 3, "nor is the team's answer lost")
        }
    }

    @Test func aRejectedTextGoesWithItsThread() async throws {
        try await withMessage(now: clock.now) { message in
            let rejection = "{\"state\":\"rejected\",\"reason\":\"Bitte ohne Namen.\"}"
            _ = try await message.server.send("PUT", "\(message.path)/moderation", rejection, as: message.team)
            pass(days: 89)
            try await message.server.parts.closeThreads()
            #expect(try await message.inbox()["messages"][1]["text"].string == "Bitte ohne Namen.")
            pass(days: 1)
            try await message.server.parts.closeThreads()
            #expect(try await message.server.count("SELECT count(*) FROM message") == 0)
        }
    }

    @Test func aChannelWithAClockSaysByWhenAndWhoIsLate() async throws {
        let promise = "{\"acknowledgeDays\":7,\"answerDays\":90}"
        try await withMessage(now: clock.now, clock: promise) { message in
            let said = try await message.inbox()["clock"]
            #expect(said["acknowledgeBy"].string == day(message, adding: 7))
            #expect(said["answerBy"].string == day(message, adding: 97), "counted from the last day to acknowledge")
            #expect(try await message.seen()["clock"] == said, "author and team read the same clock")
            pass(days: 7)
            #expect(try await overdue(message) == 0)
            pass(days: 1)
            #expect(try await overdue(message) == 1, "not acknowledged in time")
            let opened = try await message.server.send(
                "PUT",
                "\(message.path)/moderation",
                "{\"state\":\"open\"}",
                as: message.team
            )
            #expect(opened.json["clock"]["acknowledgedOn"].string == day(message))
            #expect(opened.json["clock"]["answerBy"].string == day(message, adding: 90))
            #expect(try await message.inbox()["clock"]["acknowledgedOn"].string == day(message))
            #expect(try await overdue(message) == 0)
            pass(days: 91)
            #expect(try await overdue(message) == 1, "not answered in time")
            try await message.server.parts.closeThreads()
            #expect(try await message.inbox()["state"].string == "open", "who still waits for an answer is not cut off")
            _ = try await message.answer("Es tut uns leid")
            try await message.server.mix()
            #expect(try await overdue(message) == 0)
            pass(days: 90)
            try await message.server.parts.closeThreads()
            #expect(try await message.inbox()["state"].string == "unknown")
        }
    }
}
