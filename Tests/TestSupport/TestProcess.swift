@testable import Chorus
import Foundation

/// The real program in a process of its own, on a data directory with an embedded PostgreSQL; to be killed.
final class TestProcess: TestAPI, @unchecked Sendable {
    // Unchecked because its state is changed between the steps of one test only, never at the same time.
    let directory: String
    /// Begins the names of what this process writes.
    private let stem: String
    private let isAlone: Bool
    private(set) var port = 0
    private(set) var network: Network
    private var child: pid_t?

    enum Failure: Error { case command(String), notStarted(String) }

    /// The program beside the tests.
    private static let program = Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "chorus")

    /// - Parameter other: whose data directory, and so whose databases, it shares; `nil` for one of its own.
    init(beside other: TestProcess? = nil) throws {
        let name = "/tmp/chorus-crash-\(UUID().uuidString.prefix(8))"
        directory = other?.directory ?? name
        stem = name
        isAlone = other == nil
        network = Network(
            id: UUID(),
            slug: "t",
            name: "t",
            employer: "t",
            timeZone: "Europe/Berlin",
            locale: .de,
            k: 5,
            d: 2,
            minSet: 20,
            keyNoticeDays: 0,
            isRecordPublic: false,
            version: 1
        )
    }

    /// The number of its process.
    var identifier: pid_t {
        get throws {
            guard let child else { throw Failure.notStarted("nothing runs") }
            return child
        }
    }

    /// Runs a command of the program.
    ///
    /// - Parameter crashAt: where it is killed; nowhere by default.
    /// - Returns: its standard output; `nil` when it was killed.
    @discardableResult
    func run(_ arguments: [String], crashAt: String? = nil) throws -> String? {
        let output = stem + ".out"
        let child = try spawn(arguments + ["--data", directory], output: output, crashAt: crashAt)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        if status & 0x7F != 0 { return nil }
        guard status == 0 else { throw Failure.command(arguments.joined(separator: " ")) }
        return try String(contentsOfFile: output, encoding: .utf8).trimmingWhitespace()
    }

    /// Runs a command to its end, however it ends.
    ///
    /// - Parameters:
    ///   - arguments: as given.
    ///   - data: whether `--data` is added; true by default.
    ///   - environment: added to this process's.
    /// - Returns: its exit code and all that it wrote.
    func outcome(
        _ arguments: [String],
        data: Bool = true,
        environment: [String: String] = [:]
    ) throws -> (code: Int32, text: String) {
        let output = "\(directory).\(UUID().uuidString)"
        defer { unlink(output) }
        let all = arguments + (data ? ["--data", directory] : [])
        let child = try spawn(all, output: output, crashAt: nil, environment)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        let text = try String(contentsOfFile: output, encoding: .utf8)
        return ((status >> 8) & 0xFF, text)
    }

    /// Asks the server to end, and waits for it.
    ///
    /// - Returns: its exit code.
    func stop(_ signal: Int32 = SIGTERM) -> Int32 {
        guard isRunning, let child else { return -1 }
        var status: Int32 = 0
        kill(child, signal)
        waitpid(child, &status, 0)
        self.child = nil
        return (status >> 8) & 0xFF
    }

    /// Runs a command that stops at a place, kills PostgreSQL there, and lets it go on to its end.
    func run(_ arguments: [String], killingPostgresAt point: String) throws {
        let child = try spawn(arguments + ["--data", directory], output: stem + ".out", crashAt: "\(point):stop")
        try killPostgres(whenStopped: child)
        waitpid(child, nil, 0)
    }

    /// Waits until the server stops at the place that ``start(crashAt:)`` named, kills PostgreSQL, and lets the server go on.
    func killPostgresWhenStopped() throws {
        guard let child else { throw Failure.notStarted("") }
        try killPostgres(whenStopped: child)
    }

    private func killPostgres(whenStopped child: pid_t) throws {
        var status: Int32 = 0
        for _ in 0..<1_000 {
            // A stopped process says 0x7F in the low byte (wait(2)).
            if waitpid(child, &status, WUNTRACED | WNOHANG) == child {
                guard status & 0xFF == 0x7F else { throw Failure.command("ended before it stopped") }
                kill9Postgres()
                kill(child, SIGCONT)
                return
            }
            usleep(20_000)
        }
        throw Failure.command("did not stop")
    }

    /// Starts the server and waits until it listens.
    ///
    /// - Parameters:
    ///   - crashAt: where it is killed; nowhere by default.
    ///   - logLevel: the least severe line.
    ///   - mixEvery: how often the inbox is mixed.
    ///   - environment: added to this process's.
    func start(
        crashAt: String? = nil,
        logLevel: String = "critical",
        mixEvery: String = "1h",
        environment: [String: String] = [:]
    ) throws {
        let log = stem + ".log"
        child = try spawn(
            ["serve", "--port", "0", "--data", directory, "--log-level", logLevel, "--mix-every", mixEvery],
            output: log,
            crashAt: crashAt,
            environment
        )
        for _ in 0..<1_500 where isRunning {
            let text = try String(contentsOfFile: log, encoding: .utf8)
            if let found = text.firstMatch(of: /Chorus listens on http:\/\/[^:]*:(\d+)/).flatMap({ Int($0.1) }) {
                port = found
                return
            }
            usleep(20_000)
        }
        throw Failure.notStarted((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    /// Starts the demo and waits for its line.
    ///
    /// - Returns: the first line of its standard output.
    func startDemo(seed: Int) throws -> String {
        let output = stem + ".log"
        let arguments = [
            "demo", "--json", "--port", "0", "--seed", "\(seed)", "--data", directory, "--mix-every", "1h",
        ]
        child = try spawn(arguments, output: output, crashAt: nil)
        for _ in 0..<3_000 where isRunning {
            let text = try String(contentsOfFile: output, encoding: .utf8)
            if let line = text.split(separator: "\n", omittingEmptySubsequences: false).first, text.contains("\n") {
                port =
                    line.split(separator: "\"").first { $0.hasPrefix("http:") }.flatMap {
                        $0.split(separator: ":").last.flatMap { Int($0) }
                    } ?? 0
                return String(line)
            }
            usleep(20_000)
        }
        throw Failure.notStarted((try? String(contentsOfFile: output, encoding: .utf8)) ?? "")
    }

    /// Runs SQL in the private database of the running server, as its owner of everything.
    func psql(_ sql: String) throws {
        let secret = try String(contentsOfFile: "\(directory)/secrets/chorus_migrator", encoding: .utf8)
        let script =
            "PGPASSWORD=\"$1\" psql -X -q -v ON_ERROR_STOP=1 -h \"$2\" -U chorus_migrator -d chorus -c \"$3\""
        let arguments = ["bash", "-c", script, "psql", secret.trimmingWhitespace(), "\(directory)/run", sql]
        var argv = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, "/bin/bash", nil, nil, &argv, environ) == 0 else { throw Failure.command("psql") }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { throw Failure.command("psql") }
    }

    /// Ends the server as a power cut would.
    func kill9() {
        guard isRunning, let child else { return }
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
        self.child = nil
    }

    /// Ends PostgreSQL as a power cut would: the postmaster and all its processes.
    func kill9Postgres() {
        guard let text = try? String(contentsOfFile: "\(directory)/postgres/postmaster.pid", encoding: .utf8),
            let pid = text.split(separator: "\n").first.flatMap({ pid_t($0) })
        else { return }
        // The postmaster must not see its children die: it would write a shut-down that a power cut does not write.
        let victims = [pid] + Self.children(of: pid)
        kill(pid, SIGSTOP)
        for victim in victims.reversed() { kill(victim, SIGKILL) }
        for victim in victims { for _ in 0..<500 where Self.isAlive(victim) { usleep(10_000) } }
    }

    static func children(of parent: pid_t) -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { pid_t($0) } ?? []
        return all.filter { stat($0)?.dropFirst().first == String(parent) }
    }

    static func isAlive(_ pid: pid_t) -> Bool { stat(pid).map { $0.first != "Z" } ?? false }

    /// State, parent and so on (proc(5)), after the name, which may hold anything.
    private static func stat(_ pid: pid_t) -> [String]? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        return text.split(separator: ")").last?.split(separator: " ").map(String.init)
    }

    /// Whether the server is there.
    var isRunning: Bool {
        guard let running = child else { return false }
        if waitpid(running, nil, WNOHANG) == 0 { return true }
        child = nil
        return false
    }

    /// What the server wrote so far, on both outputs.
    func log() throws -> String { try String(contentsOfFile: stem + ".log", encoding: .utf8) }

    /// Ends everything and removes the directory.
    func tearDown() {
        kill9()
        if isAlone { kill9Postgres() }
        for ending in ["", ".out", ".log", ".csv", ".tokens"] {
            try? FileManager.default.removeItem(atPath: stem + ending)
        }
    }

    func use(network id: UUID) {
        network = Network(
            id: id,
            slug: network.slug,
            name: network.name,
            employer: network.employer,
            timeZone: network.timeZone,
            locale: network.locale,
            k: network.k,
            d: network.d,
            minSet: network.minSet,
            keyNoticeDays: 0,
            isRecordPublic: false,
            version: 1
        )
    }

    /// Starts the program with nothing inherited but three descriptors.
    ///
    /// Not by Foundation's `Process`: it watches a descriptor that PostgreSQL would inherit and keep open.
    private func spawn(
        _ arguments: [String],
        output: String,
        crashAt: String?,
        _ more: [String: String] = [:]
    ) throws -> pid_t {
        guard let program = Self.program?.path(percentEncoded: false) else { throw Failure.notStarted("") }
        var environment = ProcessInfo.processInfo.environment.merging(more) { $1 }
        environment["CHORUS_CRASH_AT"] = crashAt
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // The shell closes what other tests' Foundation has open: PostgreSQL would inherit it, and they would wait for its end.
        let script = "for fd in $(seq 3 255); do eval \"exec $fd>&-\"; done; exec \"$0\" \"$@\""
        var argv = (["bash", "-c", script, program] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, "/bin/bash", &actions, nil, &argv, &envp) == 0 else { throw Failure.notStarted("") }
        return child
    }
}
