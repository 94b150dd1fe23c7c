import Dispatch
import Foundation
@testable import Postgres
@testable import TestSupport

@testable import Chorus

/// A statement as a pool runs it, with values that are there in every world.
struct PlannedStatement {
    let name: String
    let database: DatabaseKind
    let role: LoginRole
    let sql: String
    let isPlannedAnew: Bool
    let types: [String]
    /// SQL for each parameter.
    let values: [String]
    /// Whether the first network is set.
    let inNetwork: Bool

    /// - Parameters:
    ///   - statement: any value of it, for its text and the types that it sends.
    ///   - role: the login.
    ///   - values: SQL for each parameter.
    ///   - inNetwork: whether it sees the first network's rows; true by default.
    ///   - database: the private one by default.
    init<S: PostgresStatement>(
        _ statement: S,
        as role: LoginRole,
        _ values: [String],
        inNetwork: Bool = true,
        of database: DatabaseKind = .private,
        _ detail: String = ""
    ) {
        var parameters = PostgresParameters()
        statement.bind(&parameters)
        name = "\(S.self)\(detail)"
        self.database = database
        self.role = role
        sql = S.sql
        isPlannedAnew = S.isPlannedAnew
        types = parameters.values.map { Self.names[$0.type.oid] ?? "unknown" }
        self.values = values
        self.inNetwork = inNetwork
    }

    private static let names: [UInt32: String] = [
        16: "boolean", 17: "bytea", 20: "bigint", 21: "smallint", 23: "integer", 25: "text", 1000: "boolean[]",
        1001: "bytea[]", 1007: "integer[]",
        1009: "text[]", 1082: "date", 1184: "timestamptz", 2950: "uuid", 2951: "uuid[]",
    ]

    /// Runs it as often as it takes PostgreSQL to settle for a plan, and tells the plans of the last time: of the statement, and
    /// of all that functions and foreign keys run inside it.
    func script(_ index: Int) -> String {
        let setting = inNetwork ? "SET LOCAL chorus.network_id = 'c16e571b-9f71-e740-fda5-018a37c10f17';" : ""
        let run =
            "BEGIN; \(setting) EXECUTE s\(index)\(values.isEmpty ? "" : "(\(values.joined(separator: ", ")))"); ROLLBACK;"
        return """
            SET plan_cache_mode = \(isPlannedAnew ? "force_custom_plan" : "auto");
            SET SESSION AUTHORIZATION \(role.rawValue);
            PREPARE s\(index)\(types.isEmpty ? "" : "(\(types.joined(separator: ", ")))") AS \(sql);
            \(String(repeating: run + "\n", count: 6))
            SET client_min_messages = notice;
            \\warn @@\(index)
            \(run)
            SET client_min_messages = warning;
            RESET SESSION AUTHORIZATION;

            """
    }
}

/// What the plans of a statement come to.
struct PlanFigures {
    /// PostgreSQL's units, of all plans together.
    var cost = 0.0
    /// Rows that were looked at, whether or not they were kept.
    var rows = 0.0
    /// Tables that were read from end to end.
    var wholes: Set<String> = []

    fileprivate mutating func add(_ node: PlanNode) {
        if let relation = node.relation, relation != "anon_batch" {
            rows += (node.rows + (node.filtered ?? 0) + (node.rechecked ?? 0)) * node.loops
            if node.type == "Seq Scan" { wholes.insert(relation) }
        }
        for child in node.children ?? [] { add(child) }
    }
}

private struct PlanNode: Decodable {
    let type: String
    let cost: Double
    let relation: String?
    let rows: Double
    let loops: Double
    let filtered: Double?
    let rechecked: Double?
    let children: [PlanNode]?

    enum CodingKeys: String, CodingKey {
        case type = "Node Type"
        case cost = "Total Cost"
        case relation = "Relation Name"
        case rows = "Actual Rows"
        case loops = "Actual Loops"
        case filtered = "Rows Removed by Filter"
        case rechecked = "Rows Removed by Index Recheck"
        case children = "Plans"
    }
}

private struct Explained: Decodable {
    let plan: PlanNode
    enum CodingKeys: String, CodingKey { case plan = "Plan" }
}

/// A world that plans are made in.
struct PlanDatabases {
    private let uris: (private: String, record: String)

    /// - Parameter scale: how many times everything is there.
    static func fill(scale: Int) async throws -> PlanDatabases {
        let uris = try await TestDatabases.lease()
        let worlds = PlanDatabases(uris: uris)
        // The functions' owner reaches the schema as the database's owner, which a server makes it when it starts.
        let ownership = "SELECT format('ALTER DATABASE %I OWNER TO chorus_owner', current_database()) \\gexec\n"
        let preparation = "\\set scale \(scale)\n" + ownership
        _ = try await worlds.psql(preparation + PlanWorld.private, on: .private)
        _ = try await worlds.psql(preparation + PlanWorld.record, on: .record)
        return worlds
    }

    /// Runs statements and reads their plans.
    ///
    /// - Parameter prefersIndexes: whether tables that are small enough to be read whole are read as large ones are.
    /// - Returns: figures in the order of the statements.
    func figures(_ statements: [PlannedStatement], prefersIndexes: Bool) async throws -> [PlanFigures] {
        var found = [PlanFigures](repeating: PlanFigures(), count: statements.count)
        for kind in DatabaseKind.allCases {
            let scripts = statements.enumerated().filter { $0.element.database == kind }.map {
                $0.element.script($0.offset)
            }
            let setting = prefersIndexes ? "SET enable_seqscan = off; SET enable_bitmapscan = off;\n" : ""
            let told = try await psql(Self.explains + setting + scripts.joined(), on: kind)
            for part in told.components(separatedBy: "@@").dropFirst() {
                guard let index = Int(part.prefix { $0.isNumber }) else { continue }
                for plan in try Self.plans(in: part) {
                    found[index].cost += plan.cost
                    found[index].add(plan)
                }
            }
        }
        return found
    }

    func run(_ sql: String) async throws { _ = try await psql(sql, on: .private) }

    private static let explains = """
        LOAD 'auto_explain';
        SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off;
        SET auto_explain.log_nested_statements = on; SET auto_explain.log_format = json;
        SET auto_explain.log_level = notice; SET client_min_messages = warning;

        """

    /// Each stands behind a line that ends with `plan:` and ends with a closing brace at the beginning of a line.
    private static func plans(in text: String) throws -> [PlanNode] {
        try text.components(separatedBy: "plan:\n").dropFirst().map { chunk in
            guard let end = chunk.range(of: "\n}") else { throw CocoaError(.coderReadCorrupt) }
            return try JSONDecoder().decode(Explained.self, from: Data(chunk[..<end.upperBound].utf8)).plan
        }
    }

    /// - Returns: what psql writes to standard error, where it says what went wrong too.
    private func psql(_ script: String, on kind: DatabaseKind) async throws -> String {
        let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-plans-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (input, output) = (directory.appending(path: "in.sql"), directory.appending(path: "told"))
        try Data(script.utf8).write(to: input)
        try Data().write(to: output)
        let uri = kind == .private ? uris.private : uris.record
        // A blocking call: on a thread that no task waits for.
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Self.run(uri, input, output) })
            }
        }
        let told = try String(contentsOf: output, encoding: .utf8)
        guard status == 0 else { throw Refusal(told: told) }
        return told
    }

    private static func run(_ uri: String, _ input: URL, _ output: URL) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", uri, "-f", input.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private struct Refusal: Error, CustomStringConvertible {
        let told: String
        // Plans stand between the errors.
        var description: String { told.split(separator: "\n").filter { $0.contains("ERROR") }.joined(separator: " ") }
    }
}
