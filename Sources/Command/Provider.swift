import ArgumentParser
import Chorus
import Foundation

/// Where members of a network may sign in beside their password: OpenID Connect.
struct ProviderCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract:
            "Let members of a network sign in by OpenID Connect, at Keycloak, Microsoft Entra ID or another provider.",
        subcommands: [Set.self, Show.self, Remove.self]
    )

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the provider of a network up, or change it, and print what has to be registered there.",
            discussion: """
                Whoever runs the provider learns who signs in and when, and can sign in as anybody who comes by it. The list of members \
                belongs to the network and never to the employer: ask the network before you set up a provider of the employer's. Its \
                audit chain gets an entry.

                Example: chorus network provider set stadt-muster --issuer https://id.stadt.example/realms/stadt --client-id chorus \
                --secret-file secret.txt --name 'Stadt Musterhafen' --network-agrees
                """
        )

        @Argument(help: "Network, by slug or id.") var network: String
        @Option(help: "Issuer, to the letter as the provider names itself.") var issuer: String
        @Option(help: "Client id under which this server is registered there.") var clientId: String
        @Option(help: "File that holds the client secret; none for a client without one.") var secretFile: String?
        @Option(help: "What stands on the button.") var name: String
        @Option(
            help: """
                Role that may come by it; may be given several times. Without it: member, organiser, hr, council. A coordinator sees who is \
                in the network and a moderator reads messages: give these only if the network itself runs the provider.
                """
        )
        var role: [String] = []
        @Flag(
            help: "Let an address that the provider has verified (email_verified) find a member who is not linked yet."
        )
        var trustVerifiedEmail = false
        @Flag(help: "The network has been told what its provider learns, and agrees.") var networkAgrees = false
        @OptionGroup var options: ServerOptions

        func run() async throws {
            guard networkAgrees else {
                throw OperationRefusal(
                    """
                    Whoever runs the provider learns who signs in and when, and can sign in as anybody who comes by it. Ask the network, then \
                    say so with --network-agrees.
                    """
                )
            }
            let secret = try secretFile.map { file in
                guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                    throw OperationRefusal("\(file) cannot be read.")
                }
                let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
                guard !secret.isEmpty else { throw OperationRefusal("\(file) is empty.") }
                return secret
            }
            let report = try await options.withServer {
                try await $0.setProvider(
                    of: network,
                    issuer: issuer,
                    clientId: clientId,
                    secret: secret,
                    name: name,
                    trustsEmail: trustVerifiedEmail,
                    roles: role
                )
            }
            try printJSON(report)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the provider of a network, without its secret, and what has to be registered there."
        )

        @Argument(help: "Network, by slug or id.") var network: String
        @OptionGroup var options: ServerOptions

        func run() async throws { try printJSON(try await options.withServer { try await $0.provider(of: network) }) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the provider of a network away; links are deleted and sessions that came by it end."
        )

        @Argument(help: "Network, by slug or id.") var network: String
        @OptionGroup var options: ServerOptions

        func run() async throws { try await options.withServer { try await $0.removeProvider(of: network) } }
    }
}

private func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
