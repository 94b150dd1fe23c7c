import ArgumentParser
import Chorus
import Foundation

struct AccountCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Make accounts, one by one or from a roster, and let somebody in again.",
        subcommands: [Create.self, Import.self, ResetPassword.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an account that signs in with a password, read from standard input.",
            discussion: "Example: chorus account create --email a@b.de --name Ada --network stadt --role coordinator"
        )

        @Option(help: "E-mail address.") var email: String
        @Option(help: "Name shown to others.") var name: String
        @Option(help: "Network to put it in, by slug or id.") var network: String?
        @Option(help: "Role there; may be given several times. The first coordinator of a network is made this way.")
        var role: [String] = []
        @Flag(help: "May create networks and sees nothing inside them.") var admin = false
        @OptionGroup var options: ServerOptions

        func run() async throws {
            report("Password (at least 12 characters), then Enter:")
            guard let password = readLine(strippingNewline: true) else {
                throw OperationRefusal("No password was given.")
            }
            let id = try await options.withServer {
                try await $0.createAccount(
                    email: email,
                    password: password,
                    displayName: name,
                    isAdmin: admin,
                    network: network,
                    roles: role
                )
            }
            print(id.uuidString.lowercased())
        }
    }

    struct ResetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-password",
            abstract:
                "Set the password of an account, read from standard input; all its sessions, tokens and calendar keys end.",
            discussion: """
                For admins, HR, councils, moderators, coordinators, and whoever is in several networks; coordinators can help all others. \
                Its owner and the audit chains of its networks are told.
                """
        )

        @Option(help: "E-mail address of the account.") var email: String
        @Flag(
            help:
                "Also remove the second factor, for somebody who has lost both their app and their recovery codes; make sure who asks."
        )
        var removeSecondFactor = false
        @OptionGroup var options: ServerOptions

        func run() async throws {
            report("New password (at least 12 characters), then Enter:")
            guard let password = readLine(strippingNewline: true) else {
                throw OperationRefusal("No password was given.")
            }
            let needsCode = try await options.withServer {
                try await $0.resetPassword(
                    email: email,
                    password: password,
                    removesSecondFactor: removeSecondFactor
                )
            }
            if needsCode {
                report("The second factor is as it was: signing in needs a code of the app, or a recovery code.")
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make memberships from a roster and one API token for each person.",
            discussion: "The file has the columns email,displayName,unit,locale; the unit is named and may be empty."
        )

        @Argument(help: "CSV file.") var file: String
        @Option(help: "Network, by slug or id.") var network: String
        @Option(help: "Where email,token are written; made with mode 0600.") var tokens: String
        @OptionGroup var options: ServerOptions

        func run() async throws {
            guard let csv = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw OperationRefusal("\(file) cannot be read as UTF-8.")
            }
            // A file beside it is made first: tokens that cannot be written would be lost, because they are kept nowhere else,
            // and an earlier file must not be emptied by an import that is refused.
            let part = tokens + ".part"
            let isMade = FileManager.default.createFile(
                atPath: part,
                contents: nil,
                attributes: [.posixPermissions: 0o600]
            )
            guard isMade else { throw OperationRefusal("\(tokens) cannot be written. Nobody was imported.") }
            defer { unlink(part) }
            let written = try await options.withServer { try await $0.importRoster(csv, network: network) }
            try Data(written.utf8).write(to: URL(filePath: part))
            guard rename(part, tokens) == 0 else { throw OperationRefusal("\(tokens) cannot be replaced.") }
        }
    }
}

struct NetworkCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Make networks, say where their members may sign in, and how long things stay.",
        subcommands: [Create.self, ProviderCommands.self, Retention.self]
    )

    struct Retention: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say for how many days a network keeps what ends by its age, or change it."
        )

        @Argument(help: "Network, by slug or id.") var network: String
        @Option(help: "What is to be changed, such as pastAnswers; goes with --days.") var rule: String?
        @Option(help: "For how many days it is kept.") var days: Int?
        @OptionGroup var options: ServerOptions

        func run() async throws {
            let settings = try await options.withServer {
                try await $0.retention(of: network, rule: rule, days: days)
            }
            for setting in settings {
                print("\(setting.rule) \(setting.days) days\(setting.isChosen ? ", chosen by the network" : "")")
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a network and print its id.")

        @Argument(help: "Short name in addresses and invitation codes, such as stadt-muster.") var slug: String
        @Option(help: "Its name.") var name: String
        @Option(help: "The employer whose staff it is of.") var employer: String
        @Option(help: "IANA time zone.") var timeZone = "Europe/Berlin"
        @Option(help: "Days between the announcement of a key and its use.") var keyNoticeDays = 7
        @OptionGroup var options: ServerOptions

        func run() async throws {
            let id = try await options.withServer {
                try await $0.createNetwork(
                    slug: slug,
                    name: name,
                    employer: employer,
                    timeZone: timeZone,
                    keyNoticeDays: keyNoticeDays
                )
            }
            print(id.uuidString.lowercased())
        }
    }
}

struct TokenCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make tokens for programs.",
        subcommands: [Create.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a service account with one role and print its token, which is shown this once."
        )

        @Option(help: "hr, council, coordinator, …") var role: String
        @Option(help: "Network, by slug or id.") var network: String
        @Option(help: "What the token is for.") var name = "service"
        @Option(help: "Days until it expires.") var days = 365
        @OptionGroup var options: ServerOptions

        func run() async throws {
            print(
                try await options.withServer {
                    try await $0.createToken(role: role, network: network, name: name, days: days)
                }
            )
        }
    }
}
