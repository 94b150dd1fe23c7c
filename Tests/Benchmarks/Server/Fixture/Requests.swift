import AnonymousTokens
import ArgumentParser
@testable import Chorus
import Crypto
import CryptoExtras
import Foundation
import Postgres

/// How many requests are made, and where they go.
struct RequestOptions: ParsableArguments {
    @Option(help: "How many.")
    var count: Int
    @Argument(help: "The file.")
    var file: String

    /// Makes requests on all cores, of all networks in turn, and writes them in their order.
    ///
    /// - Parameter make: makes one for a network, whose number it is given.
    func write(_ make: @escaping @Sendable (Signer, Int) throws -> [UInt8]) async throws {
        let signers = try await Fixture.withServer { try await $0.signers() }
        let count = count
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let size = (count + cores - 1) / cores
        let parts = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for part in 0..<cores {
                group.addTask {
                    let range = min(count, part * size)..<min(count, (part + 1) * size)
                    return (part, try range.flatMap { try make(signers[$0 % signers.count], $0 % signers.count) })
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        try Data((0..<cores).flatMap { parts[$0] ?? [] }).write(to: URL(filePath: file))
    }
}

/// Writes submissions that have not been sent yet, 2 KiB each.
struct Submissions: AsyncParsableCommand {
    @OptionGroup var options: RequestOptions

    func run() async throws {
        try await options.write { try $0.submission(to: Numbered.channel($1)) }
    }
}

/// Writes requests for tokens, each as long as the others.
struct TokenRequests: AsyncParsableCommand {
    @OptionGroup var options: RequestOptions

    func run() async throws {
        try await options.write { signer, _ in try signer.tokenRequest() }
    }
}

/// What the issuer of a network knows, and its directory.
struct Signer: Sendable {
    let context: TokenContext
    let directoryDigest: [UInt8]
    let key: IssuerPublicKey
    /// The same key as ordinary RSA-PSS: a blind signature without its blinding is nothing else, and costs a third.
    let signing: _RSA.Signing.PrivateKey

    /// A message with a token of its own.
    func submission(to channel: UUID) throws -> [UInt8] {
        let input = TokenInput(context: context, keyId: key.keyId)
        let signature = try signing.signature(for: SHA384.hash(data: input.bytes), padding: .PSS)
        let token = Token(input: input, signature: Array(signature.rawRepresentation))
        let receipt = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let body = """
            {"v":1,"token":{"input":"\(Base64URL.encode(input.bytes))","signature":"\(Base64URL.encode(token.signature))"},\
            "receiptId":"\(Base64URL.encode(receipt))","message":{"channel":"\(channel.text)","theme":null,\
            "unit":null,"showUnit":false,"rating":3,"text":"\(Self.text)","language":"de"}}
            """
        return FixedSize.padded(Array(body.utf8)) ?? []
    }

    private static let text = String(repeating: "Ich möchte etwas sagen. ", count: 20)

    /// A request for all tokens of a week.
    func tokenRequest() throws -> [UInt8] {
        let blinded = try (0..<ServerParts.messagesPerMember).map { _ in
            "\"\(Base64URL.encode(try key.blind(TokenInput(context: context, keyId: key.keyId)).blinded))\""
        }
        let body = """
            {"directoryDigest":"\(directoryDigest.hex)","requests":[{"keyId":"\(key.keyId.hex)",\
            "blinded":[\(blinded.joined(separator: ","))]}]}
            """
        return Array(body.utf8)
    }
}

extension Server {
    /// The signers of this week's tokens in the order of the networks' numbers.
    func signers() async throws -> [Signer] {
        var signers: [Signer] = []
        while let network = try await parts.databases.member.first(ReadNetwork(id: Numbered.network(signers.count))) {
            let directory = try await parts.directory(of: network.id)
            let today = PostgresDate.today(in: network.zone)
            guard let key = directory.keys.first(where: { $0.isIssued(on: today) }),
                let sealed = try await parts.databases.member.first(
                    ReadSealedKey(network: network.id, keyId: key.keyId),
                    network: network.id
                )
            else { throw OperationRefusal("Network \(signers.count) has no key for today.") }
            let issuer = try SealedKey.open(sealed, keyId: key.keyId, with: parts.secrets.keySealing)
            signers.append(
                Signer(
                    context: key.context(in: network.id),
                    directoryDigest: directory.digest,
                    key: try issuer.publicKey,
                    signing: try _RSA.Signing.PrivateKey(derRepresentation: issuer.derRepresentation)
                )
            )
        }
        return signers
    }
}

private struct ReadSealedKey: PostgresStatement {
    static let sql = "SELECT sealed_private FROM anon_key WHERE network_id = $1 AND key_id = $2"
    let network: UUID
    let keyId: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(keyId)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}
