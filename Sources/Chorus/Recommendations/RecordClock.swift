import Foundation
import HTTPTypes
import Postgres

/// The last stamp of a network's record, which whoever pulls gives back as `updatedSince` the next time.
///
/// Stamps are given one transaction after the other (`record_clock`): what a reader does not see yet gets a later one. So it is read
/// before the rows, and nothing that is recorded meanwhile can be missed.
struct ReadRecordClock: PostgresStatement {
    static let sql = "SELECT recorded_at FROM record_clock WHERE network_id = $1"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Date { try row.next() }
}

extension ServerParts {
    /// Until when the record of a network is seen by whoever reads it next; `nil` when there is nothing in it.
    func recordedUntil(_ network: UUID) async throws -> Date? {
        try await databases.hr.first(ReadRecordClock(network: network), network: network)
    }
}

extension RFC3339 {
    /// Writes an instant in UTC with milliseconds, rounded down: who asks for what came since is told too much rather than too little.
    static func milliseconds(_ date: Date) -> String {
        let count = Int((date.timeIntervalSince1970 * 1_000).rounded(.down))
        let whole = string(Date(timeIntervalSince1970: Double(count / 1_000)))
        let digits = String(count % 1_000)
        return "\(whole.dropLast()).\(String(repeating: "0", count: 3 - digits.count))\(digits)Z"
    }
}

extension HTTPField.Name {
    /// What to give as `updatedSince` the next time; a name of ours.
    static let updatedUntil = HTTPField.Name(parsed: "updated-until") ?? .lastModified
}
