import Foundation
import Postgres

/// One staff network of one employer: the tenant.
struct Network: Sendable {
    let id: UUID
    let slug: String
    let name: String
    let employer: String
    let timeZone: String
    let locale: Language
    let k: Int
    let d: Int
    let minSet: Int
    let keyNoticeDays: Int
    /// Whether everybody may read what the record has of its recommendations.
    let isRecordPublic: Bool
    let version: Int

    /// Whether another state of the network shows the same to others: by its disclosure thresholds, and to whom.
    func discloses(as other: Network) -> Bool {
        (k, d, minSet, isRecordPublic) == (other.k, other.d, other.minSet, other.isRecordPublic)
    }

    /// Days of the network are days of its wall clock.
    var zone: TimeZone { TimeZone(identifier: timeZone) ?? .gmt }
}

struct NetworkAnswer: Encodable, Sendable {
    struct Thresholds: Encodable, Sendable {
        let k: Int
        let d: Int
        let minSet: Int
        let keyNoticeDays: Int
    }

    let id: String
    let slug: String
    let name: String
    let employer: String
    let timeZone: String
    let locale: String
    let thresholds: Thresholds
    let publicRecord: Bool
    let version: Int

    init(_ network: Network) {
        id = network.id.text
        slug = network.slug
        name = network.name
        employer = network.employer
        timeZone = network.timeZone
        locale = network.locale.rawValue
        thresholds = .init(k: network.k, d: network.d, minSet: network.minSet, keyNoticeDays: network.keyNoticeDays)
        publicRecord = network.isRecordPublic
        version = network.version
    }
}

/// What an admin gives to create a network.
struct NewNetwork: JSONInput {
    let slug: String
    let name: String
    let employer: String
    let timeZone: String
    let locale: Language

    init(_ fields: inout Fields) {
        slug = fields.string("slug", length: 2...80)
        name = fields.string("name", length: 1...200)
        employer = fields.string("employer", length: 1...200)
        timeZone = fields.timeZone("timeZone") ?? "Europe/Berlin"
        locale = fields.optionalChoice("locale") ?? .de
        if !slug.isEmpty, slug.wholeMatch(of: /[a-z0-9](-?[a-z0-9]){1,39}/) == nil {
            fields.refuse("slug", "must be lower-case letters, digits and single dashes")
        }
    }

    init(slug: String, name: String, employer: String, timeZone: String = "Europe/Berlin", locale: Language = .de) {
        self.slug = slug
        self.name = name
        self.employer = employer
        self.timeZone = timeZone
        self.locale = locale
    }
}

extension Fields {
    /// An IANA time zone name; `nil` when it is absent.
    mutating func timeZone(_ name: String) -> String? {
        guard let text = optionalString(name, length: 1...64) else { return nil }
        // Only names of the tz database: an abbreviation such as CEST is no place. The list of known ones lacks
        // valid names (Asia/Kolkata), so that what looks like a place is asked for by its name.
        guard text == "UTC" || text.contains("/") && TimeZone(identifier: text) != nil else {
            refuse(name, "must be an IANA time zone")
            return nil
        }
        return text
    }
}
