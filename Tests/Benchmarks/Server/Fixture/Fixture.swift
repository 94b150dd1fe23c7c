import ArgumentParser
import Chorus
import Foundation
import Logging

/// What the server benchmark needs of the program itself.
///
/// The server, networks with real keys, and requests that only a client with the cryptography can make. Everything is configured
/// by the environment, as the server is.
@main
struct Fixture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chorus-benchmark-server",
        abstract: "The program's part in Tests/Benchmarks/run.",
        subcommands: [Serve.self, Networks.self, Submissions.self, TokenRequests.self, Statements.self]
    )

    /// The server's configuration.
    static func serverConfiguration() async throws -> ServerConfiguration {
        try await ServerConfiguration.read(flags: [:])
    }

    /// Opens the databases for one task and closes them after it.
    static func withServer<Value: Sendable>(_ body: (Server) async throws -> Value) async throws -> Value {
        try await Server.open(try await serverConfiguration(), logger: logger, migrates: false).run(body)
    }

    /// Only what went wrong, on standard error.
    static var logger: Logger {
        var logger = Logger(label: "benchmark", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .error
        return logger
    }
}

/// The server of `chorus serve`, but for limits that a load generator at one address would run into.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve with the rates of one address raised.")

    func run() async throws {
        var configuration = try await Fixture.serverConfiguration()
        configuration.requestsPerMinute = 1_000_000_000
        configuration.calmReads = 1_000_000_000
        let server = try await Server.open(configuration, logger: Fixture.logger)
        try await server.serve { port in
            print(port)
            fflush(nil)
        }
    }
}
