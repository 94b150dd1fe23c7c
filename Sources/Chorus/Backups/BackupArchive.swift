import Foundation
import Postgres

/// A backup's file: first the manifest, then the dumps in pieces.
enum BackupArchive {
    static let manifest = "manifest.json"

    /// Opens a backup and reads what it says of itself.
    ///
    /// - Throws: ``OperationRefusal`` when the file is none, or for somebody else.
    static func open(_ file: String, _ lock: BackupLock) throws -> (BackupManifest, ArchiveReader) {
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw OperationRefusal("\(file) cannot be read.")
        }
        do {
            let archive = ArchiveReader(try AgeReader(file, with: lock.identities))
            guard try archive.next() == manifest else { throw ArchiveReader.Failure.malformed }
            let read = try BackupManifest(decoding: try archive.readAll())
            guard read.version == 1 else {
                throw OperationRefusal("\(file) was made by a newer version of Chorus. Restore it with that one.")
            }
            return (read, archive)
        } catch AgeHeader.Failure.noKey {
            throw OperationRefusal("\(file) is for another key or passphrase.")
        } catch let refusal as OperationRefusal {
            throw refusal
        } catch {
            throw OperationRefusal("\(file) is no backup, or it was changed. Nothing was done with it.")
        }
    }

    /// Reads a backup from its first byte to its last and compares what is in it with what it says of itself.
    ///
    /// - Returns: its manifest.
    /// - Throws: ``OperationRefusal``.
    static func verify(_ file: String, _ lock: BackupLock) throws -> BackupManifest {
        let (manifest, archive) = try open(file, lock)
        do {
            var dumps = DumpPieces(archive)
            for kind in DatabaseKind.allCases {
                var rows = CopiedRows()
                let program = try DumpProgram("pg_restore", nil, ["--data-only", "--file=-"])
                try program.run {
                    try dumps.next(of: kind)
                } output: {
                    rows.count($0)
                }
                let expected = Dictionary(manifest[kind].tables.map { ($0.name, $0.rows) }) { first, _ in first }
                guard rows.tables == expected else { throw ArchiveReader.Failure.malformed }
            }
            guard try dumps.isOver() else { throw ArchiveReader.Failure.malformed }
        } catch let refusal as OperationRefusal {
            throw refusal
        } catch {
            throw OperationRefusal("\(file) is damaged, or it was changed: do not rely on it. Nothing was restored.")
        }
        return manifest
    }
}

/// The pieces of the dumps, one dump after the other.
struct DumpPieces {
    private let archive: ArchiveReader
    /// The piece that is read; `nil` before the first and after the last.
    private var name: String?
    private var hasBegun = false

    /// - Parameter archive: its manifest has been read.
    init(_ archive: ArchiveReader) {
        self.archive = archive
    }

    /// - Returns: more of a database's dump; `nil` at its end.
    mutating func next(of kind: DatabaseKind) throws -> [UInt8]? {
        if !hasBegun { name = try archive.next() }
        hasBegun = true
        while let current = name, current.hasPrefix("\(kind.rawValue).dump.") {
            if let bytes = try archive.read() { return bytes }
            name = try archive.next()
        }
        return nil
    }

    /// Whether there is nothing after the last dump.
    func isOver() throws -> Bool { hasBegun && name == nil }
}

/// Counts the rows in the SQL that `pg_restore` writes, as it writes it.
struct CopiedRows {
    private(set) var tables: [String: Int] = [:]
    private var table: String?
    /// The beginning of a line; of the middle of a long one nothing is kept.
    private var line: [UInt8] = []

    mutating func count(_ bytes: [UInt8]) {
        for byte in bytes {
            if byte == 0x0A {
                end()
                line.removeAll(keepingCapacity: true)
            } else if line.count < 200 {
                line.append(byte)
            }
        }
    }

    private mutating func end() {
        if let table {
            // The end of the rows; a row with that text would be written with two backslashes.
            if line == Array("\\.".utf8) { self.table = nil } else { tables[table, default: 0] += 1 }
            return
        }
        let text = String(decoding: line, as: UTF8.self)
        guard text.hasPrefix("COPY public.") else { return }
        let name = String(text.dropFirst(12).prefix { $0 != " " }).replacing("\"", with: "")
        table = name
        tables[name] = 0
    }
}

extension Server {
    /// Checks a backup without a database: that nobody has changed it, that it is whole, and that each table has the
    /// rows it should have.
    ///
    /// - Parameters:
    ///   - file: the backup.
    ///   - lock: what opens it.
    /// - Throws: ``OperationRefusal``.
    public static func verifyBackup(_ file: String, _ lock: BackupLock) async throws -> BackupReport {
        BackupReport(try await onThread { try BackupArchive.verify(file, lock) })
    }
}
