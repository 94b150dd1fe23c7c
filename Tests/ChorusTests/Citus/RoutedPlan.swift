import Foundation
import Postgres
@testable import TestSupport

@testable import Chorus

/// Where a table is in a cluster.
enum TablePlace: Sendable {
    /// On the machine of its network.
    case network
    /// Copied to every machine.
    case reference
    /// On the coordinator alone.
    case local
}

/// PostgreSQL's own plan of a statement for any parameters, and what in it could not be sent to the machine of one network.
///
/// A statement is routed when every table of networks in it is restricted to `network_id = $n`; PostgreSQL carries the restriction
/// from one table of a join to the others, as Citus does. (Citus manual, "SQL Support and Workarounds".)
struct RoutedPlan: Decodable {
    private let type: String
    private let relation: String?
    private let operation: String?
    private let output: [String]?
    private let relationship: String?
    private let conditions: [String]
    private let children: [RoutedPlan]

    private enum CodingKeys: String, CodingKey {
        case type = "Node Type"
        case relation = "Relation Name"
        case operation = "Operation"
        case output = "Output"
        case relationship = "Parent Relationship"
        case index = "Index Cond"
        case filter = "Filter"
        case recheck = "Recheck Cond"
        case children = "Plans"
    }

    init(from decoder: any Decoder) throws {
        let node = try decoder.container(keyedBy: CodingKeys.self)
        type = try node.decode(String.self, forKey: .type)
        relation = try node.decodeIfPresent(String.self, forKey: .relation)
        operation = try node.decodeIfPresent(String.self, forKey: .operation)
        output = try node.decodeIfPresent([String].self, forKey: .output)
        relationship = try node.decodeIfPresent(String.self, forKey: .relationship)
        let keys: [CodingKeys] = [.index, .filter, .recheck]
        conditions = try keys.compactMap { try node.decodeIfPresent(String.self, forKey: $0) }
        children = try node.decodeIfPresent([RoutedPlan].self, forKey: .children) ?? []
    }

    /// All nodes.
    private var nodes: [RoutedPlan] { [self] + children.flatMap(\.nodes) }

    /// - Parameters:
    ///   - places: where each table is; others are not tables of the database.
    ///   - columns: of each table, in order.
    /// - Returns: what cannot be done on one machine; empty when the statement is routed or needs no network.
    func faults(_ places: [String: TablePlace], _ columns: [String: [String]]) -> [String] {
        var faults: [String] = []
        var (read, written): (Set<TablePlace>, Set<TablePlace>) = ([], [])
        for node in nodes {
            guard let relation = node.relation, let place = places[relation] else { continue }
            read.insert(place)
            if node.type == "ModifyTable" {
                written.insert(place)
                if place == .network, node.operation == "Insert", !node.inserts(into: columns[relation] ?? []) {
                    faults.append("adds rows to \(relation) whose network is not a parameter")
                }
            } else if place == .network, !node.isRestricted {
                faults.append("reads \(relation) of all networks")
            }
        }
        if written.count > 1 { faults.append("writes tables in several places") }
        if read.isSuperset(of: [.network, .local]) { faults.append("joins the coordinator's tables with a network's") }
        if written == [.reference], read.contains(.network) { faults.append("writes a copied table from a network's") }
        return faults
    }

    private var isRestricted: Bool {
        let own =
            conditions + children.filter { $0.type.hasPrefix("Bitmap") }.flatMap { $0.nodes.flatMap(\.conditions) }
        return own.contains { $0.contains(/network_id = \(?\$\d|\$\d+\)? = (\w+\.)?network_id/) }
    }

    private func inserts(into columns: [String]) -> Bool {
        guard let place = columns.firstIndex(of: "network_id"),
            let source = children.first(where: { $0.relationship == "Outer" }), let values = source.output,
            values.indices.contains(place)
        else { return false }
        let value = values[place]
        if value.hasSuffix("network_id") || value.contains(/^\(?\$\d+\)?(::uuid)?$/) { return true }
        // A list of values, or a query of its own, whose first column is the network.
        return value.hasPrefix("\"*SELECT*\"")
            && source.children.flatMap(\.nodes).contains { node in
                node.output?.contains { $0.contains(/^\(?\$\d+\)?(::uuid)?$/) } ?? false
            }
    }
}

/// Plans a statement for any parameters, whatever is in the tables.
struct PlanAnyParameters: PostgresStatement {
    /// Makes what it calls; run once as superuser.
    static let preparation = """
        CREATE FUNCTION plan_any(statement text, types text[]) RETURNS text
        LANGUAGE plpgsql
        SET plan_cache_mode = force_generic_plan
        SET enable_seqscan = off
        AS $$
        DECLARE
            plan json;
            list text := CASE WHEN cardinality(types) > 0 THEN '(' || array_to_string(types, ', ') || ')' ELSE '' END;
            nulls text := CASE WHEN cardinality(types) > 0
                THEN '(' || array_to_string(array_fill('NULL'::text, ARRAY[cardinality(types)]), ', ') || ')' ELSE '' END;
        BEGIN
            EXECUTE 'PREPARE planned' || list || ' AS ' || statement;
            BEGIN
                EXECUTE 'EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE planned' || nulls INTO plan;
            EXCEPTION WHEN OTHERS THEN
                DEALLOCATE planned;
                RAISE;
            END;
            DEALLOCATE planned;
            RETURN (plan -> 0 -> 'Plan')::text;
        END
        $$
        """
    static let sql = "SELECT plan_any($1, $2)"
    let planned: PlannedStatement
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(planned.sql)
        parameters.append(planned.types)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
