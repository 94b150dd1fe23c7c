import Foundation

/// Reads the key directory of a server, or one that was saved, and says whether it holds together.
public struct DirectoryWitness: Sendable {
    /// What was found.
    public struct Report: Encodable, Sendable {
        /// Id of the network.
        public let network: String
        /// Number of the newest version.
        public let seq: Int
        /// How many keys there are.
        public let keys: Int
        /// SHA-256 of the newest version, in hexadecimal digits.
        public let digest: String
        /// SHA-256 of the web client, in hexadecimal digits.
        public let bundleSHA256: String
        /// Twelve digits of the digest, to be compared with what others see.
        public let shortCode: String
    }

    /// The longest answer that is read.
    private static let limit = 1 << 24

    private var links: [JSONValue] = []
    private let chain: DirectoryChain

    /// Reads and checks.
    ///
    /// - Parameter source: a file that ``save(to:)`` wrote, or an address such as
    ///   `https://…/v1/anonymous/directory?network=UUID`.
    /// - Throws: ``OperationRefusal`` that says what is wrong.
    public init(_ source: String) async throws {
        do {
            if source.hasPrefix("http://") || source.hasPrefix("https://") {
                (links, chain) = try await Self.fetched(from: source)
            } else {
                (links, chain) = try Self.saved(source)
            }
        } catch let fault as DirectoryChain.Fault {
            throw Self.warning(fault)
        }
    }

    /// Checks that this chain continues one that was saved.
    ///
    /// - Parameter file: written by ``save(to:)``.
    /// - Throws: ``OperationRefusal`` when it does not.
    public func check(continues file: String) async throws {
        let earlier = try await DirectoryWitness(file)
        do { try chain.check(continues: earlier.chain) } catch { throw Self.warning(error) }
    }

    private static func warning(_ fault: DirectoryChain.Fault) -> OperationRefusal {
        OperationRefusal("\(fault) Do not send anything under its keys, and tell the people of the network.")
    }

    /// Writes the chain for later comparison.
    ///
    /// - Parameter file: where to.
    /// - Throws: when it cannot be written.
    public func save(to file: String) throws {
        let json = JSONValue.object(["network": .string(chain.network), "items": .array(links)])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(json).write(to: URL(filePath: file), options: .atomic)
    }

    /// What was found.
    public var report: Report {
        Report(
            network: chain.network,
            seq: chain.seq,
            keys: chain.count,
            digest: chain.digest,
            bundleSHA256: chain.bundle,
            shortCode: chain.shortCode
        )
    }

    private static func saved(_ file: String) throws -> ([JSONValue], DirectoryChain) {
        guard let bytes = try? Data(contentsOf: URL(filePath: file)) else {
            throw OperationRefusal("\(file) cannot be read.")
        }
        guard let json = try? JSONParser.parse(Array(bytes)), !json["items"].array.isEmpty else {
            throw OperationRefusal("\(file) holds no saved chain. Save one with --save.")
        }
        var chain = DirectoryChain(network: json["network"].string)
        for link in json["items"].array { try chain.append(link) }
        return (json["items"].array, chain)
    }

    /// - Parameter attempts: how often a chain that grows while it is read is read anew; a hostile server could say so for ever.
    private static func fetched(
        from address: String,
        attempts: Int = 3
    ) async throws -> ([JSONValue], DirectoryChain) {
        guard let url = URLComponents(string: address), url.path.hasSuffix("/v1/anonymous/directory"),
            let network = url.queryItems?.first(where: { $0.name == "network" })?.value?.lowercased()
        else { throw OperationRefusal("\(address) is not like https://…/v1/anonymous/directory?network=UUID.") }
        var (links, chain) = ([JSONValue](), DirectoryChain(network: network))
        var page = url
        page.path += "/versions"
        var next = ""
        repeat {
            page.queryItems = [.init(name: "network", value: network), .init(name: "limit", value: "200")]
            if !next.isEmpty { page.queryItems?.append(.init(name: "after", value: next)) }
            let answer = try await get(page.string ?? "")
            guard !answer["items"].array.isEmpty else { throw DirectoryChain.Fault.malformed(what: "a page is empty") }
            for link in answer["items"].array {
                try chain.append(link)
                links.append(link)
            }
            next = answer["next"].string
        } while !next.isEmpty
        // A version may have begun while the chain was read; then what is shown has a number that is not here yet.
        let shown = try await get(address)
        if shown["seq"].int > chain.seq, attempts > 1 {
            return try await fetched(from: address, attempts: attempts - 1)
        }
        try chain.check(shown: shown)
        return (links, chain)
    }

    /// Fetches by the system's curl: its TLS and the certificates that it trusts are kept up to date by somebody else.
    private static func get(_ address: String) async throws -> JSONValue {
        let options = [
            "--disable", "--silent", "--globoff", "--location", "--max-redirs", "5", "--proto", "=http,https",
            "--max-time", "30", "--max-filesize", "\(limit)", "--write-out", "\n%{http_code}", "--url", address,
        ]
        // Three digits and the line's end more than the answer.
        let (status, output) = await ChildProgram.run(["/usr/bin/env", "curl"] + options, keeping: limit + 4)
        // env(1) says 127 for a program that it does not find; the exit code stands in the second byte (wait(2)).
        guard status >> 8 != 127 else { throw OperationRefusal("curl is missing. Install it: apt-get install curl") }
        let code = String(decoding: output.suffix(3), as: UTF8.self)
        guard status == 0 else { throw OperationRefusal("\(address) cannot be read; nothing was checked.") }
        guard code == "200" else { throw OperationRefusal("\(address) answered \(code); nothing was checked.") }
        do { return try JSONParser.parse(Array(output.dropLast(4))) } catch {
            throw OperationRefusal("\(address) cannot be read; nothing was checked.")
        }
    }
}
