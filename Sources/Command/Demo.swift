import ArgumentParser
import Chorus
import Foundation
import Logging

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a made-up town with members, events, anonymous messages, a released round and recommendations.",
        discussion: "It lives in a data directory of its own, and its sign-ins are printed."
    )

    @OptionGroup var listen: ListenOptions
    @Option(help: "Another number makes another town.") var seed: UInt64 = 1
    @Flag(help: "Throw the town away first and make it anew.") var reset = false
    @Flag(help: "Print address and sign-ins as one line of JSON.") var json = false
    @OptionGroup var options: ServerOptions

    func run() async throws {
        let directory = DataDirectory.standard.deletingLastPathComponent().appending(path: "chorus-demo")
        let configuration = try await options.configuration(listen.flags, mixEvery: .seconds(60), data: directory)
        let town = DemoTown(configuration, seed: seed, logger: logger(configuration, least: .warning))
        if reset { try await town.reset() }
        try await town.serve { ready in
            // Unbuffered: other programs wait for this line.
            FileHandle.standardOutput.write(Data(((json ? ready.json : ready.text) + "\n").utf8))
        }
    }
}
