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

    func add(member: some RouterMethods<MemberContext>) {
        member.get("recommendations", use: list)
        member.post("recommendations", use: create)
        member.get("recommendations/{recommendation}", use: read)
        member.patch("recommendations/{recommendation}", use: update)
        member.put("recommendations/{recommendation}/publication", use: publish)
        member.put("recommendations/{recommendation}/endorsement-closure", use: closeEndorsement)
        member.get("recommendations/{recommendation}/timeline", use: timeline)
    }

    private var pool: PostgresPool { parts.databases.member }

    /// A recommendation as members see it: a draft for those who write it, the record for everybody.
    private struct Shown: Encodable, Sendable {
        struct Evidence: Encodable {
            let release: String
            let cell: String
        }

        let draft: Draft
        let record: RecommendationAnswer?
        /// Of whoever reads this one; lists are shared by many and do not say.
        var isFollowed: Bool?
        var cursor: [String] { [draft.number.map { "\($0)" } ?? draft.id.text] }

        enum CodingKeys: CodingKey {
            case id, state, title, text, theme, unit, measure, evidence, endorsement, version, following
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(draft.state, forKey: .state)
            try container.encode(draft.endorsement, forKey: .endorsement)
            try container.encodeIfPresent(isFollowed, forKey: .following)
            if let record { return try record.encode(to: encoder) }
            try container.encode(draft.id.text, forKey: .id)
            try container.encode(draft.title, forKey: .title)
            try container.encode(draft.text, forKey: .text)
            try container.encode(draft.theme.text, forKey: .theme)
            try container.encode(draft.unit.text, forKey: .unit)
            try container.encode(draft.measure, forKey: .measure)
            let evidence = zip(draft.releases, draft.cells).map { Evidence(release: $0.text, cell: $1.text) }
            try container.encode(evidence, forKey: .evidence)
            try container.encode(draft.version, forKey: .version)
        }
    }

    private enum DraftState: String, CaseIterable { case draft, published }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        let page = try PageRequest(request)
        let state: DraftState = try request.queryChoice("state") ?? .published
        if state == .draft { try context.member.require(.coordinator) }
        let place = parts.ready.place(for: request, of: context.member, .insiders, isDaily: true)
        // Drafts are for those who write them, and are never ready.
        if state == .published, let ready = parts.ready.answer(at: place) { return ready.response(for: request) }
        // Drafts have no number yet and are sorted by id.
        var statement = ReadDrafts(network: context.network, state: state.rawValue, limit: page.limit)
        if state == .draft {
            statement.after = try page.afterId()
        } else {
            statement.afterNumber = try page.afterNumber()
        }
        let drafts = try await pool.execute(statement, network: context.network)
        let filter = RecommendationFilter(after: statement.afterNumber, limit: page.limit)
        let found = state == .draft ? [] : try await parts.recommendations(of: context.network, filter)
        let recorded = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        let shown = drafts.map { Shown(draft: $0, record: recorded[$0.id.text]) }
        let answer = try Representation(Page(shown, limit: page.limit, cursor: \.cursor), for: request)
        if state == .published { parts.ready.keep(answer, at: place) }
        return answer.response(for: request)
    }

    private func find(_ context: MemberContext) async throws -> Draft {
        let statement = ReadDrafts(network: context.network, id: try context.id("recommendation"))
        guard let draft = try await pool.first(statement, network: context.network),
            draft.state == "published" || context.member.roles.contains(.coordinator)
        else { throw Problem(.notFound) }
        return draft
    }

    private func shown(_ draft: Draft, _ network: UUID) async throws -> Shown {
        let filter = RecommendationFilter(id: draft.id)
        let record = draft.state == "published" ? try await parts.recommendations(of: network, filter).first : nil
        return Shown(draft: draft, record: record)
    }

    private func read(_ request: Request, _ context: MemberContext) async throws -> Response {
        let draft = try await find(context)
        var shown = try await shown(draft, context.network)
        let follows = ReadFollows(network: context.network, membership: context.member.id)
        shown.isFollowed = try await pool.execute(follows, network: context.network).contains(draft.id)
        return try .read(shown, for: request, version: draft.version)
    }

    private func create(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(NewRecommendation.self, limit: 1 << 18)
        try await parts.check(
            [NetworkReference(.theme, input.theme, at: "/theme"), NetworkReference(.unit, input.unit, at: "/unit")],
            in: context.network
        )
        let cells = try await cells(input.evidence, context.network)
        let statement = InsertDraft(network: context.network, id: UUID(), new: input, cells: cells)
        guard let draft = try await pool.first(statement, network: context.network) else { throw Problem(.internal) }
        return try .created(
            Shown(draft: draft, record: nil),
            at: "/v1/networks/\(context.network.text)/recommendations/\(draft.id.text)",
            version: draft.version
        )
    }

    /// Evidence names released cells only.
    private func cells(_ places: [EvidencePlace], _ network: UUID) async throws -> [UUID] {
        var cells: [UUID] = []
        for (index, place) in places.enumerated() {
            guard
                let cell = try await parts.databases.hr.first(
                    FindCell(network: network, place: place),
                    network: network
                )
            else {
                throw Problem(
                    .evidenceNotReleased,
                    errors: [.init(pointer: "/evidence/\(index)", detail: "is no released cell")]
                )
            }
            cells.append(cell)
        }
        return cells
    }

    private func update(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let expected = try request.expectedVersion()
        let change = try await request.decode(RecommendationChange.self, limit: 1 << 18)
        let draft = try await find(context)
        guard draft.state == "draft" else { throw Problem(.stateConflict) }
        try await parts.check(
            [
                NetworkReference(.theme, change.theme ?? nil, at: "/theme"),
                NetworkReference(.unit, change.unit ?? nil, at: "/unit"),
            ],
            in: context.network
        )
        var found: [UUID]?
        if let evidence = change.evidence { found = try await cells(evidence, context.network) }
        let statement = UpdateDraft(
            network: context.network,
            id: draft.id,
            expected: expected,
            change: change,
            cells: found
        )
        guard let updated = try await pool.first(statement, network: context.network) else { throw Problem(.stale) }
        return try .read(Shown(draft: updated, record: nil), for: request, version: updated.version)
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
        guard input.answerDueOn > today || draft.state == "published" else {
            throw Problem.invalid("/answerDueOn", "must be a day to come")
        }
        // Published is frozen: the same again is answered again, another date is not.
        guard draft.answerDueOn == nil || draft.answerDueOn == input.answerDueOn else { throw Problem(.stateConflict) }
        try await parts.publish(draft, of: network, answerDueOn: input.answerDueOn)
        return try await read(request, context)
    }

    private struct Later: Encodable { let releasedAfter: String }

    private func closeEndorsement(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let draft = try await find(context)
        guard draft.state == "published" else { throw Problem(.stateConflict) }
        let network = try await parts.network(context.network)
        try await pool.transaction(network: network.id) { transaction in
            guard try await transaction.first(CloseEndorsement(network: network.id, id: draft.id)) != nil else {
                return
            }
            _ = try await transaction.execute(CloseKeys(network: network.id, scope: draft.id))
        }
        if try await parts.inboxIsEmpty() {
            _ = try await parts.releaseRounds([DueRelease(network: network.id, id: draft.id, isEndorsement: true)])
            return try await read(request, context)
        }
        if try await find(context).endorsement == "closed" { return try await read(request, context) }
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
        let draft = try await find(context)
        guard let record = try await shown(draft, context.network).record else {
            return try .read(Timeline(items: [], next: nil), for: request)
        }
        var moments = [
            Moment(on: record.publishedOn, event: "published", text: nil),
            Moment(on: record.answerDueOn, event: "answer-due", text: nil),
        ]
        if let answer = record.answer {
            moments.append(.init(on: answer.answeredOn, event: answer.decision, text: answer.text))
        }
        moments += record.reminders.map { Moment(on: $0.on, event: $0.event, text: nil) }
        moments += record.outcomes.map { Moment(on: $0.on, event: $0.status, text: $0.text) }
        return try .read(Timeline(items: moments.sorted { $0.on < $1.on }, next: nil), for: request)
    }
}

extension ServerParts {
    /// Publishes a draft: numbers and freezes it, opens its endorsement key, and copies it into the record.
    ///
    /// Doing it again only repeats the copy, so that a crash between the two databases loses nothing.
    func publish(_ draft: Draft, of network: Network, answerDueOn: PostgresDate) async throws {
        let key = try await makeKey()
        let today = PostgresDate.today(in: network.zone, at: now())
        let published = try await databases.member.transaction(network: network.id) { transaction -> Draft? in
            _ = try await transaction.execute(LockNumbering(owner: network.id))
            let statement = PublishDraft(network: network.id, id: draft.id, dueOn: answerDueOn, publishedOn: today)
            guard let published = try await transaction.first(statement) else { return nil }
            let people = try await transaction.execute(CountEligible(network: network.id)).reduce(0) { $0 + $1.count }
            let plan = Plan(
                items: [draft.id],
                units: [],
                unplaced: people,
                parameters: Parameters(k: network.k, d: network.d)
            )
            _ = try await transaction.execute(InsertPlan(network: network.id, round: draft.id, plan: plan))
            let new = NewKey(
                scope: draft.id,
                kind: .endorsement,
                tokensPerMember: 1,
                minSet: network.minSet,
                epoch: "endorsement",
                issueFrom: today,
                issueTo: today.adding(days: 28),
                redeemTo: today.adding(days: 35)
            )
            try await openKey(new, key, of: network.id, in: transaction)
            try await note(.publication(published), in: network.id, on: today, transaction)
            return published
        }
        let current = ReadDrafts(network: network.id, id: draft.id)
        var recorded = published
        if recorded == nil { recorded = try await databases.member.first(current, network: network.id) }
        guard let recorded else { throw Problem(.notFound) }
        let statement = InsertRecommendation(network: network.id, draft: recorded, now: now())
        _ = try await databases.recordWriter.execute(statement, network: network.id)
    }

    /// Copies what a crash between the two databases kept from the record; harmless when nothing is missing.
    func repairPublications() async throws {
        for network in try await databases.member.execute(ReadAllNetworks()) {
            var page = ReadDrafts(network: network.id, state: "published", limit: 200)
            while true {
                let drafts = try await databases.member.execute(page, network: network.id)
                for draft in drafts {
                    let statement = InsertRecommendation(network: network.id, draft: draft, now: now())
                    _ = try await databases.recordWriter.execute(statement, network: network.id)
                }
                guard drafts.count > page.limit else { break }
                page.afterNumber = drafts.last?.number
            }
        }
    }
}
