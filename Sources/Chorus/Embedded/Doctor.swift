import Foundation
public import Logging
import Postgres

/// Looks at everything that a server needs and says what is wrong and how to mend it.
public struct Doctor: Sendable {
    /// One finding.
    public struct Finding: Encodable, Sendable {
        /// What was looked at.
        public let check: String
        /// Whether it is as it should be.
        public let isFine: Bool
        /// What was found.
        public let finding: String
        /// How to mend it; `nil` when nothing is wrong.
        public let mend: String?
    }

    let configuration: ServerConfiguration
    let logger: Logger

    /// Makes a doctor.
    ///
    /// - Parameters:
    ///   - configuration: of the server to look at.
    ///   - logger: where connection problems are told.
    public init(_ configuration: ServerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Looks at everything.
    ///
    /// - Returns: one finding for each check, in the order in which one would mend them.
    public func examine() async -> [Finding] {
        var findings = [clock, MachineCheck.timekeeping]
        do {
            let data = try DataDirectory(configuration.data)
            findings += files(data) + [MachineCheck.disk(of: data)]
            findings += certificate(at: Date())
            findings += await poolers
            var opened = configuration
            // Looked at above; a server would refuse to be opened with one that is wrong, and nothing else would be seen.
            opened.certificateFiles = nil
            let server = try await Server.open(opened, logger: logger, migrates: false)
            let walls = await self.walls(server)
            findings += [.fine("database", "both databases answer and have the schema of this version")] + walls
            findings += await settings(server)
            findings += await logs(server)
            findings += await jobs(server)
            findings += await replica(server)
            findings.append(await servers(server))
            findings += await cluster(server)
            findings += [mail, codes]
            _ = try await server.run { _ in }
        } catch {
            findings.append(
                .wrong(
                    "database",
                    String(describing: error),
                    mend:
                        "Run `chorus migrate` for a new database; otherwise see whether PostgreSQL runs and the addresses are right."
                )
            )
        }
        return findings
    }

    /// Days decide about keys and deadlines: a clock that stands decades off would close everything.
    private var clock: Finding {
        let year = PostgresDate.today(in: .gmt).year
        return (2026...2080).contains(year)
            ? .fine("clock", "it is the year \(year)")
            : .wrong(
                "clock",
                "it is the year \(year)",
                mend: "Set the clock, for example with NTP."
            )
    }

    private func files(_ data: DataDirectory) -> [Finding] {
        let names = ["secrets", "batch-keys"].flatMap { directory in
            ((try? FileManager.default.contentsOfDirectory(atPath: data.file(directory))) ?? []).map {
                "\(directory)/\($0)"
            }
        }
        let open = (names + ["secrets", "batch-keys"]).filter { name in
            let mode = (try? FileManager.default.attributesOfItem(atPath: data.file(name)))?[.posixPermissions] as? Int
            return (mode ?? 0) & 0o077 != 0
        }
        guard !open.isEmpty else { return [.fine("files", "secrets and keys can be read by their owner only")] }
        return open.map {
            .wrong(
                "files",
                "\($0) can be read by others",
                mend: "chmod go= \(data.file($0))"
            )
        }
    }

    /// Tries what each login must not be able to do.
    private func walls(_ server: Server) async -> [Finding] {
        let databases = server.parts.databases
        let tries: [(String, PostgresPool)] = [
            ("anonymous", databases.anonymous), ("moderator", databases.moderator), ("mixer", databases.mixer),
            ("release", databases.release), ("hr", databases.hr), ("job", databases.job),
        ]
        var findings: [Finding] = []
        for (name, pool) in tries {
            let error = await self.error { _ = try await pool.execute(TouchMembers()) }
            let isRefused = error?.sqlState == "42501" || error?.sqlState == "42P01"
            findings.append(
                isRefused
                    ? .fine("role \(name)", "cannot read members")
                    : .wrong(
                        "role \(name)",
                        "the login is not kept from members (\(error?.description ?? "no error"))",
                        mend: "Revoke the rights that were granted by hand, then run `chorus migrate`."
                    )
            )
        }
        return findings
    }

    /// A log that holds statements or their values holds what members said.
    private func logs(_ server: Server) async -> [Finding] {
        var findings: [Finding] = []
        for (name, pool) in server.parts.databases.all {
            guard let settings = try? await pool.execute(ReadLogSettings()) else {
                findings.append(
                    .wrong(
                        "logs of \(name)",
                        "could not be looked at",
                        mend: "See whether PostgreSQL runs, then ask again."
                    )
                )
                continue
            }
            let loud = zip(LoginRole.logSettings, settings).filter { $0.value != $1 }.map { "\($0.name) = \($1)" }
            guard !loud.isEmpty else { continue }
            findings.append(
                .wrong(
                    "logs of \(name)",
                    "PostgreSQL may write down what members say: \(loud.joined(separator: ", "))",
                    mend: "Run `chorus migrate` with a superuser's address, or set these for its login by ALTER ROLE: "
                        + LoginRole.logSettings.map { "\($0.name) = '\($0.value)'" }.joined(separator: ", ")
                )
            )
        }
        let commits = try? await server.parts.databases.member.first(ReadCommitTimes())
        if commits == "on" {
            findings.append(
                .wrong(
                    "commit times",
                    "PostgreSQL keeps the instant of every transaction (track_commit_timestamp)",
                    mend: "Set track_commit_timestamp = off in postgresql.conf and restart PostgreSQL."
                )
            )
        }
        return findings.isEmpty ? [.fine("logs", "PostgreSQL writes no statement and no value down")] : findings
    }

    /// Work that was given up is done by nobody until somebody has looked.
    private func jobs(_ server: Server) async -> [Finding] {
        guard let found = try? await server.parts.databases.job.execute(ReadJobHealth(now: server.parts.now())) else {
            return [.wrong("jobs", "could not be looked at", mend: "See whether PostgreSQL runs, then ask again.")]
        }
        let dead = found.filter { $0.dead > 0 }
        guard !dead.isEmpty else { return [.fine("jobs", "none was given up")] }
        return dead.map {
            .wrong(
                "jobs",
                "\($0.dead) of \($0.kind) given up after \(JobTiming.attempts) attempts: \($0.failure ?? "unknown")",
                mend: "Look for \"a job failed\" in the server's log, mend the cause, then run `chorus job retry`."
            )
        }
    }

    /// That no mail is sent can be meant so; that it cannot be sent is not.
    private var mail: Finding {
        guard configuration.mailFrom != nil, configuration.publicURL != nil else {
            return .fine("mail", "none is sent: CHORUS_MAIL_FROM and CHORUS_PUBLIC_URL are not both set")
        }
        return Sendmail(program: configuration.sendmail).isThere
            ? .fine("mail", "is handed over to \(configuration.sendmail)")
            : .wrong(
                "mail",
                "none is sent: there is no program \(configuration.sendmail)",
                mend: "Install a mail program with the sendmail interface (msmtp-mta, postfix), or set CHORUS_SENDMAIL."
            )
    }

    /// Nothing fails without the program, so that its absence is said and is not wrong.
    private var codes: Finding {
        let program = configuration.qrencode
        return .fine(
            "QR codes",
            QRCodes(program: program).areThere
                ? "are made by \(program)"
                : "none on posters: there is no program \(program); install Debian's qrencode, or set CHORUS_QRENCODE"
        )
    }

    private func error(_ body: () async throws -> Void) async -> PostgresError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? PostgresError
        }
    }
}

extension Doctor.Finding {
    static func fine(_ check: String, _ finding: String) -> Self {
        Self(check: check, isFine: true, finding: finding, mend: nil)
    }

    static func wrong(_ check: String, _ finding: String, mend: String) -> Self {
        Self(check: check, isFine: false, finding: finding, mend: mend)
    }
}

private struct ReadLogSettings: PostgresStatement {
    static let sql =
        "SELECT unnest(ARRAY["
        + LoginRole.logSettings.map { "current_setting('\($0.name)')" }.joined(separator: ", ") + "])"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

private struct ReadCommitTimes: PostgresStatement {
    static let sql = "SELECT current_setting('track_commit_timestamp')"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

private struct TouchMembers: PostgresStatement {
    typealias Row = Void
    static let sql = "SELECT 1 FROM membership LIMIT 0"
}
