import Disclosure
import Foundation
import Postgres

/// What a release is of.
enum ReleaseKind: String, CaseIterable, Sendable {
    /// The items of a round.
    case round
    /// The themes of a month's free messages.
    case themes
}

/// A release between the two databases: frozen in the transaction that deletes what it was made from.
struct FrozenRelease: Sendable {
    let id: UUID
    /// Of the round, or of the recommendation whose endorsements are counted; a release of themes has its own id here.
    let round: UUID
    let title: String
    let closedOn: PostgresDate
    let k: Int
    /// Becomes the support of a recommendation instead of a release.
    var isEndorsement = false
    var kind = ReleaseKind.round
    var scheme = Scheme.s1
}

/// A cell of it, with the texts that the record needs to be read alone.
struct FrozenCell: Sendable {
    /// `nil` for the whole of the release.
    let item: UUID?
    let itemText: String
    let unit: UUID?
    let unitName: String?
    /// `nil` for a noised cell that says less than its noise.
    let cell: Cell<UUID>?
    /// Of a strict round.
    var noise: NoisyCell<UUID>?
}
