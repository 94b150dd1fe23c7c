import Foundation
import Testing

@testable import Chorus

/// When mail goes out, by the wall clock of a network.
@Suite struct MailTimingTests {
    private let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt

    private func instant(_ text: String) throws -> Date { try #require(RFC3339.date(text)) }

    @Test func theWeeklyMailGoesOutAtNineOnTuesday() throws {
        for (now, slot) in [
            ("2026-11-24T08:59:59+01:00", "2026-11-17T09:00:00+01:00"),
            ("2026-11-24T09:00:00+01:00", "2026-11-24T09:00:00+01:00"),
            ("2026-11-30T23:00:00+01:00", "2026-11-24T09:00:00+01:00"),
            // Clocks go back on Sunday 25 October 2026 and forward on 28 March 2027.
            ("2026-10-27T08:30:00+01:00", "2026-10-20T09:00:00+02:00"),
            ("2026-10-27T09:00:00+01:00", "2026-10-27T09:00:00+01:00"),
            ("2027-03-30T08:30:00+02:00", "2027-03-23T09:00:00+01:00"),
            ("2027-03-30T09:00:00+02:00", "2027-03-30T09:00:00+02:00"),
        ] { #expect(MailRhythm.weekly.slot(at: try instant(now), in: berlin) == (try instant(slot)), "\(now)") }
    }

    @Test func theDailyMailGoesOutAtNineWhateverTheClockDoes() throws {
        for (now, slot) in [
            ("2026-10-25T08:59:00+01:00", "2026-10-24T09:00:00+02:00"),
            ("2026-10-25T09:00:00+01:00", "2026-10-25T09:00:00+01:00"),
            ("2027-03-28T09:00:00+02:00", "2027-03-28T09:00:00+02:00"),
        ] { #expect(MailRhythm.daily.slot(at: try instant(now), in: berlin) == (try instant(slot)), "\(now)") }
    }

    @Test func nothingIsLeftOutBetweenTwoSlotsAndNoneIsInTheFuture() throws {
        let kolkata = try #require(TimeZone(identifier: "Asia/Kolkata"))
        for zone in [berlin, kolkata, .gmt] {
            for rhythm in [MailRhythm.weekly, .daily, .atOnce] {
                var last = try #require(rhythm.slot(at: try instant("2026-10-01T00:00:00Z"), in: zone))
                for hour in 0..<(24 * 200) {
                    let now = try instant("2026-10-01T00:00:00Z").addingTimeInterval(Double(hour) * 3_600 + 60)
                    let slot = try #require(rhythm.slot(at: now, in: zone))
                    #expect(slot <= now && slot >= last)
                    #expect(slot.timeIntervalSince(last) <= rhythm.reach, "\(rhythm) \(zone) \(now)")
                    last = slot
                }
            }
        }
        #expect(MailRhythm.none.slot(at: Date(), in: berlin) == nil)
    }

    @Test func newsAreLookedForEveryFullHour() throws {
        let at = try instant("2026-11-24T08:00:00Z")
        #expect(MailRhythm.nextLook(after: at) == (try instant("2026-11-24T09:00:00Z")))
        #expect(MailRhythm.nextLook(after: at.addingTimeInterval(3_599)) == (try instant("2026-11-24T09:00:00Z")))
    }
}
