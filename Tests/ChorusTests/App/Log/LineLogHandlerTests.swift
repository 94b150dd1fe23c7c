import Foundation
import Logging
import Synchronization
import Testing

@testable import Chorus

@Suite struct LineLogHandlerTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
        func logger(_ format: LogFormat) -> Logger {
            var logger = Logger(
                label: "test",
                factory: { _ in
                    LineLogHandler(format) { line in self.all.withLock { $0.append(line) } }
                }
            )
            logger.logLevel = .trace
            return logger
        }
        var taken: [String] { all.withLock { $0 } }
    }

    @Test func aLineOfJSONIsAnObjectWithWhatMayBeTold() throws {
        let lines = Lines()
        var logger = lines.logger(.json)
        logger[metadataKey: "hb.request.id"] = "secret"
        let told: Logger.Metadata = [
            "pool": "member", "reason": "a\n\"b\"", "path": "/secret?q=1", "remote": "203.0.113.9",
        ]
        logger.warning("connection lost", metadata: told, source: "Postgres")
        let line = try #require(lines.taken.first)
        #expect(line.hasSuffix("\n") && line.count { $0 == "\n" } == 1)
        let value = try JSONParser.parse(Array(line.utf8))
        guard case .object(let members) = value else { throw POSIXError(.EINVAL) }
        #expect(Set(members.keys) == ["time", "level", "message", "pool", "reason"])
        #expect(value["message"].string == "connection lost" && value["reason"].string == "a\n\"b\"")
        #expect(RFC3339.date(value["time"].string) != nil)
    }

    @Test func aLineOfTextIsOneLine() {
        let lines = Lines()
        lines.logger(.text).error("failed\nhere", metadata: ["error": "x\ny", "account": "secret"], source: "Chorus")
        #expect(lines.taken.first?.hasSuffix(" error failed here error=x y\n") == true, "\(lines.taken)")
    }

    @Test func whatLibrariesSayIsNotRepeated() {
        let lines = Lines()
        let logger = lines.logger(.text)
        logger.trace("read from 203.0.113.9", source: "HummingbirdCore")
        logger.info("GET /secret", source: "Hummingbird")
        logger.error(
            "accept: Too many (errno: 24) 203.0.113.9",
            metadata: ["path": "/secret"],
            source: "HummingbirdCore"
        )
        #expect(lines.taken.count == 1)
        #expect(lines.taken.first?.hasSuffix(" error HummingbirdCore reports a problem error=errno 24\n") == true)
    }

    /// A key that is missing would be dropped without anybody noticing.
    @Test func everyKeyThatThisProgramLogsMayBeTold() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../Sources")
            .standardized
        var found: Set<String> = []
        for folder in ["Chorus", "Command", "Postgres"] {
            let files = FileManager.default.enumerator(
                at: root.appending(path: folder),
                includingPropertiesForKeys: nil
            )
            for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                let lists = text.matches(of: /(?s)[mM]etadata(?:: Logger\.Metadata)?(?: =|:) \[(.*?)\]\)?\n/).map {
                    String($0.1)
                }
                for list in lists { found.formUnion(list.matches(of: /"([A-Za-z.]+)": "/).map { String($0.1) }) }
                found.formUnion(text.matches(of: /metadata\["([A-Za-z.]+)"\] =/).map { String($0.1) })
            }
        }
        #expect(found.count > 8)
        #expect(found.isSubset(of: LineLogHandler.keys), "\(found.subtracting(LineLogHandler.keys))")
    }
}
