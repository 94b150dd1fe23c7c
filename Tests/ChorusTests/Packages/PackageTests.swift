import AnonymousTokens
import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Recommendations that go from town to town, and what is refused on the way.
@Suite struct PackageTests {
    private static let draft =
        "{\"title\":\"a\",\"text\":\"b\",\"measure\":\"c\",\"evidence\":[],\(TestServer.provenance)}"

    /// A town of its own on the same server, with a key of its own.
    private struct Town {
        let server: TestServer
        let coordinator: TestPerson
        let keyId: String
        let publicKey: String

        func send(_ method: String, _ path: String, _ json: String? = nil) async throws -> TestReply {
            try await server.send(method, "\(server.home)/\(path)", json, as: coordinator)
        }

        func trust(_ other: Town) async throws {
            let body = "{\"publicKey\":\"\(other.publicKey)\",\"name\":\"Nachbarin\"}"
            let reply = try await send("PUT", "trusted-towns/\(other.keyId)", body)
            #expect(reply.status == 200, "\(reply.text)")
        }

        func package(of recommendation: String) async throws -> Data {
            let reply = try await send("GET", "recommendations/\(recommendation)/package")
            #expect(reply.status == 200, "\(reply.text)")
            return reply.body
        }

        func take(_ package: Data) async throws -> TestReply {
            try await server.send(
                "POST",
                "\(server.home)/packages",
                as: coordinator,
                headers: ["Content-Type": "application/json"],
                bytes: Array(package)
            )
        }

        /// What came from another town says by itself where it comes from.
        func publish(_ recommendation: String, from kind: String = "hearing") async throws {
            let due = "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}"
            let reply = try await send("PUT", "recommendations/\(recommendation)/publication", due)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(reply.json["provenance"].array.map { $0["kind"].string } == [kind], "\(reply.text)")
        }

        func stage(_ recommendation: String, _ stage: String) async throws -> TestReply {
            try await send("PUT", "recommendations/\(recommendation)/stage", "{\"stage\":\"\(stage)\"}")
        }

        /// Who has it how far, as `town stage`.
        func adoptions(_ recommendation: String) async throws -> [String] {
            let reply = try await send("GET", "recommendations/\(recommendation)/adoptions")
            #expect(reply.status == 200, "\(reply.text)")
            return reply.json["items"].array.map { "\($0["town"].string) \($0["stage"].string)" }
        }
    }

    private func town(_ server: TestServer, _ employer: String) async throws -> Town {
        let new = NewNetwork(slug: "stadt-\(UUID().text.prefix(8))", name: "Netz", employer: employer)
        let network = try await server.parts.createNetwork(new, keyNoticeDays: 0)
        let place = TestServer(server: server.server, port: server.port, network: network)
        let coordinator = try await place.person(.member, .coordinator)
        let key = try await place.send("GET", "\(place.home)/package-key", as: coordinator).json
        return Town(
            server: place,
            coordinator: coordinator,
            keyId: key["keyId"].string,
            publicKey: key["publicKey"].string
        )
    }

    private func withTowns(_ body: (Town, Town, Town) async throws -> Void) async throws {
        try await withServer { server in
            let a = try await town(server, "Ahafen")
            let b = try await town(server, "Bstadt")
            let c = try await town(server, "Cdorf")
            try await body(a, b, c)
        }
    }

    @Test func threeTownsMakeADraftAPilotAndAStandardAndEachCanCheckAllOfIt() async throws {
        try await withTowns { a, b, c in
            let first = try await a.server.publishRecommendation(by: a.coordinator)
            let draft = try await a.package(of: first)
            try await b.trust(a)
            let taken = try await b.take(draft)
            #expect(taken.status == 201 && taken.json["isNew"].isTrue, "\(taken.text)")
            let second = taken.json["recommendation"].string
            let seen = try await b.send("GET", "recommendations/\(second)")
            #expect(seen.json["state"].string == "draft" && seen.json["title"].string == "Aushang", "\(seen.text)")
            #expect(try await b.adoptions(second) == ["Ahafen draft"], "it names where it comes from")

            #expect(try await b.stage(second, "pilot").status == 409, "before it is published")
            try await b.publish(second, from: "package")
            #expect(try await b.stage(second, "pilot").status == 200)
            #expect(try await b.stage(second, "draft").status == 409, "never back")
            let pilot = try await b.package(of: second)
            #expect(try await b.package(of: second) == pilot, "the same each time")

            try await c.trust(b)
            let unknown = try await c.take(pilot)
            #expect(unknown.problem == "package-refused")
            #expect(unknown.pointers == ["/links/0/publicKey"] && unknown.text.contains(a.keyId))
            try await c.trust(a)
            let third = try await c.take(pilot).json["recommendation"].string
            try await c.publish(third, from: "package")
            #expect(try await c.stage(third, "standard").status == 200)
            #expect(try await c.adoptions(third) == ["Ahafen draft", "Bstadt pilot", "Cdorf standard"])
            let standard = try await c.package(of: third)
            #expect(try JSONParser.parse(Array(standard))["links"].array.count == 3)

            // It comes home: the town that wrote it learns who has taken it over.
            for other in [b, c] { try await a.trust(other) }
            let home = try await a.take(standard)
            #expect(home.status == 201 && home.json["recommendation"].string == first, "\(home.text)")
            #expect(try await a.adoptions(first) == ["Ahafen draft", "Bstadt pilot", "Cdorf standard"])
            let exports = try await a.server.audit(as: a.coordinator).entries.filter { $0["kind"].string == "export" }
            #expect(exports.count == 1 && exports[0]["content"]["by"].string == "coordinator")
            try await strangersCheck(standard, [a, b, c])
        }
    }

    /// With a verifier that knows nothing of the program, where its library is at hand.
    private func strangersCheck(_ package: Data, _ towns: [Town]) async throws {
        let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Packages/verify")
            .standardized.path(percentEncoded: false)
        let probe = await ChildProgram.run(["/usr/bin/env", "python3", "-c", "import cryptography"])
        guard probe.status == 0 else { return }
        let file = FileManager.default.temporaryDirectory.appending(path: "package-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let keys = towns.map(\.keyId)
        func outcome(_ bytes: Data, _ keys: [String]) async throws -> (code: Int32, text: String) {
            try bytes.write(to: file)
            let command = ["/usr/bin/env", "python3", program, file.path(percentEncoded: false)] + keys
            let (status, output) = await ChildProgram.run(command, keeping: 1 << 16)
            return (status >> 8, String(decoding: output, as: UTF8.self))
        }
        let fine = try await outcome(package, keys)
        #expect(fine.code == 0 && fine.text.split(separator: "\n").count == 3, "\(fine.text)")
        #expect(try await outcome(package, Array(keys.dropFirst())).code == 1)
        for place in stride(from: 0, to: package.count, by: max(1, package.count / 20)) {
            var changed = package
            changed[changed.startIndex + place] ^= 1
            #expect(try await outcome(changed, keys).code == 1, "byte \(place)")
        }
    }

    @Test func aPackageIsTakenOnceHoweverOftenItComes() async throws {
        try await withTowns { a, b, _ in
            let first = try await a.server.publishRecommendation(by: a.coordinator)
            let draft = try await a.package(of: first)
            try await b.trust(a)
            let replies = try await withThrowingTaskGroup(of: TestReply.self) { group in
                for _ in 0..<6 { group.addTask { try await b.take(draft) } }
                return try await group.reduce(into: [TestReply]()) { $0.append($1) }
            }
            #expect(Set(replies.map { $0.json["recommendation"].string }).count == 1)
            #expect(replies.filter { $0.status == 201 }.count == 1, "\(replies.map(\.status))")
            // What the town says later of the same recommendation makes no second draft.
            #expect(try await a.stage(first, "pilot").status == 200)
            let pilot = try await b.take(try await a.package(of: first))
            #expect(pilot.status == 201 && pilot.json["recommendation"] == replies[0].json["recommendation"])
            let drafts = try await b.send("GET", "recommendations?state=draft")
            #expect(drafts.json["items"].array.count == 1)
            #expect(try await b.adoptions(pilot.json["recommendation"].string) == ["Ahafen draft", "Ahafen pilot"])
        }
    }

    @Test func whoIsNotTrustedAnyMoreIsRefusedAndOnlyCoordinatorsDecide() async throws {
        try await withTowns { a, b, _ in
            let first = try await a.server.publishRecommendation(by: a.coordinator)
            let draft = try await a.package(of: first)
            #expect(try await b.take(draft).problem == "package-refused")
            try await b.trust(a)
            let listed = try await b.send("GET", "trusted-towns")
            #expect(listed.json["items"].array.map { $0["keyId"].string } == [a.keyId])
            let read = try await b.send("GET", "trusted-towns/\(a.keyId)")
            #expect(read.status == 200 && read.json["publicKey"].string == a.publicKey, "\(read.text)")
            #expect(try await b.send("DELETE", "trusted-towns/\(a.keyId)").status == 204)
            #expect(try await b.take(draft).problem == "package-refused")
            let wrong = "{\"publicKey\":\"\(b.publicKey)\",\"name\":\"x\"}"
            #expect(try await b.send("PUT", "trusted-towns/\(a.keyId)", wrong).status == 422)
            let member = try await a.server.person(.member)
            let places: [(String, String)] = [
                ("GET", "recommendations/\(first)/package"), ("PUT", "trusted-towns/\(b.keyId)"), ("POST", "packages"),
                ("PUT", "recommendations/\(first)/stage"), ("DELETE", "trusted-towns/\(b.keyId)"),
            ]
            for (method, path) in places {
                let reply = try await a.server.send(method, "\(a.server.home)/\(path)", "{}", as: member)
                #expect(reply.status == 403, "\(method) \(path): \(reply.text)")
            }
            let unpublished = try await b.send("POST", "recommendations", Self.draft).json["id"].string
            #expect(try await b.send("GET", "recommendations/\(unpublished)/package").status == 404)
        }
    }

    // MARK: Without a server

    private static func key() throws -> (TownKey, URL) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        return (try TownKey(of: UUID(), in: DataDirectory(folder)), folder)
    }

    private static func link(_ key: TownKey, after previous: Package.Link? = nil, _ stage: Stage) throws -> Package.Link
    {
        try Package.Link(
            town: "Ähafen \"x\"",
            network: UUID(),
            recommendation: UUID(),
            number: 7,
            publishedOn: "2026-11-25",
            stage: stage,
            on: "2026-12-01",
            title: "Titel",
            text: "Zeile\nzwei 🙂",
            measure: "m",
            theme: "Aufstieg",
            evidence: [
                .init(
                    release: 3,
                    table: "item",
                    item: "Respekt?",
                    unit: nil,
                    atLeast: 15,
                    negative: 40,
                    neutral: 25,
                    positive: 35,
                    meanTenths: 29
                )
            ],
            previous: previous?.digest,
            publicKey: key.publicKey
        ).signed(by: key)
    }

    @Test func aChangedByteAnywhereIsRefused() throws {
        let (first, second) = (try Self.key(), try Self.key())
        defer { for folder in [first.1, second.1] { try? FileManager.default.removeItem(at: folder) } }
        let draft = try Self.link(first.0, .draft)
        let package = Package(links: [draft, try Self.link(second.0, after: draft, .pilot)])
        let keys = Dictionary(
            uniqueKeysWithValues: [first.0, second.0].map { (TownKey.id(of: $0.publicKey).hex, $0.publicKey) }
        )
        let bytes = package.json.bytes
        let whole = try Package(bytes, trusting: keys)
        #expect(whole.links == package.links)
        for place in bytes.indices {
            for change in [UInt8(0x01), 0x20, 0x80] {
                var changed = bytes
                changed[place] ^= change
                #expect(throws: (any Error).self, "byte \(place)") { try Package(changed, trusting: keys) }
            }
            var shorter = bytes
            shorter.remove(at: place)
            #expect(throws: (any Error).self, "without byte \(place)") { try Package(shorter, trusting: keys) }
        }
        for end in [" ", "\n", "{}"] {
            #expect(throws: (any Error).self) { try Package(bytes + Array(end.utf8), trusting: keys) }
        }
    }

    @Test func linksCanBeNeitherLeftOutNorMovedNorReplaced() throws {
        let (first, second) = (try Self.key(), try Self.key())
        defer { for folder in [first.1, second.1] { try? FileManager.default.removeItem(at: folder) } }
        let keys = Dictionary(
            uniqueKeysWithValues: [first.0, second.0].map { (TownKey.id(of: $0.publicKey).hex, $0.publicKey) }
        )
        let a = try Self.link(first.0, .draft)
        let b = try Self.link(second.0, after: a, .pilot)
        let c = try Self.link(first.0, after: b, .standard)
        let other = try Self.link(first.0, .draft)
        let wrong: [([Package.Link], Package.Refusal)] = [
            ([b, c], .forged(link: 0)), ([a, c], .forged(link: 1)), ([b, a, c], .forged(link: 0)),
            ([other, b, c], .forged(link: 1)), ([a, b, b], .forged(link: 2)),
        ]
        for (links, refusal) in wrong {
            #expect(throws: refusal) { try Package(Package(links: links).json.bytes, trusting: keys) }
        }
        let less = keys.filter { $0.value == first.0.publicKey }
        #expect(throws: Package.Refusal.unknownKey(link: 1, keyId: b.keyId)) {
            try Package(Package(links: [a, b]).json.bytes, trusting: less)
        }
        let fine = try Package(Package(links: [a, b, c]).json.bytes, trusting: keys)
        #expect(fine.links.count == 3)
    }
}
