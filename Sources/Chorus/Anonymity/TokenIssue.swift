import AnonymousTokens
import Crypto
import Foundation
import Hummingbird
import Postgres

/// `POST /v1/networks/{network}/anonymous-tokens`: signs blinded values for a member, at most N for each key.
struct TokenIssueRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.post("anonymous-tokens", use: issue)
    }

    private struct KeyRequest: JSONInput {
        let keyId: [UInt8]
        let blinded: [[UInt8]]

        init(_ fields: inout Fields) {
            keyId = fields.hexBytes("keyId", count: 32)
            blinded = fields.byteStrings("blinded", count: 1...20, size: Token.signatureSize)
        }

        /// Says whether a repeated request is the same one.
        var digest: [UInt8] { Array(SHA256.hash(data: Array(blinded.joined()))) }
    }

    private struct TokenRequest: JSONInput {
        let directoryDigest: [UInt8]
        let requests: [KeyRequest]

        init(_ fields: inout Fields) {
            directoryDigest = fields.hexBytes("directoryDigest", count: 32)
            requests = fields.objects("requests", count: 1...100)
            if Set(requests.map(\.keyId)).count < requests.count { fields.refuse("requests", "has a key twice") }
        }
    }

    private struct Result: Encodable, Sendable {
        let keyId: String
        var blindSignatures: [String]?
        var problem: String?
    }

    private struct Results: Encodable { let results: [Result] }

    private func issue(_ request: Request, _ context: MemberContext) async throws -> Response {
        let input = try await request.decode(TokenRequest.self, limit: 1 << 20)
        let directory = try await parts.directory(of: context.network, countsGrants: false)
        guard directory.digest == input.directoryDigest else { throw Problem(.directoryChanged) }
        let today = PostgresDate.today(in: try await parts.network(context.network).zone, at: parts.now())
        let keys = Dictionary(directory.keys.map { ($0.keyId, $0) }) { first, _ in first }
        for (index, asked) in input.requests.enumerated() {
            if let key = keys[asked.keyId], key.tokensPerMember != asked.blinded.count {
                throw Problem.invalid("/requests/\(index)/blinded", "must have \(key.tokensPerMember) elements")
            }
        }
        // Before anything is noted: a value that cannot be signed must not use a member's tokens up.
        for (index, asked) in input.requests.enumerated() {
            guard let key = keys[asked.keyId] else { continue }
            guard asked.blinded.allSatisfy({ IssuerPublicKey.canSign($0, modulus: key.modulus) }) else {
                throw Problem.invalid("/requests/\(index)/blinded", "has a value that is not below the modulus")
            }
        }
        let open = input.requests.filter { keys[$0.keyId]?.isIssued(on: today) ?? false }
        let granted = try await grant(open, context)
        let results = try await sign(input.requests, granted: granted, open: Set(open.map(\.keyId)))
        guard results.contains(where: { $0.blindSignatures != nil }) else { throw Problem(.alreadyGranted) }
        return try .json(Results(results: results))
    }

    /// What is noted of each key that is open.
    private func grant(_ requests: [KeyRequest], _ context: MemberContext) async throws -> [[UInt8]: TokenGrant] {
        guard !requests.isEmpty else { return [:] }
        let keys = requests.map { GrantWish.Key(id: $0.keyId, digest: $0.digest) }
        return try await parts.grants.submit(
            GrantWish(network: context.network, membership: context.member.id, keys: keys)
        )
    }

    private func sign(
        _ requests: [KeyRequest],
        granted: [[UInt8]: TokenGrant],
        open: Set<[UInt8]>
    ) async throws -> [Result] {
        let sealing = parts.secrets.keySealing
        return try await parts.compute {
            try requests.map { asked in
                let keyId = asked.keyId.hex
                guard open.contains(asked.keyId) else { return Result(keyId: keyId, problem: "key-closed") }
                guard let grant = granted[asked.keyId] else { return Result(keyId: keyId, problem: "not-eligible") }
                guard grant.digest == asked.digest else { return Result(keyId: keyId, problem: "already-granted") }
                guard let sealed = grant.sealedPrivate else { return Result(keyId: keyId, problem: "key-closed") }
                let key = try SealedKey.open(sealed, keyId: asked.keyId, with: sealing)
                do {
                    let signatures = try asked.blinded.map { Base64URL.encode(try key.blindSign($0)) }
                    return Result(keyId: keyId, blindSignatures: signatures)
                } catch {
                    // No number below the modulus: nothing that a client of ours would send.
                    throw Problem.invalid("/requests", "has a blinded value that is not below the modulus")
                }
            }
        }
    }
}

extension Fields {
    /// Bytes in lower-case hexadecimal.
    mutating func hexBytes(_ name: String, count: Int) -> [UInt8] {
        let text = string(name, length: 1...(2 * count + 1))
        guard let bytes = [UInt8](hex: text), bytes.count == count else {
            if !text.isEmpty { refuse(name, "must be \(2 * count) lower-case hexadecimal digits") }
            return []
        }
        return bytes
    }
}
