import Foundation

/// Whether tests may take long: `Tests/run --long` says so by `TEST_LONG=1`.
enum TestLength {
    static let isLong = ProcessInfo.processInfo.environment["TEST_LONG"] == "1"
}
