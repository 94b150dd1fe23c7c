import ArgumentParser
import Chorus

struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Write all that a network may take along into a new directory: JSON Lines, CSV, iCalendar and a README.",
        discussion: "For a network that leaves this host. The network's audit chain notes it."
    )

    @Argument(help: "Network, by slug or id.") var network: String
    @Argument(help: "Where to; nothing may be there.") var directory: String
    @OptionGroup var options: ServerOptions

    func run() async throws {
        let counts = try await options.withServer { try await $0.export(network: network, to: directory) }
        for (file, rows) in counts.sorted(by: { $0.key < $1.key }) where rows > 0 { print("\(rows) \(file)") }
    }
}
