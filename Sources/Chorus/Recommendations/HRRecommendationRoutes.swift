import Foundation
import HTTPTypes
import Hummingbird
import Postgres

/// `/v1/hr/networks/{network}/recommendations`: what the employer reads and must answer.
struct HRRecommendationRoutes: Sendable {
    private static let filters: Set<String> = ["status", "theme", "updatedSince", "after", "limit"]
    static let parameters: [String: Set<String>] = [
        "/v1/hr/networks/{network}/recommendations": filters,
        "/v1/hr/networks/{network}/recommendations.csv": ["status", "theme", "updatedSince", "bom"],
    ]

    let parts: ServerParts

    func add(record: some RouterMethods<RecordContext>) {
        record.get("recommendations", use: list)
        record.get("recommendations.csv", use: csv)
        record.get("recommendations/{recommendation}", use: read)
        record.put("recommendations/{recommendation}/answer", use: answer)
        record.post("recommendations/{recommendation}/outcomes", use: addOutcome)
    }

    private var pool: PostgresPool { parts.databases.hr }

    private func filter(_ request: Request) throws(Problem) -> RecommendationFilter {
        RecommendationFilter(
            status: try request.queryChoice("status"),
            theme: try request.queryUUID("theme"),
            updatedSince: try request.queryInstant("updatedSince")
        )
    }

    private func list(_ request: Request, _ context: RecordContext) async throws -> Response {
        let place = parts.ready.place(for: request, of: context.member, .record, isDaily: true)
        if let ready = parts.ready.answer(at: place) { return ready.response(for: request) }
        let page = try PageRequest(request)
        var filter = try filter(request)
        filter.after = try page.afterNumber()
        filter.limit = page.limit
        let source = parts.shownRecord(of: context.network)
        let until = try await source.first(ReadRecordClock(network: context.network), network: context.network)
        let found = try await parts.recommendations(of: context.network, filter, from: source)
        let shown = Page(found, limit: page.limit, cursor: { ["\($0.number)"] })
        let answer = try Representation(shown, for: request, updatedUntil: until.map(RFC3339.milliseconds))
        return parts.ready.keep(answer, at: place).response(for: request)
    }

    /// - Parameter source: the record itself by default, as for whoever is about to write, or just has.
    private func find(
        _ context: RecordContext,
        from source: RecordSource? = nil
    ) async throws -> RecommendationAnswer {
        let filter = RecommendationFilter(id: try context.id("recommendation"))
        guard let found = try await parts.recommendations(of: context.network, filter, from: source).first else {
            throw Problem(.notFound)
        }
        return found
    }

    private func read(_ request: Request, _ context: RecordContext) async throws -> Response {
        try await show(request, context, from: parts.shownRecord(of: context.network))
    }

    private func show(_ request: Request, _ context: RecordContext, from source: RecordSource) async throws -> Response
    {
        let found = try await find(context, from: source)
        return try .read(found, for: request, version: found.version)
    }

    /// The first answer needs no `If-Match`; a later version does, so that two people in HR do not talk over each other.
    private func answer(_ request: Request, _ context: RecordContext) async throws -> Response {
        try context.member.require(.hr)
        let input = try await request.decode(NewAnswer.self)
        let current = try await find(context)
        if current.answer != nil, let expected = try request.expectedVersion(), expected != current.version {
            throw Problem(.stale)
        }
        let statement = InsertAnswer(
            network: context.network,
            recommendation: try context.id("recommendation"),
            version: (current.answer?.version ?? 0) + 1,
            answer: input,
            today: try await parts.today(of: context.network),
            now: parts.now()
        )
        try await parts.record(statement)
        return try await show(request, context, from: parts.record)
    }

    private func addOutcome(_ request: Request, _ context: RecordContext) async throws -> Response {
        try context.member.require(.hr)
        let input = try await request.decode(NewOutcome.self)
        guard try await find(context).answer != nil else { throw Problem(.stateConflict) }
        let statement = InsertOutcome(
            network: context.network,
            recommendation: try context.id("recommendation"),
            id: UUID(),
            outcome: input,
            now: parts.now()
        )
        try await pool.transaction(network: context.network) { transaction in
            _ = try await transaction.execute(LockNumbering(owner: statement.recommendation))
            _ = try await transaction.execute(statement)
        }
        let made = RecommendationAnswer.Outcome(
            id: statement.id.text,
            status: input.status.rawValue,
            text: input.text,
            on: input.on.description
        )
        let place = "/v1/hr/networks/\(context.network.text)/recommendations/\(statement.recommendation.text)"
        return try .created(made, at: "\(place)/outcomes/\(made.id)")
    }

    private func csv(_ request: Request, _ context: RecordContext) async throws -> Response {
        let (filter, isMarked) = (try filter(request), try request.queryBool("bom") ?? false)
        let until = try await parts.recordedUntil(context.network)
        let export = try await RecommendationExport(parts, context.network, filter)
        try await noteExport(rows: export.chosen.count, context)
        var headers: HTTPFields = [
            .contentType: "text/csv; charset=utf-8; header=present",
            .contentDisposition: "attachment; filename=\"recommendations.csv\"",
        ]
        headers[.updatedUntil] = until.map(RFC3339.milliseconds)
        return Response(status: .ok, headers: headers, body: export.body(isMarked: isMarked))
    }
}

extension HRRecommendationRoutes {
    /// Before anything is handed out: without its entry there is no export.
    fileprivate func noteExport(rows: Int, _ context: RecordContext) async throws {
        let role: Role = context.member.roles.contains(.hr) ? .hr : .council
        try await parts.databases.member.transaction(network: context.network) { transaction in
            try await parts.note(.export(rows: rows, by: role), in: context.network, transaction)
        }
    }
}

extension ServerParts {
    /// Puts an answer into the record and enters it in the audit chain, which is in the other database.
    ///
    /// The entry is committed last, and never without the answer. A crash between the two commits leaves an answer without its
    /// entry, which the next start makes good (``repairAnswers()``).
    ///
    /// - Throws: ``Problem`` `stale` when another answer has the same version.
    func record(_ answer: InsertAnswer) async throws {
        try await databases.member.transaction(network: answer.network) { transaction in
            try await note(.answer(answer.recorded), in: answer.network, on: answer.today, transaction)
            let recorded = try await databases.hr.first(answer, network: answer.network)
            guard recorded != nil else { throw Problem(.stale) }
        }
    }

    /// Published recommendations with their evidence, from the record.
    ///
    /// - Parameters:
    ///   - network: whose.
    ///   - filter: which.
    ///   - source: where they are read; the record itself by default.
    /// - Returns: up to one more than the filter's limit.
    func recommendations(
        of network: UUID,
        _ filter: RecommendationFilter,
        from source: RecordSource? = nil
    ) async throws -> [RecommendationAnswer] {
        let source = source ?? record
        let today = try await today(of: network)
        let statement = ReadRecommendations(network: network, filter: filter, today: today)
        let found = try await source.execute(statement, network: network)
        guard !found.isEmpty else { return [] }
        let evidence = Dictionary(
            grouping: try await source.execute(
                ReadEvidence(network: network, recommendations: found.map(\.id)),
                network: network
            ),
            by: \.recommendation
        )
        let published = try await publishedDrafting(of: found, in: network, from: source)
        return found.map {
            $0.shown((evidence[$0.id] ?? []).map(\.evidence), published[$0.id] ?? PublishedDrafting(), today: today)
        }
    }
}
