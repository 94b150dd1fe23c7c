import Foundation
import Synchronization

/// Programs of the system.
///
/// Started by `posix_spawn`, which runs nothing between fork and exec: the child of swift-subprocess 1.0 was seen to wait there
/// for ever on a lock that another thread had held at that moment.
enum ChildProgram {
    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - command: path and arguments.
    ///   - input: becomes its standard input, up to 32 KiB; none by default.
    ///   - limit: how many bytes of its standard output are kept; none by default, then it has none. A program that writes
    ///     more is refused the rest.
    /// - Returns: the exit status as `waitpid` gives it, -1 when the program could not be started; and what it wrote.
    static func run(
        _ command: [String],
        input: [UInt8] = [],
        keeping limit: Int = 0
    ) async -> (status: Int32, output: [UInt8]) {
        await withCheckedContinuation { continuation in
            // On a thread of its own, because it waits for the program's end.
            Thread.detachNewThread { continuation.resume(returning: runHere(command, input, limit)) }
        }
    }

    private static func runHere(
        _ command: [String],
        _ input: [UInt8],
        _ limit: Int
    ) -> (status: Int32, output: [UInt8]) {
        guard let source = pipe(holding: input) else { return (-1, []) }
        defer { if source >= 0 { close(source) } }
        var ends: [Int32] = [-1, -1]
        guard limit == 0 || Foundation.pipe(&ends) == 0 else { return (-1, []) }
        for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = start(command, input: source >= 0 ? source : nil, output: limit > 0 ? ends[1] : nil)
        if limit > 0 { close(ends[1]) }
        let output = limit > 0 ? read(ends[0], limit) : []
        if limit > 0 { close(ends[0]) }
        guard let child else { return (-1, []) }
        var status: Int32 = -1
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return (status, output)
    }

    /// A pipe that has all of its input before anybody reads: nobody has to write beside reading, or meets a reader that is gone.
    ///
    /// - Returns: the end to read from, -1 for no input; `nil` when the system gives none or it does not hold as much.
    private static func pipe(holding input: [UInt8]) -> Int32? {
        guard !input.isEmpty else { return -1 }
        var ends: [Int32] = [-1, -1]
        guard input.count <= 32_768, Foundation.pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
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

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - command: path and arguments.
    ///   - input: becomes its standard input; none by default.
    ///   - output: becomes its standard output; none by default.
    /// - Returns: its process, which somebody has to wait for; `nil` when it could not be started.
    static func start(_ command: [String], input: Int32? = nil, output: Int32? = nil) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        var argv = command.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, command[0], &actions, nil, &argv, environ) == 0 else { return nil }
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
