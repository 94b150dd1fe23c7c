import Foundation
import Synchronization
public import Postgres

/// A throw-away PostgreSQL for all tests of this process, on a Unix socket in a directory of its own; another one for a test
/// that has to break it.
///
/// A watchdog holds the reading end of a pipe whose writing end dies with this process, however it ends; then it stops
/// the server and removes the directory, so that no test run leaves a server behind.
public enum TestCluster {
    /// A superuser's way in; `database` of each lease replaces its database.
    public static let configuration: PostgresConfiguration = {
        do { return try start(in: directory) } catch {
            preconditionFailure("PostgreSQL for the tests does not start: \(error)")
        }
    }()

    /// Starts a server for one test alone, because a backend that is killed takes all others of its server with it.
    ///
    /// - Returns: a superuser's way in; it ends with this process.
    /// - Throws: when it does not start.
    public static func startAnother() throws -> PostgresConfiguration {
        try start(in: newDirectory, commit: "on")
    }

    /// Starts a server for tests that change its roles, which belong to all of its databases.
    ///
    /// - Returns: its directory, where its socket is; its data and its log are in `data`. It ends with this process.
    /// - Throws: when it does not start.
    public static func startApart() throws -> String {
        let directory = newDirectory
        _ = try start(in: directory)
        return directory
    }

    static var newDirectory: String { "\(directory)-\(UUID().uuidString.prefix(8))" }

    /// Makes an empty database for one test and drops nothing: it goes with the cluster.
    ///
    /// - Parameter template: the database to copy; an empty one by default.
    /// - Returns: how to connect to it as superuser.
    /// - Throws: what PostgreSQL says.
    public static func leaseDatabase(template: String = "template0") async throws -> PostgresConfiguration {
        let name = "t\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await run("CREATE DATABASE \(name) TEMPLATE \(template)")
        return configuration.replacing(database: name)
    }

    /// Runs a command on the maintenance database.
    ///
    /// - Parameter sql: the command.
    public static func run(_ sql: String) async throws {
        _ = configuration
        let process = try await psql(sql)
        guard process == 0 else { throw Failure.command(sql) }
    }

    /// A superuser's way into a database of the cluster.
    public static func uri(_ database: String) -> String {
        _ = configuration
        return "dbname=\(database) user=chorus_migrator host=\(directory)"
    }

    enum Failure: Error {
        case noServer
        case command(String)
    }

    private static let directory = "/tmp/chorus-test-\(ProcessInfo.processInfo.processIdentifier)"

    /// CREATE DATABASE cannot run inside a transaction and copies one template at a time, hence psql and the lock.
    private static let gate = Gate()

    private static func psql(_ sql: String) async throws -> Int32 {
        try await gate.run {
            try execute("psql", ["-X", "-q", "-h", directory, "-U", "chorus_migrator", "-d", "postgres", "-c", sql])
        }
    }

    private actor Gate {
        func run(_ body: () throws -> Int32) rethrows -> Int32 { try body() }
    }

    private static func start(in directory: String, commit: String = "off") throws -> PostgresConfiguration {
        guard let binaries = serverBinaries() else { throw Failure.noServer }
        let script = """
            set -e
            # A server that inherited Foundation's descriptors would keep this process waiting for its end.
            for fd in $(seq 3 255); do eval "exec $fd>&-"; done
            dir=\(directory); bin=\(binaries)
            rm -rf "$dir"; mkdir -m 0711 "$dir"
            as=""
            if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; as="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
            cd "$dir"
            $as "$bin/initdb" -D "$dir/data" -U chorus_migrator -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
            $as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/data/log" start -o "-c listen_addresses= \
            -c unix_socket_directories=$dir -c fsync=off -c synchronous_commit=\(commit) -c full_page_writes=off \
            -c max_connections=400 -c shared_buffers=64MB -c autovacuum=off" >/dev/null
            """
        guard try execute("bash", ["-c", script]) == 0 else { throw Failure.noServer }
        try watch(directory, binaries: binaries)
        return PostgresConfiguration("dbname=postgres user=chorus_migrator host=\(directory)", applicationName: "test")
    }

    static func serverBinaries() -> String? {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.sorted().last.map { "\(root)/\($0)/bin" }
    }

    /// Never closed by this process: the end of the process closes it.
    private static let lifeline = Pipe()

    static func watch(_ directory: String, binaries: String) throws {
        let watchdog = Process()
        watchdog.executableURL = URL(filePath: "/usr/bin/setsid")
        let script = """
            # Like the server: what it inherited from another test's Process would keep that test waiting for ever.
            for fd in $(seq 3 255); do eval "exec $fd>&-"; done
            cat >/dev/null
            as=""; [ "$(id -u)" = 0 ] && as="setpriv --reuid=postgres --regid=postgres --clear-groups"
            cd /; $as \(binaries)/pg_ctl -D \(directory)/data -m immediate stop >/dev/null 2>&1; rm -rf \(directory)
            """
        watchdog.arguments = ["bash", "-c", script]
        watchdog.standardInput = lifeline.fileHandleForReading
        watchdog.standardOutput = FileHandle.nullDevice
        watchdog.standardError = FileHandle.nullDevice
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try watchdog.run()
    }

    static func execute(_ program: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
