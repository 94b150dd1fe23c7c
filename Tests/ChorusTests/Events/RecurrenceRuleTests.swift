import Foundation
import Testing

@testable import Chorus

@Suite struct RecurrenceRuleTests {
    private static let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt

    private func starts(_ rule: String, from start: String, in zone: TimeZone = berlin) throws -> [String] {
        let rule = try #require(RecurrenceRule(rule))
        let start = try #require(RFC3339.date(start))
        return try rule.occurrences(from: start, in: zone).map { RFC3339.string($0, in: zone) }
    }

    @Test func theHourOnTheWallStaysWhenTheClocksChange() throws {
        #expect(
            try starts("FREQ=WEEKLY;COUNT=3", from: "2026-10-18T18:00:00+02:00") == [
                "2026-10-18T18:00:00+02:00", "2026-10-25T18:00:00+01:00", "2026-11-01T18:00:00+01:00",
            ]
        )
    }

    @Test func anHourThatOneDayLacksMovesThatDayAlone() throws {
        #expect(
            try starts("FREQ=WEEKLY;BYDAY=SU,MO;COUNT=4", from: "2027-03-22T02:30:00+01:00") == [
                "2027-03-22T02:30:00+01:00", "2027-03-28T03:30:00+02:00", "2027-03-29T02:30:00+02:00",
                "2027-04-04T02:30:00+02:00",
            ]
        )
    }

    @Test func aDayThatAMonthLacksIsSkipped() throws {
        #expect(
            try starts("FREQ=MONTHLY;COUNT=3", from: "2027-01-31T10:00:00+01:00") == [
                "2027-01-31T10:00:00+01:00", "2027-03-31T10:00:00+02:00", "2027-05-31T10:00:00+02:00",
            ]
        )
    }

    @Test func weekdaysOfAMonthAreCountedFromEitherEnd() throws {
        #expect(
            try starts("FREQ=MONTHLY;BYDAY=1TU;COUNT=3", from: "2027-01-05T17:00:00+01:00") == [
                "2027-01-05T17:00:00+01:00", "2027-02-02T17:00:00+01:00", "2027-03-02T17:00:00+01:00",
            ]
        )
        #expect(
            try starts("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", from: "2027-02-26T17:00:00+01:00") == [
                "2027-02-26T17:00:00+01:00", "2027-03-26T17:00:00+01:00", "2027-04-30T17:00:00+02:00",
            ]
        )
    }

    @Test func everyOtherWeekOnTwoDaysUntilADayThatCounts() throws {
        #expect(
            try starts("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,TU;UNTIL=20270121", from: "2027-01-05T20:00:00+01:00") == [
                "2027-01-05T20:00:00+01:00", "2027-01-07T20:00:00+01:00", "2027-01-19T20:00:00+01:00",
                "2027-01-21T20:00:00+01:00",
            ]
        )
        #expect(try starts("FREQ=DAILY;UNTIL=20270106T190000Z", from: "2027-01-05T20:00:00+01:00").count == 2)
        #expect(try starts("FREQ=DAILY;UNTIL=20270106T185959Z", from: "2027-01-05T20:00:00+01:00").count == 1)
    }

    @Test(arguments: [
        "", "FREQ=YEARLY;COUNT=2", "FREQ=DAILY", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=105",
        "FREQ=DAILY;COUNT=2;COUNT=2",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=DAILY;UNTIL=2027-01-01", "FREQ=WEEKLY;BYDAY=1MO;COUNT=2",
        "FREQ=WEEKLY;BYDAY=;COUNT=2", "FREQ=MONTHLY;BYDAY=0MO;COUNT=2", "FREQ=DAILY;COUNT=2;",
        "FREQ=DAILY;COUNT=2;BYHOUR=9",
    ])
    func whatIsNoRuleIsRefused(_ text: String) {
        #expect(RecurrenceRule(text) == nil)
    }

    @Test(arguments: [
        // Does not begin with the start (a Tuesday), is too long, or goes on for ever.
        "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=DAILY;UNTIL=20270101", "FREQ=DAILY;UNTIL=20280101",
        "FREQ=MONTHLY;INTERVAL=52;COUNT=104",
    ])
    func aRuleThatDoesNotFitItsStartIsRefused(_ text: String) {
        #expect(throws: Problem.self) { try starts(text, from: "2027-01-05T20:00:00+01:00") }
    }
}
