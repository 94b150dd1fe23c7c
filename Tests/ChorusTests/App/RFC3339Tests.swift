import Foundation
import Testing

@testable import Chorus

@Suite struct RFC3339Tests {
    @Test func instantsAreReadWithTheirOffset() throws {
        let instant = try #require(RFC3339.date("2026-11-25T03:00:00+01:00"))
        #expect(instant == RFC3339.date("2026-11-25T02:00:00Z"))
        #expect(instant == RFC3339.date("2026-11-25T02:00:00.000Z"))
        #expect(instant == RFC3339.date("2026-11-24T02:01:00-23:59"))
        #expect(RFC3339.date("2024-02-29T23:59:59Z") != nil)
    }

    @Test(arguments: [
        "2024-01-01T12:99:00Z", "2024-01-01T24:00:00Z", "2024-01-01T25:00:00Z", "2024-01-01T12:00:61Z",
        "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z",
        "2024-01-32T00:00:00Z", "2024-01-00T00:00:00Z", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+01:60",
        "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00Z", "٢٠٢٤-01-01T00:00:00Z", "",
    ])
    func whatNoClockAndNoCalendarShowsIsRefused(_ text: String) {
        #expect(RFC3339.date(text) == nil)
    }
}
