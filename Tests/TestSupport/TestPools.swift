@testable import Chorus
import Postgres

extension TestServer {
    /// Pools of their own on the databases of a server, as other processes have them.
    ///
    /// - Parameters:
    ///   - count: how many processes.
    ///   - body: gets the members' pool of each.
    func withProcesses(_ count: Int, _ body: ([PostgresPool]) async throws -> Void) async throws {
        let setup = DatabaseSetup(
            privateURI: server.privateURI,
            recordURI: server.recordURI,
            data: parts.data,
            logger: parts.logger
        )
        let databases = try (0..<count).map { _ in try setup.open() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(databases.map(\.member))) } catch { outcome = .failure(error) }
        for (_, pool) in databases.flatMap(\.all) { await pool.close() }
        try outcome.get()
    }
}
