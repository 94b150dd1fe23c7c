import Foundation
import Testing

@testable import Chorus

/// Decisions of the scheduler, without a database and without a clock.
@Suite struct JobTimingTests {
    @Test func eachWaitIsLongerThanTheOneBeforeAndNoneIsWithoutEnd() {
        let waits = JobTiming.waits(jitter: 0)
        #expect(waits.count == JobTiming.attempts)
        #expect(waits.first == 5)
        #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 <= $1 && $1 <= $0 * 3 })
        #expect(waits.max() == 21_600)
        let whole = waits.dropLast().reduce(0, +)
        #expect((64_800...108_000).contains(whole), "about a day: \(whole) seconds")
    }

    @Test func whatFailedTogetherComesBackAtDifferentTimes() {
        let (early, late) = (JobTiming.waits(jitter: 0), JobTiming.waits(jitter: 1))
        #expect(zip(early, late).allSatisfy { $0 < $1 && $1 <= $0 * 1.2 + 0.001 })
    }

    @Test func theNextDayIsThatOfTheWallClockAlsoWhenItIsPutForwardOrBack() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        for (now, next) in [
            ("2026-11-21T12:00:00+01:00", "2026-11-22T00:00:00+01:00"),
            ("2026-11-21T00:00:00+01:00", "2026-11-22T00:00:00+01:00"),
            ("2026-11-21T23:59:59+01:00", "2026-11-22T00:00:00+01:00"),
            // Days of 23 and of 25 hours.
            ("2026-03-29T00:30:00+01:00", "2026-03-30T00:00:00+02:00"),
            ("2026-10-25T00:30:00+02:00", "2026-10-26T00:00:00+01:00"),
        ] {
            let found = JobTiming.nextDay(after: try #require(RFC3339.date(now)), in: berlin)
            #expect(RFC3339.string(found, in: berlin) == next)
        }
    }

    @Test func upkeepComesEachHourAndWhenTheClockWasPutBack() {
        let now = Date()
        #expect(JobTiming.isUpkeepDue(last: nil, now: now))
        #expect(!JobTiming.isUpkeepDue(last: now, now: now))
        #expect(!JobTiming.isUpkeepDue(last: now, now: now.addingTimeInterval(3_599)))
        #expect(JobTiming.isUpkeepDue(last: now, now: now.addingTimeInterval(3_600)))
        #expect(JobTiming.isUpkeepDue(last: now, now: now.addingTimeInterval(-1)))
    }

    @Test func aJobIsReadAsItWasWritten() throws {
        let network = UUID()
        for job in [Job.remindOfAnswers(.init(network: network)), .forgetExpired] {
            #expect(try Job(job.kind, payload: job.payload()) == job)
        }
        #expect(throws: (any Error).self) { try Job(.remindOfAnswers, payload: Job.forgetExpired.payload()) }
    }
}
