import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Asking a provider takes no longer than it may.
@Suite struct ProviderConnectionTests {
    @Test func anAnswerThatDripsIsNotWaitedForLongerThanAllOfItMayTake() async throws {
        let numbers = [Int](repeating: 1, count: 100)
        let connection = ProviderConnection(patience: .seconds(2))
        let quick = try TestListener { _ in TestListener.reply(200, "\(numbers)") }
        defer { quick.close() }
        #expect(try await connection.read("http://127.0.0.1:\(quick.port)/", as: [Int].self) == numbers)
        let slow = try TestListener(pause: 0.1) { _ in TestListener.reply(200, "\(numbers)") }
        defer { slow.close() }
        let start = ContinuousClock.now
        await #expect(throws: ProviderFailure.unreachable) {
            _ = try await connection.read("http://127.0.0.1:\(slow.port)/", as: [Int].self)
        }
        #expect(ContinuousClock.now - start < .seconds(15), "all of it takes half a minute")
    }
}
