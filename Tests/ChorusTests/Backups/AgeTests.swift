import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The format of backups: what age wrote is read, and nothing that was changed or cut off passes.
@Suite struct AgeTests {
    private static let identity = "AGE-SECRET-KEY-1GTXQQ3URJ3A40TXG4PVZYFK678YQ8YVVWLR94X2PE9X4DJTYVM7Q695H7H"
    private static let recipient = "age1sg0l80znkd4qp7r5zz44ksu9rfl0nxmafedtgcy64q0jgy3xse5sn7ln5u"
    /// Made with age 1.1.1 (Debian).
    private static let toRecipient = """
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBLdERXNHNsZlQzb2krM0piaGVhNC92M2VtWHFzYWRaaytSRVcybzJzUVE4CndHQkw3YUZsUTFS\
        dys5WllUeE5rNEp2VXRCMGlpMTRFN0lJQ1Z4dE9oTDAKLS0tIDJjMWxMTndZbDZwYjA3QVBpS3hxbzF3TXFBMktSZ1BSWE5DUkZPTXlIOWcKwjJdSD7j\
        iu7C8QE6j8BGfLGOsPSYCvSzJzTYPF9DyEZk531aPkn+Xtv5s5DTf51/EoA4AQg=
        """
    private static let toPassphrase = """
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBEM24zQmxyQzNCd0gxMElzYS9uL0FBIDE4CnRTYjd0MUc3Y2ZZeTVwYlRqQUZhd2NUUGxxbjls\
        R2E0c3JIbCtOR0drSkUKLS0tIGVjTlNxemExdXI1akZSL0t1Y2NJVkJyMlhCc3BMK2NuZUZuZjl3QVREVWsKvIZULLZFACQPMnnP9k7GSYWGnBl/dsx0\
        mPe4FD/Jc3FYeCsU0pyWAscj0Q1qtqhzIbXlxAk=
        """

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "age-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path(percentEncoded: false))
    }

    private func read(_ file: String, _ identities: [AgeIdentity]) throws -> [UInt8] {
        let reader = try AgeReader(file, with: identities)
        var all: [UInt8] = []
        while let bytes = try reader.next() { all += bytes }
        return all
    }

    @Test func whatAgeWroteIsRead() throws {
        let identities = AgeIdentity.read("# a comment\n\(Self.identity)\n")
        try withDirectory { directory in
            for (index, text) in [Self.toRecipient, Self.toPassphrase].enumerated() {
                let file = "\(directory)/\(index)"
                try #require(Data(base64Encoded: text)).write(to: URL(filePath: file))
                let all = identities + [.passphrase("correct horse battery")]
                #expect(try String(decoding: read(file, all), as: UTF8.self) == "what age itself wrote")
                #expect(throws: AgeHeader.Failure.self) { try read(file, [.passphrase("another horse")]) }
            }
        }
    }

    @Test func keysAreWrittenAsAgeWritesThem() throws {
        guard case .privateKey(let key) = AgeIdentity.read(Self.identity).first else {
            Issue.record("not read")
            return
        }
        #expect(Bech32.encode("age-secret-key-", key).uppercased() == Self.identity)
        guard case .publicKey(let point) = AgeRecipient(publicKey: Self.recipient) else {
            Issue.record("not read")
            return
        }
        #expect(Bech32.encode("age", point) == Self.recipient)
        // One letter is another, one is missing, another kind of key.
        #expect(AgeRecipient(publicKey: Self.recipient.replacing("sg0l", with: "sg0q")) == nil)
        #expect(AgeRecipient(publicKey: String(Self.recipient.dropLast())) == nil)
        #expect(AgeRecipient(publicKey: Self.identity) == nil)
        #expect(AgeIdentity.read("hello").isEmpty)
        let made = AgeIdentity.make()
        #expect(AgeIdentity.read(made.identity).count == 1)
        #expect(AgeRecipient(publicKey: made.recipient) != nil)
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
    func whatWasWrittenIsReadAndNothingElse(size: Int) throws {
        let text = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let identities = AgeIdentity.read(Self.identity)
        let recipient = try #require(AgeRecipient(publicKey: Self.recipient))
        try withDirectory { directory in
            let file = "\(directory)/a"
            let writer = try AgeWriter(file, for: [recipient])
            for start in stride(from: 0, to: size, by: 50_000) {
                try writer.write(Array(text[start..<min(start + 50_000, size)]))
            }
            #expect(!FileManager.default.fileExists(atPath: file), "it has no name before it is whole")
            try writer.finish()
            #expect(try read(file, identities) == text)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(throws: OperationRefusal.self) { try AgeWriter(file, for: [recipient]) }

            let sealed = try Data(contentsOf: URL(filePath: file))
            let changed = "\(directory)/b"
            func refuses(_ bytes: Data, _ what: String) throws {
                try bytes.write(to: URL(filePath: changed))
                #expect(throws: (any Error).self, "\(what)") { try read(changed, identities) }
            }
            let head = sealed.count - Self.sealedSize(of: size)
            for place in [0, 30, head - 20, head - 1, head, sealed.count - 1] {
                var bytes = sealed
                bytes[place] ^= 1
                try refuses(bytes, "a bit at \(place)")
            }
            try refuses(sealed.dropLast(1), "a byte is missing")
            try refuses(sealed + [0], "a byte too many")
            if size > 65_536 {
                try refuses(sealed.prefix(head + 65_552), "the last pieces are missing")
                let (first, rest) = (sealed[head..<head + 65_552], sealed[(head + 65_552)...])
                try refuses(sealed.prefix(head) + rest + first, "pieces have changed places")
            }
        }
    }

    /// What follows the head.
    private static func sealedSize(of size: Int) -> Int { size + 16 * max(1, (size + 65_535) / 65_536) }

    @Test func anArchiveIsReadAsItWasWritten() throws {
        let identities = AgeIdentity.read(Self.identity)
        let recipient = try #require(AgeRecipient(publicKey: Self.recipient))
        let pieces = (0..<40).map { [UInt8](repeating: UInt8($0), count: 60_001) }
        try withDirectory { directory in
            let archive = ArchiveWriter(try AgeWriter("\(directory)/a", for: [recipient]))
            try archive.add("first", Array("hello".utf8))
            try archive.add("dump") { take in for piece in pieces { try take(piece) } }
            try archive.finish()
            let reader = ArchiveReader(try AgeReader("\(directory)/a", with: identities))
            #expect(try reader.next() == "first")
            #expect(try reader.readAll() == Array("hello".utf8))
            var dump: [UInt8] = []
            var names: [String] = []
            while let name = try reader.next() {
                names.append(name)
                dump += try reader.readAll()
            }
            #expect(names == ["dump.00000", "dump.00001", "dump.00002"])
            #expect(dump == pieces.flatMap { $0 })
        }
    }
}
