import Foundation
import Hummingbird
import Postgres

/// How often somebody wants to hear by mail that there is news.
enum MailRhythm: String, CaseIterable, Sendable {
    case none, weekly, daily, atOnce
}

/// How a person wants to be told.
struct Notification: Sendable, Equatable {
    var mail: MailRhythm = .weekly
    var calendarAlarms = true
    /// Up to where the news has been read.
    var readUntil: Date?
}

/// `/v1/me/notifications`: everybody decides for themselves.
struct NotificationRoutes: Sendable {
    let parts: ServerParts

    func add(signedIn: some RouterMethods<SignedInContext>) {
        signedIn.get("/v1/me/notifications", use: read)
        signedIn.put("/v1/me/notifications", use: replace)
    }

    private func read(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try .read(try await parts.notificationAnswer(of: context.identity.account), for: request)
    }

    private struct Choice: JSONInput {
        let mail: MailRhythm
        let calendarAlarms: Bool

        init(_ fields: inout Fields) {
            mail = fields.choice("mail", default: .none)
            calendarAlarms = fields.bool("calendarAlarms")
        }
    }

    private func replace(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let choice = try await request.decode(Choice.self)
        let account = context.identity.account
        _ = try await parts.databases.member.execute(
            SaveNotification(account: account, mail: choice.mail, calendarAlarms: choice.calendarAlarms)
        )
        return try await read(request, context)
    }
}

/// The choice as its owner sees it.
struct NotificationAnswer: Encodable, Sendable {
    let mail: String
    let calendarAlarms: Bool
    /// Without the consent to mail (`/v1/me/consents/mail`) there is none, whatever is chosen.
    let mailConsent: Bool
}

extension ServerParts {
    func notificationAnswer(of account: UUID) async throws -> NotificationAnswer {
        let chosen = try await databases.member.first(ReadNotification(account: account)) ?? Notification()
        let consents = try await databases.member.execute(ReadConsents(account: account))
        return NotificationAnswer(
            mail: chosen.mail.rawValue,
            calendarAlarms: chosen.calendarAlarms,
            mailConsent: consents.contains { $0.purpose == .mail && $0.withdrawnOn == nil }
        )
    }
}

struct ReadNotification: PostgresStatement {
    static let sql = "SELECT mail, calendar_alarms, read_until FROM notification WHERE account_id = $1"
    let account: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(account) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Notification {
        Notification(mail: try row.choice(), calendarAlarms: try row.next(), readUntil: try row.next())
    }
}

struct SaveNotification: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO notification (account_id, mail, calendar_alarms) VALUES ($1, $2, $3)
        ON CONFLICT (account_id) DO UPDATE SET mail = EXCLUDED.mail, calendar_alarms = EXCLUDED.calendar_alarms
        """
    let account: UUID
    let mail: MailRhythm
    let calendarAlarms: Bool
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(mail.rawValue)
        parameters.append(calendarAlarms)
    }
}
