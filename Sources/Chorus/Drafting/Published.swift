import Foundation
import Postgres

/// What the panel thinks of a published text.
struct PublishedReview: Encodable, Sendable {
    /// Absent, like the medians, when fewer than ``Review/leastVotes`` voted.
    @ExplicitNull var votes: Int?
    @ExplicitNull var quality: Int?
    @ExplicitNull var effect: Int?
    /// Whether it was an earlier text than the published one.
    let ofEarlierText: Bool
}

/// What an advisory body said before a text was published.
struct PublishedStatement: Encodable, Sendable {
    let body: String
    let text: String
    let on: String
}

/// What the record has of how a text came about.
struct PublishedDrafting: Sendable {
    var provenance: [Provenance] = []
    var review: PublishedReview?
    var statements: [PublishedStatement] = []
}

extension ServerParts {
    /// Copies a frozen text into the record with all that belongs to it; doing it again changes nothing.
    func copyIntoRecord(_ text: Draft) async throws {
        let (network, id) = (text.network, text.id)
        let drafts = databases.member
        let review = try await drafts.first(ReadEndedReview(network: network, recommendation: id), network: network)
        let statements = try await drafts.execute(
            ReadStatements(network: network, recommendation: id),
            network: network
        )
        let now = now()
        try await databases.recordWriter.transaction(network: network) { transaction in
            if text.revises == nil {
                _ = try await transaction.execute(InsertRecommendation(network: network, draft: text, now: now))
            } else {
                _ = try await transaction.execute(InsertRevision(text: text, now: now))
            }
            _ = try await transaction.execute(InsertProvenance(text: text))
            if let review { _ = try await transaction.execute(InsertReview(text: text, review: review)) }
            if !statements.isEmpty {
                _ = try await transaction.execute(InsertPublishedStatements(text: text, statements: statements))
            }
        }
    }

    /// How the texts of some recommendations came about that are valid now.
    func publishedDrafting(
        of found: [RecordedRecommendation],
        in network: UUID,
        from source: RecordSource
    ) async throws -> [UUID: PublishedDrafting] {
        let ids = found.map(\.id)
        let provenance = try await source.execute(
            ReadProvenance(network: network, recommendations: ids),
            network: network
        )
        let reviews = try await source.execute(
            ReadReviews(network: network, recommendations: ids),
            network: network
        )
        let statements = try await source.execute(
            ReadPublishedStatements(network: network, recommendations: ids),
            network: network
        )
        let current = Dictionary(found.map { ($0.id, $0.revision) }) { first, _ in first }
        var published: [UUID: PublishedDrafting] = [:]
        for (id, revision, one) in provenance where current[id] == revision {
            published[id, default: .init()].provenance.append(one)
        }
        for (id, revision, review) in reviews where current[id] == revision {
            published[id, default: .init()].review = review
        }
        for (id, revision, statement) in statements where current[id] == revision {
            published[id, default: .init()].statements.append(statement)
        }
        return published
    }
}
