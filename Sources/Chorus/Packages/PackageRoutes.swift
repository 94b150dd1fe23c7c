import AnonymousTokens
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres

/// Recommendations that go from town to town: `…/package`, `…/packages`, `…/package-key`, `…/stage` and `…/adoptions`.
struct PackageRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("package-key", use: key)
        member.post("packages", use: take)
        member.get("recommendations/{recommendation}/package", use: export)
        member.put("recommendations/{recommendation}/stage", use: setStage)
        member.get("recommendations/{recommendation}/adoptions", use: adoptions)
    }

    private var pool: PostgresPool { parts.databases.member }

    private struct Key: Encodable {
        let keyId: String
        let publicKey: String
        let town: String
    }

    private func key(_ request: Request, _ context: MemberContext) async throws -> Response {
        let network = try await parts.network(context.network)
        let publicKey = try parts.townKey(of: network.id).publicKey
        let key = Key(
            keyId: TownKey.id(of: publicKey).hex,
            publicKey: Base64URL.encode(publicKey),
            town: network.employer
        )
        return try .read(key, for: request)
    }

    private func export(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let network = try await parts.network(context.network)
        let package = try await parts.package(try context.id("recommendation"), of: network)
        let body = Data(package.json.bytes)
        var headers: HTTPFields = [.eTag: EntityTag.of(body, version: nil)]
        if EntityTag.matches(request.headers[.ifNoneMatch], headers[.eTag] ?? "") {
            return Response(status: .notModified, headers: headers)
        }
        // Before it is handed out: without its entry there is no export.
        try await pool.transaction(network: network.id) { transaction in
            try await parts.note(.export(rows: 1, by: .coordinator), in: network.id, transaction)
        }
        headers[.contentType] = Response.jsonType
        headers[.contentDisposition] = "attachment; filename=\"recommendation.json\""
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    private struct Taken: Encodable {
        let recommendation: String
        let isNew: Bool
    }

    private func take(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let bytes = try await request.jsonBytes(limit: Package.maximumSize)
        let network = try await parts.network(context.network)
        let taken: (recommendation: UUID, isNew: Bool)
        do { taken = try await parts.take(bytes, in: network) } catch let refusal as Package.Refusal {
            throw Self.problem(refusal)
        }
        let answer = Taken(recommendation: taken.recommendation.text, isNew: taken.isNew)
        guard taken.isNew else { return try .json(answer) }
        let place = "/v1/networks/\(context.network.text)/recommendations/\(taken.recommendation.text)"
        return try .created(answer, at: place)
    }

    private static func problem(_ refusal: Package.Refusal) -> Problem {
        switch refusal {
        case .altered:
            Problem(.packageRefused, errors: [.init(pointer: "", detail: "is not as its town wrote it, to the byte")])
        case .forged(let link):
            Problem(
                .packageRefused,
                errors: [
                    .init(pointer: "/links/\(link)", detail: "was changed after it was signed, or is not where it was")
                ]
            )
        case .unknownKey(let link, let keyId):
            Problem(
                .packageRefused,
                errors: [.init(pointer: "/links/\(link)/publicKey", detail: "is not trusted here; its id is \(keyId)")]
            )
        }
    }

    private struct NewStage: JSONInput {
        let stage: Stage
        init(_ fields: inout Fields) { stage = fields.choice("stage", default: .draft) }
    }

    /// The same stage again changes nothing; an earlier one is refused.
    private func setStage(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let (input, id) = (try await request.decode(NewStage.self), try context.id("recommendation"))
        let network = try await parts.network(context.network)
        let draft = ReadDrafts(network: network.id, id: id)
        guard let found = try await pool.first(draft, network: network.id) else { throw Problem(.notFound) }
        guard found.state == "published" else { throw Problem(.stateConflict) }
        let today = PostgresDate.today(in: network.zone, at: parts.now())
        let new = Adoption(
            recommendation: id,
            townId: network.id,
            town: network.employer,
            stage: input.stage,
            on: today
        )
        try await pool.transaction(network: network.id) { transaction in
            _ = try await transaction.execute(LockNumbering(owner: id))
            let known = try await transaction.execute(ReadAdoptions(network: network.id, recommendation: id))
            let furthest = known.filter { $0.townId == network.id }.map(\.stage.rank).max() ?? Stage.draft.rank
            guard input.stage.rank >= furthest else { throw Problem(.stateConflict) }
            let noting = InsertAdoptions(network: network.id, recommendation: id, adoptions: [new])
            _ = try await transaction.execute(noting)
        }
        return try await adoptions(request, context)
    }

    private struct Shown: Encodable, Sendable {
        let town: String
        let network: String
        let stage: String
        let on: String
    }

    /// Who has it how far; of drafts for those who write them.
    private func adoptions(_ request: Request, _ context: MemberContext) async throws -> Response {
        let id = try context.id("recommendation")
        let draft = ReadDrafts(network: context.network, id: id)
        guard let found = try await pool.first(draft, network: context.network),
            found.state == "published" || context.member.roles.contains(.coordinator)
        else { throw Problem(.notFound) }
        let statement = ReadAdoptions(network: context.network, recommendation: id)
        let known = try await pool.execute(statement, network: context.network).map { adoption in
            Shown(
                town: adoption.town,
                network: adoption.townId.text,
                stage: adoption.stage.rawValue,
                on: adoption.on.description
            )
        }
        return try .read(Page(known, limit: max(1, known.count), cursor: { [$0.network] }), for: request)
    }
}
