import Disclosure
import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/recommendations`: writing, publishing, and following what became of it.
struct RecommendationRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/networks/{network}/recommendations": ["state", "limit", "after"]
    ]

    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>, drafting: some RouterMethods<DraftingContext>) {
        drafting.get("recommendations", use: list)
        drafting.get("recommendations/{recommendation}", use: read)
        member.put("recommendations/{recommendation}/publication", use: publish)
        member.put("recommendations/{recommendation}/endorsement-closure", use: closeEndorsement)
        member.get("recommendations/{recommendation}/timeline", use: timeline)
    }

    private var pool: PostgresPool { parts.databases.member }

    private enum DraftState: String, CaseIterable { case draft, published }

    private func list(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let page = try PageRequest(request)
        let state: DraftState = try request.queryChoice("state") ?? .published
        if state == .draft { return try await listDrafts(request, page, context) }
        guard context.isInside else { throw Problem(.forbidden) }
        let place = parts.ready.place(for: request, of: context.member, .insiders, isDaily: true)
        if let ready = parts.ready.answer(at: place) { return ready.response(for: request) }
        let after = try page.afterNumber()
        let statement = ReadDrafts(
            network: context.network,
            state: state.rawValue,
            afterNumber: after,
            limit: page.limit
        )
        let drafts = try await pool.execute(statement, network: context.network)
        let filter = RecommendationFilter(after: after, limit: page.limit)
        let source = parts.shownRecord(of: context.network)
        let found = try await parts.recommendations(of: context.network, filter, from: source)
        let recorded = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        let current = try await parts.currentTexts(of: drafts.map(\.id), in: context.network)
        let shown = drafts.map { ShownDraft($0, record: recorded[$0.id.text], current: current[$0.id]) }
        let answer = try Representation(Page(shown, limit: page.limit, cursor: \.cursor), for: request)
        parts.ready.keep(answer, at: place)
        return answer.response(for: request)
    }

    /// Drafts are for those who write or review them, and are never ready.
    ///
    /// They have no number yet and are sorted by id.
    private func listDrafts(
        _ request: Request,
        _ page: PageRequest,
        _ context: DraftingContext
    ) async throws -> Response {
        var statement = ReadDrafts(network: context.network, state: DraftState.draft.rawValue, limit: page.limit)
        statement.after = try page.afterId()
        let isCoordinator = context.member.roles.contains(.coordinator)
        if !isCoordinator {
            statement.writtenBy = context.member.id
            statement.isCouncil = context.member.roles.contains(.council)
        }
        let drafts = try await pool.execute(statement, network: context.network)
        guard isCoordinator || !drafts.isEmpty || page.after != nil else { throw Problem(.forbidden) }
        let shown = drafts.map { ShownDraft($0) }
        return try .read(Page(shown, limit: page.limit, cursor: \.cursor), for: request)
    }

    private func find(_ id: UUID, in network: UUID) async throws -> Draft {
        guard let draft = try await pool.first(ReadDrafts(network: network, id: id), network: network) else {
            throw Problem(.notFound)
        }
        return draft
    }

    private func find(_ context: MemberContext) async throws -> Draft {
        let draft = try await find(try context.id("recommendation"), in: context.network)
        guard draft.state == "published" || context.member.roles.contains(.coordinator) else {
            throw Problem(.notFound)
        }
        return draft
    }

    private func read(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let draft = try await find(try context.id("recommendation"), in: context.network)
        if draft.state == "draft" {
            let draft = try await parts.reader(of: context).draft
            return try .read(ShownDraft(draft), for: request, version: draft.version)
        }
        guard context.isInside else { throw Problem(.forbidden) }
        return try await answer(draft, context.member, for: request)
    }

    /// A published one, as the record has it.
    private func answer(_ draft: Draft, _ member: Member, for request: Request) async throws -> Response {
        let (network, id) = (draft.network, draft.recommendation)
        let record = try await parts.recommendations(of: network, RecommendationFilter(id: id)).first
        let current = try await parts.currentTexts(of: [id], in: network)[id]
        let draft = try await find(draft.id, in: network)
        var shown = ShownDraft(draft, record: record, current: current)
        let follows = ReadFollows(network: network, membership: member.id)
        shown.isFollowed = try await pool.execute(follows, network: network).contains(id)
        return try .read(shown, for: request, version: draft.version)
    }

    private struct Publication: JSONInput {
        let answerDueOn: PostgresDate
        init(_ fields: inout Fields) { answerDueOn = fields.day("answerDueOn") }
    }

    private func publish(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(Publication.self)
        let draft = try await find(context)
        let network = try await parts.network(context.network)
        let today = PostgresDate.today(in: network.zone, at: parts.now())
        // A later text leaves the day as it is, also one that has passed.
        let isFirst = draft.state == "draft" && draft.revises == nil
        guard input.answerDueOn > today || !isFirst else {
            throw Problem.invalid("/answerDueOn", "must be a day to come")
        }
        // Published is frozen: the same again is answered again, another date is not.
        guard draft.answerDueOn == nil || draft.answerDueOn == input.answerDueOn else { throw Problem(.stateConflict) }
        let expected = request.headers[.ifMatch] == nil ? nil : try request.expectedVersion()
        try await parts.publish(draft, of: network, answerDueOn: input.answerDueOn, expected: expected)
        return try await answer(draft, context.member, for: request)
    }

    private struct Later: Encodable { let releasedAfter: String }

    private func closeEndorsement(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let draft = try await find(context)
        guard draft.state == "published" else { throw Problem(.stateConflict) }
        let network = try await parts.network(context.network)
        let current = try await parts.currentTexts(of: [draft.recommendation], in: network.id)
        let text = current[draft.recommendation]?.id ?? draft.id
        try await pool.transaction(network: network.id) { transaction in
            guard try await transaction.first(CloseEndorsement(network: network.id, id: text)) != nil else { return }
            _ = try await transaction.execute(CloseKeys(network: network.id, scope: text))
        }
        if try await parts.inboxIsEmpty() {
            _ = try await parts.releaseRounds([DueRelease(network: network.id, id: text, isEndorsement: true)])
            return try await answer(draft, context.member, for: request)
        }
        if try await find(text, in: network.id).endorsement == "closed" {
            return try await answer(draft, context.member, for: request)
        }
        return try .json(Later(releasedAfter: RFC3339.string(parts.nextMix, in: network.zone)), status: .accepted)
    }

    // MARK: Timeline

    private struct Moment: Encodable {
        let on: String
        let event: String
        let text: String?
    }

    private struct Timeline: Encodable {
        let items: [Moment]
        @ExplicitNull var next: String?
    }

    private func timeline(_ request: Request, _ context: MemberContext) async throws -> Response {
        let filter = RecommendationFilter(id: try await find(context).recommendation)
        guard let record = try await parts.recommendations(of: context.network, filter).first else {
            return try .read(Timeline(items: [], next: nil), for: request)
        }
        var moments = [
            Moment(on: record.publishedOn, event: "published", text: nil),
            Moment(on: record.answerDueOn, event: "answer-due", text: nil),
        ]
        if let day = record.revisedOn { moments.append(Moment(on: day, event: "revised", text: nil)) }
        if let answer = record.answer {
            moments.append(.init(on: answer.answeredOn, event: answer.decision, text: answer.text))
        }
        moments += record.reminders.map { Moment(on: $0.on, event: $0.event, text: nil) }
        moments += record.outcomes.map { Moment(on: $0.on, event: $0.status, text: $0.text) }
        return try .read(Timeline(items: moments.sorted { $0.on < $1.on }, next: nil), for: request)
    }
}
