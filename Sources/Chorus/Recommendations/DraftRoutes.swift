import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/recommendations`: beginning a draft, and changing it.
struct DraftRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>, drafting: some RouterMethods<DraftingContext>) {
        member.post("recommendations", use: create)
        drafting.patch("recommendations/{recommendation}", use: update)
    }

    private var pool: PostgresPool { parts.databases.member }

    private func create(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(NewRecommendation.self, limit: 1 << 18)
        try await parts.check(
            [NetworkReference(.theme, input.theme, at: "/theme"), NetworkReference(.unit, input.unit, at: "/unit")],
            in: context.network
        )
        try await parts.check(input.provenance, of: input.text, in: context.network)
        let statement = InsertDraft(
            network: context.network,
            id: UUID(),
            new: input,
            cells: try await cells(input.evidence, context.network),
            day: try await parts.today(of: context.network)
        )
        guard let draft = try await pool.first(statement, network: context.network) else { throw Problem(.internal) }
        return try .created(
            ShownDraft(draft),
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

    /// What it says before is kept, so that everybody can see what was changed.
    private func update(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        let expected = try request.expectedVersion() ?? author.draft.version
        var change = try await request.decode(RecommendationChange.self, limit: 1 << 18)
        try author.requireUnpublished()
        if change.benches != nil { try author.requireCoordinator() }
        guard author.draft.version == expected else { throw Problem(.stale) }
        try await check(change, author)
        change.provenance = try await provenance(change, author)
        var found: [UUID]?
        if let evidence = change.evidence { found = try await cells(evidence, author.network) }
        let statement = UpdateDraft(
            network: author.network,
            id: author.draft.id,
            expected: expected,
            change: change,
            cells: found,
            bench: author.bench,
            day: try await parts.today(of: author.network)
        )
        let updated = try await pool.transaction(network: author.network) { transaction -> Draft in
            let old = KeepVersion(network: author.network, recommendation: author.draft.id, version: expected)
            guard try await transaction.first(old) != nil, let updated = try await transaction.first(statement) else {
                throw Problem(.stale)
            }
            return updated
        }
        return try .read(ShownDraft(updated), for: request, version: updated.version)
    }

    private func check(_ change: RecommendationChange, _ author: DraftAuthor) async throws {
        let references = [
            NetworkReference(.theme, change.theme ?? nil, at: "/theme"),
            NetworkReference(.unit, change.unit ?? nil, at: "/unit"),
        ]
        try await parts.check(references, in: author.network)
        guard author.draft.revises != nil else { return }
        for (name, changes) in [("theme", change.theme != nil), ("unit", change.unit != nil)] where changes {
            throw Problem.invalid("/\(name)", "is that of the recommendation, whatever its text")
        }
    }

    /// Where the paragraphs of the changed text come from: as said, else as before where they stayed.
    private func provenance(_ change: RecommendationChange, _ author: DraftAuthor) async throws -> [Provenance]? {
        let (before, text) = (author.draft, change.text ?? author.draft.text)
        if let said = change.provenance {
            try await parts.check(said, of: text, in: author.network)
            return said
        }
        guard change.text != nil, !before.provenance.isEmpty else { return nil }
        return try await parts.compute {
            Provenance.follow(before.provenance, TextDifference(from: before.text, to: text, showsWords: false))
        }
    }
}
