import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres

/// `/v1/networks/{network}/poster` and `…/rounds/{round}/notice`: pages to print, with the address and its QR code.
struct PosterRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/networks/{network}/poster": ["kind", "language"],
        "/v1/networks/{network}/rounds/{round}/notice": ["language"],
    ]

    let parts: ServerParts

    /// The poster is below neither the routes of insiders nor those of the record: councils put it up as well.
    func add(signedIn: some RouterMethods<SignedInContext>, member: some RouterMethods<MemberContext>) {
        signedIn.get("/v1/networks/{network}/poster", use: poster)
        member.get("rounds/{round}/notice", use: notice)
    }

    private func poster(_ request: Request, _ context: SignedInContext) async throws -> Response {
        guard let member = context.membership else { throw Problem(.notFound) }
        try member.require(.coordinator, .organiser, .council)
        let kind = try request.queryChoice("kind", of: PosterKind.self) ?? .join
        let language = try request.queryChoice("language", of: Language.self) ?? context.language
        let network = try await parts.network(member.network)
        let poster = PosterWords(language: language).poster(
            kind,
            of: network,
            address: parts.publicAddress(for: request) + kind.path(in: network.id),
            shortCode: try await parts.shortCode(of: network.id),
            today: .today(in: network.zone, at: parts.now())
        )
        return try await answer(poster, request)
    }

    /// For everybody who may read the round: whoever puts it up, and whoever wants it on paper.
    private func notice(_ request: Request, _ context: MemberContext) async throws -> Response {
        let language = try request.queryChoice("language", of: Language.self) ?? context.language
        let network = try await parts.network(context.network)
        let statement = ReadRounds(
            network: network.id,
            id: try context.id("round"),
            showsDrafts: context.member.roles.contains(.coordinator)
        )
        guard let round = try await parts.databases.member.first(statement, network: network.id) else {
            throw Problem(.notFound)
        }
        let address = parts.publicAddress(for: request) + "/"
        return try await answer(NoticeWords(language: language).notice(of: round, network, address: address), request)
    }

    private func answer(_ poster: Poster, _ request: Request) async throws -> Response {
        let body = Data(poster.html(await parts.codes.code(of: poster.address)).utf8)
        let tag = EntityTag.of(body, version: nil)
        var response = Response(status: .notModified, headers: [.eTag: tag])
        if !EntityTag.matches(request.headers[.ifNoneMatch], tag) {
            response.status = .ok
            response.headers[.contentType] = "text/html; charset=utf-8"
            response.body = .init(byteBuffer: ByteBuffer(bytes: body))
        }
        return response.speaking(poster.language)
    }
}
