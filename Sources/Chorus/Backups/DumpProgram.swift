import Foundation
import Postgres

/// `pg_dump` or `pg_restore`, with a stream of any length on one or both sides.
///
/// Its methods wait for the program; they belong on a thread of their own.
struct DumpProgram: Sendable {
    /// The program ended with an error, or somebody ended it.
    struct Failure: Error, CustomStringConvertible {
        let name: String
        /// What it said of itself, without the rows that PostgreSQL quotes after it.
        let message: String
        var description: String { "\(name) failed: \(message)" }
    }

    let name: String
    let arguments: [String]
    let environment: [String: String]

    /// - Parameters:
    ///   - name: `pg_dump` or `pg_restore`.
    ///   - configuration: the database, and who logs in; none for work without a database.
    ///   - arguments: further ones.
    /// - Throws: ``OperationRefusal`` when it is not installed.
    init(_ name: String, _ configuration: PostgresConfiguration?, _ arguments: [String]) throws {
        guard let path = Self.find(name) else {
            throw OperationRefusal("\(name) is missing. Install it: apt-get install postgresql-client")
        }
        self.name = name
        var environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("PG") }
        var place: [String] = []
        if let configuration {
            guard let program = configuration.forProgram() else {
                throw OperationRefusal("The address of a database cannot be read.")
            }
            environment["PGPASSWORD"] = program.password ?? environment["PGPASSWORD"]
            place = ["--no-password", "--dbname", program.connection]
        }
        self.environment = environment
        self.arguments = [path] + place + arguments
    }

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - input: gives what it reads, until `nil`; it has no input by default.
    ///   - output: takes what it writes, on another thread when there is input; it has none by default.
    /// - Throws: ``Failure``; what `input` and `output` throw.
    func run(
        input: (() throws -> [UInt8]?)? = nil,
        output: (([UInt8]) throws -> Void)? = nil
    ) throws {
        guard let errors = tmpfile() else { throw OperationRefusal("No temporary file can be made.") }
        defer { fclose(errors) }
        // A socket, because a pipe to a program that has ended would end this one (SIGPIPE).
        var toProgram: [Int32] = [-1, -1]
        var fromProgram: [Int32] = [-1, -1]
        if input != nil { toProgram = try Self.pair() }
        if output != nil { fromProgram = try Self.pair() }
        let process = ChildProgram.start(
            arguments,
            input: toProgram[1],
            output: fromProgram[1],
            error: fileno(errors),
            adding: environment
        )
        if toProgram[1] >= 0 { close(toProgram[1]) }
        if fromProgram[1] >= 0 { close(fromProgram[1]) }
        guard let process else { throw OperationRefusal("\(name) could not be started.") }
        let outcome = Result { try Self.carry(input, toProgram[0], output, fromProgram[0]) }
        if case .failure = outcome { kill(process, SIGTERM) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        // What it says of its own end tells more than that it took no more input.
        guard case .success = outcome, status == 0 else {
            let message = Self.message(in: errors)
            if message.isEmpty { try outcome.get() }
            throw Failure(name: name, message: message.isEmpty ? "status \(status)" : message)
        }
    }

    private static func carry(
        _ input: (() throws -> [UInt8]?)?,
        _ toProgram: Int32,
        _ output: (([UInt8]) throws -> Void)?,
        _ fromProgram: Int32
    ) throws {
        defer { if fromProgram >= 0 { close(fromProgram) } }
        guard let input else {
            while let bytes = read(fromProgram) { try output?(bytes) }
            return
        }
        var failure: (any Error)?
        do {
            while let bytes = try input() {
                if output != nil { try drain(fromProgram, output) }
                try send(bytes, to: toProgram, meanwhile: fromProgram, output)
            }
        } catch { failure = error }
        close(toProgram)
        if failure == nil { while let bytes = read(fromProgram) { try output?(bytes) } }
        if let failure { throw failure }
    }

    /// Writes while the program may be waiting for somebody to read what it has written.
    private static func send(
        _ bytes: [UInt8],
        to target: Int32,
        meanwhile source: Int32,
        _ output: (([UInt8]) throws -> Void)?
    ) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            var polled = [
                pollfd(fd: target, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: source, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, nfds_t(source >= 0 ? 2 : 1), -1) >= 0 || errno == EINTR else { throw broken }
            if source >= 0, polled[1].revents & Int16(POLLIN) != 0 { try drain(source, output) }
            guard polled[0].revents != 0 else { continue }
            let count = rest.withUnsafeBytes {
                Foundation.send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { throw broken }
            rest = rest.dropFirst(count)
        }
    }

    private static var broken: any Error { OperationRefusal("The program took no more input.") }

    /// Takes what is there, without waiting.
    private static func drain(_ source: Int32, _ output: (([UInt8]) throws -> Void)?) throws {
        while true {
            var polled = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
            guard source >= 0, poll(&polled, 1, 0) > 0, polled.revents & Int16(POLLIN) != 0,
                let bytes = read(source)
            else { return }
            try output?(bytes)
        }
    }

    private static func read(_ source: Int32) -> [UInt8]? {
        guard source >= 0 else { return nil }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Foundation.read(source, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Array(chunk.prefix(count)) : nil
        }
    }

    private static func pair() throws -> [Int32] {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw broken }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return ends
    }

    /// Lines of the program itself: what PostgreSQL adds to them (DETAIL, CONTEXT) quotes rows.
    private static func message(in errors: UnsafeMutablePointer<FILE>) -> String {
        rewind(errors)
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = fread(&bytes, 1, bytes.count, errors)
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("pg_dump: ") || $0.hasPrefix("pg_restore: ") }.prefix(3).joined(separator: "; ")
    }

    /// The newest there is: an older one refuses a newer server.
    private static func find(_ name: String) -> String? {
        let debian = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []).compactMap { Int($0) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let places = versions.sorted(by: >).map { "\(debian)/\($0)/bin" } + path.split(separator: ":").map(String.init)
        return places.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// Does something that waits, on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
