import AnonymousTokens
import Crypto
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The key directory as a chain (anonymity.md, section 3.4).
@Suite struct DirectoryTests {
    private func links(_ server: TestServer) async throws -> [JSONValue] {
        let path = "/v1/anonymous/directory/versions?network=\(server.network.id.text)&limit=2"
        var (links, after) = ([JSONValue](), "")
        repeat {
            let page = try await server.send("GET", path + after)
            #expect(page.status == 200, "\(page.text)")
            links += page.json["items"].array
            after = page.json["next"] == .null ? "" : "&after=\(page.json["next"].string)"
        } while !after.isEmpty
        return links
    }

    private func chain(_ links: [JSONValue], of network: UUID) throws -> DirectoryChain {
        var chain = DirectoryChain(network: network.text)
        for link in links { try chain.append(link) }
        return chain
    }

    private func shown(_ server: TestServer) async throws -> JSONValue {
        try await server.send("GET", "/v1/anonymous/directory?network=\(server.network.id.text)").json
    }

    /// A network with this week's key and those of two rounds.
    private func withRounds(_ body: (TestServer, [JSONValue]) async throws -> Void) async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            _ = try await server.people(20)
            for _ in 0..<2 { _ = try await server.openRound(by: coordinator) }
            try await body(server, try await links(server))
        }
    }

    @Test func everyVersionFollowsFromTheOneBeforeAndTheLastIsShown() async throws {
        try await withRounds { server, links in
            #expect(links.count == 3)
            let chain = try chain(links, of: server.network.id)
            let shown = try await shown(server)
            try chain.check(shown: shown)
            #expect(chain.count == 3)
            guard case .object(let members) = shown else { return }
            let keys = shown["keys"].array
            for (name, lie): (String, JSONValue) in [
                ("seq", .integer(2)), ("digest", .string(DirectoryChain.beginning)), ("keys", .array(keys.dropLast())),
                ("keys", .array(keys.reversed())), ("bundleSHA256", .string(DirectoryChain.beginning)),
            ] {
                #expect(throws: DirectoryChain.Fault.self, "\(name)") {
                    try chain.check(shown: .object(members.merging([name: lie]) { $1 }))
                }
            }
            #expect(shown["digest"].string == chain.digest)
            let form = try #require(chain.shortCode.wholeMatch(of: /\d{4} \d{4} \d{4}/))
            #expect(!form.output.isEmpty)
            let unknown = "/v1/anonymous/directory/versions?network=\(UUID().text)"
            #expect(try await server.send("GET", unknown).status == 404)
        }
    }

    @Test func t8WhateverIsChangedInTheChainIsFound() async throws {
        try await withRounds { server, links in
            let network = server.network.id
            func faults(_ changed: [JSONValue]) -> Bool {
                do {
                    _ = try chain(changed, of: network)
                    return false
                } catch { return true }
            }
            func with(_ index: Int, _ name: String, _ value: JSONValue) -> [JSONValue] {
                var changed = links
                guard case .object(var members) = links[index] else { return [] }
                members[name] = value
                changed[index] = .object(members)
                return changed
            }
            #expect(!faults(links))
            #expect(faults([links[0], links[2]]), "a version is missing")
            #expect(faults([links[0], links[2], links[1]]), "another order")
            #expect(faults(with(1, "prev", .string(DirectoryChain.beginning))))
            #expect(faults(with(1, "bundleSHA256", .string(DirectoryChain.beginning))), "another web client")
            // Nothing follows on the last version: only its own digest tells.
            #expect(faults(with(2, "bundleSHA256", .string(DirectoryChain.beginning))), "another web client now")
            #expect(faults(with(2, "keys", .array([]))), "the newest key is hidden")
            #expect(faults(with(2, "keys", links[1]["keys"])), "an old key again")
            #expect(faults(with(1, "keys", .array([]))), "a key is hidden")
            #expect(faults(with(1, "keys", links[2]["keys"])), "another key")
            guard case .object(var key) = links[1]["keys"][0] else { return }
            key["redeemTo"] = .string("2099-01-01")
            #expect(faults(with(1, "keys", .array([.object(key)]))), "other days")
            #expect(throws: DirectoryChain.Fault.self) { try chain(links, of: UUID()) }
        }
    }

    @Test func t8TwoKeysForOnePlaceAndUnsoundKeysAreRefusedEvenWithARightDigest() async throws {
        try await withServer { server in
            let network = server.network.id
            // A server that lies well: digests are right, keys are not.
            func signed(_ keys: [[String: CanonicalJSON]], seq: Int = 1, prev: String = DirectoryChain.beginning) throws
                -> JSONValue
            {
                let body: [String: CanonicalJSON] = [
                    "seq": .integer(seq), "prev": .string(prev),
                    "bundleSHA256": .string(DirectoryChain.beginning), "keys": .array(keys.map { .object($0) }),
                ]
                let whole = body.merging(["v": .integer(1), "network": .string(network.text)]) { $1 }
                let digest = Array(SHA256.hash(data: CanonicalJSON.object(whole).bytes)).hex
                let link = CanonicalJSON.object(body.merging(["digest": .string(digest)]) { $1 })
                return try JSONParser.parse(link.bytes)
            }
            func key(_ scope: String, _ change: [String: CanonicalJSON] = [:]) throws -> [String: CanonicalJSON] {
                let publicKey = try IssuerKey().publicKey
                let members: [String: CanonicalJSON] = [
                    "keyId": .string(publicKey.keyId.hex), "scope": .string(scope), "epoch": .string("round"),
                    "n": .string(Base64URL.encode(publicKey.modulus)), "e": .string("AQAB"),
                ]
                return members.merging(change) { $1 }
            }
            let (one, two) = (UUID().text, UUID().text)
            #expect(throws: Never.self) { try chain([signed([key(one), key(two)])], of: network) }
            #expect(throws: DirectoryChain.Fault.twoKeys(seq: 1, scope: one, epoch: "round")) {
                try chain([signed([key(one), key(one)])], of: network)
            }
            let first = try signed([key(one)])
            #expect(throws: DirectoryChain.Fault.outOfOrder(expected: 2, found: 3)) {
                try chain([first, signed([key(one), key(two)], seq: 3, prev: first["digest"].string)], of: network)
            }
            let shared = try key(one)
            #expect(throws: DirectoryChain.Fault.self, "one key for two places") {
                try chain([signed([shared, shared.merging(["scope": .string(two)]) { $1 }])], of: network)
            }
            let even = Base64URL.encode([0x80] + [UInt8](repeating: 0, count: 255))
            for change: [String: CanonicalJSON] in [
                ["e": .string("Aw")], ["n": .string(even)], ["n": .string("AQAB")],
                ["keyId": .string(DirectoryChain.beginning)],
            ] {
                #expect(throws: DirectoryChain.Fault.self) { try chain([signed([key(one, change)])], of: network) }
            }
        }
    }

    @Test func t8TheServersOwnLoginCannotRewriteTheChain() async throws {
        try await withRounds { server, links in
            for sql in [RewriteVersion.sql, ForgetVersion.sql] {
                let error = await #expect(throws: PostgresError.self) {
                    let pool = server.parts.databases.member
                    try await pool.transaction(network: server.network.id) { try await $0.run(sql) }
                }
                #expect(error?.sqlState == "42501")
            }
            // Who can, a superuser, is found out by everybody who kept the chain.
            let kept = try chain(links, of: server.network.id)
            try await server.run("DELETE FROM anon_directory_version WHERE seq = 3", on: .private)
            let shorter = try chain(try await self.links(server), of: server.network.id)
            #expect(throws: DirectoryChain.Fault.anotherHistory(seq: 3)) { try shorter.check(continues: kept) }
        }
    }

    @Test func anotherWebClientIsAVersionOfItsOwn() async throws {
        try await withRounds { server, links in
            // As a server with another web client would have left it.
            let network = server.network.id
            let pool = server.parts.databases.member
            let last = try #require(try await pool.first(ReadDirectoryVersions(network: network), network: network))
            let other = KeyDirectory(
                network: network,
                seq: last.seq + 1,
                prev: last.digest,
                bundle: [UInt8](repeating: 7, count: 32),
                keys: try await pool.execute(ReadKeys(network: network), network: network)
            )
            let version = DirectoryVersion(seq: 4, prev: other.prev, bundle: other.bundle, digest: other.digest)
            _ = try await pool.execute(
                InsertDirectoryVersion(network: network, version: version),
                network: network
            )
            try await server.parts.openDueKeys()
            try await server.parts.openDueKeys()
            let chain = try chain(try await self.links(server), of: network)
            #expect(chain.seq == 5, "once, not at every look")
            #expect(chain.bundle == WebClient.bundleDigest.hex)
            try chain.check(shown: try await shown(server))
        }
    }

    @Test func keysAreAnnouncedInTime() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let new = NewNetwork(slug: "frist-\(UUID().text.prefix(8))", name: "Frist", employer: "Stadt")
            let network = try await server.parts.createNetwork(new, keyNoticeDays: 10)
            for _ in 0..<40 {
                try await server.parts.openDueKeys()
                let path = "/v1/anonymous/directory?network=\(network.id.text)"
                let keys = try await server.send("GET", path).json["keys"].array
                let latest = try #require(keys.compactMap { PostgresDate($0["issueFrom"].string) }.max())
                // Whatever day it is, the key of the day in ten days is known.
                let soon = PostgresDate.today(in: network.zone, at: clock.now()).adding(days: 10)
                #expect(latest.adding(days: 6) >= soon)
                clock.pass(seconds: 86_400)
            }
        }
    }

    @Test func whenAKeyIsOverItsPrivatePartAndItsNullifiersGo() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let channel = try await server.channel(by: coordinator)
            var wallets: [TestWallet] = []
            for person in try await server.people(20) { wallets.append(try await server.wallet(of: person)) }
            let token = wallets[0].tokens[server.network.id]?.first
            _ = try await server.submit(token, TestServer.message("x", channel: channel))
            try await server.mix()
            let open = "SELECT count(*) FROM anon_key WHERE sealed_private IS NOT NULL AND redeem_to < '%'"
            let spent = "SELECT count(*) FROM spent_token"
            try await server.parts.openDueKeys()
            try await server.parts.deleteOldNullifiers()
            #expect(try await server.count(spent) == 1, "while the key is good its spent tokens are known")
            clock.pass(seconds: 30 * 86_400)
            let today = PostgresDate.today(in: server.network.zone, at: clock.now()).description
            #expect(try await server.count(open.replacing("%", with: today)) > 0)
            try await server.parts.openDueKeys()
            try await server.parts.deleteOldNullifiers()
            #expect(try await server.count(open.replacing("%", with: today)) == 0)
            #expect(try await server.count(spent) == 0)
            #expect(try await server.count("SELECT count(*) FROM token_grant") == 0, "nor who had tokens of it")
            #expect(try await server.count("SELECT count(*) FROM message") == 1)
            // The public part stays in the chain, and the token is refused although its nullifier is forgotten.
            try chain(try await links(server), of: server.network.id).check(shown: try await shown(server))
            let again = try await server.submit(token, TestServer.message("x", channel: channel))
            #expect(again.problem == "key-closed")
        }
    }
}

private enum RewriteVersion { static let sql = "UPDATE anon_directory_version SET bundle = digest" }
private enum ForgetVersion { static let sql = "DELETE FROM anon_directory_version" }
