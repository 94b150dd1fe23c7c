import Foundation
import Hummingbird
import Postgres

/// Somebody who is written to because a network has named them.
struct DutyContact: Codable, Sendable, Equatable {
    let name: String
    let email: String
}

/// Who beside HR is reminded, and whom it concerns when the employer does not answer.
struct AnswerDutyContacts: Sendable, Equatable {
    /// HR's deputy, who is reminded with HR.
    var deputy: DutyContact?
    /// Told when the grace time has passed too.
    var bodies: [DutyContact] = []
    /// How many days after the due date the employer's delay goes further.
    var graceDays = ReminderStep.standardGraceDays
    /// 0 while nothing has been said.
    var version = 0
}

/// `/v1/networks/{network}/answer-duty-contacts`: the network says who is written to.
///
/// The audit chain gets no entry: those who are named are people, and how long the grace is stands in `answer-duty`, which council
/// and HR read.
struct AnswerDutyContactRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("answer-duty-contacts", use: read)
        member.put("answer-duty-contacts", use: replace)
    }

    private struct Shown: Encodable {
        @ExplicitNull var deputy: DutyContact?
        let bodies: [DutyContact]
        let graceDays: Int
        let version: Int
    }

    private func read(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let found = try await parts.answerDutyContacts(of: context.network)
        let shown = Shown(
            deputy: found.deputy,
            bodies: found.bodies,
            graceDays: found.graceDays,
            version: found.version
        )
        return try .read(shown, for: request, version: found.version)
    }

    private func replace(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let expected = try request.expectedVersion()
        let new = try await request.decode(NewAnswerDutyContacts.self)
        let statement = SaveAnswerDutyContacts(network: context.network, expected: expected, new: new)
        guard try await parts.databases.member.first(statement, network: context.network) != nil else {
            throw Problem(.stale)
        }
        return try await read(request, context)
    }
}

struct NewAnswerDutyContacts: JSONInput {
    let deputy: DutyContact?
    let bodies: [DutyContact]
    let graceDays: Int

    init(_ fields: inout Fields) {
        deputy = fields.optionalObject("deputy", as: Contact.self)?.contact
        bodies = fields.objects("bodies", count: 0...10, isRequired: true, as: Contact.self).map(\.contact)
        graceDays = fields.integer("graceDays", in: 0...365)
    }

    private struct Contact: JSONInput {
        let contact: DutyContact

        init(_ fields: inout Fields) {
            let name = fields.string("name", length: 1...120)
            let email = fields.email("email")
            if email.contains("@"), MailAddress(email) == nil {
                fields.refuse("email", "must be a plain e-mail address")
            }
            contact = DutyContact(name: name, email: email)
        }
    }
}

struct ReadAnswerDutyContacts: PostgresStatement {
    static let sql = """
        SELECT deputy_name, deputy_email, body_names, body_emails, grace_days, version
        FROM answer_duty_contact WHERE network_id = $1
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> AnswerDutyContacts {
        let name: String? = try row.next()
        let email: String? = try row.next()
        let names: [String] = try row.next()
        let emails: [String] = try row.next()
        var deputy: DutyContact?
        if let name, let email { deputy = DutyContact(name: name, email: email) }
        return AnswerDutyContacts(
            deputy: deputy,
            bodies: zip(names, emails).map { DutyContact(name: $0, email: $1) },
            graceDays: try row.next(),
            version: try row.next()
        )
    }
}

/// Replaces what a network has said; nothing when it has said something else meanwhile.
struct SaveAnswerDutyContacts: PostgresStatement {
    static let sql = """
        INSERT INTO answer_duty_contact AS c
            (network_id, deputy_name, deputy_email, body_names, body_emails, grace_days)
        SELECT $1, $3, $4, $5, $6, $7
        WHERE $2::bigint IS NULL OR $2 = 0 OR EXISTS (SELECT FROM answer_duty_contact WHERE network_id = $1)
        ON CONFLICT (network_id) DO UPDATE
        SET deputy_name = EXCLUDED.deputy_name, deputy_email = EXCLUDED.deputy_email, body_names = EXCLUDED.body_names,
            body_emails = EXCLUDED.body_emails, grace_days = EXCLUDED.grace_days, version = c.version + 1
        WHERE $2::bigint IS NULL OR c.version = $2
        RETURNING version
        """
    let network: UUID
    let expected: Int?
    let new: NewAnswerDutyContacts
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(expected)
        parameters.append(new.deputy?.name)
        parameters.append(new.deputy?.email)
        parameters.append(new.bodies.map(\.name))
        parameters.append(new.bodies.map(\.email))
        parameters.append(Int16(new.graceDays))
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

extension ServerParts {
    /// What a network has said, or what holds as long as it has said nothing.
    func answerDutyContacts(of network: UUID) async throws -> AnswerDutyContacts {
        try await databases.member.first(ReadAnswerDutyContacts(network: network), network: network)
            ?? AnswerDutyContacts()
    }
}
