import Foundation
import Postgres

/// What a receiver can be told of.
enum WebhookEvent: String, CaseIterable, Sendable {
    case recommendationPublished = "recommendation.published"
    case recommendationRevised = "recommendation.revised"
    case recommendationOverdue = "recommendation.overdue"
    case releasePublished = "release.published"
    case answerRecorded = "answer.recorded"
    case outcomeRecorded = "outcome.recorded"

    /// What a receiver is sent when somebody tries whether it works; nobody can subscribe to it.
    static let test = "webhook.test"
}

/// Where a system of HR wants to be told that the record has grown.
struct Webhook: Sendable {
    let id: UUID
    let url: String
    let events: [String]
    let createdOn: PostgresDate
    let sealedSecret: [UInt8]
    /// Up to where in the record it was told.
    let toldUntil: Date
}

/// As HR sees it; the secret only in the answer to the request that made it.
struct WebhookAnswer: Encodable, Sendable {
    let id: String
    let url: String
    let events: [String]
    let createdOn: String
    let secret: String?

    init(_ webhook: Webhook, secret: WebhookSecret? = nil) {
        id = webhook.id.text
        url = webhook.url
        events = webhook.events
        createdOn = webhook.createdOn.description
        self.secret = secret?.text
    }
}

struct NewWebhook: JSONInput {
    let url: String
    let target: WebhookTarget?
    let events: [WebhookEvent]

    init(_ fields: inout Fields) {
        url = fields.string("url", length: 1...500)
        target = WebhookTarget(url)
        if target == nil, !url.isEmpty {
            fields.refuse("url", "must be https://host[:port]/path in plain ASCII, without a user")
        }
        let count = WebhookEvent.allCases.count
        let names = fields.strings("events", count: 1...count, length: 1...60)
        events = names.compactMap(WebhookEvent.init(rawValue:))
        if events.count < names.count {
            fields.refuse("events", "must be of " + WebhookEvent.allCases.map(\.rawValue).joined(separator: ", "))
        }
        if Set(names).count < names.count { fields.refuse("events", "must each be named once") }
    }
}

/// Something that a receiver is told: ids, a number and a day; what happened it reads with the rights that it has.
struct WebhookNotice: Sendable {
    let id: UUID
    let event: String
    /// The recommendation, or the release; of a test nothing.
    let subject: UUID?
    let number: Int?
    let day: PostgresDate

    /// To the byte the same at every attempt: the receiver may compare.
    func body(of network: UUID) -> String {
        let subjectName = event == WebhookEvent.releasePublished.rawValue ? "release" : "recommendation"
        let members = [
            ("day", "\"\(day)\""), ("event", "\"\(event)\""), ("id", "\"\(id.text)\""),
            ("network", "\"\(network.text)\""), ("number", number.map(String.init) ?? "null"),
            (subjectName, subject.map { "\"\($0.text)\"" } ?? "null"),
        ]
        return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    /// The headers of an attempt (Standard Webhooks 1.0).
    func headers(of network: UUID, at now: Date, _ secret: WebhookSecret) -> [(name: String, value: String)] {
        let timestamp = Int(now.timeIntervalSince1970)
        let signature = secret.signature(id: id.text, timestamp: timestamp, body: body(of: network))
        return [
            ("content-type", "application/json"), ("user-agent", "Chorus"), ("expect", ""), ("webhook-id", id.text),
            ("webhook-timestamp", String(timestamp)), ("webhook-signature", signature),
        ]
    }
}

/// A notice that its receiver has not taken in all its attempts.
struct DeadLetter: Encodable, Sendable {
    let id: String
    let event: String
    @ExplicitNull var recommendation: String?
    @ExplicitNull var release: String?
    @ExplicitNull var number: Int?
    let day: String
    let attempts: Int
    let failure: String
    let failedOn: String
}
