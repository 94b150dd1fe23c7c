import Foundation
import Logging
import Postgres
import TestSupport
import Testing

/// What comes back of each value, and a NULL.
private struct Echo: PostgresStatement {
    static let isPlannedAnew = true
    static let sql = "SELECT $1, $2, $3 FROM generate_series(1, $4)"
    let text: String
    let bytes: [UInt8]
    let number: Int?
    let count: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(text)
        parameters.append(bytes)
        parameters.append(number)
        parameters.append(count)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String {
        let text: String = try row.next()
        let bytes: [UInt8] = try row.next()
        let number: Int? = try row.next()
        return "\(text) \(bytes) \(number.map(String.init) ?? "nothing")"
    }
}

private struct Divide: PostgresStatement {
    static let isPlannedAnew = true
    static let sql = "SELECT 12 / $1"
    let divisor: Int
    func bind(_ parameters: inout PostgresParameters) { parameters.append(divisor) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

private struct ReadPrepared: PostgresStatement {
    static let sql = "SELECT statement FROM pg_prepared_statements ORDER BY 1"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

@Suite struct PlannedAnewTests {
    @Test func valuesGoWithTheTextAndNothingIsPrepared() async throws {
        var configuration = try await TestCluster.leaseDatabase()
        configuration.maximumConnections = 1
        let pool = PostgresPool(
            configuration,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await check(pool)) } catch { outcome = .failure(error) }
        await pool.close()
        try outcome.get()
    }

    private func check(_ pool: PostgresPool) async throws {
        let network = UUID()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // All in one pipeline, between others that fail and others that are prepared.
            for index in 0..<40 {
                group.addTask {
                    let echo = Echo(
                        text: "grüße \(index)",
                        bytes: [],
                        number: index % 2 == 0 ? nil : index,
                        count: index % 3
                    )
                    let expected = "grüße \(index) [] \(index % 2 == 0 ? "nothing" : "\(index)")"
                    let found = try await pool.execute(echo, network: index % 5 == 0 ? network : nil)
                    #expect(found == [String](repeating: expected, count: index % 3))
                }
                group.addTask {
                    if index % 4 == 0 {
                        let error = await #expect(throws: PostgresError.self) {
                            try await pool.execute(Divide(divisor: 0))
                        }
                        #expect(error?.sqlState == "22012")
                    } else {
                        #expect(try await pool.first(Divide(divisor: index % 4)) == 12 / (index % 4))
                    }
                    _ = try await pool.execute(ReadPrepared())
                }
            }
            try await group.waitForAll()
        }
        let prepared = try await pool.execute(ReadPrepared())
        #expect(prepared.allSatisfy { !$0.contains("generate_series") && !$0.contains("12 /") }, "\(prepared)")
        #expect(prepared.contains(ReadPrepared.sql))
        // Described like any other.
        let described = try await pool.describe(Divide(divisor: 1))
        #expect(described.columns.count == 1)
    }
}
