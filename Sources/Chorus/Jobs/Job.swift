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
        case remindOfAnswers, forgetExpired, deliverWebhook

        /// What waits for machines elsewhere, which may let it wait: nothing else is to wait for it.
        static let deliveries: [Self] = [.deliverWebhook]
        /// Everything else.
        static let works = allCases.filter { !deliveries.contains($0) }
    }

    var kind: Kind {
        switch self {
        case .remindOfAnswers: .remindOfAnswers
        case .forgetExpired: .forgetExpired
        case .deliverWebhook: .deliverWebhook
        }
    }

    /// What waits under the same key is the same work.
    var key: String {
        switch self {
        case .remindOfAnswers(let work): "\(kind.rawValue)/\(work.network.text)"
        case .forgetExpired: kind.rawValue
        case .deliverWebhook(let work): "\(kind.rawValue)/\(work.webhook.text)"
        }
    }

    /// - Throws: what decoding throws, when another version wrote something else.
    init(_ kind: Kind, payload: PostgresJSON) throws {
        switch kind {
        case .remindOfAnswers:
            self = .remindOfAnswers(try JSONDecoder().decode(OfNetwork.self, from: Data(payload.bytes)))
        case .forgetExpired:
            self = .forgetExpired
        case .deliverWebhook:
            self = .deliverWebhook(try JSONDecoder().decode(OfWebhook.self, from: Data(payload.bytes)))
        }
    }

    /// - Returns: what ``init(_:payload:)`` reads.
    /// - Throws: what encoding throws.
    func payload() throws -> PostgresJSON {
        switch self {
        case .remindOfAnswers(let work): PostgresJSON(bytes: Array(try JSONEncoder().encode(work)))
        case .deliverWebhook(let work): PostgresJSON(bytes: Array(try JSONEncoder().encode(work)))
        case .forgetExpired: PostgresJSON(bytes: Array("{}".utf8))
        }
    }
}
