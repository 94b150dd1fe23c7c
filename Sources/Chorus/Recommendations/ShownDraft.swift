import Foundation

/// A recommendation as those inside see it: a draft for those who write it, the record for everybody.
struct ShownDraft: Encodable, Sendable {
    struct Evidence: Encodable {
        let release: String
        let cell: String
    }

    let draft: Draft
    let record: RecommendationAnswer?
    let current: CurrentText?
    /// Of whoever reads this one; lists are shared by many and do not say.
    var isFollowed: Bool?
    /// Where it stands in lists.
    var cursor: [String] { [draft.number.map { "\($0)" } ?? draft.id.text] }

    /// - Parameters:
    ///   - draft: the row.
    ///   - record: what the record has of it; nothing of a draft.
    ///   - current: the text that members endorse.
    init(_ draft: Draft, record: RecommendationAnswer? = nil, current: CurrentText? = nil) {
        self.draft = draft
        self.record = record
        self.current = current
    }

    static func evidence(_ releases: [UUID], _ cells: [UUID]) -> [Evidence] {
        zip(releases, cells).map { Evidence(release: $0.text, cell: $1.text) }
    }

    enum CodingKeys: CodingKey {
        case id, state, title, text, theme, unit, measure, evidence, endorsement, endorsementScope, benches, provenance
        case revises, revision, version, following
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(draft.state, forKey: .state)
        try container.encode(current?.endorsement ?? draft.endorsement, forKey: .endorsement)
        try container.encodeIfPresent(isFollowed, forKey: .following)
        if let record {
            try container.encode((current?.id ?? draft.id).text, forKey: .endorsementScope)
            return try record.encode(to: encoder)
        }
        try container.encode(draft.id.text, forKey: .id)
        try container.encode(draft.title, forKey: .title)
        try container.encode(draft.text, forKey: .text)
        try container.encode(draft.theme.text, forKey: .theme)
        try container.encode(draft.unit.text, forKey: .unit)
        try container.encode(draft.measure, forKey: .measure)
        try container.encode(Self.evidence(draft.releases, draft.cells), forKey: .evidence)
        try container.encode(draft.benches, forKey: .benches)
        try container.encode(draft.provenance, forKey: .provenance)
        try container.encode(draft.revises.text, forKey: .revises)
        try container.encode(draft.revision, forKey: .revision)
        try container.encode(draft.version, forKey: .version)
    }
}
