import Foundation
import Synchronization

/// Programs of the system.
///
/// Started by `posix_spawn`, which runs nothing between fork and exec: the child of swift-subprocess 1.0 was seen to wait there
/// for ever on a lock that another thread had held at that moment.
enum ChildProgram {
    /// Runs a program to its end, without input.
    ///
    /// - Parameters:
    ///   - command: path and arguments.
    ///   - limit: how many bytes of its standard output are kept; none by default, then it has none. A program that writes
    ///     more is refused the rest.
    /// - Returns: the exit status as `waitpid` gives it, -1 when the program could not be started; and what it wrote.
    static func run(_ command: [String], keeping limit: Int = 0) async -> (status: Int32, output: [UInt8]) {
        await withCheckedContinuation { continuation in
            // On a thread of its own, because it waits for the program's end.
            Thread.detachNewThread { continuation.resume(returning: runHere(command, limit)) }
        }
    }

    /// Runs a program that reads something short, and waits for its end.
    ///
    /// - Parameters:
    ///   - command: path and arguments.
    ///   - input: its standard input, of less than what a pipe holds (pipe(7)): it is all there before the program is.
    ///   - limit: seconds after which it is killed.
    /// - Returns: the exit status as `waitpid` gives it, -1 when the program could not be started.
    static func run(_ command: [String], input: [UInt8], within limit: TimeInterval) async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: runHere(command, input, limit)) }
        }
    }

    private static func runHere(_ command: [String], _ input: [UInt8], _ limit: TimeInterval) -> Int32 {
        // One at a time, so that no program inherits the pipe of another and keeps it open.
        let child = spawning.withLock { _ -> pid_t? in
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return nil }
            defer { for end in ends { close(end) } }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
            let written = input.withUnsafeBytes { Foundation.write(ends[1], $0.baseAddress, $0.count) }
            guard written == input.count else { return nil }
            return start(command, input: ends[0], environment: plainEnvironment)
        }
        guard let child else { return -1 }
        return wait(for: child, within: limit)
    }

    private static let spawning = Mutex(())

    /// What a program of the system needs to find its way; nothing of this server's, whose settings hold secrets.
    private static var plainEnvironment: [String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("CHORUS_") && !$0.key.hasPrefix("PG") }
            .map { "\($0.key)=\($0.value)" }
    }

    private static func wait(for child: pid_t, within limit: TimeInterval) -> Int32 {
        let end = ContinuousClock.now + .seconds(limit)
        var status: Int32 = -1
        while waitpid(child, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < end else {
                kill(child, SIGKILL)
                while waitpid(child, &status, 0) < 0 && errno == EINTR {}
                return status
            }
            usleep(5_000)
        }
        return status
    }

    private static func runHere(_ command: [String], _ limit: Int) -> (status: Int32, output: [UInt8]) {
        var ends: [Int32] = [-1, -1]
        guard limit == 0 || pipe(&ends) == 0 else { return (-1, []) }
        for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = start(command, output: limit > 0 ? ends[1] : nil)
        if limit > 0 { close(ends[1]) }
        let output = limit > 0 ? read(ends[0], limit) : []
        if limit > 0 { close(ends[0]) }
        guard let child else { return (-1, []) }
        var status: Int32 = -1
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return (status, output)
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

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - command: path and arguments.
    ///   - output: becomes its standard output; none by default.
    ///   - input: becomes its standard input; none by default.
    ///   - environment: `KEY=value` each; this process's by default.
    /// - Returns: its process, which somebody has to wait for; `nil` when it could not be started.
    static func start(
        _ command: [String],
        output: Int32? = nil,
        input: Int32? = nil,
        environment: [String]? = nil
    ) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        var argv = command.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        let inherited = { ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" } }
        var variables = (environment ?? inherited()).map { strdup($0) } + [nil]
        defer { variables.forEach { free($0) } }
        var child: pid_t = 0
        let isStarted = posix_spawn(&child, command[0], &actions, nil, &argv, &variables)
        guard isStarted == 0 else { return nil }
        return child
    }
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
