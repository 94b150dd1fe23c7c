import AnonymousTokens
import Foundation
import Logging
import Postgres
import ServiceLifecycle
import Synchronization

/// A private PostgreSQL in the data directory, for those who have configured none.
///
/// It listens on a Unix socket only. PostgreSQL refuses to run as root; then its processes run as the user `postgres`.
struct EmbeddedPostgres: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case noServer
        case noUser
        case notStarted(log: String)
        case othersDirectory(String, owner: String)

        var description: String {
            switch self {
            case .noServer:
                "No PostgreSQL server programs (initdb, pg_ctl) were found. Install them (Debian: apt-get install postgresql) "
                    + "or name a database with CHORUS_DATABASE_URL and CHORUS_RECORD_URL."
            case .noUser:
                "PostgreSQL does not run as root and there is no user 'postgres'. Make one or start Chorus as another user."
            case .notStarted(let log):
                "PostgreSQL did not start; nothing was changed. Its log \(log) ends with:\n\(Self.end(of: log))"
            case .othersDirectory(let path, let owner):
                "\(path) belongs to \(owner), who could not use what root makes in it. Nothing was changed. Do this as \(owner): "
                    + "su -s /bin/sh \(owner) -c 'chorus …'"
            }
        }

        private static func end(of log: String) -> String {
            guard let text = try? String(contentsOfFile: log, encoding: .utf8) else {
                return "(There is none. Can the user of PostgreSQL reach this directory and all above it?)"
            }
            return text.split(separator: "\n").suffix(5).joined(separator: "\n")
        }
    }

    /// One process at a time makes or starts the server: removing an old lock file must not hit that of a new server.
    private static let lockName = "postgres.lock"

    private let use = SharedUse()
    private let child = ServerChild()
    private let data: DataDirectory
    private let binaries: String
    private let socketDirectory: String
    private let password: String
    private let logger: Logger

    /// Finds the server programs and makes the cluster when there is none.
    static func prepare(_ data: DataDirectory, logger: Logger) async throws -> EmbeddedPostgres {
        guard let binaries = findBinaries() else { throw Failure.noServer }
        if getuid() == 0, getpwnam("postgres") == nil { throw Failure.noUser }
        if let user = serverUser, let owner = owner(of: data.file("postgres")), ![0, user.uid].contains(owner) {
            let name = getpwuid(owner).map { String(cString: $0.pointee.pw_name) }
            throw Failure.othersDirectory(data.path, owner: name ?? "user \(owner)")
        }
        let password = Base64URL.encode(try data.secret("chorus_migrator"))
        let cluster = EmbeddedPostgres(
            data: data,
            binaries: binaries,
            socketDirectory: try makeSocketDirectory(data),
            password: password,
            logger: logger
        )
        try await data.withLock(lockName) {
            if !FileManager.default.fileExists(atPath: data.file("postgres/PG_VERSION")) {
                try await cluster.initialise()
            }
        }
        return cluster
    }

    /// A superuser's way to a database of the cluster.
    func uri(_ database: String) -> String {
        "postgresql://chorus_migrator:\(password)@/\(database)?host="
            + (socketDirectory.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? socketDirectory)
    }

    // MARK: Start and stop

    /// Whether the server's first process is there.
    var isRunning: Bool {
        child.collect()
        return lockHolder.map(isOurs) ?? false
    }

    /// The process that the lock file names; after a crash the number may be a stranger's.
    private var lockHolder: pid_t? {
        guard let text = try? String(contentsOfFile: data.file("postgres/postmaster.pid"), encoding: .utf8) else {
            return nil
        }
        return text.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// Whether a process is the server of this directory: it works inside it (proc(5)).
    private func isOurs(_ pid: pid_t) -> Bool {
        if let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd") {
            return place == URL(filePath: data.file("postgres")).resolvingSymlinksInPath().path(percentEncoded: false)
        }
        guard FileManager.default.fileExists(atPath: "/proc/self/stat") else {
            return kill(pid, 0) == 0 || errno == EPERM
        }
        // Its place may not be looked at; its name and state may. Z has ended and was not collected by its parent.
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return status.contains("(postgres)") && !status.contains(") Z ")
    }

    /// Starts the server unless it runs, and notes that this process uses it.
    func enter() async throws {
        try await data.withLock(Self.lockName) {
            try await startAlone()
            try use.begin(data.file("postgres.users"))
        }
    }

    /// Ends the use by this process; the last one out stops the server and waits for it: sessions are ended, transactions rolled
    /// back.
    func leave() async {
        // In a task of its own: when this one is cancelled, pg_ctl must not be ended half-way.
        await Task {
            use.end()
            _ = try? await stopUnlessUsed()
        }.value
    }

    /// Stops the server if it runs and no process uses it.
    ///
    /// - Returns: whether it is stopped now.
    func stopUnlessUsed() async throws -> Bool {
        try await data.withLock(Self.lockName) {
            guard try SharedUse.isOver(data.file("postgres.users")) else { return false }
            if !isRunning { return true }
            return try await runAsServer(
                "pg_ctl",
                ["stop", "-m", "fast", "-w", "-t", "60", "-D", data.file("postgres")]
            )
        }
    }

    /// Starts the server unless it runs.
    func start() async throws {
        try await data.withLock(Self.lockName) { try await startAlone() }
    }

    private func startAlone() async throws {
        if isRunning { return try await waitUntilReady() }
        // PostgreSQL would take a stranger with its old number for a server that runs, and refuse to start.
        if lockHolder != nil {
            unlink(data.file("postgres/postmaster.pid"))
            unlink("\(socketDirectory)/.s.PGSQL.5432.lock")
        }
        let log = data.file("postgres/server.log")
        // Not by pg_ctl, which runs the server's program once more for its version and looks only ten times a second. In a
        // session of its own, so that Ctrl-C in a terminal does not reach it.
        let program = [
            "/usr/bin/setsid", "/bin/sh", "-c", "umask 077; exec >>\"$0\" 2>&1; exec \"$@\"", log,
            "\(binaries)/postgres",
            "-D", data.file("postgres"), "-c", "listen_addresses=", "-c", "unix_socket_directories=\(socketDirectory)",
            "-c", "unix_socket_permissions=0777",
        ]
        guard child.start(Self.asServerUser + program) else { throw Failure.notStarted(log: log) }
        try await waitUntilReady()
    }

    /// Waits for a server that was just started, here or by another process: after a crash it repairs its files first.
    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            // The eighth line says how far the start is, as pg_ctl reads it (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
            let lines = try? String(contentsOfFile: data.file("postgres/postmaster.pid"), encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false)
            if let lines, lines.count >= 8, lines[7].hasPrefix("ready") { return }
            if child.collect() { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Failure.notStarted(log: data.file("postgres/server.log"))
    }

    // MARK: Parts

    private func initialise() async throws {
        let directory = data.file("postgres")
        let passwordFile = data.file("postgres-password")
        unlink(passwordFile)
        try DataDirectory.write(Array(password.utf8), to: passwordFile)
        defer { unlink(passwordFile) }
        if let user = Self.serverUser {
            chown(passwordFile, user.uid, user.gid)
            mkdir(directory, 0o700)
            chown(directory, user.uid, user.gid)
        }
        let isMade = try await runAsServer(
            "initdb",
            [
                "-D", directory, "-U", "chorus_migrator", "-A", "scram-sha-256", "--pwfile", passwordFile,
                "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
            ]
        )
        guard isMade else { throw Failure.notStarted(log: directory) }
        // What anonymity.md 3.5 asks of a server: nothing of what is said in a log, and no commit times. And no code made at
        // run time: a service may not run what it has written (MemoryDenyWriteExecute), and no statement here gains by it.
        let settings = """

            log_statement = 'none'
            log_min_duration_statement = -1
            log_parameter_max_length = 0
            log_parameter_max_length_on_error = 0
            log_min_error_statement = panic
            log_error_verbosity = terse
            track_commit_timestamp = off
            max_connections = 100
            jit = off
            """
        let file = data.file("postgres/postgresql.conf")
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(settings.utf8))
        try handle.close()
    }

    /// - Returns: `nil` when there is no such file.
    private static func owner(of path: String) -> uid_t? {
        let number = (try? FileManager.default.attributesOfItem(atPath: path))?[.ownerAccountID] as? NSNumber
        return number.map { uid_t(truncating: $0) }
    }

    private static var serverUser: (uid: uid_t, gid: gid_t)? {
        guard getuid() == 0, let entry = getpwnam("postgres") else { return nil }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }

    /// What runs the rest of a command as the user that may.
    private static var asServerUser: [String] {
        guard let user = serverUser else { return ["/usr/bin/env", "--chdir=/"] }
        return [
            "/usr/bin/env", "--chdir=/", "/usr/bin/setpriv", "--reuid", "\(user.uid)", "--regid", "\(user.gid)",
            "--clear-groups", "--",
        ]
    }

    /// Runs one of the server programs to its end.
    private func runAsServer(_ program: String, _ arguments: [String]) async throws -> Bool {
        let command = Self.asServerUser + ["\(binaries)/\(program)"] + arguments
        return await ChildProgram.run(command).status == 0
    }

    private static func findBinaries() -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let debian = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []).compactMap { Int($0) }
        let places =
            path.split(separator: ":").map(String.init) + versions.sorted(by: >).map { "\(debian)/\($0)/bin" }
            + ["/usr/pgsql/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin"]
        return places.first { place in
            ["initdb", "pg_ctl", "postgres"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: "\(place)/\($0)")
            }
        }
    }

    /// A directory whose socket path stays under 107 bytes (the limit of `sun_path`).
    private static func makeSocketDirectory(_ data: DataDirectory) throws -> String {
        var directory = data.file("run")
        if directory.utf8.count + "/.s.PGSQL.5432".utf8.count > 100 {
            let name = Base64URL.encode(try data.secret("socket-name").prefix(12))
            directory = "/tmp/chorus-\(name)"
        }
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        if let user = serverUser { chown(directory, user.uid, user.gid) }
        return directory
    }
}

/// Keeps the embedded server running while Chorus serves, and stops it at the end.
struct SuperviseEmbeddedPostgres: Service {
    let cluster: EmbeddedPostgres
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if !cluster.isRunning {
                    logger.warning("PostgreSQL has ended; starting it again")
                    _ = try? await cluster.start()
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        await cluster.leave()
    }
}
