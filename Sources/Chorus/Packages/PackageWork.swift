import AnonymousTokens
import Foundation
import Postgres

extension ServerParts {
    /// What a network signs with.
    func townKey(of network: UUID) throws -> TownKey { try TownKey(of: network, in: data) }

    /// A published recommendation with everything that led to it, signed by this town.
    ///
    /// Nothing in it is of the moment in which it is asked for: the same recommendation in the same stage is the same document.
    ///
    /// - Throws: ``Problem`` `notFound` for what is not published; `stateConflict` when too many towns had it already.
    func package(_ recommendation: UUID, of network: Network) async throws -> Package {
        let filter = RecommendationFilter(id: recommendation)
        guard let shown = try await recommendations(of: network.id, filter).first else { throw Problem(.notFound) }
        let pool = databases.member
        let themes = try await pool.execute(ReadThemes(network: network.id), network: network.id)
        let earlier = try await earlierLinks(of: recommendation, in: network.id)
        guard earlier.count < Package.maximumLinks else { throw Problem(.stateConflict) }
        let adoptions = try await pool.execute(
            ReadAdoptions(network: network.id, recommendation: recommendation),
            network: network.id
        )
        let own = adoptions.filter { $0.townId == network.id }.max { $0.stage.rank < $1.stage.rank }
        let key = try townKey(of: network.id)
        let link = Package.Link(
            town: network.employer,
            network: network.id,
            recommendation: recommendation,
            number: shown.number,
            publishedOn: shown.publishedOn,
            stage: own?.stage ?? .draft,
            on: own?.on.description ?? shown.publishedOn,
            title: shown.title,
            text: shown.text,
            measure: shown.measure,
            theme: themes.first { $0.id.text == shown.theme }?.name,
            evidence: shown.evidence.map(Package.Evidence.init),
            previous: earlier.last?.digest,
            publicKey: key.publicKey
        )
        return Package(links: earlier + [try link.signed(by: key)])
    }

    /// The links of the package that a draft was made of; none when it was made here.
    private func earlierLinks(of recommendation: UUID, in network: UUID) async throws -> [Package.Link] {
        let statement = ReadPackages(network: network, recommendation: recommendation)
        let documents = try await databases.member.execute(statement, network: network).map(\.document)
        let links = try documents.map { document in
            try Fields.read(Array(document.utf8), as: PackageForm.self).links
        }
        // What came back from elsewhere leads from here to there, not to here. Of several the one that has come furthest.
        let coming = links.filter { links in !links.contains { $0.network == network } }
        return coming.max { ($0.last?.stage.rank ?? 0) < ($1.last?.stage.rank ?? 0) } ?? []
    }

    /// Takes a package over: a draft is made of it, or, when it is one of ours that comes back, its way is noted.
    ///
    /// - Returns: the recommendation here, and whether the package was new.
    /// - Throws: ``Package/Refusal``.
    func take(_ bytes: [UInt8], in network: Network) async throws -> (recommendation: UUID, isNew: Bool) {
        let pool = databases.member
        let towns = try await pool.execute(ReadTrustedTowns(network: network.id), network: network.id)
        let ownKey = try townKey(of: network.id).publicKey
        var keys = Dictionary(towns.map { ($0.keyId.hex, $0.publicKey) }) { first, _ in first }
        keys[TownKey.id(of: ownKey).hex] = ownKey
        let package = try Package(bytes, trusting: keys)
        let known = ReadPackages(network: network.id, digest: package.digest)
        if let found = try await pool.first(known, network: network.id) { return (found.recommendation, false) }
        let today = PostgresDate.today(in: network.zone, at: now())
        return try await pool.transaction(network: network.id) { transaction in
            // Two at once make one draft: the second waits here, and finds the first one's.
            _ = try await transaction.execute(LockNumbering(owner: network.id))
            if let found = try await transaction.first(known) { return (found.recommendation, false) }
            let place = try await Self.place(of: package, in: network.id, transaction)
            let id = place ?? UUID()
            if place == nil, let last = package.links.last {
                _ = try await transaction.execute(
                    InsertTakenDraft(network: network.id, id: id, link: last, today: today)
                )
            }
            let keeping = InsertPackage(
                network: network.id,
                package: package,
                recommendation: id,
                today: today
            )
            _ = try await transaction.execute(keeping)
            let adoptions = package.links.compactMap { link in
                PostgresDate(link.on).map { day in
                    Adoption(recommendation: id, townId: link.network, town: link.town, stage: link.stage, on: day)
                }
            }
            let noting = InsertAdoptions(network: network.id, recommendation: id, adoptions: adoptions)
            _ = try await transaction.execute(noting)
            return (id, true)
        }
    }

    /// The recommendation here that a package is of: one of ours that comes back, or one of which a draft was made already.
    private static func place(
        of package: Package,
        in network: UUID,
        _ transaction: PostgresTransaction
    ) async throws -> UUID? {
        if let own = package.links.first(where: { $0.network == network }) { return own.recommendation }
        guard let origin = package.links.first else { return nil }
        return try await transaction.first(FindTaken(network: network, origin: origin))
    }
}
