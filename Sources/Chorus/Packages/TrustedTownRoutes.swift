import AnonymousTokens
import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/trusted-towns`: whose signed recommendations may be taken over here.
struct TrustedTownRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("trusted-towns", use: list)
        member.get("trusted-towns/{keyId}", use: read)
        member.put("trusted-towns/{keyId}", use: save)
        member.delete("trusted-towns/{keyId}", use: delete)
    }

    private var pool: PostgresPool { parts.databases.member }

    private struct Shown: Encodable, Sendable {
        let keyId: String
        let publicKey: String
        let name: String
        let trustedOn: String

        init(_ town: TrustedTown) {
            keyId = town.keyId.hex
            publicKey = Base64URL.encode(town.publicKey)
            name = town.name
            trustedOn = town.trustedOn.description
        }
    }

    private struct NewTown: JSONInput {
        let publicKey: [UInt8]
        let name: String
        init(_ fields: inout Fields) {
            publicKey = fields.bytes("publicKey", count: 32)
            name = fields.string("name", length: 1...200)
        }
    }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        let found = try await pool.execute(ReadTrustedTowns(network: context.network), network: context.network)
        return try .read(Page(found.map(Shown.init), limit: max(1, found.count), cursor: { [$0.keyId] }), for: request)
    }

    private func keyId(_ context: MemberContext) throws(Problem) -> [UInt8] {
        let text = context.parameters.get("keyId") ?? ""
        guard text.wholeMatch(of: #/[0-9a-f]{64}/#) != nil else { throw Problem(.notFound) }
        let digits = Array(text.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
    }

    private func read(_ request: Request, _ context: MemberContext) async throws -> Response {
        let statement = ReadTrustedTowns(network: context.network, keyId: try keyId(context))
        guard let found = try await pool.first(statement, network: context.network) else { throw Problem(.notFound) }
        return try .read(Shown(found), for: request)
    }

    /// Whoever trusts a key names its digest too, which both towns can read to each other.
    private func save(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(NewTown.self)
        let keyId = try keyId(context)
        guard TownKey.id(of: input.publicKey) == keyId else {
            throw Problem.invalid("/publicKey", "must be the key whose SHA-256 stands in the path")
        }
        let today = try await parts.today(of: context.network)
        let town = TrustedTown(keyId: keyId, publicKey: input.publicKey, name: input.name, trustedOn: today)
        _ = try await pool.execute(SaveTrustedTown(network: context.network, town: town), network: context.network)
        return try await read(request, context)
    }

    private func delete(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let statement = DeleteTrustedTown(network: context.network, keyId: try keyId(context))
        guard try await pool.first(statement, network: context.network) != nil else { throw Problem(.notFound) }
        return .noContent
    }
}
