import Postgres

extension Doctor {
    /// Whether what is acknowledged outlives a crash: a login can be told not to wait, and nothing else shows that.
    func durability(_ server: Server) async -> [Finding] {
        var hasty: Set<String> = []
        for (_, pool) in server.parts.databases.all {
            guard let settings = try? await pool.execute(ReadDurability()) else {
                return [
                    wrong("durability", "could not be looked at", mend: "See whether PostgreSQL runs, then ask again.")
                ]
            }
            hasty.formUnion(zip(ReadDurability.settings, settings).filter { $1 == "off" }.map { "\($0.0) = off" })
        }
        guard !hasty.isEmpty else { return [fine("durability", "PostgreSQL acknowledges what is on the disk")] }
        return [
            wrong(
                "durability",
                "what PostgreSQL acknowledges can be lost in a crash: \(hasty.sorted().joined(separator: ", "))",
                mend:
                    "Set \(ReadDurability.settings.joined(separator: ", ")) to on, in postgresql.conf and for each login."
            )
        ]
    }
}

/// The settings without which a commit is a promise only (PostgreSQL manual, section 30.1, Reliability).
private struct ReadDurability: PostgresStatement {
    static let settings = ["synchronous_commit", "fsync", "full_page_writes"]
    static let sql = "SELECT unnest(ARRAY[" + settings.map { "current_setting('\($0)')" }.joined(separator: ", ") + "])"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
