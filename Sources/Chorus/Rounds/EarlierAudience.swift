import Foundation

/// Somebody who was asked the same before.
struct EarlierAudience: Sendable {
    let opensAt: Date
    let closesAt: Date
    /// Memberships; `nil` for the whole network.
    let members: Set<UUID>?
    /// How many of them have left the network since; none of them is in any audience of today.
    var departed = 0
    /// Whether a question has the same id, not only the same text.
    let isSameItem: Bool
}

/// The whole network as it is now, and the people of each of its cells.
struct Roster: Sendable {
    let everybody: Set<UUID>
    /// Each unit with those below it.
    private(set) var units: [Set<UUID>] = []

    init(_ people: [(id: UUID, unit: UUID?)], units: [OrganisationalUnit]) {
        everybody = Set(people.map(\.id))
        let parents = Dictionary(units.map { ($0.id, $0.parent) }) { first, _ in first }
        var cells: [String: Set<UUID>] = [:]
        for person in people {
            var place = person.unit?.text
            // As many steps as there are units at most, whatever the tree looks like.
            for _ in units {
                guard let unit = place else { break }
                cells[unit, default: []].insert(person.id)
                place = parents[unit] ?? nil
            }
        }
        self.units = Array(cells.values)
    }
}
