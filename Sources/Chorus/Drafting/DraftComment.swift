import Foundation
import Hummingbird
import Postgres

/// What a co-author says about a paragraph of a version.
struct DraftComment: Sendable {
    let id: UUID
    let position: Int
    let version: Int
    let paragraph: Int
    let bench: String
    /// Absent once they have left.
    let displayName: String?
    let text: String
    let writtenOn: PostgresDate
    let isResolved: Bool
}

/// A comment with the paragraph that it is about, and where that stands now.
struct ShownComment: Encodable, Sendable {
    let id: String
    let position: Int
    let version: Int
    let paragraph: Int
    let quote: String
    @ExplicitNull var currentParagraph: Int?
    let bench: String
    @ExplicitNull var displayName: String?
    let text: String
    let on: String
    let resolved: Bool

    /// - Parameters:
    ///   - comment: what was said.
    ///   - version: the text that it was said about, of the comment's version.
    ///   - difference: from that text to the one of today.
    init(_ comment: DraftComment, on version: String, _ difference: TextDifference) {
        let paragraphs = Paragraph.split(version)
        id = comment.id.text
        position = comment.position
        self.version = comment.version
        paragraph = comment.paragraph
        quote = comment.paragraph <= paragraphs.count ? paragraphs[comment.paragraph - 1].text : ""
        currentParagraph = difference.follow(comment.paragraph)
        bench = comment.bench
        displayName = comment.displayName
        text = comment.text
        on = comment.writtenOn.description
        resolved = comment.isResolved
    }
}

/// `…/recommendations/{recommendation}/comments`: what co-authors say to each other about paragraphs.
struct DraftCommentRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/networks/{network}/recommendations/{recommendation}/comments": ["limit", "after"]
    ]

    let parts: ServerParts

    func add(drafting: some RouterMethods<DraftingContext>) {
        drafting.get("recommendations/{recommendation}/comments", use: list)
        drafting.post("recommendations/{recommendation}/comments", use: create)
        drafting.put("recommendations/{recommendation}/comments/{comment}/resolution", use: resolve)
    }

    private var pool: PostgresPool { parts.databases.member }

    private func list(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        let page = try PageRequest(request)
        let statement = ReadComments(
            network: author.network,
            recommendation: author.draft.id,
            after: try page.afterNumber(),
            limit: page.limit
        )
        let shown = try await shown(try await pool.execute(statement, network: author.network), author)
        return try .read(Page(shown, limit: page.limit, cursor: { ["\($0.position)"] }), for: request)
    }

    /// Each version is compared once, however many comments are about it.
    private func shown(_ comments: [DraftComment], _ author: DraftAuthor) async throws -> [ShownComment] {
        let statement = ReadVersions(author.draft, only: Set(comments.map(\.version)))
        let versions = try await pool.execute(statement, network: author.network)
        let texts = Dictionary(versions.map { ($0.version, $0.text) }) { first, _ in first }
        let now = author.draft.text
        return try await parts.compute {
            let differences = texts.mapValues { TextDifference(from: $0, to: now, showsWords: false) }
            return comments.compactMap { comment in
                guard let text = texts[comment.version], let difference = differences[comment.version] else {
                    return nil
                }
                return ShownComment(comment, on: text, difference)
            }
        }
    }

    private struct NewComment: JSONInput {
        let paragraph: Int
        let version: Int
        let text: String
        init(_ fields: inout Fields) {
            paragraph = fields.integer("paragraph", in: 1...50_000)
            version = fields.integer("version", in: 1...Int(Int32.max))
            text = fields.string("text", length: 1...5_000)
        }
    }

    private func create(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        let input = try await request.decode(NewComment.self)
        try author.requireUnpublished()
        let versions = ReadVersions(author.draft, only: [input.version])
        guard let about = try await pool.first(versions, network: author.network) else {
            throw Problem.invalid("/version", "is no version of this draft")
        }
        guard input.paragraph <= Paragraph.split(about.text).count else {
            throw Problem.invalid("/paragraph", "is no paragraph of that version")
        }
        let statement = InsertComment(
            network: author.network,
            recommendation: author.draft.id,
            membership: author.membership,
            bench: author.bench,
            id: UUID(),
            version: input.version,
            paragraph: input.paragraph,
            text: input.text,
            day: try await parts.today(of: author.network)
        )
        try await pool.transaction(network: author.network) { transaction in
            _ = try await transaction.execute(LockNumbering(owner: author.draft.id))
            _ = try await transaction.execute(statement)
        }
        let path = "/v1/networks/\(author.network.text)/recommendations/\(author.draft.id.text)/comments"
        return try .created(try await find(statement.id, author), at: "\(path)/\(statement.id.text)")
    }

    private func find(_ id: UUID, _ author: DraftAuthor) async throws -> ShownComment {
        let statement = ReadComments(network: author.network, recommendation: author.draft.id, id: id)
        let found = try await pool.execute(statement, network: author.network)
        guard let comment = try await shown(found, author).first else { throw Problem(.notFound) }
        return comment
    }

    private struct Resolution: JSONInput {
        let resolved: Bool
        init(_ fields: inout Fields) { resolved = fields.bool("resolved") }
    }

    private func resolve(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        let input = try await request.decode(Resolution.self)
        try author.requireUnpublished()
        let id = try context.id("comment")
        let statement = ResolveComment(
            network: author.network,
            recommendation: author.draft.id,
            id: id,
            isResolved: input.resolved
        )
        guard try await pool.first(statement, network: author.network) != nil else { throw Problem(.notFound) }
        return try .json(try await find(id, author))
    }
}
