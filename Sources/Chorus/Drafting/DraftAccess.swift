import Foundation
import Hummingbird
import Postgres

/// Somebody who may read a draft; made by ``ServerParts/reader(of:)`` alone.
struct DraftReader: Sendable {
    enum Standing: Sendable {
        case coordinator
        case author(Bench)
        /// The draft was put before the panel or the advisory bodies, and this is a council.
        case council
    }

    let network: UUID
    let membership: UUID
    let draft: Draft
    let standing: Standing
    let isCouncil: Bool

    fileprivate init(_ context: DraftingContext, _ draft: Draft, _ standing: Standing) {
        network = context.network
        membership = context.member.id
        isCouncil = context.member.roles.contains(.council)
        self.draft = draft
        self.standing = standing
    }

    /// - Throws: ``Problem`` `forbidden` for a council, which only reads.
    func author() throws(Problem) -> DraftAuthor {
        switch standing {
        case .coordinator: DraftAuthor(reader: self, bench: .network, isCoordinator: true)
        case .author(let bench): DraftAuthor(reader: self, bench: bench, isCoordinator: false)
        case .council: throw Problem(.forbidden)
        }
    }
}

/// Somebody who writes a draft: a coordinator, who speaks for the network, or a co-author.
struct DraftAuthor: Sendable {
    let network: UUID
    let membership: UUID
    let draft: Draft
    let bench: Bench
    let isCoordinator: Bool

    fileprivate init(reader: DraftReader, bench: Bench, isCoordinator: Bool) {
        network = reader.network
        membership = reader.membership
        draft = reader.draft
        self.bench = bench
        self.isCoordinator = isCoordinator
    }

    /// - Throws: ``Problem`` `forbidden`.
    func requireCoordinator() throws(Problem) {
        guard isCoordinator else { throw Problem(.forbidden) }
    }

    /// - Throws: ``Problem`` `stateConflict` once the text is frozen.
    func requireUnpublished() throws(Problem) {
        guard draft.state == "draft" else { throw Problem(.stateConflict) }
    }
}

extension ServerParts {
    /// Finds out what somebody may do with the draft that a route names.
    ///
    /// - Throws: ``Problem`` `notFound` for whoever has no say in it: they may not know of it.
    func reader(of context: DraftingContext) async throws -> DraftReader {
        let statement = ReadDrafts(network: context.network, id: try context.id("recommendation"))
        guard let draft = try await databases.member.first(statement, network: context.network) else {
            throw Problem(.notFound)
        }
        guard let standing = try await standing(of: context, in: draft) else { throw Problem(.notFound) }
        return DraftReader(context, draft, standing)
    }

    /// - Throws: ``Problem`` `notFound` or `forbidden`.
    func author(_ context: DraftingContext) async throws -> DraftAuthor {
        try await reader(of: context).author()
    }

    private func standing(of context: DraftingContext, in draft: Draft) async throws -> DraftReader.Standing? {
        if context.member.roles.contains(.coordinator) { return .coordinator }
        let statement = ReadStanding(
            network: context.network,
            recommendation: draft.id,
            membership: context.member.id
        )
        guard let found = try await databases.member.first(statement, network: context.network) else { return nil }
        if let bench = found.bench.flatMap(Bench.init(rawValue:)) { return .author(bench) }
        let isBefore = found.isBeforeCouncil && draft.state == "draft" && context.member.roles.contains(.council)
        return isBefore ? .council : nil
    }
}

/// For which bench somebody writes a draft, if for any, and whether it was put before the panel or the advisory bodies.
struct ReadStanding: PostgresStatement {
    static let sql = """
        SELECT (
                SELECT c.bench FROM draft_coauthor c
                WHERE c.network_id = $1 AND c.recommendation_id = $2 AND c.membership_id = $3),
            EXISTS (SELECT FROM draft_review v WHERE v.network_id = $1 AND v.recommendation_id = $2)
                OR EXISTS (SELECT FROM draft_consultation v WHERE v.network_id = $1 AND v.recommendation_id = $2)
        """
    let network: UUID
    let recommendation: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(membership)
    }
    static func decode(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> (bench: String?, isBeforeCouncil: Bool) {
        (try row.next(), try row.next())
    }
}
