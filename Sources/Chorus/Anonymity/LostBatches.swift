import Foundation
import Postgres

extension Server {
    /// Gives up batches whose key files are gone, which nobody can open any more.
    ///
    /// After a recovery to a point in time the database has rows of before a mix that has destroyed their key. Their
    /// authors' devices are told `unknown` and send again.
    ///
    /// For an operator only: where the directory of key files is merely not mounted, this would give up what can be
    /// opened.
    ///
    /// - Returns: how many batches that were.
    /// - Throws: ``OperationRefusal`` on a server without the key files of those that take anonymous input; what PostgreSQL says.
    public func forgetUnreadable() async throws -> Int {
        guard parts.configuration.takesAnonymous else {
            throw OperationRefusal(
                "CHORUS_ANONYMOUS is off here, so the keys of batches may lie elsewhere. Nothing was given up. Do this where "
                    + "anonymous input is taken."
            )
        }
        let pool = parts.databases.mixer
        var count = 0
        for batch in try await pool.execute(ReadBatches()) where parts.batchKeys.key(batch.id) == nil {
            _ = try await pool.execute(CloseLostBatch(id: batch.id))
            try await pool.transaction { transaction in
                guard try await transaction.first(LockBatch(id: batch.id)) != nil else { return }
                _ = try await transaction.execute(DeleteBatch(id: batch.id))
            }
            count += 1
        }
        return count
    }
}
