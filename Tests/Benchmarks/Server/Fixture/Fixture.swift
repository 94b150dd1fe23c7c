import ArgumentParser
import Chorus
import Foundation
import Logging

/// What the server benchmark needs of the program itself.
///
/// Networks with real keys, and requests that only a client with the cryptography can make. Everything is configured by the
/// environment, as the server is.
@main
struct Fixture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chorus-benchmark-server",
        abstract: "The program's part in Tests/Benchmarks/run.",
        subcommands: [Networks.self, Submissions.self, TokenRequests.self, Statements.self]
    )

    /// Opens the databases for one task and closes them after it.
    static func withServer<Value: Sendable>(_ body: (Server) async throws -> Value) async throws -> Value {
        try await Server.open(try await ServerConfiguration.read(flags: [:]), logger: logger, migrates: false).run(body)
    }

    /// Only what went wrong, on standard error.
    static var logger: Logger {
        var logger = Logger(label: "benchmark", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .error
        return logger
    }
}
