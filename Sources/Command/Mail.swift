import ArgumentParser
import Chorus

struct MailCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail",
        abstract: "Look after the mail that tells people that there is news.",
        subcommands: [Digest.self]
    )

    struct Digest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask for the mails whose hour has come; a running server hands them over."
        )

        @Flag(help: "Do not wait for weekday and hour: everybody with unread news who wants mail gets it now.")
        var now = false
        @OptionGroup var options: ServerOptions

        func run() async throws {
            let count = try await options.withServer { try await $0.askForNewsMail(now: now) }
            print("networks looked through: \(count)")
        }
    }
}
