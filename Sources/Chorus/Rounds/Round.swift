import Foundation
import Postgres

enum RoundState: String, CaseIterable, Sendable {
    case draft, open, closing, closed
}

/// How the numbers of a round are released (anonymity.md, sections 5.1 and 5.2).
enum Scheme: String, CaseIterable, Sendable {
    /// Disjoint blocks of enough people.
    case s1 = "S1"
    /// Discrete Laplace noise from a yearly budget.
    case s2 = "S2"
}

/// A round as members see it.
struct Round: Sendable {
    struct Item: Encodable, Sendable {
        let id: String
        let text: String
        @ExplicitNull var theme: String?
    }

    let id: UUID
    let title: String
    let opensAt: Date
    let closesAt: Date
    let audienceEvent: UUID?
    let scheme: Scheme
    let state: RoundState
    let version: Int
    let items: [Item]
    /// The release that the round has led to, once it is in the record.
    let release: UUID?
}

struct RoundAnswer: Encodable, Sendable {
    struct Audience: Encodable, Sendable {
        let kind: String
        let event: String?
    }

    let id: String
    let title: String
    let opensAt: String
    let closesAt: String
    let items: [Round.Item]
    let audience: Audience
    let scheme: String
    let state: String
    @ExplicitNull var release: String?
    let version: Int

    init(_ round: Round, zone: TimeZone) {
        id = round.id.text
        title = round.title
        opensAt = RFC3339.string(round.opensAt, in: zone)
        closesAt = RFC3339.string(round.closesAt, in: zone)
        items = round.items
        audience = .init(kind: round.audienceEvent == nil ? "network" : "event", event: round.audienceEvent.text)
        scheme = round.scheme.rawValue
        state = round.state.rawValue
        release = round.release.text
        version = round.version
    }
}

struct NewRound: JSONInput {
    struct Item: JSONInput {
        let id: UUID
        let text: String
        let theme: UUID?

        init(_ fields: inout Fields) {
            id = fields.optionalUUID("id") ?? UUID()
            text = fields.string("text", length: 1...2_000)
            theme = fields.optionalUUID("theme")
        }
    }

    private enum AudienceKind: String, CaseIterable { case network, event }

    private struct Audience: JSONInput {
        let event: UUID?

        init(_ fields: inout Fields) {
            let kind = fields.choice("kind", of: AudienceKind.self, default: .network)
            event = kind == .event ? fields.uuid("event") : nil
        }
    }

    let title: String
    let opensAt: Date
    let closesAt: Date
    let items: [Item]
    let audienceEvent: UUID?
    let scheme: Scheme

    init(_ fields: inout Fields) {
        title = fields.string("title", length: 1...200)
        opensAt = fields.eventInstant("opensAt") ?? .distantPast
        closesAt = fields.eventInstant("closesAt") ?? .distantFuture
        items = fields.objects("items", count: 1...1_000)
        audienceEvent = fields.optionalObject("audience", as: Audience.self)?.event
        scheme = fields.optionalChoice("scheme") ?? .s1
        for name in ["opensAt", "closesAt"] where !fields.contains(name) { fields.refuse(name, "is required") }
        if closesAt <= opensAt { fields.refuse("closesAt", "must be after opensAt") }
        if Set(items.map(\.id)).count < items.count { fields.refuse("items", "has an id twice") }
    }
}
