import Foundation
import Hummingbird
import Postgres

/// Which advisory bodies are asked about a draft, and until when.
struct Consultation: JSONInput, Sendable {
    let until: PostgresDate
    let bodies: [String]

    init(until: PostgresDate, bodies: [String]) {
        self.until = until
        self.bodies = bodies
    }

    init(_ fields: inout Fields) {
        until = fields.day("until")
        bodies = fields.strings("bodies", count: 1...20, length: 1...200)
        if Set(bodies).count < bodies.count { fields.refuse("bodies", "must be different bodies") }
    }
}

/// What a body says.
struct Statement: Encodable, Sendable {
    let id: String
    let body: String
    let text: String
    let on: String
}

/// `…/recommendations/{recommendation}/consultation`: what advisory bodies say about a draft, published with it.
struct ConsultationRoutes: Sendable {
    let parts: ServerParts

    func add(drafting: some RouterMethods<DraftingContext>) {
        drafting.get("recommendations/{recommendation}/consultation", use: read)
        drafting.put("recommendations/{recommendation}/consultation", use: open)
        drafting.post("recommendations/{recommendation}/consultation/statements", use: state)
    }

    private struct Shown: Encodable {
        let until: String
        let isOpen: Bool
        let bodies: [String]
        let statements: [Statement]
    }

    private var pool: PostgresPool { parts.databases.member }

    private func find(_ reader: DraftReader) async throws -> Consultation {
        let statement = ReadConsultation(network: reader.network, recommendation: reader.draft.id)
        guard let found = try await pool.first(statement, network: reader.network) else { throw Problem(.notFound) }
        return found
    }

    private func answer(_ reader: DraftReader, for request: Request) async throws -> Response {
        let consultation = try await find(reader)
        let today = try await parts.today(of: reader.network)
        let statement = ReadStatements(network: reader.network, recommendation: reader.draft.id)
        let shown = Shown(
            until: consultation.until.description,
            isOpen: consultation.until >= today && reader.draft.state == "draft",
            bodies: consultation.bodies,
            statements: try await pool.execute(statement, network: reader.network)
        )
        return try .read(shown, for: request)
    }

    private func read(_ request: Request, _ context: DraftingContext) async throws -> Response {
        try await answer(try await parts.reader(of: context), for: request)
    }

    /// A day that has passed ends it.
    private func open(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let reader = try await parts.reader(of: context)
        let author = try reader.author()
        try author.requireCoordinator()
        let input = try await request.decode(Consultation.self)
        try author.requireUnpublished()
        let statement = SaveConsultation(network: author.network, recommendation: author.draft.id, consultation: input)
        guard try await pool.first(statement, network: author.network) != nil else { throw Problem(.stateConflict) }
        return try await answer(reader, for: request)
    }

    private struct NewStatement: JSONInput {
        let body: String
        let text: String
        init(_ fields: inout Fields) {
            body = fields.string("body", length: 1...200)
            text = fields.string("text", length: 1...10_000)
        }
    }

    /// Entered by a council, or by the coordinator for a body that has nobody here.
    private func state(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let reader = try await parts.reader(of: context)
        if case .author = reader.standing, !reader.isCouncil { throw Problem(.forbidden) }
        let input = try await request.decode(NewStatement.self)
        let consultation = try await find(reader)
        guard consultation.bodies.contains(input.body) else {
            throw Problem.invalid("/body", "is not asked about this draft")
        }
        let today = try await parts.today(of: reader.network)
        let statement = InsertStatement(
            network: reader.network,
            recommendation: reader.draft.id,
            id: UUID(),
            body: input.body,
            text: input.text,
            today: today
        )
        let made = try await pool.transaction(network: reader.network) { transaction in
            _ = try await transaction.execute(LockNumbering(owner: statement.recommendation))
            return try await transaction.first(statement)
        }
        guard made != nil else { throw Problem(.windowClosed) }
        let answer = Statement(id: statement.id.text, body: input.body, text: input.text, on: today.description)
        let path = "/v1/networks/\(reader.network.text)/recommendations/\(reader.draft.id.text)/consultation"
        return try .created(answer, at: "\(path)/statements/\(answer.id)")
    }
}
