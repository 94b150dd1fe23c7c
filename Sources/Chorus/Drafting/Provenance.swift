import Foundation
import Postgres

/// Where something that a text says comes from.
struct Provenance: JSONInput, Sendable, Equatable {
    enum Kind: String, CaseIterable, Sendable {
        case release, eventSummary, interviewLog, hearing
        /// A recommendation of another town, whose evidence is in its package.
        case package
    }

    /// How many there may be for one text.
    static let most = 500

    /// Counted from one; absent for the whole text.
    let paragraph: Int?
    let kind: Kind
    /// Id of a release, else what its readers can find it by; never a person.
    let reference: String
    let on: PostgresDate

    init(paragraph: Int?, kind: Kind, reference: String, on: PostgresDate) {
        self.paragraph = paragraph
        self.kind = kind
        self.reference = reference
        self.on = on
    }

    init(_ fields: inout Fields) {
        paragraph = fields.optionalInteger("paragraph", in: 1...50_000)
        kind = fields.choice("kind", default: .release)
        reference = fields.string("reference", length: 1...300)
        on = fields.day("on")
        if kind == .release, UUID(utf8: reference.utf8) == nil {
            fields.refuse("reference", "must be the id of a release")
        }
    }

    /// The paragraphs of a text of which nothing says where they come from.
    ///
    /// Evidence is enough where nothing else is said: its numbers are what the text is about. Once somebody says it of one
    /// paragraph, it has to be said of all.
    static func missing(_ provenance: [Provenance], in text: String, hasEvidence: Bool) -> [Int] {
        if provenance.isEmpty, hasEvidence { return [] }
        if provenance.contains(where: { $0.paragraph == nil }) { return [] }
        let known = Set(provenance.compactMap(\.paragraph))
        return (1...Paragraph.split(text).count).filter { !known.contains($0) }
    }

    /// What is left of it in a later text: it goes where its paragraph goes.
    static func follow(_ provenance: [Provenance], _ difference: TextDifference) -> [Provenance] {
        provenance.compactMap { one in
            guard let paragraph = one.paragraph else { return one }
            guard let place = difference.follow(paragraph) else { return nil }
            return Provenance(paragraph: place, kind: one.kind, reference: one.reference, on: one.on)
        }
    }
}

extension Provenance: Encodable {
    enum CodingKeys: CodingKey { case paragraph, kind, reference, on }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(paragraph, forKey: .paragraph)
        try container.encode(kind.rawValue, forKey: .kind)
        try container.encode(reference, forKey: .reference)
        try container.encode(on.description, forKey: .on)
    }
}

/// Four columns of arrays; the whole text is paragraph 0 in them.
extension Provenance {
    static let columns = "provenance_paragraphs, provenance_kinds, provenance_references, provenance_days"

    static func bind(_ provenance: [Provenance]?, _ parameters: inout PostgresParameters) {
        parameters.append(provenance?.map { Int32($0.paragraph ?? 0) })
        parameters.append(provenance?.map(\.kind.rawValue))
        parameters.append(provenance?.map(\.reference))
        parameters.append(provenance?.map(\.on))
    }

    static func read(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [Provenance] {
        let paragraphs: [Int] = try row.next()
        let kinds: [String] = try row.next()
        let references: [String] = try row.next()
        let days: [PostgresDate] = try row.next()
        return paragraphs.indices.map { place in
            Provenance(
                paragraph: paragraphs[place] == 0 ? nil : paragraphs[place],
                kind: Kind(rawValue: kinds[place]) ?? .release,
                reference: references[place],
                on: days[place]
            )
        }
    }
}

extension ServerParts {
    /// Refuses what leads nowhere: paragraphs that a text does not have, releases that there are not.
    ///
    /// - Throws: ``Problem`` `invalid` or `evidenceNotReleased`, naming the places.
    func check(_ provenance: [Provenance], of text: String, in network: UUID) async throws {
        let count = Paragraph.split(text).count
        let beyond = provenance.indices.filter { provenance[$0].paragraph ?? 1 > count }.map {
            Problem.FieldError(pointer: "/provenance/\($0)/paragraph", detail: "is no paragraph of the text")
        }
        guard beyond.isEmpty else { throw Problem(.invalid, errors: beyond) }
        let named = provenance.indices.filter { provenance[$0].kind == .release }
        guard !named.isEmpty else { return }
        let ids = named.map { UUID(utf8: provenance[$0].reference.utf8) }
        let statement = ReadKnownReleases(network: network, ids: ids.compactMap(\.self))
        let known = Set(try await databases.hr.execute(statement, network: network))
        let faults = zip(named, ids).filter { !($1.map(known.contains) ?? false) }.map { place, _ in
            Problem.FieldError(pointer: "/provenance/\(place)/reference", detail: "is no release")
        }
        guard faults.isEmpty else { throw Problem(.evidenceNotReleased, errors: faults) }
    }
}

struct ReadKnownReleases: PostgresStatement {
    static let sql = "SELECT id FROM release WHERE network_id = $1 AND id = ANY ($2)"
    let network: UUID
    let ids: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(ids)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
