import Crypto
import Foundation
import Synchronization

/// The keys of batches: files of mode 0600 outside the database, destroyed once a batch is mixed.
///
/// What WAL, backups and dead rows still hold of a batch can never be opened again after that (invariant I12).
final class BatchKeys: Sendable {
    private let directory: String
    /// Keys of live batches, so that a submission need not read a file.
    private let known = Mutex<[UUID: SymmetricKey]>([:])

    init(_ data: DataDirectory) {
        directory = data.file("batch-keys")
    }

    /// Makes the key of a new batch and waits until it is on the disk: no row is ever sealed under a key that a crash could take.
    func create(_ batch: UUID) throws {
        forgetDestroyed()
        let key = SymmetricKey(size: .bits256)
        try DataDirectory.write(key.withUnsafeBytes { Array($0) }, to: file(batch))
        known.withLock { $0[batch] = key }
    }

    func key(_ batch: UUID) -> SymmetricKey? {
        // Another process may have destroyed it: then it must not live on in this one's memory (I12).
        guard access(file(batch), F_OK) == 0 else {
            known.withLock { _ = $0.removeValue(forKey: batch) }
            return nil
        }
        if let key = known.withLock({ $0[batch] }) { return key }
        guard let bytes = FileManager.default.contents(atPath: file(batch)), bytes.count == 32 else { return nil }
        let key = SymmetricKey(data: bytes)
        known.withLock { $0[batch] = key }
        return key
    }

    /// Overwrites and deletes the key: from here on nobody can open a row of the batch.
    func destroy(_ batch: UUID) {
        known.withLock { _ = $0.removeValue(forKey: batch) }
        DataDirectory.destroy(file(batch))
    }

    /// Drops from memory what another process has destroyed on the disk: it could still be swapped out or dumped (I12).
    private func forgetDestroyed() {
        known.withLock { known in known = known.filter { access(file($0.key), F_OK) == 0 } }
    }

    /// The batches whose key files are there and older than a minute.
    func forgotten(at now: Date) -> [UUID] {
        forgetDestroyed()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.compactMap { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            guard let made = attributes?[.modificationDate] as? Date, now.timeIntervalSince(made) > 60 else {
                return nil
            }
            return UUID(utf8: name.utf8)
        }
    }

    private func file(_ batch: UUID) -> String { "\(directory)/\(batch.text)" }
}
