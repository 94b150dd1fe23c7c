import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Ids of one thing of each kind in a network, by the names that paths and bodies have for them.
struct TownIDs: Sendable {
    /// Names of path parameters that belong to one network or one account.
    static let things: Set<String> = [
        "event", "channel", "message", "round", "release", "recommendation", "membership", "request", "comment",
        "theme",
        "webhook", "letter", "suggestion", "keyId", "session", "apiToken",
    ]

    let byName: [String: String]
    /// A draft; paths below a recommendation that are about drafts get it in place of the published one.
    let draft: String
    /// A round that is not open yet.
    let plannedRound: String

    /// Ids of nothing, of the same forms.
    static func missing() -> TownIDs {
        var ids = Dictionary(uniqueKeysWithValues: things.union(["network", "unit", "item"]).map { ($0, UUID().text) })
        ids["keyId"] = TestServer.randomReceipt().hex
        return TownIDs(byName: ids, draft: UUID().text, plannedRound: UUID().text)
    }

    /// What an operation's path is filled with.
    func values(for operation: ContractOperation) -> [String: String] {
        var values = byName.merging(Self.same) { own, _ in own }
        if operation.roles.contains("coauthor") && operation.template.contains("{recommendation}/")
            || Self.aboutDrafts.contains(operation.id)
        {
            values["recommendation"] = draft
        }
        if operation.id == "readAdmission" { values["round"] = plannedRound }
        return values
    }

    private static let aboutDrafts: Set<String> = [
        "updateRecommendation", "inviteCoauthor", "removeCoauthor", "openReview", "voteOnDraft", "openConsultation",
        "stateForBody", "publishRecommendation",
    ]
    /// Values that mean the same in every network.
    private static let same = [
        "table": "item", "version": "1", "bench": "network", "purpose": "mail", "rule": "recruiting-unit",
        "token": "x", "file": "x",
    ]
}
