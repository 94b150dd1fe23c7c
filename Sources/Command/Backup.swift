import ArgumentParser
import Chorus
import Foundation
import Logging

struct BackupCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write both databases, as they were at one instant, into one encrypted file.",
        discussion: """
            Beside a running server or without one. The inbox, sessions and all secrets are left out; what a restore needs beside \
            the file, `chorus keys export` writes. The format is that of age (https://age-encryption.org).
            """,
        subcommands: [Create.self, Verify.self],
        defaultSubcommand: Create.self
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write a backup.")

        @Argument(help: "Where to; nothing may be there.") var file: String
        @OptionGroup var lock: SealOptions
        @Flag(help: "Print what was written as one line of JSON.") var json = false
        @OptionGroup var options: ServerOptions

        func run() async throws {
            let lock = try lock.lock()
            // A backup changes nothing, least of all before an upgrade.
            let report = try await options.withServer(migrates: false) { try await $0.backUp(to: file, lock) }
            try printReport(report, json) {
                "\($0.tables) tables, \($0.rows) rows, as of \(instant($0.madeAt)): \(file)"
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a backup from its first byte to its last, and say whether it is whole; needs no server."
        )

        @Argument(help: "The backup.") var file: String
        @OptionGroup var lock: OpenOptions
        @Flag(help: "Print what is in it as one line of JSON.") var json = false

        func run() async throws {
            let report = try await Server.verifyBackup(file, try lock.lock())
            try printReport(report, json) {
                "The backup is whole: \($0.tables) tables, \($0.rows) rows, as of \(instant($0.madeAt))."
            }
        }
    }
}

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a backup into empty databases and check all of it.",
        discussion: """
            Bring the secrets first: `chorus keys import FILE --data DIR`. Databases that hold anything are refused. What waited in \
            the inbox is gone; members' devices learn that and send it again.
            """
    )

    @Argument(help: "The backup.") var file: String
    @OptionGroup var lock: OpenOptions
    @Flag(help: "Restore although the secrets that go with the backup are lost.") var withoutKeys = false
    @Flag(help: "Print what was found as one line of JSON.") var json = false
    @OptionGroup var options: ServerOptions

    func run() async throws {
        let configuration = try await options.configuration()
        let report = try await Server.restore(
            file,
            try lock.lock(),
            into: configuration,
            hasKeys: !withoutKeys,
            logger: logger(configuration, least: .error)
        )
        try printReport(report, json) { report in
            let audit = report.audit.map { "\($0.network): the audit chain holds, position \($0.entries)" }
            let directories = report.directories.sorted { $0.key < $1.key }
                .map { "\($0.key): the key directory holds together, version \($0.value)" }
            let migrations = report.migrations.isEmpty ? [] : ["migrated: \(report.migrations.joined(separator: ", "))"]
            let first =
                "\(report.backup.tables) tables, \(report.backup.rows) rows, as of \(instant(report.backup.madeAt))"
            return ([first] + migrations + audit + directories).joined(separator: "\n")
        }
    }
}

struct KeysCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Look after the keys of backups, and the secrets that no backup holds.",
        subcommands: [New.self, Export.self, Import.self]
    )

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a pair of keys: the file opens backups and belongs elsewhere; the recipient is printed."
        )

        @Argument(help: "Where the private key is written; nothing may be there.") var file: String

        func run() throws { print(try BackupKeyPair(writingTo: file).recipient) }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the secrets that a restore needs into an encrypted file, to be kept apart from backups.",
            discussion: """
                Do it once, and again when a newer version has made a new secret. Use another key or passphrase than for backups: \
                whoever has one of the two files has too little.
                """
        )

        @Argument(help: "Where to; nothing may be there.") var file: String
        @OptionGroup var lock: SealOptions
        @OptionGroup var options: ServerOptions

        func run() async throws {
            let data = try DataDirectory(try await options.configuration().data)
            print(try data.exportSecrets(to: file, try lock.lock()).joined(separator: "\n"))
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring exported secrets into a new data directory, before a restore."
        )

        @Argument(help: "Written by `chorus keys export`.") var file: String
        @OptionGroup var lock: OpenOptions
        @OptionGroup var options: ServerOptions

        func run() async throws {
            let data = try DataDirectory(try await options.configuration().data)
            print(try data.importSecrets(from: file, try lock.lock()).joined(separator: "\n"))
        }
    }
}

/// Who can open what is written.
struct SealOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Whose private key opens it; may be given again.", valueName: "age1…"))
    var recipient: [String] = []
    @Option(help: ArgumentHelp("File whose first line is a passphrase, instead.", valueName: "file"))
    var passphraseFile: String?

    func lock() throws -> BackupLock {
        switch (recipient.isEmpty, passphraseFile) {
        case (false, nil): try BackupLock(recipients: recipient)
        case (true, .some(let file)): try BackupLock(passphraseFile: file)
        default: throw ValidationError("Give --recipient or --passphrase-file.")
        }
    }
}

/// What opens what was written.
struct OpenOptions: ParsableArguments {
    @Option(help: ArgumentHelp("File with the private key.", valueName: "file")) var identity: String?
    @Option(help: ArgumentHelp("File whose first line is the passphrase, instead.", valueName: "file"))
    var passphraseFile: String?

    func lock() throws -> BackupLock {
        switch (identity, passphraseFile) {
        case (.some(let file), nil): try BackupLock(identityFile: file)
        case (nil, .some(let file)): try BackupLock(passphraseFile: file)
        default: throw ValidationError("Give --identity or --passphrase-file.")
        }
    }
}

private func printReport<Report: Encodable>(_ report: Report, _ json: Bool, _ text: (Report) -> String) throws {
    guard json else { return print(text(report)) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
}

private func instant(_ date: Date) -> String { ISO8601DateFormatter().string(from: date) }
