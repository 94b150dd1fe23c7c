import Disclosure
import Foundation
import Postgres

extension ServerParts {
    /// Closes the themes of the months that are over, in networks whose inbox holds nothing of them any more.
    ///
    /// - Parameter waiting: networks with submissions that another mix has to bring.
    func closeThemes(except waiting: Set<UUID> = []) async throws {
        for network in try await databases.release.execute(ReadAllNetworks()) where !waiting.contains(network.id) {
            let today = PostgresDate.today(in: network.zone, at: now())
            let last = today.adding(days: -today.day)
            let month = String(last.description.prefix(7))
            let eligible = try await databases.member.execute(CountEligible(network: network.id), network: network.id)
            let population = eligible.reduce(0) { $0 + $1.count }
            try await databases.release.transaction(network: network.id) { transaction in
                // The first time is the beginning: nothing has been waiting for a month yet.
                guard try await transaction.first(CloseMonth(network: network.id, month: month)) == true else { return }
                try await freezeThemes(of: network, month, population: population, on: today, in: transaction)
            }
        }
    }

    /// One transaction: numbers beside messages become frozen cells and are deleted, or wait for the next month.
    private func freezeThemes(
        of network: Network,
        _ month: String,
        population: Int,
        on day: PostgresDate,
        in transaction: PostgresTransaction
    ) async throws {
        let tree = ThemeTree(try await transaction.execute(ReadThemes(network: network.id)), of: network.id)
        let parameters = Parameters(k: network.k, d: network.d)
        let plan = Plan(themes: tree.themes, whole: network.id, population: population, parameters: parameters)
        let pending = try await transaction.execute(ReadThemeRatings(network: network.id)).map { rating in
            Contribution(
                id: rating.id,
                key: rating.key,
                tokensPerMember: Self.messagesPerMember,
                node: rating.theme.flatMap { plan.leaves[$0]?[nil] } ?? 0,
                rating: rating.rating,
                closesWaited: rating.closesWaited
            )
        }
        var coins = AnyGenerator(coins())
        let closing = plan.close(pending: pending, parameters: parameters, using: &coins)
        let gone = closing.released + closing.expired
        _ = try await transaction.execute(DeleteThemeRatings(network: network.id, ids: gone))
        _ = try await transaction.execute(AgeThemeRatings(network: network.id))
        let cells = plan.publishThemes(closing.blocks, k: network.k)
        // A month that releases nothing leaves no trace: an empty release would tell that something waits.
        guard !cells.isEmpty else { return }
        let id = UUID()
        let title = network.locale == .en ? "Themes of messages, \(month)" : "Themen der Meldungen, \(month)"
        let frozen = FrozenRelease(id: id, round: id, title: title, closedOn: day, k: network.k, kind: .themes)
        let frozenCells = cells.map { cell in
            FrozenCell(
                item: cell.item == network.id ? nil : cell.item,
                itemText: tree.names[cell.item] ?? "",
                unit: nil,
                unitName: nil,
                cell: cell
            )
        }
        try await save(frozen, frozenCells, of: network, in: transaction)
    }
}

/// The themes of a network, and ids for their groups.
private struct ThemeTree {
    private(set) var themes: [PlanTheme<UUID>] = []
    private(set) var names: [UUID: String] = [:]

    init(_ rows: [ReadThemes.Row], of network: UUID) {
        for row in rows {
            let group = row.group.flatMap { ThemeGroup.id(of: $0, in: network) }
            themes.append(PlanTheme(id: row.id, group: group, isSensitive: row.isSensitive))
            names[row.id] = row.name
            if let group { names[group] = row.group }
        }
    }
}

/// Takes a month for closing; no row comes back when it was closed before, and false when none ever was.
struct CloseMonth: PostgresStatement {
    static let sql = """
        WITH taken AS (
            INSERT INTO theme_close (network_id, month) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING month
        )
        SELECT EXISTS (SELECT FROM theme_close WHERE network_id = $1) FROM taken
        """
    let network: UUID
    let month: String
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(month)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Bool { try row.next() }
}

struct ReadThemes: PostgresStatement {
    typealias Row = (id: UUID, name: String, group: String?, isSensitive: Bool)

    static let sql = "SELECT id, name, group_name, is_sensitive FROM theme WHERE network_id = $1 ORDER BY id"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        (try row.next(), try row.next(), try row.next(), try row.next())
    }
}

struct ReadThemeRatings: PostgresStatement {
    typealias Row = (id: UUID, key: UUID, theme: UUID?, rating: Int, closesWaited: Int)

    static let sql = "SELECT id, key_id, theme_id, rating, closes_waited FROM theme_rating WHERE network_id = $1"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let id: UUID = try row.next()
        let key: [UInt8] = try row.next()
        return (id, UUID(binary: key.prefix(16)) ?? id, try row.next(), try row.next(), try row.next())
    }
}

struct DeleteThemeRatings: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM theme_rating WHERE network_id = $1 AND id = ANY ($2)"
    let network: UUID
    let ids: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(ids)
    }
}

/// What is left waits for the next month.
struct AgeThemeRatings: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE theme_rating SET closes_waited = closes_waited + 1 WHERE network_id = $1"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
}
