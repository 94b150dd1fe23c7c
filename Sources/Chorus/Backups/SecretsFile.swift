import AnonymousTokens
import Foundation

extension DataDirectory {
    /// What a restore needs beside a backup, and what no backup holds.
    ///
    /// The pepper of the receipts, and what seals signing keys,
    /// notices and the like. Passwords of logins are made anew, and batch keys are kept nowhere.
    ///
    /// - Returns: by the names of their files.
    func keptSecrets() throws -> [String: [UInt8]] {
        let names = try FileManager.default.contentsOfDirectory(atPath: file("secrets"))
            // What is being written has a dot in its name.
            .filter { !$0.hasPrefix("chorus_") && $0 != "socket-name" && !$0.contains(".") }
        return Dictionary(try names.map { ($0, try secret($0)) }) { first, _ in first }
    }

    /// Looks whether the secrets of a backup are here, without making any.
    ///
    /// - Throws: ``OperationRefusal`` naming those that are missing or others.
    func check(_ fingerprints: [String: String]) throws {
        let mine = try keptSecrets().mapValues(BackupManifest.fingerprint)
        let wrong = fingerprints.filter { mine[$0.key] != $0.value }.map(\.key).sorted()
        guard wrong.isEmpty else {
            throw OperationRefusal(
                "The secrets that go with this backup are not in \(path): \(wrong.joined(separator: ", ")). Nothing was changed. "
                    + "Bring them with `chorus keys import` into a new data directory. Without them (--without-keys) nobody reads "
                    + "the answers to earlier messages any more, and what is sealed with them cannot be used."
            )
        }
    }

    /// Writes the secrets that no backup holds into a file of their own, to be kept apart from backups.
    ///
    /// - Parameters:
    ///   - file: must not be there.
    ///   - lock: who can open it.
    /// - Returns: the names of the secrets.
    /// - Throws: ``OperationRefusal``; ``Failure``.
    @discardableResult
    public func exportSecrets(to file: String, _ lock: BackupLock) throws -> [String] {
        guard !lock.recipients.isEmpty else {
            throw OperationRefusal("Name who can open the file: --recipient age1… or --passphrase-file FILE.")
        }
        // What has not been needed yet is made now: it is to be the same after a restore.
        _ = try Secrets(self)
        let secrets = try keptSecrets()
        let archive = ArchiveWriter(try AgeWriter(file, for: lock.recipients, cost: lock.cost))
        for (name, secret) in secrets.sorted(by: { $0.key < $1.key }) {
            try archive.add("secrets/\(name)", Array(Base64URL.encode(secret).utf8))
        }
        try archive.finish()
        return secrets.keys.sorted()
    }

    /// Brings secrets into this directory.
    ///
    /// - Parameters:
    ///   - file: written by ``exportSecrets(to:_:)``.
    ///   - lock: what opens it.
    /// - Returns: the names of the secrets.
    /// - Throws: ``OperationRefusal``, before anything is written when one of them is here already and another one.
    @discardableResult
    public func importSecrets(from file: String, _ lock: BackupLock) throws -> [String] {
        let secrets = try Self.read(file, lock)
        let mine = try keptSecrets()
        let others = secrets.filter { mine[$0.key] != nil && mine[$0.key] != $0.value }.map(\.key).sorted()
        guard others.isEmpty else {
            throw OperationRefusal(
                "\(path) has other secrets already: \(others.joined(separator: ", ")). Nothing was changed. Give a new directory "
                    + "with --data."
            )
        }
        for (name, secret) in secrets where mine[name] == nil {
            try Self.write(Array(Base64URL.encode(secret).utf8), to: self.file("secrets/\(name)"))
        }
        return secrets.keys.sorted()
    }

    private static func read(_ file: String, _ lock: BackupLock) throws -> [String: [UInt8]] {
        do {
            let archive = ArchiveReader(try AgeReader(file, with: lock.identities))
            var secrets: [String: [UInt8]] = [:]
            while let path = try archive.next() {
                let name = path.dropFirst("secrets/".count)
                let text = String(decoding: try archive.readAll(limit: 1_024), as: UTF8.self)
                // A name that leads elsewhere could overwrite anything.
                guard path.hasPrefix("secrets/"), name.wholeMatch(of: /[a-z][a-z0-9-]{0,59}/) != nil,
                    let secret = Base64URL.decode(text), secret.count == 32
                else { throw ArchiveReader.Failure.malformed }
                secrets[String(name)] = secret
            }
            guard !secrets.isEmpty else { throw ArchiveReader.Failure.malformed }
            return secrets
        } catch AgeHeader.Failure.noKey {
            throw OperationRefusal("\(file) is for another key or passphrase.")
        } catch {
            throw OperationRefusal("\(file) holds no secrets, or it was changed. Nothing was done with it.")
        }
    }
}

/// A pair of keys for backups: whoever has the first opens them, and the second is all that a server needs to make
/// them.
public struct BackupKeyPair: Sendable {
    /// What is given with `--recipient`.
    public let recipient: String

    /// Makes a new pair.
    ///
    /// - Parameter file: gets the private key; must not be there. It belongs on another machine, or on paper.
    /// - Throws: ``OperationRefusal``.
    public init(writingTo file: String) throws {
        let made = AgeIdentity.make()
        recipient = made.recipient
        let new = try NewFile(file)
        try new.write(Array("# public key: \(made.recipient)\n\(made.identity)\n".utf8))
        try new.finish()
    }
}
