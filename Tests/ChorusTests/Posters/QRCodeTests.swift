import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// QR codes: read by a reader that is not ours, and made of nothing but squares.
@Suite struct QRCodeTests {
    private static let readers = ["/usr/bin/rsvg-convert", "/usr/bin/zbarimg", "/usr/bin/qrencode"]
    private static var canRead: Bool { readers.allSatisfy { access($0, X_OK) == 0 } }

    /// What a camera would read of a page.
    private func read(_ page: String) async throws -> String {
        let svg = try #require(page.firstMatch(of: /<svg.*?<\/svg>/.dotMatchesNewlines()))
        let folder = FileManager.default.temporaryDirectory.appending(path: "chorus-code-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (drawing, picture) = (folder.appending(path: "code.svg"), folder.appending(path: "code.png"))
        try Data(String(svg.output).utf8).write(to: drawing)
        let convert = [
            Self.readers[0], "-w", "600", "-h", "600", "-o", picture.path(percentEncoded: false),
            drawing.path(percentEncoded: false),
        ]
        #expect(await ChildProgram.run(convert).status == 0)
        let scan = [Self.readers[1], "--raw", "-q", "--nodbus", picture.path(percentEncoded: false)]
        let (status, output) = await ChildProgram.run(scan, keeping: 10_000)
        #expect(status == 0)
        return String(decoding: output, as: UTF8.self).trimmingWhitespace()
    }

    // Tests/run installs the readers.
    @Test(.enabled(if: QRCodeTests.canRead)) func aReaderReadsTheVeryAddressOfEachPage() async throws {
        for address in ["https://chorus.example", "https://chorus-netz.stadt-musterhafen.example:8443/netzwerk"] {
            try await withServer(configure: { $0.publicURL = address }) { server in
                let coordinator = try await server.person(.member, .coordinator)
                let join = try await server.send("GET", "\(server.home)/poster", as: coordinator)
                #expect(try await read(join.text) == "\(address)/")
                let inbox = try await server.send("GET", "\(server.home)/poster?kind=inbox", as: coordinator)
                #expect(try await read(inbox.text) == "\(address)/#/inbox/\(server.network.id.text)")
                _ = try await server.people(20)
                let round = try await server.openRound(by: coordinator)
                let path = "\(server.home)/rounds/\(round.id.text)/notice"
                #expect(try await read(try await server.send("GET", path, as: coordinator).text) == "\(address)/")
            }
        }
    }

    @Test func withoutTheProgramThePageShowsTheAddressAlone() async throws {
        for program in ["/nowhere/qrencode", "/bin/false", "/bin/echo"] {
            try await withServer(configure: { $0.qrencode = program }) { server in
                let coordinator = try await server.person(.member, .coordinator)
                let page = try await server.send("GET", "\(server.home)/poster", as: coordinator)
                #expect(page.status == 200)
                #expect(!page.text.contains("<svg"))
                #expect(page.text.contains("<strong>http://127.0.0.1:\(server.port)/</strong>"))
            }
        }
    }

    @Test func onlyWholeCodesAreTaken() throws {
        func lines(_ count: Int, _ sign: (Int, Int) -> String) -> [UInt8] {
            let rows = (0..<count).map { row in (0..<count).map { sign(row, $0) }.joined() }
            return Array((rows.joined(separator: "\n") + "\n").utf8)
        }
        let code = try #require(QRCode(ascii: lines(21) { ($0 + $1).isMultiple(of: 2) ? "##" : "  " }))
        #expect(code.size == 21 && code.squares.count == 441 && code.squares[0] && !code.squares[1])
        let cut = Array(lines(21) { _, _ in "##" }.dropLast(50)) + Array("\n".utf8)
        let broken: [(bytes: [UInt8], why: String)] = [
            ([], "nothing"), (lines(20) { _, _ in "##" }, "no size of a code"),
            (lines(17) { _, _ in "##" }, "too small"),
            (lines(21) { _, column in column == 3 ? "# " : "##" }, "half a square"),
            (lines(21) { _, column in column == 3 ? "<b" : "##" }, "something else"),
            (lines(21) { row, _ in row == 3 ? "#" : "##" }, "a short line"), (cut, "cut off"),
        ]
        for (bytes, why) in broken { #expect(QRCode(ascii: bytes) == nil, "\(why)") }
        let svg = code.svg(label: "a\"<b>")
        #expect(svg.contains("aria-label=\"a&quot;&lt;b&gt;\"") && svg.contains("viewBox=\"0 0 29 29\""))
        let path = try #require(svg.firstMatch(of: /d="([^"]*)"/)).1
        #expect(path.wholeMatch(of: /(M\d+ \d+h\d+v1h-\d+z)+/) != nil)
    }

    @Test(.enabled(if: QRCodeTests.canRead)) func anAddressIsMadeOnceAndNoneIsTakenForAnOption() async throws {
        let codes = QRCodes(program: Self.readers[2])
        let first = await codes.code(of: "--help")
        let again = await codes.code(of: "--help")
        #expect(first != nil && first == again)
        for number in 0..<150 { _ = await codes.code(of: "https://chorus.example/\(number % 4)") }
        #expect(await codes.code(of: "") == nil)
        #expect(await codes.code(of: String(repeating: "x", count: 20_000)) == nil, "more than a code can hold")
    }
}
