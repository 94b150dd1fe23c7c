import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Backup and restore as an operator types them, with embedded databases.
@Suite(.serialized) struct BackupProcessTests {
    @Test func aTownMovesToAnotherMachineByItsBackupAndItsKeys() async throws {
        try await withCrashTown { town, channel, moderator, tokens in
            defer { for name in ["backup", "id", "keys", "pass"] { unlink("\(town.directory).\(name)") } }
            for (index, text) in ["Gemischt", "Wartet"].enumerated() {
                let message = TestServer.message(text, channel: channel)
                #expect(try await town.submit(tokens[index], message).status == 202)
                if index == 0 { try town.run(["mix", "--now"]) }
            }
            func run(_ arguments: String..., on place: TestProcess? = nil) throws -> (code: Int32, text: String) {
                try (place ?? town).outcome(arguments, data: !["verify", "new"].contains(arguments[1]))
            }
            let made = try run("keys", "new", "\(town.directory).id")
            #expect(made.code == 0 && made.text.hasPrefix("age1"), "\(made.text)")
            let recipient = made.text.trimmingWhitespace()
            try "a passphrase of tests".write(toFile: "\(town.directory).pass", atomically: true, encoding: .utf8)
            #expect(try run("backup", "\(town.directory).backup").code != 0, "for nobody")
            // Beside the running server.
            let backup = try run("backup", "\(town.directory).backup", "--recipient", recipient)
            #expect(backup.code == 0, "\(backup.text)")
            let keys = try run(
                "keys",
                "export",
                "\(town.directory).keys",
                "--passphrase-file",
                "\(town.directory).pass"
            )
            #expect(keys.code == 0 && keys.text.contains("receipt-pepper"), "\(keys.text)")
            #expect(!keys.text.contains("chorus_"), "no password of a login")
            let identity = ["--identity", "\(town.directory).id"]
            let whole = try town.outcome(["backup", "verify", "\(town.directory).backup"] + identity, data: false)
            #expect(whole.code == 0 && whole.text.contains("The backup is whole"), "\(whole.text)")
            let content = try Data(contentsOf: URL(filePath: "\(town.directory).backup"))
            #expect(content.range(of: Data("m0@example.org".utf8)) == nil)

            let other = try TestProcess()
            defer { other.tearDown() }
            other.use(network: town.network.id)
            let early = try other.outcome(["restore", "\(town.directory).backup"] + identity)
            #expect(early.code == 1 && early.text.contains("keys import"), "\(early.text)")
            let files = ["\(town.directory).keys", "--passphrase-file", "\(town.directory).pass"]
            #expect(try other.outcome(["keys", "import"] + files).code == 0)
            let restored = try other.outcome(["restore", "\(town.directory).backup"] + identity)
            #expect(restored.code == 0, "\(restored.text)")
            #expect(restored.text.contains("crash: the audit chain holds"), "\(restored.text)")
            #expect(restored.text.contains("crash: the key directory holds together"), "\(restored.text)")
            let again = try other.outcome(["restore", "\(town.directory).backup"] + identity)
            #expect(again.code == 1 && again.text.contains("has tables"), "\(again.text)")
            #expect(try other.outcome(["doctor"]).code == 0)

            try other.start()
            #expect(try await other.send("GET", "/readyz").status == 200)
            let messages = "\(other.home)/channels/\(channel)/messages"
            let texts = try await other.send("GET", messages, as: moderator).json["items"].array.map {
                $0["text"].string
            }
            #expect(texts == ["Gemischt"])
            // Its owner's device notices that it is not there, and sends it again.
            let message = TestServer.message("Wartet", channel: channel)
            #expect(try await other.submit(tokens[1], message).status == 202)
            try other.run(["mix", "--now"])
            #expect(try await other.send("GET", messages, as: moderator).json["items"].array.count == 2)
        }
    }
}
