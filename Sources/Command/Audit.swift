import ArgumentParser
import Chorus
import Foundation

struct AuditCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check the record of what was done with a network's voice.",
        subcommands: [Verify.self]
    )

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Follow the audit chains from their first entry to their last, beside a running server or without one.",
            discussion: """
                Exit code 1 means that an entry was changed or removed, and names its position. A chain that was written anew from \
                some entry on holds together too: note position and hash, and compare them with what the council has noted.
                """
        )

        @Argument(help: "Network, by slug or id; all of them by default.") var network: String?
        @Flag(help: "Print the findings as one line of JSON.") var json = false
        @OptionGroup var options: ServerOptions

        func run() async throws {
            let reports = try await options.withServer { try await $0.verifyAudit(network: network) }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys]
                print(String(decoding: try encoder.encode(reports), as: UTF8.self))
            } else {
                for report in reports {
                    print("\(report.network): the chain holds, position \(report.entries), hash \(report.hash)")
                }
            }
        }
    }
}
