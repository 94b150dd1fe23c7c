import Postgres

extension Doctor {
    /// A pooler that lends its sessions to many clients keeps no named statements and hears no notifications.
    var poolers: [Finding] {
        get async {
            guard let databaseURL = configuration.databaseURL, let recordURL = configuration.recordURL else {
                return []
            }
            var findings: [Finding] = []
            for (name, uri) in [("private", databaseURL), ("record", recordURL)] {
                findings.append(await pooler("sessions of the \(name) database", isPooled(uri)))
            }
            for (name, uri) in [
                ("private", configuration.directDatabaseURL), ("record", configuration.directRecordURL),
            ] {
                guard let uri, await isPooled(uri) == true else { continue }
                findings.append(
                    .wrong(
                        "direct address of the \(name) database",
                        "leads to a pooler",
                        mend:
                            "Give the address of PostgreSQL itself in CHORUS_DIRECT_DATABASE_URL and CHORUS_DIRECT_RECORD_URL."
                    )
                )
            }
            return findings
        }
    }

    private func pooler(_ check: String, _ isPooled: Bool?) -> Finding {
        switch (isPooled, configuration.preparesStatements) {
        case (nil, _):
            return .wrong(
                check,
                "no connection",
                mend: "See whether PostgreSQL or its pooler runs and the address is right."
            )
        case (true?, true):
            return .wrong(
                check,
                "a pooler such as PgBouncer lends them, and statements are prepared under names",
                mend:
                    "Set CHORUS_PREPARED_STATEMENTS=unnamed, and CHORUS_DIRECT_DATABASE_URL and CHORUS_DIRECT_RECORD_URL to "
                    + "PostgreSQL's own addresses; or let the pooler pool sessions."
            )
        case (true?, false):
            return .fine(
                check,
                configuration.directDatabaseURL == nil
                    ? "are lent by a pooler; nothing is heard of other servers, so no answer is kept (CHORUS_DIRECT_…)"
                    : "are lent by a pooler"
            )
        case (false?, true): return .fine(check, "are the server's own")
        case (false?, false):
            return .fine(
                check,
                "are the server's own; CHORUS_PREPARED_STATEMENTS=named would spare planning every statement"
            )
        }
    }

    /// - Returns: `nil` when there is no connection.
    private func isPooled(_ uri: String) async -> Bool? {
        var pool = PostgresConfiguration(uri, maximumConnections: 1)
        // What a pooler would refuse.
        pool.sharesSessions = true
        return try? await withPool(pool, logger: logger) { try await !$0.hasSessionsOfItsOwn() }
    }
}
