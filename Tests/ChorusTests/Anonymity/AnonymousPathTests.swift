import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct AnonymousPathTests {
    /// A network in which enough members hold tokens.
    private func withCrowd(_ body: (TestServer, String, [TestWallet], TestPerson) async throws -> Void) async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator, .moderator)
            let channel = try await server.channel(by: coordinator)
            var wallets: [TestWallet] = []
            for person in try await server.people(20) { wallets.append(try await server.wallet(of: person)) }
            try await body(server, channel, wallets, coordinator)
        }
    }

    private func tokens(_ wallet: TestWallet, _ server: TestServer) -> [Token] {
        wallet.tokens[server.network.id] ?? []
    }

    @Test func aMessageGoesInMixedAndComesBackToItsAuthor() async throws {
        try await withCrowd { server, channel, wallets, moderator in
            let receipt = TestServer.randomReceipt()
            let token = tokens(wallets[0], server).first
            let reply = try await server.submit(
                token,
                receiptId: receipt,
                TestServer.message("Grüße 👋", channel: channel)
            )
            #expect(reply.status == 202, "\(reply.text)")
            #expect(reply.json["status"].string == "queued")
            let key = "{\"receiptId\":\"\(Base64URL.encode(receipt))\"}"
            #expect(try await server.send("POST", "/v1/anonymous/inbox", key).json["state"].string == "queued")
            #expect(try await server.mix().mixed == 1)
            let inbox = try await server.send("POST", "/v1/anonymous/inbox", key).json
            #expect(inbox["state"].string == "inReview")
            #expect(inbox["messages"][0]["text"].string == "Grüße 👋")
            let messages = try await server.send("GET", "\(server.home)/channels/\(channel)/messages", as: moderator)
                .json["items"]
            #expect(messages.array.count == 1)
            #expect(messages[0].names.isSuperset(of: ["id", "text", "day", "theme"]))
            let path = "\(server.home)/channels/\(channel)/messages/\(messages[0]["id"].string)"
            #expect(
                try await server.send("PUT", "\(path)/moderation", "{\"state\":\"rejected\"}", as: moderator).status
                    == 422
            )
            let reason = "{\"state\":\"rejected\",\"reason\":\"Bitte ohne Namen.\"}"
            #expect(try await server.send("PUT", "\(path)/moderation", reason, as: moderator).status == 200)
            let rejected = try await server.send("POST", "/v1/anonymous/inbox", key).json
            #expect(rejected["state"].string == "closed")
            #expect(rejected["messages"][1]["text"].string == "Bitte ohne Namen.")
        }
    }

    @Test func t4OneTokenCountsOnceInParallelAndAfterTheMix() async throws {
        try await withCrowd { server, channel, wallets, _ in
            let token = tokens(wallets[0], server).first
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<24 {
                    group.addTask {
                        try await server.submit(token, TestServer.message("Nummer \(index)", channel: channel)).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 202 } == 1)
            #expect(statuses.count { $0 == 409 } == 23)
            try await server.mix()
            let late = try await server.submit(token, TestServer.message("Noch einmal", channel: channel))
            #expect(late.status == 409)
            #expect(late.problem == "token-spent")
            #expect(try await server.count("SELECT count(*) FROM message") == 1)
        }
    }

    @Test func anIdenticalResendIsAnsweredAgainAndCountsOnce() async throws {
        try await withCrowd { server, channel, wallets, _ in
            let (token, receipt) = (tokens(wallets[0], server).first, TestServer.randomReceipt())
            for _ in 0..<3 {
                let reply = try await server.submit(
                    token,
                    receiptId: receipt,
                    TestServer.message("Gleich", channel: channel)
                )
                #expect(reply.status == 202)
            }
            try await server.mix()
            #expect(try await server.count("SELECT count(*) FROM message") == 1)
        }
    }

    @Test func t12ARequestThatSaysWhoSendsItIsRefusedAndNothingIsStored() async throws {
        try await withCrowd { server, channel, wallets, moderator in
            let token = tokens(wallets[0], server).first
            for headers in [["Cookie": "chorus=x"], ["Authorization": "Bearer \(moderator.token)"]] {
                let reply = try await server.submit(
                    token,
                    TestServer.message("Ich", channel: channel),
                    headers: headers
                )
                #expect(reply.status == 400)
                #expect(reply.problem == "identity-attached")
            }
            #expect(try await server.count("SELECT count(*) FROM anon_inbox") == 0)
        }
    }

    @Test func t5TokensOfAnotherNetworkScopeOrHandAreRefused() async throws {
        try await withCrowd { server, channel, wallets, coordinator in
            let token = try #require(tokens(wallets[0], server).first)
            // A ballot with a message's token.
            let ballot =
                "\"ballot\":{\"round\":\"\(UUID().text)\",\"unit\":null,\"answers\":[{\"item\":\"\(UUID().text)\",\"rating\":3}]}"
            let wrongScope = try await server.submit(token, ballot)
            #expect(wrongScope.status == 422)
            #expect(wrongScope.problem == "invalid-token")
            // A tampered signature, and another input under the same one.
            var signature = token.signature
            signature[9] ^= 1
            let tampered = try await server.submit(
                Token(input: token.input, signature: signature),
                TestServer.message("x", channel: channel)
            )
            #expect(tampered.problem == "invalid-token")
            let context = TokenContext(network: UUID().text, scope: UUID().text, epoch: "2026-W01")
            let foreign = Token(
                input: TokenInput(context: context, keyId: token.input.keyId),
                signature: token.signature
            )
            #expect(
                try await server.submit(foreign, TestServer.message("x", channel: channel)).problem == "invalid-token"
            )
            #expect(try await server.count("SELECT count(*) FROM anon_inbox") == 0)
            // Channels of another network are not known here.
            let unknown = try await server.submit(token, TestServer.message("x", channel: UUID().text))
            #expect(unknown.status == 422)
            #expect(unknown.pointers == ["/message/channel"])
        }
    }

    @Test func t5ATokenOfAnotherRoundNetworkOrEpochIsRefused() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let people = try await server.people(20)
            let (one, two) = (try await server.openRound(by: coordinator), try await server.openRound(by: coordinator))
            let channel = try await server.channel(by: coordinator)
            for person in people.dropFirst(4) { _ = try await server.wallet(of: person) }
            // Honest tokens, spent elsewhere; the right place is tried last, so that nothing else made them fail.
            let honest = try await server.wallet(of: people[0])
            #expect(try await server.submit(honest.tokens[one.id]?.first, two.ballot(3)).problem == "invalid-token")
            let message = TestServer.message("x", channel: channel)
            #expect(try await server.submit(honest.tokens[one.id]?.first, message).problem == "invalid-token")
            // Blind signatures on what the signer could not see: another round, epoch or network under the right key.
            let lies: [@Sendable (TokenContext) -> TokenContext] = [
                { TokenContext(network: $0.network, scope: two.id.text, epoch: $0.epoch) },
                { TokenContext(network: $0.network, scope: $0.scope, epoch: "2031-W01") },
                { TokenContext(network: UUID().text, scope: $0.scope, epoch: $0.epoch) },
            ]
            for (index, lie) in lies.enumerated() {
                let forged = try await server.wallet(of: people[index + 1], claiming: lie)
                for (token, content) in [
                    (forged.tokens[one.id]?.first, one.ballot(3)), (forged.tokens[one.id]?.first, two.ballot(3)),
                    (forged.tokens[server.network.id]?.first, message),
                ] {
                    let reply = try await server.submit(token, content)
                    #expect(reply.status == 422)
                    #expect(reply.problem == "invalid-token", "lie \(index)")
                }
            }
            #expect(try await server.count("SELECT count(*) FROM anon_inbox") == 0)
            #expect(try await server.submit(honest.tokens[one.id]?.first, one.ballot(3)).status == 202)
        }
    }

    @Test func t5ATokenOfAnotherNetworkReachesNothingHere() async throws {
        try await withCrowd { server, channel, _, _ in
            let elsewhere = TestServer(
                server: server.server,
                port: server.port,
                network: try await server.parts.createNetwork(
                    NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "Nebenan", employer: "Stadt"),
                    keyNoticeDays: 0
                )
            )
            var wallets: [TestWallet] = []
            for person in try await elsewhere.people(20) { wallets.append(try await elsewhere.wallet(of: person)) }
            let token = wallets[0].tokens[elsewhere.network.id]?.first
            let reply = try await server.submit(token, TestServer.message("x", channel: channel))
            #expect(reply.status == 422)
            #expect(reply.pointers == ["/message/channel"])
            #expect(try await server.count("SELECT count(*) FROM anon_inbox") == 0)
        }
    }

    @Test func t4AClosedKeyIsTold() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let channel = try await server.channel(by: coordinator)
            let people = try await server.people(20)
            let round = try await server.openRound(by: coordinator)
            var wallets: [TestWallet] = []
            for person in people { wallets.append(try await server.wallet(of: person)) }
            let closing = try await server.send(
                "PUT",
                "\(server.home)/rounds/\(round.id.text)/closure",
                as: coordinator
            )
            #expect(closing.status == 200, "\(closing.text)")
            let late = try await server.submit(wallets[0].tokens[round.id]?.first, round.ballot(3))
            #expect(late.status == 410)
            #expect(late.problem == "key-closed")
            // A message's token of this week is good for a while longer, and not for ever.
            let message = TestServer.message("x", channel: channel)
            clock.pass(seconds: 60 * 86_400)
            let old = try await server.submit(wallets[1].tokens[server.network.id]?.first, message)
            #expect(old.status == 410)
            #expect(old.problem == "key-closed")
            #expect(try await server.count("SELECT count(*) FROM anon_inbox") == 0)
        }
    }

    @Test func tooSmallASetIsTold() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let channel = try await server.channel(by: coordinator)
            let wallet = try await server.wallet(of: coordinator)
            let reply = try await server.submit(
                wallet.tokens[server.network.id]?.first,
                TestServer.message("x", channel: channel)
            )
            #expect(reply.status == 425)
            #expect(reply.problem == "set-too-small")
        }
    }

    @Test func t6NobodyGetsMoreTokensThanTheLimitButALostAnswerIsRepeatable() async throws {
        try await withServer { server in
            let member = try await server.person(.member)
            let directory = try await server.send("GET", "/v1/anonymous/directory?network=\(server.network.id.text)")
                .json
            let key = directory["keys"][0]
            let publicKey = try IssuerPublicKey(
                modulus: try #require(Base64URL.decode(key["n"].string)),
                exponent: IssuerPublicKey.exponent
            )
            #expect(key["keyId"].string == publicKey.keyId.hex)
            let context = TokenContext(
                network: server.network.id.text,
                scope: key["scope"].string,
                epoch: key["epoch"].string
            )
            func body(_ count: Int) throws -> String {
                let blinded = try (0..<count).map { _ in
                    "\"\(Base64URL.encode(try publicKey.blind(TokenInput(context: context, keyId: publicKey.keyId)).blinded))\""
                }.joined(separator: ",")
                return """
                    {"directoryDigest":"\(directory["digest"].string)","requests":[{"keyId":"\(key["keyId"].string)","blinded":[\(blinded)]}]}
                    """
            }
            let tooMany = try body(4)
            #expect(try await server.send("POST", "\(server.home)/anonymous-tokens", tooMany, as: member).status == 422)
            let first = try body(3)
            let signed = try await server.send("POST", "\(server.home)/anonymous-tokens", first, as: member)
            #expect(signed.status == 200, "\(signed.text)")
            let again = try await server.send("POST", "\(server.home)/anonymous-tokens", first, as: member)
            #expect(again.json == signed.json)
            let more = try await server.send("POST", "\(server.home)/anonymous-tokens", try body(3), as: member)
            #expect(more.status == 409)
            #expect(more.problem == "already-granted")
            let old = first.replacing(directory["digest"].string, with: String(repeating: "0", count: 64))
            #expect(try await server.send("POST", "\(server.home)/anonymous-tokens", old, as: member).status == 412)
        }
    }

    @Test func aSmallNetworkWaitsForCompanyButNotForEver() async throws {
        try await withCrowd { server, channel, wallets, _ in
            for wallet in wallets.prefix(3) {
                _ = try await server.submit(tokens(wallet, server).first, TestServer.message("leise", channel: channel))
            }
            let mixer = Mixer(parts: server.parts)
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 0, carried: 3))
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 0, carried: 3))
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 3, carried: 0))
            #expect(try await server.count("SELECT count(*) FROM message") == 3)
            let keys = try FileManager.default.contentsOfDirectory(atPath: server.parts.data.file("batch-keys"))
            #expect(
                try await server.count("SELECT count(*) FROM anon_batch") == keys.count,
                "the keys of mixed batches are gone"
            )
        }
    }

    @Test func t9AnonymousTablesHoldNoTimeAndNoOrder() async throws {
        try await withServer { server in
            let tables =
                "('anon_batch','anon_inbox','spent_token','token_grant','message','thread','reply','contribution','theme_rating')"
            let times = """
                SELECT count(*) FROM information_schema.columns WHERE table_name IN \(tables)
                AND (data_type LIKE 'time%' OR is_identity = 'YES' OR column_default LIKE 'nextval%')
                """
            let found = try await server.count(times)
            let known = try await server.count(
                "SELECT count(*) FROM information_schema.tables WHERE table_name IN \(tables)"
            )
            #expect(found == 0)
            #expect(known == 9)
        }
    }
}
