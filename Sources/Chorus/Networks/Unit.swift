import Foundation
import Postgres

/// An organisational unit of the employer; units form a tree.
struct OrganisationalUnit: Encodable, Sendable {
    let id: String
    let name: String
    @ExplicitNull var parent: String?
}

/// The tree as a coordinator sends it, whole.
struct UnitTree: JSONInput {
    struct Entry: JSONInput {
        let id: UUID?
        let name: String
        let parent: UUID?

        init(_ fields: inout Fields) {
            id = fields.optionalUUID("id")
            name = fields.string("name", length: 1...200)
            parent = fields.optionalUUID("parent")
        }
    }

    let entries: [Entry]

    init(_ fields: inout Fields) {
        entries = fields.objects("items", count: 0...2_000, isRequired: true)
        let ids = entries.compactMap(\.id)
        if Set(ids).count < ids.count { fields.refuse("items", "has an id twice") }
        let parents = Dictionary(entries.compactMap { entry in entry.id.map { ($0, entry.parent) } }) { first, _ in
            first
        }
        for (index, entry) in entries.enumerated() {
            if let parent = entry.parent, parents[parent] == nil {
                fields.refuse(at: "items/\(index)/parent", "is no unit")
            }
            if let id = entry.id, Self.isInCycle(id, parents) {
                fields.refuse(at: "items/\(index)/parent", "makes a circle")
            }
        }
    }

    private static func isInCycle(_ id: UUID, _ parents: [UUID: UUID?]) -> Bool {
        var place = parents[id] ?? nil
        for _ in 0..<parents.count {
            guard let current = place else { return false }
            if current == id { return true }
            place = parents[current] ?? nil
        }
        return place != nil
    }
}

struct ReadUnits: PostgresStatement {
    static let sql = "SELECT id, name, parent_id FROM unit WHERE network_id = $1 ORDER BY position, id"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> OrganisationalUnit {
        let id: UUID = try row.next()
        let name: String = try row.next()
        let parent: UUID? = try row.next()
        return OrganisationalUnit(id: id.text, name: name, parent: parent.text)
    }
}

/// Replaces the tree; a unit that is gone must not be in use any more.
struct ReplaceUnits: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH given AS (
            SELECT * FROM unnest($2::uuid[], $3::text[], $4::uuid[]) WITH ORDINALITY AS g (id, name, parent_id, position)
        ), gone AS (
            DELETE FROM unit WHERE network_id = $1 AND id NOT IN (SELECT id FROM given)
        )
        INSERT INTO unit (network_id, id, name, parent_id, position)
        SELECT $1, id, name, parent_id, position FROM given
        ON CONFLICT (network_id, id)
        DO UPDATE SET name = EXCLUDED.name, parent_id = EXCLUDED.parent_id, position = EXCLUDED.position
        """
    let network: UUID
    let units: [(id: UUID, name: String, parent: UUID?)]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(units.map(\.id))
        parameters.append(units.map(\.name))
        parameters.append(units.map(\.parent))
    }
}
