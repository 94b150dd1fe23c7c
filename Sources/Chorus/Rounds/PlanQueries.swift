import Disclosure
import Foundation
import Postgres

/// Freezes a plan: its nodes, and the leaf for each choice.
struct InsertPlan: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH nodes AS (
            INSERT INTO plan_node (network_id, round_id, index, item_id, unit_id, unit_name, parent_index, population, k)
            SELECT $1, $2, n.index, n.item_id, n.unit_id,
                (SELECT name FROM unit u WHERE u.network_id = $1 AND u.id = n.unit_id), n.parent_index, n.population, n.k
            FROM unnest($3::bigint[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[], $11::smallint[])
                AS n (index, item_id, unit_id, parent_index, population, k)
        )
        INSERT INTO plan_leaf (network_id, round_id, item_id, unit_id, node_index)
        SELECT $1, $2, l.item_id, l.unit_id, l.node_index
        FROM unnest($8::uuid[], $9::uuid[], $10::bigint[]) AS l (item_id, unit_id, node_index)
        """
    let network: UUID
    let round: UUID
    let plan: Plan<UUID>
    func bind(_ parameters: inout PostgresParameters) {
        let leaves = plan.leaves.flatMap { item, places in places.map { (item, $0.key, $0.value) } }
        parameters.append(network)
        parameters.append(round)
        parameters.append(Array(plan.nodes.indices))
        parameters.append(plan.nodes.map(\.item))
        parameters.append(plan.nodes.map(\.unit))
        parameters.append(plan.nodes.map(\.parent))
        parameters.append(plan.nodes.map(\.population))
        parameters.append(leaves.map(\.0))
        parameters.append(leaves.map(\.1))
        parameters.append(leaves.map(\.2))
        parameters.append(plan.nodes.map { $0.k.map { Int16($0) } })
    }
}

/// Numbers of ballots and endorsements, each apart from the others of the same ballot; written by the mixer.
struct InsertContributions: PostgresStatement {
    /// One answer to one item.
    struct Number: Sendable {
        let round: UUID
        let item: UUID
        let unit: UUID?
        let keyId: [UInt8]
        let rating: Int

        static func from(_ staged: StagedSubmission) -> [Number] {
            if let ballot = staged.ballot {
                return ballot.answers.map {
                    Number(
                        round: ballot.round,
                        item: $0.item,
                        unit: ballot.unit,
                        keyId: staged.keyId,
                        rating: $0.rating
                    )
                }
            }
            return staged.endorsement.map {
                let id = $0.recommendation
                return [Number(round: id, item: id, unit: nil, keyId: staged.keyId, rating: $0.support.rating)]
            } ?? []
        }
    }

    typealias Row = Void
    /// A unit that the plan does not know counts as no unit.
    static let sql = """
        INSERT INTO contribution (network_id, id, round_id, key_id, node_index, class, rating)
        SELECT $1, n.id, n.round_id, n.key_id, coalesce(chosen.node_index, rest.node_index),
            CASE WHEN n.rating < 3 THEN 'negative' WHEN n.rating > 3 THEN 'positive' ELSE 'neutral' END, n.rating
        FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[], $7::smallint[])
            AS n (id, round_id, item_id, unit_id, key_id, rating)
        JOIN plan_leaf rest ON rest.network_id = $1 AND rest.round_id = n.round_id AND rest.item_id = n.item_id
            AND rest.unit_id IS NULL
        LEFT JOIN plan_leaf chosen ON chosen.network_id = $1 AND chosen.round_id = n.round_id
            AND chosen.item_id = n.item_id AND chosen.unit_id = n.unit_id
        """
    let network: UUID
    let numbers: [Number]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(numbers.map { _ in UUID() })
        parameters.append(numbers.map(\.round))
        parameters.append(numbers.map(\.item))
        parameters.append(numbers.map(\.unit))
        parameters.append(numbers.map(\.keyId))
        parameters.append(numbers.map { Int16($0.rating) })
    }
}
