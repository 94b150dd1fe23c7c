import AnonymousTokens
import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// I12: what a PostgreSQL kept of a batch before it was mixed (base backup, copy of its files, archived write-ahead log) can be
/// opened by nothing that lies on the disk after the mix.
@Suite(.serialized) struct ForgottenBatchProcessTests {
    @Test func i12AfterTheMixNothingOnTheDiskOpensARowOfTheBatch() async throws {
        try await withCrashTown { town, channel, moderator, tokens in
            try archive(town)
            let texts = (0..<12).map { "Versiegelt \($0)" }
            for (text, token) in zip(texts, tokens) {
                #expect(try await town.submit(token, TestServer.message(text, channel: channel)).status == 202)
            }
            try keepCopies(of: town)
            let (batch, rows) = try sealedRows(in: "backup", of: town)
            #expect(rows.count == texts.count)
            #expect(try sealedRows(in: "copy", of: town) == (batch, rows))
            let key = try #require(FileManager.default.contents(atPath: "\(town.directory)/batch-keys/\(batch.text)"))
            #expect(key.count == 32)
            #expect(holders(of: key, in: town) == ["batch-keys/\(batch.text)"], "in that file and nowhere else")

            // The control: before the mix, the same search opens every row.
            let before = try search(town, rows, batch)
            #expect(Set(before.opened.values.compactMap(\.message?.text)) == Set(texts))

            #expect(try town.run(["mix"]) == "mixed 12, waiting for company 0")
            // Another batch, so that there is a key that could be mistaken for one that opens everything.
            for (text, token) in zip(["a", "b", "c"], tokens.dropFirst(texts.count)) {
                #expect(try await town.submit(token, TestServer.message(text, channel: channel)).status == 202)
            }
            try town.shell("psql -X -q -v ON_ERROR_STOP=1 -c CHECKPOINT -c 'SELECT pg_switch_wal()' >/dev/null")
            try await waitForArchive(of: town)
            let archive = town.files(below: "\(town.directory)/kept/archive").compactMap {
                FileManager.default.contents(atPath: $0)
            }
            let archived = rows.count { row in archive.contains { $0.range(of: Data(row.prefix(64))) != nil } }
            #expect(
                archived > rows.count / 2,
                "the archive holds the sealed rows, but for those that a page's end cuts"
            )
            let after = try search(town, rows, batch)
            #expect(after.opened.isEmpty)
            #expect(after.tried > 1_000)
            #expect(holders(of: key, in: town) == [])
            let live = try FileManager.default.contentsOfDirectory(atPath: "\(town.directory)/batch-keys")
            #expect(live.count == 1)
            #expect(live != [batch.text])
        }
    }

    private func archive(_ town: TestProcess) throws {
        try town.shell(
            """
            mkdir -m 0711 "$0/kept" "$0/kept/archive" "$0/kept/socket"
            [ "$(id -u)" != 0 ] || chown postgres "$0/kept/archive" "$0/kept/socket"
            psql -X -q -c "ALTER SYSTEM SET archive_mode = on" -c "ALTER SYSTEM SET archive_command = 'cp %p $0/kept/archive/%f'"
            """
        )
        #expect(town.stop() == 0)
        try town.start()
        #expect(try town.rows("SHOW archive_mode") == [["on"]])
    }

    private func keepCopies(of town: TestProcess) throws {
        try town.shell(
            """
            psql -X -q -c CHECKPOINT
            cp -a "$0/postgres" "$0/kept/copy"
            rm "$0/kept/copy/postmaster.pid"
            pg_basebackup -D "$0/kept/backup" --checkpoint=fast --no-sync
            [ "$(id -u)" != 0 ] || chown -R postgres: "$0/kept/backup"
            """
        )
    }

    /// What a second PostgreSQL finds in the inbox of a copy.
    private func sealedRows(in copy: String, of town: TestProcess) throws -> (batch: UUID, rows: [[UInt8]]) {
        let text = try town.shell(
            """
            options="-c listen_addresses= -c unix_socket_directories=$0/kept/socket -c archive_mode=off"
            as_server pg_ctl start -w -s -D "$0/kept/$1" -l "$0/kept/$1/second.log" -o "$options"
            trap 'as_server pg_ctl stop -w -s -m fast -D "$0/kept/$1"' EXIT
            psql -X -q -A -t -h "$0/kept/socket" \\
                -c "SELECT batch_id || ' ' || encode(sealed, 'hex') FROM anon_inbox ORDER BY tag"
            """,
            copy
        )
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(Set(lines.map { $0[0] }).count == 1, "one batch")
        let batch = try #require(lines.first.flatMap { UUID(uuidString: String($0[0])) })
        return (batch, lines.compactMap { [UInt8](hex: String($0[1])) })
    }

    private func waitForArchive(of town: TestProcess) async throws {
        for _ in 0..<200 {
            let waiting = "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"
            if try town.rows(waiting) == [["0"]] { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the archive does not catch up")
    }

    /// Tries every window of the server's own files, and the aligned ones of what PostgreSQL has written.
    private func search(_ town: TestProcess, _ rows: [[UInt8]], _ batch: UUID) throws -> KeySearch {
        let start = Date()
        var search = try KeySearch(rows: rows, batch: batch)
        let all = town.files(below: town.directory).map { (path: $0, isOfPostgres: isOfPostgres($0, town)) }
        for file in all where !file.isOfPostgres { search.search(file.path, step: 1, derives: true) }
        let own = (tried: search.tried, bytes: search.bytes)
        for file in all where file.isOfPostgres && search.opened.isEmpty {
            search.search(file.path, step: 8, derives: false)
        }
        print(
            "I12: \(own.tried) keys of \(own.bytes) bytes of the server, \(search.tried - own.tried) of",
            "\(search.bytes - own.bytes) bytes of PostgreSQL, opened \(search.opened.count) of \(rows.count) rows,",
            "\(String(format: "%.1f", Date().timeIntervalSince(start))) s"
        )
        return search
    }

    private func isOfPostgres(_ path: String, _ town: TestProcess) -> Bool {
        ["postgres", "kept"].contains { path.hasPrefix("\(town.directory)/\($0)/") }
    }

    /// Files, by their names below the data directory, that hold a key or a half of it in any writing.
    private func holders(of key: Data, in town: TestProcess) -> [String] {
        let base64 = key.base64EncodedString()
        let url = base64.replacing("+", with: "-").replacing("/", with: "_").prefix(43)
        let hex = Array(key).hex
        let writings =
            [key.prefix(16), key.suffix(16)].map(Array.init)
            + [hex, hex.uppercased(), base64, String(url)].map { Array($0.utf8) }
        let found = town.files(below: town.directory).filter { path in
            guard let content = FileManager.default.contents(atPath: path) else { return false }
            return writings.contains { content.range(of: Data($0)) != nil }
        }
        return found.map { String($0.dropFirst(town.directory.count + 1)) }
    }
}
