import Foundation
import Hummingbird
import Postgres

/// A draft before the expert panel.
struct Review: Sendable {
    /// How many votes there must be before anything is said of them.
    ///
    /// With one, the median is the vote; of two, each voter could read the other's.
    static let leastVotes = 3

    /// Of the text that was put before the panel.
    let version: Int
    let until: PostgresDate
    let vote: Vote?

    struct Vote: JSONInput, Encodable, Sendable {
        let quality: Int
        let effect: Int

        init(quality: Int, effect: Int) {
            self.quality = quality
            self.effect = effect
        }

        init(_ fields: inout Fields) {
            quality = fields.integer("quality", in: 1...5)
            effect = fields.integer("effect", in: 1...5)
        }
    }
}

/// `…/recommendations/{recommendation}/review`: what the expert panel thinks of a draft.
struct ReviewRoutes: Sendable {
    let parts: ServerParts

    func add(drafting: some RouterMethods<DraftingContext>) {
        drafting.get("recommendations/{recommendation}/review", use: read)
        drafting.put("recommendations/{recommendation}/review", use: open)
        drafting.put("recommendations/{recommendation}/review/vote", use: vote)
    }

    private struct Shown: Encodable {
        let version: Int
        let until: String
        let isOpen: Bool
        @ExplicitNull var vote: Review.Vote?
    }

    /// Nothing of others' votes: what came of them is published with the text, and not before.
    private func answer(_ reader: DraftReader, _ today: PostgresDate, for request: Request) async throws -> Response {
        let statement = ReadReview(
            network: reader.network,
            recommendation: reader.draft.id,
            membership: reader.membership
        )
        guard let review = try await parts.databases.member.first(statement, network: reader.network) else {
            throw Problem(.notFound)
        }
        let shown = Shown(
            version: review.version,
            until: review.until.description,
            isOpen: review.until >= today && reader.draft.state == "draft",
            vote: review.vote
        )
        return try .read(shown, for: request)
    }

    private func read(_ request: Request, _ context: DraftingContext) async throws -> Response {
        try await answer(try await parts.reader(of: context), try await parts.today(of: context.network), for: request)
    }

    private struct Window: JSONInput {
        let until: PostgresDate
        init(_ fields: inout Fields) { until = fields.day("until") }
    }

    /// A day that has passed ends it.
    private func open(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let reader = try await parts.reader(of: context)
        let author = try reader.author()
        try author.requireCoordinator()
        let input = try await request.decode(Window.self)
        try author.requireUnpublished()
        let today = try await parts.today(of: author.network)
        let statement = SaveReview(
            network: author.network,
            recommendation: author.draft.id,
            until: input.until,
            isOpen: input.until >= today
        )
        guard try await parts.databases.member.first(statement, network: author.network) != nil else {
            throw Problem(.stateConflict)
        }
        return try await answer(reader, today, for: request)
    }

    /// Each member of the panel has one vote; whoever writes the draft has none.
    private func vote(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let reader = try await parts.reader(of: context)
        guard reader.isCouncil else { throw Problem(.forbidden) }
        let input = try await request.decode(Review.Vote.self)
        guard case .council = reader.standing else { throw Problem(.forbidden) }
        let today = try await parts.today(of: reader.network)
        let statement = InsertVote(
            network: reader.network,
            recommendation: reader.draft.id,
            membership: reader.membership,
            vote: input,
            today: today
        )
        guard try await parts.databases.member.first(statement, network: reader.network) != nil else {
            throw Problem(.windowClosed)
        }
        return try await answer(reader, today, for: request)
    }
}
