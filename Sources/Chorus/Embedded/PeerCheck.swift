import Postgres

/// The other machines that a server works with.
extension Doctor {
    /// Without it everything works; but whoever has one wants it used.
    func replica(_ server: Server) async -> [Finding] {
        guard let pool = server.parts.databases.recordReplica else { return [] }
        do {
            guard try await pool.first(ReadIsStandby()) == true else {
                return [
                    .wrong(
                        "replica of the record",
                        "takes writes itself, and so follows nobody",
                        mend: "Give the address of a standby in CHORUS_RECORD_REPLICA_URL, or remove the key."
                    )
                ]
            }
            return [.fine("replica of the record", "answers")]
        } catch {
            return [
                .wrong(
                    "replica of the record",
                    "does not answer; the primary is asked instead",
                    mend: "See whether it runs and whether the login chorus_hr may connect to it."
                )
            ]
        }
    }

    /// Says nothing where the private database is on one machine.
    func cluster(_ server: Server) async -> [Finding] {
        let configuration = PostgresConfiguration(server.privateURI, maximumConnections: 1)
        let missing = try? await withPool(configuration, logger: logger) { try await $0.execute(ReadUnspread()) }
        guard let missing else { return [] }
        guard !missing.isEmpty else { return [.fine("cluster", "every table of networks is spread by network_id")] }
        return [
            .wrong(
                "cluster",
                "on the coordinator alone: \(missing.joined(separator: ", "))",
                mend: "Stop the servers and run sql/citus/distribute.sql (see ManyTowns in the handbook)."
            )
        ]
    }

    /// How many servers share the databases, and whether one of them takes what members say.
    func servers(_ server: Server) async -> Finding {
        guard let found = try? await server.parts.databases.job.first(CountPeers()) else {
            return .wrong("servers", "who runs cannot be read", mend: "Run `chorus migrate`.")
        }
        guard found.all > 0, found.anonymous == 0 else {
            return .fine("servers", "\(found.all) run, of which \(found.anonymous) take anonymous input")
        }
        return .wrong(
            "servers",
            "\(found.all) run, and none takes anonymous input or mixes",
            mend: "Start one without CHORUS_ANONYMOUS=off, and lead /v1/anonymous to it."
        )
    }
}

private struct ReadIsStandby: PostgresStatement {
    static let sql = "SELECT pg_is_in_recovery()"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Bool { try row.next() }
}

/// The tables of networks that a Citus cluster has not spread; where there is no Citus, there is no list to look into.
private struct ReadUnspread: PostgresStatement {
    static let sql = """
        SELECT c.relname::text FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'network_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_dist_partition d WHERE d.logicalrelid = c.oid)
        ORDER BY c.relname
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
