import ArgumentParser
import Chorus
import Foundation

struct DirectoryCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory",
        abstract: "Watch over the keys that members' anonymity rests on.",
        subcommands: [Verify.self]
    )

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a network's key directory from its first version to the one that members are shown.",
            discussion: """
                It needs no account and no trust in the server: every digest is computed from the keys. Keep the chain with --save \
                and come back with --against: whoever is shown another history learns it. Compare the short code with what others \
                see. Exit code 1 means that something is wrong.

                Example: chorus directory verify 'https://chorus.example/v1/anonymous/directory?network=UUID' --save chain.json
                """
        )

        @Argument(help: "Address of a directory, or a file that --save wrote.") var source: String
        @Option(help: ArgumentHelp("A chain that was saved earlier and must be continued.", valueName: "file"))
        var against: String?
        @Option(help: ArgumentHelp("Where to keep the chain.", valueName: "file")) var save: String?
        @Flag(help: "Print the findings as one line of JSON.") var json = false

        func run() async throws {
            let witness = try await DirectoryWitness(source)
            if let against { try await witness.check(continues: against) }
            if let save { try witness.save(to: save) }
            let report = witness.report
            if json {
                print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
            } else {
                print("The directory holds together: \(report.seq) versions, \(report.keys) keys.")
                print("Digest      \(report.digest)")
                print("Web client  \(report.bundleSHA256)")
                print("Short code  \(report.shortCode)")
            }
        }
    }
}
