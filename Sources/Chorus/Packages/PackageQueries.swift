import AnonymousTokens
import Foundation
import Postgres

/// A town whose signed recommendations this network takes over.
struct TrustedTown: Sendable {
    let keyId: [UInt8]
    let publicKey: [UInt8]
    let name: String
    let trustedOn: PostgresDate
}

struct ReadTrustedTowns: PostgresStatement {
    static let sql = """
        SELECT key_id, public_key, name, trusted_on FROM trusted_town
        WHERE network_id = $1 AND ($2::bytea IS NULL OR key_id = $2)
        ORDER BY name, key_id
        """
    let network: UUID
    var keyId: [UInt8]?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(keyId)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> TrustedTown {
        TrustedTown(
            keyId: try row.next(),
            publicKey: try row.next(),
            name: try row.next(),
            trustedOn: try row.next()
        )
    }
}

/// Trusts a town, or gives it another name.
struct SaveTrustedTown: PostgresStatement {
    static let sql = """
        INSERT INTO trusted_town (network_id, key_id, public_key, name, trusted_on) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (network_id, key_id) DO UPDATE SET name = excluded.name
        RETURNING trusted_on
        """
    let network: UUID
    let town: TrustedTown
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(town.keyId)
        parameters.append(town.publicKey)
        parameters.append(town.name)
        parameters.append(town.trustedOn)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> PostgresDate { try row.next() }
}

struct DeleteTrustedTown: PostgresStatement {
    static let sql = "DELETE FROM trusted_town WHERE network_id = $1 AND key_id = $2 RETURNING key_id"
    let network: UUID
    let keyId: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(keyId)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> [UInt8] { try row.next() }
}

/// A draft that is made of another town's recommendation; its evidence is that town's, and no cell of here.
struct InsertTakenDraft: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO recommendation (network_id, id, title, text, measure, evidence_release_ids, evidence_cell_ids, written_on,
            \(Provenance.columns))
        VALUES ($1, $2, $3, $4, $5, '{}', '{}', $6, $7, $8, $9, $10)
        """
    let network: UUID
    let id: UUID
    let link: Package.Link
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(link.title)
        parameters.append(link.text)
        parameters.append(link.measure)
        parameters.append(today)
        // Until somebody here says more of a paragraph, all of it comes from there.
        let origin = Provenance(
            paragraph: nil,
            kind: .package,
            reference: "\(link.number), \(link.town)".prefix(300).description,
            on: PostgresDate(link.publishedOn) ?? today
        )
        Provenance.bind([origin], &parameters)
    }
}

/// Keeps a package; nothing when it is here already.
struct InsertPackage: PostgresStatement {
    static let sql = """
        INSERT INTO package (network_id, digest, recommendation_id, document, imported_on, origin_network_id,
            origin_recommendation_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT DO NOTHING
        RETURNING recommendation_id
        """
    let network: UUID
    let package: Package
    let recommendation: UUID
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(package.digest)
        parameters.append(recommendation)
        parameters.append(package.json.text)
        parameters.append(today)
        parameters.append(package.links.first?.network)
        parameters.append(package.links.first?.recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// The packages of a digest, or those of which a draft was made here, the first one first.
struct ReadPackages: PostgresStatement {
    static let sql = """
        SELECT recommendation_id, document FROM package
        WHERE network_id = $1 AND ($2::bytea IS NULL OR digest = $2) AND ($3::uuid IS NULL OR recommendation_id = $3)
        ORDER BY imported_on, digest
        """
    let network: UUID
    var digest: [UInt8]?
    var recommendation: UUID?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(digest)
        parameters.append(recommendation)
    }
    static func decode(
        _ row: inout PostgresRow
    ) throws(PostgresDecodingError) -> (recommendation: UUID, document: String) {
        (try row.next(), try row.next())
    }
}

/// The draft that was made here of a town's recommendation.
struct FindTaken: PostgresStatement {
    static let sql = """
        SELECT recommendation_id FROM package
        WHERE network_id = $1 AND origin_network_id = $2 AND origin_recommendation_id = $3
        ORDER BY imported_on, digest
        LIMIT 1
        """
    let network: UUID
    /// The first link.
    let origin: Package.Link
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(origin.network)
        parameters.append(origin.recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Which town has a recommendation how far, and since when.
struct Adoption: Sendable {
    let recommendation: UUID
    let townId: UUID
    let town: String
    let stage: Stage
    let on: PostgresDate
}

/// Notes stages; those that are known stay as they were first noted.
struct InsertAdoptions: PostgresStatement {
    static let sql = """
        INSERT INTO adoption (network_id, recommendation_id, town_id, town, stage, on_day)
        SELECT $1, $2, n.town_id, n.town, n.stage, n.on_day
        FROM unnest($3::uuid[], $4::text[], $5::text[], $6::date[]) AS n (town_id, town, stage, on_day)
        ON CONFLICT DO NOTHING
        RETURNING stage
        """
    let network: UUID
    let recommendation: UUID
    let adoptions: [Adoption]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(adoptions.map(\.townId))
        parameters.append(adoptions.map(\.town))
        parameters.append(adoptions.map(\.stage.rawValue))
        parameters.append(adoptions.map(\.on))
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

struct ReadAdoptions: PostgresStatement {
    static let sql = """
        SELECT recommendation_id, town_id, town, stage, on_day FROM adoption
        WHERE network_id = $1 AND recommendation_id = $2
        ORDER BY on_day, array_position(ARRAY['draft', 'pilot', 'standard'], stage), town_id
        """
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Adoption {
        Adoption(
            recommendation: try row.next(),
            townId: try row.next(),
            town: try row.next(),
            stage: try row.choice(),
            on: try row.next()
        )
    }
}
