import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres

/// `…/report`: what became of the recommendations, for a committee, to be read, printed or put into a paper.
struct ReportRoutes: Sendable {
    private static let filters: Set<String> = ["format", "language", "from", "to"]
    static let parameters: [String: Set<String>] = [
        "/v1/hr/networks/{network}/report": filters, "/v1/networks/{network}/report": filters,
    ]

    let parts: ServerParts

    func add(record: some RouterMethods<RecordContext>, member: some RouterMethods<MemberContext>) {
        record.get("report") { try await read($0, $1.network, $1.language) }
        member.get("report") { try await read($0, $1.network, $1.language) }
    }

    private func read(_ request: Request, _ network: UUID, _ reader: Language) async throws -> Response {
        let format: ReportFormat = try request.queryChoice("format") ?? .html
        let language: ReportLanguage = try request.queryChoice("language") ?? .init(reader)
        let (from, to) = (try request.queryDay("from"), try request.queryDay("to"))
        let report = try await parts.report(of: network, from: from, to: to)
        let document = ReportDocument(report, language)
        let text =
            switch format {
            case .md: ReportMarkdown.write(document)
            case .html: ReportHTML.write(document)
            }
        return Self.answer(request, text, format, language)
    }

    private static func answer(
        _ request: Request,
        _ text: String,
        _ format: ReportFormat,
        _ language: ReportLanguage
    ) -> Response {
        let body = Data(text.utf8)
        var headers: HTTPFields = [
            .eTag: EntityTag.of(body, version: nil), .contentLanguage: language.rawValue, .vary: "Accept-Language",
        ]
        if EntityTag.matches(request.headers[.ifNoneMatch], headers[.eTag] ?? "") {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = format.mediaType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension Request {
    /// A day of the query, `YYYY-MM-DD`; `nil` when it is absent.
    ///
    /// - Throws: ``Problem`` `malformed` naming the parameter.
    func queryDay(_ name: String) throws(Problem) -> PostgresDate? {
        guard let text = queryText(name) else { return nil }
        guard let day = PostgresDate(text) else {
            throw Problem(.malformed, errors: [.init(pointer: name, detail: "must be a day, YYYY-MM-DD")])
        }
        return day
    }
}
