import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct PrometheusRegistryTests {
    private let clock = TestClock()

    /// Noon of the clock's next day, by UTC.
    private func moveToNoon() {
        let passed = clock.now().timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400)
        clock.pass(seconds: 86_400 * 1.5 - passed)
    }

    @Test func whatAnonymousInputMovesIsShownAsTheDayBegan() {
        moveToNoon()
        let registry = PrometheusRegistry(now: clock.now)
        let (quiet, plain) = ("chorus_postgres_waiting{pool=\"anonymous\"}", "chorus_postgres_waiting{pool=\"member\"}")
        let waits = "waits{pool=\"mixer\"}"
        for name in [quiet, plain] { registry.set(3, of: name) }
        registry.add(5, to: waits)
        #expect(registry.text.contains("\(plain) 3.0\n"))
        #expect(!registry.text.contains("anonymous") && !registry.text.contains("mixer"), "not on the first day")

        // A minute past midnight: seconds are fractions, and their sums not exact.
        clock.pass(seconds: 12 * 3_600 + 60)
        // The first thing of the new day happens before anybody asks: it must not stand with those of the day before.
        registry.set(7, of: quiet)
        registry.add(1, to: waits)
        let morning = registry.text
        #expect(morning.contains("\(quiet) 3.0\n") && morning.contains("waits{pool=\"mixer\"} 5.0\n"))
        clock.pass(seconds: 11 * 3_600)
        registry.set(9, of: quiet)
        registry.add(1, to: waits)
        #expect(registry.text == morning, "the whole day")
        clock.pass(seconds: 13 * 3_600)
        #expect(registry.text.contains("\(quiet) 9.0\n") && registry.text.contains("waits{pool=\"mixer\"} 7.0\n"))
    }

    @Test func eachNameHasItsTypeOnce() {
        let registry = PrometheusRegistry(now: clock.now)
        registry.add(2, to: "jobs_total{kind=\"a\"}")
        registry.add(1, to: "jobs_total{kind=\"b\"}")
        registry.set(1.5, of: "age")
        let text =
            "# TYPE age gauge\nage 1.5\n# TYPE jobs_total counter\njobs_total{kind=\"a\"} 2.0\njobs_total{kind=\"b\"} 1.0\n"
        #expect(registry.text == text)
    }
}
