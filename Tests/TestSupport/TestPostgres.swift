@testable import Chorus
import Foundation
import Postgres

/// A PostgreSQL of one test's own: to be stopped, killed, frozen, filled up and promoted.
final class TestPostgres: Sendable {
    /// Its socket is here, its data in `data`.
    let directory: String
    private let binaries: String

    struct Failure: Error { let script: String }

    /// Makes a server and starts it.
    ///
    /// - Parameters:
    ///   - primary: what it is a standby of; `nil` for a new, empty server.
    ///   - directory: where; a new one by default. One that is there already is used as it is.
    ///   - settings: lines for `postgresql.conf`.
    init(standbyOf primary: TestPostgres? = nil, directory: String? = nil, settings: [String] = []) throws {
        self.directory = directory ?? TestCluster.newDirectory
        guard let binaries = TestCluster.serverBinaries() else { throw Failure(script: "no server") }
        self.binaries = binaries
        let lines =
            (["listen_addresses = ''", "fsync = off", "full_page_writes = off", "shared_buffers = 32MB"] + settings)
            + ["unix_socket_directories = '\(self.directory)'", "log_min_messages = fatal"]
        let make =
            primary.map {
                "$as \"$bin/pg_basebackup\" -h \($0.directory) -U chorus_migrator -D \"$dir/data\" -R -X stream -c fast"
            }
            ?? "$as \"$bin/initdb\" -D \"$dir/data\" -U chorus_migrator -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null"
        try shell(
            """
            mkdir -p -m 0711 "$dir"
            if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; fi
            \(make)
            cat >>"$dir/data/postgresql.conf" <<'END'
            \(lines.joined(separator: "\n"))
            END
            """
        )
        try TestCluster.watch(self.directory, binaries: binaries)
        try start()
    }

    /// A superuser's way into a database.
    func uri(_ database: String) -> String { "dbname=\(database) user=chorus_migrator host=\(directory)" }

    /// The same for several servers, of which one takes writes.
    static func uri(_ database: String, of servers: TestPostgres...) -> String {
        let hosts = servers.map(\.directory).joined(separator: ",")
        return "dbname=\(database) user=chorus_migrator host=\(hosts) target_session_attrs=read-write"
    }

    func start() throws { try shell("$as \"$bin/pg_ctl\" -D \"$dir/data\" -w -l \"$dir/log\" start >/dev/null") }

    /// - Parameter mode: `fast` or `immediate`.
    func stop(_ mode: String = "fast") throws {
        try shell("$as \"$bin/pg_ctl\" -D \"$dir/data\" -m \(mode) -w stop >/dev/null")
    }

    /// Makes a primary of a standby, as whoever looks after a pair does.
    func promote() throws { try shell("$as \"$bin/pg_ctl\" -D \"$dir/data\" -w promote >/dev/null") }

    /// Changes a setting that needs no restart.
    func set(_ name: String, _ value: String) throws {
        try run("ALTER SYSTEM SET \(name) = '\(value)'")
        try run("SELECT pg_reload_conf()")
    }

    /// Runs SQL as superuser.
    ///
    /// - Returns: what it gives, unaligned.
    @discardableResult
    func run(_ sql: String, in database: String = "postgres") throws -> String {
        try shell("psql -X -q -A -t -v ON_ERROR_STOP=1 -h \"$dir\" -U chorus_migrator -d \(database) -c \"$1\"", sql)
    }

    /// All of its processes, the first one first.
    private var processes: [pid_t] {
        guard let text = try? String(contentsOfFile: "\(directory)/data/postmaster.pid", encoding: .utf8),
            let first = text.split(separator: "\n").first.flatMap({ pid_t($0) })
        else { return [] }
        return [first] + TestProcess.children(of: first)
    }

    /// Ends it as a power cut would.
    func kill9() {
        guard let first = processes.first else { return }
        // The first process must not see the others die: it would write a shut-down that a power cut does not write.
        kill(first, SIGSTOP)
        let victims = processes
        for victim in victims.reversed() { kill(victim, SIGKILL) }
        for victim in victims { for _ in 0..<500 where TestProcess.isAlive(victim) { usleep(10_000) } }
        // Where nobody collects what has ended, its process number is still taken, and the next start would believe it alive.
        for lock in ["data/postmaster.pid", ".s.PGSQL.5432.lock"] { unlink("\(directory)/\(lock)") }
    }

    /// Stops all of it in the middle of whatever it does; connections stay open, and new ones are taken by the kernel
    /// alone.
    func freeze() {
        // Twice: while the first are stopped, the rest may make more.
        for _ in 0..<2 { for process in processes { kill(process, SIGSTOP) } }
    }

    func thaw() { for process in processes.reversed() { kill(process, SIGCONT) } }

    /// Ends it and removes what it wrote.
    func tearDown() {
        thaw()
        kill9()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Runs a script of the shell with `$dir`, `$bin`, and `$as` before what must run as PostgreSQL's user.
    @discardableResult
    func shell(_ script: String, _ arguments: String...) throws -> String {
        let output = "/tmp/chorus-test-output-\(UUID().uuidString)"
        defer { unlink(output) }
        let preamble = """
            set -e
            # A server that inherited Foundation's descriptors would keep this process waiting for its end.
            for fd in $(seq 3 255); do eval "exec $fd>&-"; done
            dir=\(directory); bin=\(binaries); as=""
            if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
            cd /
            exec >\(output)

            """
        guard try TestCluster.execute("bash", ["-c", preamble + script, "bash"] + arguments) == 0 else {
            throw Failure(script: script)
        }
        return try String(contentsOfFile: output, encoding: .utf8).trimmingWhitespace()
    }
}
