import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Point-in-time recovery as the handbook tells it.
///
/// Both databases as they were at an instant, and of the inbox nothing that anybody
/// could open (I12). It takes half a minute; `Tests/run --long` runs it.
@Suite(.serialized) struct RecoveryProcessTests {
    @Test(.enabled(if: TestLength.isLong)) func aServerGoesBackToAnInstantAndNobodyOpensWhatWasMixedSince() async throws
    {
        try await withCrashTown { town, channel, moderator, tokens in
            func texts() async throws -> [String] {
                try await town.send("GET", "\(town.home)/channels/\(channel)/messages", as: moderator)
                    .json["items"].array.map { $0["text"].string }.sorted()
            }
            func post(_ index: Int, _ text: String) async throws -> TestReply {
                try await town.submit(tokens[index], TestServer.message(text, channel: channel))
            }
            try archive(town)
            #expect(try await post(0, "Vorher").status == 202)
            try town.run(["mix", "--now"])
            #expect(try await post(1, "Wartet").status == 202)
            let waiting = try town.rows("SELECT batch_id, encode(sealed, 'hex') FROM anon_inbox")
            let instant = try town.rows("SELECT clock_timestamp()")[0][0]
            try town.run(["mix", "--now"])
            #expect(try await post(2, "Nachher").status == 202)
            try town.run(["mix", "--now"])
            #expect(try await texts() == ["Nachher", "Vorher", "Wartet"])
            let record = try town.rows("SELECT count(*) FROM audit_entry")

            try town.shell("psql -X -q -c CHECKPOINT -c 'SELECT pg_switch_wal()' >/dev/null")
            #expect(town.stop() == 0)
            try recover(town, to: instant)
            try town.start()
            #expect(try town.rows("SELECT pg_is_in_recovery()") == [["f"]])
            #expect(try await texts() == ["Vorher"])
            #expect(try town.rows("SELECT count(*) FROM audit_entry") == record)
            // The row that waited then is there again, and its key is not: not in the data directory, not in the
            // archive.
            #expect(try town.rows("SELECT batch_id, encode(sealed, 'hex') FROM anon_inbox") == waiting)
            let batch = try #require(UUID(uuidString: waiting[0][0]))
            var search = try KeySearch(rows: [try #require([UInt8](hex: waiting[0][1]))], batch: batch)
            for file in town.files(below: town.directory) {
                let isOfPostgres = ["postgres", "lost", "kept"].contains { file.hasPrefix("\(town.directory)/\($0)/") }
                search.search(file, step: isOfPostgres ? 8 : 1, derives: !isOfPostgres)
            }
            #expect(search.opened.isEmpty)
            #expect(search.tried > 1_000)
            // Nothing is mixed before an operator has given the batch up.
            #expect(try town.outcome(["mix", "--now"]).code != 0)
            let forgotten = try town.outcome(["mix", "--now", "--forget-unreadable"])
            #expect(forgotten.code == 0, "\(forgotten.text)")
            #expect(forgotten.text.contains("batches that nobody can open: 1"), "\(forgotten.text)")
            #expect(try await post(0, "Vorher").problem == "token-spent")
            let receipt = TestServer.randomReceipt()
            let again = TestServer.message("Wartet", channel: channel)
            for _ in 0..<2 { #expect(try await town.submit(tokens[1], receiptId: receipt, again).status == 202) }
            try town.run(["mix", "--now"])
            #expect(try await texts() == ["Vorher", "Wartet"])
            #expect(try town.outcome(["audit", "verify"]).code == 0)
            #expect(try town.outcome(["doctor"]).code == 0)
        }
    }

    private func archive(_ town: TestProcess) throws {
        try town.shell(
            """
            mkdir -m 0711 "$0/kept" "$0/kept/archive"
            [ "$(id -u)" != 0 ] || chown postgres "$0/kept/archive"
            psql -X -q -c "ALTER SYSTEM SET archive_mode = on" \\
                -c "ALTER SYSTEM SET archive_command = 'test ! -f $0/kept/archive/%f && cp %p $0/kept/archive/%f'"
            """
        )
        #expect(town.stop() == 0)
        try town.start()
        try town.shell("pg_basebackup -D \"$0/kept/base\" --checkpoint=fast --no-sync")
    }

    private func recover(_ town: TestProcess, to instant: String) throws {
        try town.shell(
            """
            mv "$0/postgres" "$0/lost"
            cp -a "$0/kept/base" "$0/postgres"
            cat >>"$0/postgres/postgresql.auto.conf" <<END
            restore_command = 'cp $0/kept/archive/%f %p'
            recovery_target_time = '$1'
            recovery_target_action = 'promote'
            hot_standby = off
            END
            touch "$0/postgres/recovery.signal"
            chmod 0700 "$0/postgres"
            [ "$(id -u)" != 0 ] || chown -R postgres: "$0/postgres"
            """,
            instant
        )
    }
}
