import Foundation
public import Logging
import Postgres

/// `chorus demo`: a made-up town that works.
public struct DemoTown: Sendable {
    /// What the operator is told once the town is ready.
    public struct Ready: Codable, Sendable {
        /// Somebody to sign in as.
        public struct SignIn: Codable, Sendable {
            /// Role of product.md.
            public let role: String
            /// E-mail address.
            public let email: String
            /// Password.
            public let password: String
        }

        /// Where the server listens.
        public var url: String
        /// Id of the network.
        public let network: String
        /// One for each role; two members.
        public let signIns: [SignIn]
        /// libpq URI of the private database, migrator login.
        public var `private`: String
        /// libpq URI of the record, migrator login.
        public var record: String

        /// One line of JSON.
        public var json: String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        }

        /// Lines for a person.
        public var text: String {
            let width = signIns.map(\.email.count).max() ?? 0
            let lines = signIns.map {
                "  \($0.email.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.password)  (\($0.role))"
            }
            return
                "Chorus: the town of Musterhafen is ready at \(url)\nAPI reference: \(url)/docs\nNetwork: \(network)\n"
                + "Sign-ins:\n" + lines.joined(separator: "\n")
        }
    }

    private let configuration: ServerConfiguration
    private let seed: UInt64
    private let logger: Logger

    /// Describes a town.
    ///
    /// - Parameters:
    ///   - configuration: of its server.
    ///   - seed: another number makes another town.
    ///   - logger: where its server says what it does.
    public init(_ configuration: ServerConfiguration, seed: UInt64, logger: Logger) {
        // A made-up town is looked at on this machine, and its builder asks by http.
        var configuration = configuration
        configuration.certificateFiles = nil
        self.configuration = configuration
        self.seed = seed
        self.logger = logger
    }

    private var marker: URL { configuration.data.appending(path: "demo.json") }

    /// Throws the town away.
    ///
    /// - Throws: ``OperationRefusal`` when the data directory holds anything but a demo town.
    public func reset() async throws {
        let files = FileManager.default
        guard configuration.databaseURL == nil else {
            throw OperationRefusal("--reset removes embedded towns only; drop a configured database yourself.")
        }
        guard files.fileExists(atPath: configuration.data.path(percentEncoded: false)) else { return }
        guard files.fileExists(atPath: marker.path(percentEncoded: false)) else {
            let names = try files.contentsOfDirectory(atPath: configuration.data.path(percentEncoded: false))
            if names.isEmpty { return }
            throw OperationRefusal("\(configuration.data.path) is no demo town; nothing was removed.")
        }
        let cluster = try await EmbeddedPostgres.prepare(try DataDirectory(configuration.data), logger: logger)
        guard try await cluster.stopUnlessUsed() else {
            throw OperationRefusal("A server is using this town. Stop it first; nothing was removed.")
        }
        try files.removeItem(at: configuration.data)
    }

    /// Serves the town until the process is told to end; fills it the first time.
    ///
    /// - Parameter onReady: called once the town is ready.
    /// - Throws: what a server throws; ``OperationRefusal`` when the databases hold another network.
    public func serve(onReady: @escaping @Sendable (Ready) -> Void) async throws {
        let opened = try await Server.open(configuration, logger: logger)
        var parts = opened.parts
        // Decided once for the whole town, so that its released numbers are the same for the same seed.
        let seed = seed
        parts.coins = { SeededGenerator(seed: seed) }
        let server = Server(
            parts: parts,
            cluster: opened.cluster,
            privateURI: opened.privateURI,
            recordURI: opened.recordURI
        )
        let isFilled = FileManager.default.fileExists(atPath: marker.path(percentEncoded: false))
        if !isFilled, try await !parts.databases.member.execute(ReadAllNetworks()).isEmpty {
            await opened.cluster?.leave()
            throw OperationRefusal("These databases hold a network already; the demo town needs empty ones.")
        }
        try await server.serve { port in
            var ready: Ready
            if isFilled {
                ready = try JSONDecoder().decode(Ready.self, from: try Data(contentsOf: marker))
            } else {
                var builder = DemoBuilder(server: server, port: port, seed: seed)
                ready = try await builder.build()
                try DataDirectory.write(Array(ready.json.utf8), to: marker.path(percentEncoded: false))
            }
            ready.url = "http://\(configuration.host):\(port)"
            onReady(ready)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
