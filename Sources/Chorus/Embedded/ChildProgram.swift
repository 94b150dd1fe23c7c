import Foundation
import Synchronization

/// Programs of the system.
///
/// Started by `posix_spawn`, which runs nothing between fork and exec: the child of swift-subprocess 1.0 was seen to wait there
/// for ever on a lock that another thread had held at that moment.
enum ChildProgram {
    /// One at a time, so that no program inherits the pipe of another and keeps it open.
    private static let spawning = Mutex(())

    /// A program with what is left to read of it.
    private struct Running {
        let process: pid_t
        /// -1 without output.
        let output: Int32
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - command: path and arguments.
    ///   - input: becomes its standard input, up to 32 KiB; none by default.
    ///   - limit: how many bytes of its standard output are kept; none by default, then it has none. A program that writes
    ///     more is refused the rest.
    ///   - seconds: after which it is killed, if it has no output; never by default.
    ///   - endsWithTask: whether it is killed when the task is cancelled; false by default.
    /// - Returns: the exit status as `waitpid` gives it, -1 when the program could not be started; and what it wrote.
    static func run(
        _ command: [String],
        input: [UInt8] = [],
        keeping limit: Int = 0,
        within seconds: TimeInterval = .infinity,
        endsWithTask: Bool = false
    ) async -> (status: Int32, output: [UInt8]) {
        let leash = Leash()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // On a thread of its own, because it waits for the program's end.
                Thread.detachNewThread {
                    continuation.resume(returning: runHere(command, input, limit, seconds, leash))
                }
            }
        } onCancel: {
            if endsWithTask { leash.pull() }
        }
    }

    /// A program that somebody may want to end before its time; never one that has been waited for already.
    private final class Leash: Sendable {
        private let state = Mutex((process: pid_t?.none, isPulled: false))

        func tie(_ process: pid_t) {
            state.withLock { state in
                state.process = process
                if state.isPulled { kill(process, SIGKILL) }
            }
        }

        func pull() {
            state.withLock { state in
                state.isPulled = true
                if let process = state.process { kill(process, SIGKILL) }
            }
        }

        /// - Returns: whether it has ended.
        func collect(_ process: pid_t, _ status: inout Int32) -> Bool {
            var found: Int32 = status
            let hasEnded = state.withLock { state in
                guard waitpid(process, &found, WNOHANG) != 0 else { return false }
                state.process = nil
                return true
            }
            status = found
            return hasEnded
        }
    }

    private static func runHere(
        _ command: [String],
        _ input: [UInt8],
        _ limit: Int,
        _ seconds: TimeInterval,
        _ leash: Leash
    ) -> (status: Int32, output: [UInt8]) {
        guard let running = spawning.withLock({ _ in start(command, input, hasOutput: limit > 0) }) else {
            return (-1, [])
        }
        leash.tie(running.process)
        let output = running.output >= 0 ? read(running.output, limit) : []
        if running.output >= 0 { close(running.output) }
        return (wait(for: running.process, within: seconds, leash), output)
    }

    private static func start(_ command: [String], _ input: [UInt8], hasOutput: Bool) -> Running? {
        guard let source = pipe(holding: input) else { return nil }
        defer { if source >= 0 { close(source) } }
        var ends: [Int32] = [-1, -1]
        guard !hasOutput || pipe(&ends) else { return nil }
        defer { if hasOutput { close(ends[1]) } }
        guard let process = spawn(command, input: source, output: ends[1]) else {
            if hasOutput { close(ends[0]) }
            return nil
        }
        return Running(process: process, output: ends[0])
    }

    /// - Returns: whether there are two ends, which no program inherits as they are.
    private static func pipe(_ ends: inout [Int32]) -> Bool {
        guard Foundation.pipe(&ends) == 0 else { return false }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return true
    }

    /// A pipe that has all of its input before anybody reads: nobody has to write beside reading, or meets a reader that is gone.
    ///
    /// - Returns: the end to read from, -1 for no input; `nil` when the system gives none or it does not hold as much.
    private static func pipe(holding input: [UInt8]) -> Int32? {
        guard !input.isEmpty else { return -1 }
        var ends: [Int32] = [-1, -1]
        // Half of what a pipe holds by itself (pipe(7)).
        guard input.count <= 32_768, pipe(&ends) else { return nil }
        let written = input.withUnsafeBytes { Foundation.write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        guard written == input.count else {
            close(ends[0])
            return nil
        }
        return ends[0]
    }

    private static func read(_ descriptor: Int32, _ limit: Int) -> [UInt8] {
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while output.count < limit {
            let count = chunk.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            output += chunk.prefix(min(count, limit - output.count))
        }
        return output
    }

    private static func wait(for child: pid_t, within seconds: TimeInterval, _ leash: Leash) -> Int32 {
        var status: Int32 = -1
        let start = ContinuousClock.now
        var isKilled = false
        while !leash.collect(child, &status) {
            if !isKilled, seconds.isFinite, ContinuousClock.now >= start + .seconds(seconds) {
                kill(child, SIGKILL)
                isKilled = true
            }
            usleep(2_000)
        }
        return status
    }

    /// Starts a program without input and output.
    ///
    /// - Parameter command: path and arguments.
    /// - Returns: its process, which somebody has to wait for; `nil` when it could not be started.
    static func start(_ command: [String]) -> pid_t? { spawning.withLock { _ in spawn(command) } }

    /// Starts a program, one at a time.
    ///
    /// - Parameters:
    ///   - command: path and arguments.
    ///   - input: becomes its standard input; -1 for none.
    ///   - output: becomes its standard output; -1 for none.
    ///   - error: becomes its standard error; -1 for none.
    ///   - more: added to its environment.
    static func start(
        _ command: [String],
        input: Int32,
        output: Int32,
        error: Int32,
        adding more: [String: String]
    ) -> pid_t? {
        spawning.withLock { _ in spawn(command, input: input, output: output, error: error, adding: more) }
    }

    private static func spawn(
        _ command: [String],
        input: Int32 = -1,
        output: Int32 = -1,
        error: Int32 = -1,
        adding more: [String: String] = [:]
    ) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        if input >= 0 { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        if output >= 0 { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        if error >= 0 { posix_spawn_file_actions_adddup2(&actions, error, 2) }
        var argv = command.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var variables = (environment + more.map { "\($0.key)=\($0.value)" }).map { strdup($0) } + [nil]
        defer { variables.forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, command[0], &actions, nil, &argv, &variables) == 0 else { return nil }
        return child
    }

    /// What a program of the system needs to find its way; nothing of this server's, whose settings hold secrets.
    private static let environment = ProcessInfo.processInfo.environment
        .filter { !$0.key.hasPrefix("CHORUS_") && !$0.key.hasPrefix("PG") }.map { "\($0.key)=\($0.value)" }
}

/// A server that this process has started and that may outlive it.
final class ServerChild: Sendable {
    private let process = Mutex<pid_t?>(nil)

    /// - Returns: whether there is a process now; what it does shows later.
    func start(_ command: [String]) -> Bool {
        collect()
        let started = ChildProgram.start(command)
        process.withLock { $0 = started }
        return started != nil
    }

    /// Lets the system forget a process that has ended.
    ///
    /// - Returns: whether one has, since the last time.
    @discardableResult
    func collect() -> Bool {
        process.withLock { process in
            guard let child = process, waitpid(child, nil, WNOHANG) != 0 else { return false }
            process = nil
            return true
        }
    }
}
