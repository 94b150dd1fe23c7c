import ArgumentParser
import Chorus
import Foundation
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server until it is told to end (SIGTERM or Ctrl-C)."
    )

    @OptionGroup var listen: ListenOptions
    @OptionGroup var options: ServerOptions

    func run() async throws {
        let supervisor = Supervisor.ofThisProcess()
        let configuration = try await options.configuration(listen.flags)
        let server = try await Server.open(configuration, logger: logger(configuration))
        try await server.serve(for: supervisor) { port in
            let line = "Chorus listens on \(configuration.scheme)://\(configuration.host):\(port)"
            if configuration.logFormat == .json { LineLogHandler(.json).say(line) } else { report(line) }
        }
    }
}

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring both databases and all roles to the schema of this version; harmless when they are there."
    )

    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await options.withServer { _ in }
        print("Both databases have the schema of this version.")
    }
}

struct Mix: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mix the anonymous inbox once, beside a running server or without one."
    )

    @Flag(help: "Let networks with few waiting messages go out too; their messages then have little company.")
    var now = false
    @Flag(
        help: "First give up batches whose key files are gone, after a recovery to a point in time; devices send again."
    )
    var forgetUnreadable = false
    @OptionGroup var options: ServerOptions

    func run() async throws {
        if forgetUnreadable {
            let count = try await options.withServer { try await $0.forgetUnreadable() }
            print("batches that nobody can open: \(count)")
        }
        let outcome = try await options.withServer { try await $0.mix(now: now) }
        print("mixed \(outcome.mixed), waiting for company \(outcome.carried)")
    }
}

struct JobCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Look after the work that the server does by itself.",
        subcommands: [Retry.self]
    )

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let work that was given up be tried again, once its cause is mended; `chorus doctor` names it."
        )

        @OptionGroup var options: ServerOptions

        func run() async throws {
            let count = try await options.withServer { try await $0.retryJobs() }
            print("to be tried again: \(count)")
        }
    }
}

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at configuration, databases, roles, files and clock, and say what is wrong and how to mend it."
    )

    @Flag(help: "Print the findings as JSON.")
    var json = false
    @OptionGroup var options: ServerOptions

    func run() async throws {
        let configuration = try await options.configuration()
        let findings = await Doctor(configuration, logger: logger(configuration, least: .critical)).examine()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(findings), as: UTF8.self))
        } else {
            for finding in findings {
                print("\(finding.isFine ? "ok   " : "WRONG") \(finding.check): \(finding.finding)")
                if let mend = finding.mend { print("      \(mend)") }
            }
        }
        if findings.contains(where: { !$0.isFine }) { throw ExitCode(1) }
    }
}
