import Foundation
import Postgres

/// An id inside a body that must be of something in the same network.
struct NetworkReference: Sendable {
    enum Kind: String, Sendable { case theme, unit, event, item }

    let kind: Kind
    let id: UUID
    /// Where it stands in the body.
    let pointer: String

    /// - Parameter id: `nil` where the body names nothing, which is never wrong.
    init?(_ kind: Kind, _ id: UUID?, at pointer: String) {
        guard let id else { return nil }
        self.kind = kind
        self.id = id
        self.pointer = pointer
    }
}

extension ServerParts {
    /// Refuses ids of other networks and of nothing, and names where they stand.
    ///
    /// The schema's foreign keys hold all the same; they cannot say which element of a list was wrong.
    ///
    /// - Throws: ``Problem`` `invalid`.
    func check(_ references: [NetworkReference?], in network: UUID) async throws {
        let references = references.compactMap { $0 }
        guard !references.isEmpty else { return }
        let statement = ReadKnownReferences(network: network, references: references)
        let known = Set(try await databases.member.execute(statement, network: network))
        let faults = zip(references, references.indices).filter { !known.contains($1) }.map { reference, _ in
            Problem.FieldError(pointer: reference.pointer, detail: "is no \(reference.kind.rawValue) of this network")
        }
        if !faults.isEmpty { throw Problem(.invalid, errors: faults) }
    }
}

/// The places, counted from zero, of those references that lead somewhere.
struct ReadKnownReferences: PostgresStatement {
    static let sql = """
        SELECT (r.place - 1)::bigint
        FROM unnest($2::text[], $3::uuid[]) WITH ORDINALITY AS r (kind, id, place)
        WHERE CASE r.kind
            WHEN 'theme' THEN EXISTS (SELECT FROM theme x WHERE x.network_id = $1 AND x.id = r.id)
            WHEN 'unit' THEN EXISTS (SELECT FROM unit x WHERE x.network_id = $1 AND x.id = r.id)
            WHEN 'event' THEN EXISTS (SELECT FROM event x WHERE x.network_id = $1 AND x.id = r.id)
            WHEN 'item' THEN EXISTS (SELECT FROM item x WHERE x.network_id = $1 AND x.id = r.id)
            END
        """
    let network: UUID
    let references: [NetworkReference]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(references.map(\.kind.rawValue))
        parameters.append(references.map(\.id))
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}
