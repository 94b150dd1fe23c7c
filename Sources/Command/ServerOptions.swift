import ArgumentParser
import Chorus
import Foundation
import Logging

/// The options of every command that touches a server; each has a key in the environment and in the file too.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Directory for secrets, keys and the embedded database.", valueName: "dir"))
    var data: String?
    @Option(help: ArgumentHelp("Private database (libpq URI); none runs an embedded PostgreSQL.", valueName: "uri"))
    var databaseURL: String?
    @Option(help: ArgumentHelp("Record database (libpq URI); goes with --database-url.", valueName: "uri"))
    var recordURL: String?
    @Option(help: ArgumentHelp("How often the anonymous inbox is mixed, such as 10m or 1h.", valueName: "duration"))
    var mixEvery: String?
    @Option(help: ArgumentHelp("Cost of password hashing, 15 to 22.", valueName: "n"))
    var passwordCost: String?
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?
    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var logFormat: String?
    @Option(help: ArgumentHelp("File with lines of KEY=value.", valueName: "file"))
    var config: String?

    func configuration(
        _ more: [String: String?] = [:],
        mixEvery standard: Duration = .seconds(3_600),
        data directory: URL = DataDirectory.standard
    ) async throws -> ServerConfiguration {
        let given: [String: String?] = [
            "CHORUS_DATA": data, "CHORUS_DATABASE_URL": databaseURL, "CHORUS_RECORD_URL": recordURL,
            "CHORUS_MIX_EVERY": mixEvery, "CHORUS_PASSWORD_COST": passwordCost, "CHORUS_LOG_LEVEL": logLevel,
            "CHORUS_LOG_FORMAT": logFormat,
        ]
        let flags = given.merging(more) { $1 }.compactMapValues { $0 }
        return try await ServerConfiguration.read(flags: flags, file: config, mixEvery: standard, data: directory)
    }

    /// Opens the databases for one task and closes them after it.
    ///
    /// - Parameter migrates: whether the schema is brought up to date first, or only looked at; true by default.
    func withServer<Value: Sendable>(
        migrates: Bool = true,
        _ body: (Server) async throws -> Value
    ) async throws -> Value {
        let configuration = try await configuration()
        let logger = logger(configuration, least: .error)
        return try await Server.open(configuration, logger: logger, migrates: migrates).run(body)
    }
}

/// Logs go to standard error: standard output belongs to what a command gives.
func logger(_ configuration: ServerConfiguration, least: Logger.Level? = nil) -> Logger {
    var logger = Logger(label: "chorus", factory: { _ in LineLogHandler(configuration.logFormat) })
    logger.logLevel = max(configuration.logLevel, least ?? configuration.logLevel)
    return logger
}

struct ListenOptions: ParsableArguments {
    @Option(help: "Address to listen on; loopback by default.")
    var host: String?
    @Option(help: "Port to listen on; 8080 by default, 0 takes a free one.")
    var port: String?

    @Option(help: "Address for anonymous routes only; --host by default.")
    var anonymousHost: String?
    @Option(help: "Port for anonymous routes only; without it they are served beside everything else.")
    var anonymousPort: String?

    var flags: [String: String?] {
        [
            "CHORUS_HOST": host, "CHORUS_PORT": port, "CHORUS_ANONYMOUS_HOST": anonymousHost,
            "CHORUS_ANONYMOUS_PORT": anonymousPort,
        ]
    }
}
