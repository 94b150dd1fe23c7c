import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What counts as company, what counts once, and what a release waits for.
@Suite struct MixingTests {
    @Test func t4ATokenInTwoBatchesCountsOnce() async throws {
        try await withMessage { message in
            let (server, token) = (message.server, message.tokens[0])
            let channel = String(message.path.split(separator: "/")[4])
            #expect(try await server.submit(token, TestServer.message("eins", channel: channel)).status == 202)
            // As between the close of a batch and its mix: the next batch knows nothing of it.
            _ = try await server.parts.databases.mixer.execute(CloseBatch())
            let second = try await server.submit(token, TestServer.message("zwei", channel: channel))
            #expect([202, 409].contains(second.status))
            try await server.mix()
            #expect(try await server.count("SELECT count(*) FROM message WHERE text IN ('eins', 'zwei')") == 1)
        }
    }

    @Test func t4ABallotThatWasCheckedBeforeTheCloseIsNotTakenAfterIt() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let people = try await server.people(20)
            let round = try await server.openRound(by: coordinator)
            let token = try #require(try await server.wallet(of: people[0]).tokens[round.id]?.first)
            _ = try await server.send("PUT", "\(server.home)/rounds/\(round.id.text)/closure", as: coordinator)
            let batch = try await server.parts.openBatch()
            let key = try #require(server.parts.batchKeys.key(batch))
            let staged = StagedSubmission(
                network: server.network.id,
                keyId: token.input.keyId,
                nullifier: token.input.nullifier,
                digest: token.input.nullifier,
                receiptId: TestServer.randomReceipt()
            )
            let statement = StageSubmissions([try SealedSubmission(staged, batch: batch, key: key)])
            #expect(try await server.parts.databases.anonymous.first(statement) == nil)
        }
    }

    @Test func answersToManyMessagesAreNoCompany() async throws {
        try await withMessage { message in
            let server = message.server
            let channel = String(message.path.split(separator: "/")[4])
            for index in 0..<8 {
                _ = try await server.submit(message.tokens[index], TestServer.message("M\(index)", channel: channel))
            }
            try await server.mix()
            let list = "\(server.home)/channels/\(channel)/messages"
            let all = try await server.send("GET", list, as: message.team).json["items"].array.map { $0["id"].string }
            for id in all {
                let said = try await server.send("POST", "\(list)/\(id)/replies", "{\"text\":\"x\"}", as: message.team)
                #expect(said.status == 202)
            }
            let outcome = try await Mixer(parts: server.parts).mix()
            #expect(outcome == Mixer.Outcome(mixed: 0, carried: 9), "a moderator cannot flush the inbox")
        }
    }

    @Test func whatOneAuthorSaysIsOneCompany() async throws {
        try await withMessage { message in
            for index in 0..<8 { #expect(try await message.reply("allein \(index)").status == 202) }
            let outcome = try await Mixer(parts: message.server.parts).mix()
            #expect(outcome == Mixer.Outcome(mixed: 0, carried: 8), "one author cannot flush the inbox")
        }
    }

    @Test func aRoundWaitsForBallotsThatAreCarriedOver() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let people = try await server.people(20)
            let round = try await server.openRound(by: coordinator)
            var tokens: [Token?] = []
            for person in people { tokens.append(try await server.wallet(of: person).tokens[round.id]?.first) }
            for index in 0..<7 {
                #expect(try await server.submit(tokens[index], round.ballot(index % 5 + 1)).status == 202)
            }
            _ = try await server.send("PUT", "\(server.home)/rounds/\(round.id.text)/closure", as: coordinator)
            let mixer = Mixer(parts: server.parts)
            for _ in 0..<2 { #expect(try await mixer.mix() == Mixer.Outcome(mixed: 0, carried: 7)) }
            let last = try await mixer.mix()
            #expect(last.mixed == 7)
            #expect(last.releases.count == 1)
        }
    }
}
