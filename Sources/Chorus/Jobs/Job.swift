import Foundation
import Postgres

/// Something that the servers owe: a row of `job`, taken by whichever of them is free.
///
/// What it changes in the private database is committed with its end. What it changes elsewhere may be done again after a crash
/// and has a key that makes the second time nothing.
enum Job: Hashable, Sendable {
    /// Holds the employer of a network to its duty to answer; comes again every day.
    case remindOfAnswers(OfNetwork)
    /// Deletes what nobody can use any more; comes again every day.
    case forgetExpired
    /// Asks for mail to those in a network who have news; comes again every hour, where mail is sent.
    case lookForNews(OfNetwork)
    /// Hands over the mail of a network; comes again as long as some waits.
    case sendMail(OfNetwork)
    /// Tells a receiver of HR's what the record has for it; comes again every few seconds.
    case deliverWebhook(OfWebhook)

    /// A job of one network.
    struct OfNetwork: Codable, Hashable, Sendable {
        let network: UUID
    }

    /// A receiver's turn.
    struct OfWebhook: Codable, Hashable, Sendable {
        let network: UUID
        let webhook: UUID
    }

    /// What stands in the column `kind`; a server takes no other.
    enum Kind: String, CaseIterable, Sendable {
        case remindOfAnswers, forgetExpired, lookForNews, sendMail, deliverWebhook

        /// What waits for machines elsewhere, which may let it wait: nothing else is to wait for it.
        static let deliveries: [Self] = [.deliverWebhook, .sendMail]
        /// Everything else.
        static let works = allCases.filter { !deliveries.contains($0) }
    }

    var kind: Kind {
        switch self {
        case .remindOfAnswers: .remindOfAnswers
        case .forgetExpired: .forgetExpired
        case .lookForNews: .lookForNews
        case .sendMail: .sendMail
        case .deliverWebhook: .deliverWebhook
        }
    }

    /// What waits under the same key is the same work.
    var key: String {
        switch self {
        case .remindOfAnswers(let work), .lookForNews(let work), .sendMail(let work):
            "\(kind.rawValue)/\(work.network.text)"
        case .forgetExpired: kind.rawValue
        case .deliverWebhook(let work): "\(kind.rawValue)/\(work.webhook.text)"
        }
    }

    /// - Throws: what decoding throws, when another version wrote something else.
    init(_ kind: Kind, payload: PostgresJSON) throws {
        func network() throws -> OfNetwork { try JSONDecoder().decode(OfNetwork.self, from: Data(payload.bytes)) }
        switch kind {
        case .remindOfAnswers: self = .remindOfAnswers(try network())
        case .forgetExpired: self = .forgetExpired
        case .lookForNews: self = .lookForNews(try network())
        case .sendMail: self = .sendMail(try network())
        case .deliverWebhook:
            self = .deliverWebhook(try JSONDecoder().decode(OfWebhook.self, from: Data(payload.bytes)))
        }
    }

    /// - Returns: what ``init(_:payload:)`` reads.
    /// - Throws: what encoding throws.
    func payload() throws -> PostgresJSON {
        switch self {
        case .remindOfAnswers(let work), .lookForNews(let work), .sendMail(let work):
            PostgresJSON(bytes: Array(try JSONEncoder().encode(work)))
        case .deliverWebhook(let work): PostgresJSON(bytes: Array(try JSONEncoder().encode(work)))
        case .forgetExpired: PostgresJSON(bytes: Array("{}".utf8))
        }
    }
}
