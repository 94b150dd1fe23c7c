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

    /// A job of one network.
    struct OfNetwork: Codable, Hashable, Sendable {
        let network: UUID
    }

    /// What stands in the column `kind`; a server takes no other.
    enum Kind: String, CaseIterable, Sendable {
        case remindOfAnswers, forgetExpired, lookForNews, sendMail
    }

    var kind: Kind {
        switch self {
        case .remindOfAnswers: .remindOfAnswers
        case .forgetExpired: .forgetExpired
        case .lookForNews: .lookForNews
        case .sendMail: .sendMail
        }
    }

    /// What waits under the same key is the same work.
    var key: String {
        switch self {
        case .remindOfAnswers(let work), .lookForNews(let work), .sendMail(let work):
            "\(kind.rawValue)/\(work.network.text)"
        case .forgetExpired: kind.rawValue
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
        }
    }

    /// - Returns: what ``init(_:payload:)`` reads.
    /// - Throws: what encoding throws.
    func payload() throws -> PostgresJSON {
        switch self {
        case .remindOfAnswers(let work), .lookForNews(let work), .sendMail(let work):
            PostgresJSON(bytes: Array(try JSONEncoder().encode(work)))
        case .forgetExpired: PostgresJSON(bytes: Array("{}".utf8))
        }
    }
}
