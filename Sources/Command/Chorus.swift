import ArgumentParser
import Chorus
import Foundation

/// The command line.
@main
struct Main {
    static func main() async {
        do {
            var command = try ChorusCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            end(0)
        } catch {
            finish(error)
        }
    }

    /// Exit codes: 0 done, 1 failed, 2 usage, 3 refused because of configuration or schema.
    private static func finish(_ error: any Error) -> Never {
        if let refusal = error as? any SetupRefusal {
            report(refusal.description)
            end(3)
        }
        if let refusal = error as? OperationRefusal {
            report(refusal.description)
            end(1)
        }
        let code = ChorusCommand.exitCode(for: error)
        if code == .success {
            print(ChorusCommand.fullMessage(for: error))
            end(0)
        }
        report(ChorusCommand.fullMessage(for: error))
        end(code == .validationFailure ? 2 : max(1, code.rawValue))
    }
}

/// Ends the process without the clean-up of C libraries at exit, which races with threads that are still ending.
private func end(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
}

/// Writes a line to standard error.
func report(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}

struct ChorusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chorus",
        abstract: "A community server for staff networks: events, anonymous voices, and answers that are due.",
        discussion: """
            Start with `chorus demo` to see a made-up town, or with `chorus serve` for a real one. Without a configured database
            Chorus runs a private PostgreSQL in its data directory.

            Every option can also be set in the environment (CHORUS_PORT=8080) or in a file given with --config.
            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused because of configuration or schema.
            """,
        subcommands: [
            Serve.self, Demo.self, Migrate.self, AccountCommands.self, NetworkCommands.self, TokenCommands.self,
            Mix.self, JobCommands.self, MailCommands.self, DirectoryCommands.self, AuditCommands.self,
            BackupCommands.self, Restore.self, KeysCommands.self, Export.self, DoctorCommand.self,
        ]
    )
}
