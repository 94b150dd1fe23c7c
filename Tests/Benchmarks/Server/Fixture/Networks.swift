import ArgumentParser
@testable import Chorus
import Crypto
import Foundation
import Postgres

/// Ids that the SQL of the benchmark can compute as well, in the places of random ones.
enum Numbered {
    /// MD5 of the number's digits; `bench.k` in the databases.
    static func id(_ number: Int) -> UUID {
        let digest = Array(Insecure.MD5.hash(data: Array("\(number)".utf8)))
        return UUID(binary: digest[...]) ?? UUID()
    }

    static func network(_ index: Int) -> UUID { id(1 + index) }
    static func channel(_ index: Int) -> UUID { id(3_000_000 + index) }
}

/// Makes the networks as the server makes them, with the keys of their first weeks.
struct Networks: AsyncParsableCommand {
    @Option(help: "How many.")
    var count = 50

    func run() async throws {
        let count = count
        try await Fixture.withServer { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<count { group.addTask { try await Self.make(index, by: server.parts) } }
                try await group.waitForAll()
            }
        }
    }

    private static func make(_ index: Int, by parts: ServerParts) async throws {
        let new = NewNetwork(slug: "network-\(index)", name: "Network \(index)", employer: "Town \(index)")
        let statement = InsertNetwork(id: Numbered.network(index), network: new)
        guard let network = try await parts.databases.member.first(statement) else { return }
        try await parts.openMessageKeys(of: network)
    }
}

/// Prints the statements whose cost alone is measured beside the server, so that both run the very same SQL.
struct Statements: ParsableCommand {
    func run() throws {
        let all = [
            "events": ReadEvents.sql,
            // What one submission in one transaction costs, which the server's batches are measured against.
            "stage": """
            INSERT INTO anon_inbox (batch_id, tag, receipt_tag, sealed)
            SELECT $1, $2, $3, $4
            WHERE hold_batch($1) AND NOT EXISTS (
                SELECT FROM spent_token WHERE network_id = $5 AND key_id = $6 AND nullifier = $7)
            ON CONFLICT DO NOTHING
            """,
            // One answer in one transaction, which the server's batches are measured against.
            "rsvp": "SELECT problem, status, waitlist_position FROM save_rsvp($1, $2, $3, $4, $5)",
            "recommendations": ReadRecommendations.sql, "evidence": ReadEvidence.sql,
        ]
        print(String(decoding: try JSONEncoder().encode(all), as: UTF8.self))
    }
}
