import Disclosure
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// T24 over HTTP: a strict round, its ledger and its frozen noise (anonymity.md, section 5.2).
@Suite struct StrictReleaseTests {
    @Test func t24AStrictRoundIsNoisedOnceAndStaysAsItIs() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            let unit = UUID()
            _ = try await server.parts.databases.member.execute(
                ReplaceUnits(network: server.network.id, units: [(unit, "Amt", nil)]),
                network: server.network.id
            )
            let people = try await server.people(110, unit: unit)
            let round = try await server.openRound(by: coordinator, scheme: .s2)
            let release = try await server.vote(in: round, people, closedBy: coordinator) {
                round.ballot(unit: unit, $0 % 5 + 1)
            }
            #expect(release["scheme"].string == "S2")
            #expect(try await server.count("SELECT count(*) FROM contribution") == 0, "true counts are gone")
            #expect(try await server.count("SELECT count(*) FROM privacy_ledger WHERE noised_on IS NOT NULL") == 1)
            #expect(try await server.count("SELECT count(*) FROM pending_cell") == 4, "every declared cell")
            let path = "\(server.record)/releases/\(release["id"].string)/tables"
            let first = try await server.send("GET", "\(path)/item", as: hr)
            let cells = first.json["cells"].array
            // 110 answers, noise of scale 4 on three counts: fewer than 80 would need an error of 30, once in 10,000 draws.
            #expect(cells.count == 2)
            for cell in cells {
                let counts = ["negative", "neutral", "positive"].map { cell["noise"][$0].int }
                #expect(abs(counts.reduce(0, +) - 110) < 60)
                #expect(cell["noise"]["error"].int == 20)
                #expect(cell["atLeast"].int <= counts.reduce(0, +))
            }
            for _ in 0..<400 {
                #expect(try await server.send("GET", "\(path)/item", as: hr).body == first.body)
            }
            // Closing again draws nothing again, and neither does a second try after a crash between the databases.
            let again = try await server.send("PUT", "\(server.home)/rounds/\(round.id.text)/closure", as: coordinator)
            #expect(again.json == release)
            try await server.run("DELETE FROM cell; DELETE FROM release", on: .record)
            try await server.run("UPDATE pending_release SET is_published = false", on: .private)
            _ = try await server.parts.releaseRounds([])
            #expect(try await server.send("GET", "\(path)/item", as: hr).json == first.json)
        }
    }

    @Test func t24TheLedgerRefusesWhatWouldPassTheYearlyCap() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            _ = try await server.people(24)
            // Two items cost an ε of 1, and the year has 8.
            let opened = try await withThrowingTaskGroup(of: TestReply.self) { group in
                for index in 0..<11 {
                    group.addTask {
                        let body = """
                            {"title":"R\(index)","opensAt":"2026-01-01T00:00:00Z","closesAt":"2030-06-01T00:00:00Z",\
                            "items":[{"text":"A\(index)"},{"text":"B\(index)"}],"scheme":"S2"}
                            """
                        let made = try await server.send("POST", "\(server.home)/rounds", body, as: coordinator)
                        let id = made.json["id"].string
                        return try await server.send("PUT", "\(server.home)/rounds/\(id)/opening", as: coordinator)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(opened.count { $0.json["state"].string == "open" } == 8, "however many open at once")
            let refused = opened.filter { $0.status != 200 }
            #expect(refused.allSatisfy { $0.problem == "admission-refused" && $0.pointers == ["/scheme"] })
            #expect(refused.count == 3)
            #expect(try await server.count("SELECT count(*) FROM privacy_ledger") == 8)
            _ = try await server.openRound(by: coordinator)
        }
    }

    @Test func t24TheLedgerCountsInFractions() {
        let half = Epsilon(numerator: 1, denominator: 2)
        #expect(PrivacyLedger.admits(half, after: Array(repeating: half, count: 15)))
        #expect(!PrivacyLedger.admits(half, after: Array(repeating: half, count: 16)))
        let thirds = Array(repeating: Epsilon(numerator: 1, denominator: 3), count: 23)
        #expect(PrivacyLedger.admits(Epsilon(numerator: 1, denominator: 3), after: thirds), "exactly eight")
        #expect(!PrivacyLedger.admits(Epsilon(numerator: 2, denominator: 5), after: thirds))
    }

    @Test func t24NoiseIsDrawnAnewAndOnlyAgainstTheLedger() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            _ = try await server.people(20)
            for _ in 0..<2 {
                let round = try await server.openRound(by: coordinator, scheme: .s2)
                _ = try await server.send("PUT", "\(server.home)/rounds/\(round.id.text)/closure", as: coordinator)
                _ = try await server.mix()
            }
            let noise = """
                SELECT string_agg(concat_ws(' ', noisy_negative, noisy_neutral, noisy_positive), ';' ORDER BY item_text)
                FROM pending_cell GROUP BY release_id
                """
            let drawn = try await server.texts(noise)
            #expect(drawn.count == 2)
            #expect(try await server.count("SELECT count(*) FROM release", of: .record) == 2)
            #expect(try await server.count("SELECT count(*) FROM cell", of: .record) == 0, "nothing is above its noise")
            #expect(Set(drawn).count == 2, "two rounds without ballots show two noises")
            // What was drawn once is not drawn again, whatever else has been lost.
            let third = try await server.openRound(by: coordinator, scheme: .s2)
            try await server.run("UPDATE privacy_ledger SET noised_on = '2026-01-01'", on: .private)
            _ = try await server.send("PUT", "\(server.home)/rounds/\(third.id.text)/closure", as: coordinator)
            _ = try? await server.mix()
            #expect(try await server.count("SELECT count(*) FROM pending_release") == 2)
        }
    }

    @Test func t24TheBudgetIsReservedByOneAtATime() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            _ = try await server.people(20)
            let body = """
                {"title":"R","opensAt":"2026-01-01T00:00:00Z","closesAt":"2030-06-01T00:00:00Z","items":[{"text":"A"}],"scheme":"S2"}
                """
            let made = try await server.send("POST", "\(server.home)/rounds", body, as: coordinator)
            let path = "\(server.home)/rounds/\(made.json["id"].string)/opening"
            let opening = try await server.parts.databases.mixer.transaction { transaction in
                _ = try await transaction.execute(LockNumbering(owner: server.network.id))
                let opening = Task { try await server.send("PUT", path, as: coordinator) }
                try await Task.sleep(for: .seconds(2))
                #expect(try await server.count("SELECT count(*) FROM privacy_ledger") == 0, "it waits for its turn")
                return opening
            }
            #expect(try await opening.value.status == 200)
            #expect(try await server.count("SELECT count(*) FROM privacy_ledger") == 1)
        }
    }
}
