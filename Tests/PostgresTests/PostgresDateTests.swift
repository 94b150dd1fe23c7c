import Foundation
import Postgres
import Testing

@Suite struct PostgresDateTests {
    @Test func everyDayOfFourCenturiesReadsBackAsItself() {
        var day = PostgresDate(year: 1900, month: 1, day: 1)
        for _ in 0..<146_097 {
            #expect(PostgresDate(day.description) == day)
            day = day.adding(days: 1)
        }
        #expect(day.description == "2300-01-01")
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "26-01-01", "2026-01-01 ", "0000-01-01", "",
    ])
    func whatIsNoDayIsRefused(_ text: String) {
        #expect(PostgresDate(text) == nil)
    }

    @Test func aDayBelongsToItsTimeZone() throws {
        let late = Date(timeIntervalSince1970: 1_795_301_999)  // 2026-11-21T23:59:59+01:00 is 22:59:59 UTC
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let day = PostgresDate.today(in: berlin, at: late.addingTimeInterval(1))
        #expect(day == PostgresDate.today(in: .gmt, at: late).adding(days: 1))
        #expect(PostgresDate("2026-11-21")?.isoWeekday == 6)
    }
}
