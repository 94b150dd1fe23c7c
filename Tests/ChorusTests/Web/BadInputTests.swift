import Foundation
@testable import TestSupport
import Testing
import Yams

@testable import Chorus

/// Bad input everywhere: the right 4xx with a pointer, never 5xx, and nothing stored.
@Suite struct BadInputTests {
    /// An operation of the contract that takes a body, with ids that are there, and a body that it could take.
    private struct Operation {
        let name: String
        let method: String
        let path: String
        let example: JSONValue
        let required: Set<String>
    }

    /// A network in which every path of the contract leads somewhere.
    private func withTown(
        _ body: (TestServer, [Operation], @Sendable (String) -> TestPerson?) async throws -> Void
    ) async throws {
        try await withServer { server in
            let roles: [Role] = [.member, .organiser, .moderator, .coordinator, .council]
            let everybody = try await server.session(of: try await server.person(roles: roles, isAdmin: true))
            let hr = try await server.person(.hr)
            var wallets: [TestWallet] = []
            for person in try await server.people(20) { wallets.append(try await server.wallet(of: person)) }
            let channel = try await server.channel(by: everybody)
            let token = wallets[0].tokens[server.network.id]?.first
            _ = try await server.submit(token, TestServer.message("Hallo", channel: channel))
            try await server.mix()
            func made(_ path: String, _ json: String, as person: TestPerson) async throws -> String {
                let reply = try await server.send("POST", "\(server.home)/\(path)", json, as: person)
                #expect(reply.status == 201, "\(reply.text)")
                return reply.json["id"].string
            }
            let event = try await made("events", RSVPTests.newEvent(capacity: 3), as: everybody)
            let outsider = try await server.person()
            let asked = try await made("join-requests", "{}", as: outsider)
            let draft = "{\"title\":\"a\",\"text\":\"b\",\"measure\":\"c\",\(TestServer.provenance)}"
            let recommendation = try await made("recommendations", draft, as: everybody)
            let published = try await made("recommendations", draft, as: everybody)
            _ = try await server.send(
                "PUT",
                "\(server.home)/recommendations/\(published)/publication",
                "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}",
                as: everybody
            )
            let said = "{\"paragraph\":1,\"version\":1,\"text\":\"d\"}"
            let comment = try await made("recommendations/\(recommendation)/comments", said, as: everybody)
            for (name, window) in [("review", ""), ("consultation", ",\"bodies\":[\"Personalrat\"]")] {
                let path = "\(server.home)/recommendations/\(recommendation)/\(name)"
                let until = "{\"until\":\"\(PostgresDateText.inAMonth)\"\(window)}"
                #expect(try await server.send("PUT", path, until, as: everybody).status == 200)
            }
            let messages = try await server.send("GET", "\(server.home)/channels/\(channel)/messages", as: everybody)
            let ids = [
                "network": server.network.id.text, "channel": channel, "event": event, "request": asked,
                "message": messages.json["items"][0]["id"].string, "recommendation": recommendation, "purpose": "mail",
                "membership": try await server.person(.member).membership.text, "comment": comment, "bench": "network",
            ]
            let operations = try Self.operations { path, name in
                path.hasPrefix("/v1/hr/") && name == "recommendation" ? published : ids[name]
            }
            #expect(operations.count >= 30)
            try await body(server, operations) { path in
                path.hasPrefix("/v1/anonymous") ? nil : path.hasPrefix("/v1/hr/") ? hr : everybody
            }
        }
    }

    private static func operations(_ id: (_ path: String, _ name: String) -> String?) throws -> [Operation] {
        let file = try #require(WebClient.files.first { $0.path == "/openapi.yaml" })
        let contract = try #require(try Yams.compose(yaml: String(decoding: file.bytes, as: UTF8.self)))
        var found: [Operation] = []
        for (template, methods) in contract["paths"]?.mapping ?? [:] {
            for (method, operation) in methods.mapping ?? [:] {
                guard let body = operation["requestBody"]?["content"]?["application/json"] else { continue }
                let path = template.string ?? ""
                let example = try #require(body["example"], "\(path) has no example")
                found.append(
                    Operation(
                        name: "\(method.string ?? "") \(path)",
                        method: method.string?.uppercased() ?? "",
                        path: path.replacing(/\{(\w+)\}/) { id(path, String($0.1)) ?? UUID().text },
                        example: JSONValue(example),
                        required: Set(body["schema"]?["required"]?.sequence?.compactMap(\.string) ?? [])
                    )
                )
            }
        }
        return found
    }

    private func send(
        _ operation: Operation,
        _ bytes: [UInt8],
        type: String = "application/json",
        as person: TestPerson?,
        _ server: TestServer
    ) async throws -> TestReply {
        try await server.send(
            operation.method,
            operation.path,
            as: person,
            headers: ["If-Match": "\"1\"", "Content-Type": type],
            bytes: bytes
        )
    }

    @Test func whatIsNoJSONObjectIsRefused() async throws {
        try await withTown { server, operations, person in
            let before = try await server.fingerprint()
            let large = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
            let bodies: [(name: String, bytes: [UInt8], statuses: Set<Int>)] = [
                ("broken", Array("{\"a\":".utf8), [400]), ("list", Array("[]".utf8), [400, 422]),
                ("text", Array("\"x\"".utf8), [400, 422]), ("empty", [], [400]),
                ("invalid UTF-8", Array("{\"a\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8), [400]),
                ("half a surrogate pair", Array("{\"a\":\"\\ud800\"}".utf8), [400]),
                ("deep", [UInt8](repeating: UInt8(ascii: "["), count: 5_000), [400]),
                ("twice", Array("{\"title\":\"a\",\"title\":\"b\"}".utf8), [400]),
                ("1 MB", Array("{\"a\":\"".utf8) + large + Array("\"}".utf8), [413]),
            ]
            for operation in operations {
                let asker = person(operation.path)
                for body in bodies {
                    let reply = try await send(operation, body.bytes, as: asker, server)
                    #expect(body.statuses.contains(reply.status), "\(operation.name), \(body.name): \(reply.status)")
                    #expect(reply.headers["content-type"] == "application/problem+json")
                }
                let form = try await send(operation, Array("a=b".utf8), type: "text/plain", as: asker, server)
                #expect(form.status == 415, "\(operation.name): \(form.status)")
            }
            #expect(try await server.fingerprint() == before)
        }
    }

    @Test func everyMemberIsNamedWhenItIsWrong() async throws {
        try await withTown { server, operations, person in
            let before = try await server.fingerprint()
            for operation in operations {
                for (body, pointer) in Self.faultyBodies(of: operation) {
                    let bytes = Array(try JSONEncoder().encode(JSONValue.object(body)))
                    let reply = try await send(operation, bytes, as: person(operation.path), server)
                    if reply.status == 413, bytes.count > 30_000 { continue }
                    #expect(reply.status == 422, "\(operation.name), \(pointer): \(reply.text)")
                    let isNamed = reply.pointers.contains { $0 == pointer || $0.hasPrefix(pointer + "/") }
                    #expect(isNamed, "\(operation.name), \(pointer): \(reply.text)")
                }
            }
            #expect(try await server.fingerprint() == before)
        }
    }

    /// The example with one fault in each, and where it is: unknown, missing, of a wrong type, with a NUL, far too long.
    private static func faultyBodies(of operation: Operation) -> [(body: [String: JSONValue], pointer: String)] {
        guard case .object(let members) = operation.example else { return [] }
        var bodies = [(members.merging(["nobodyKnowsThis": .number(1)]) { $1 }, "/nobodyKnowsThis")]
        for (name, value) in members {
            var wrong: [JSONValue] = if case .object = value { [.number(7.5)] } else { [.object(["x": .null])] }
            if case .string = value { wrong += [.string("a\u{0}b"), .string(String(repeating: "x", count: 60_000))] }
            bodies += wrong.map { fault in (members.merging([name: fault]) { $1 }, "/\(name)") }
            if operation.required.contains(name) { bodies.append((members.filter { $0.key != name }, "/\(name)")) }
        }
        return bodies
    }

    @Test func idsOfAnotherNetworkLeadNowhere() async throws {
        try await withTown { server, operations, _ in
            let there = try await neighbour(of: server)
            for roles in [[Role.member, .organiser, .moderator, .coordinator], [.hr]] {
                let stranger = try await there.person(roles: roles)
                let before = try await server.fingerprint()
                for operation in operations
                where operation.path.hasPrefix(server.home + "/") || operation.path == server.home {
                    // Whoever is elsewhere may ask to be let in.
                    if operation.path == "\(server.home)/join-requests" { continue }
                    let reply = try await send(
                        operation,
                        Array(try JSONEncoder().encode(operation.example)),
                        as: stranger,
                        server
                    )
                    #expect(reply.status == 404, "\(operation.name): \(reply.text)")
                }
                // Things of this network under the own network's path.
                for operation in operations where operation.path.matches(of: /[0-9a-f-]{36}/).count > 1 {
                    let moved = Operation(
                        name: operation.name,
                        method: operation.method,
                        path: operation.path.replacing(server.network.id.text, with: there.network.id.text),
                        example: operation.example,
                        required: operation.required
                    )
                    let reply = try await send(
                        moved,
                        Array(try JSONEncoder().encode(moved.example)),
                        as: stranger,
                        server
                    )
                    #expect([403, 404].contains(reply.status), "\(operation.name): \(reply.text)")
                }
                #expect(try await server.fingerprint() == before)
            }
        }
    }

    @Test func aReferenceToAnotherNetworkIsNamed() async throws {
        try await withTown { server, _, person in
            let there = try await neighbour(of: server)
            let team = try await there.person(.member, .coordinator, .organiser)
            let unit = UUID().text
            _ = try await there.send(
                "PUT",
                "\(there.home)/units",
                "{\"items\":[{\"id\":\"\(unit)\",\"name\":\"Amt\",\"parent\":null}]}",
                as: team,
                headers: ["If-Match": "\"1\""]
            )
            let channel = "{\"name\":\"a\",\"policy\":\"b\",\"themes\":[{\"name\":\"c\"}]}"
            let made = try await there.send("POST", "\(there.home)/channels", channel, as: team)
            let theme = made.json["themes"][0]["id"].string
            let event = try await there.send("POST", "\(there.home)/events", RSVPTests.newEvent(capacity: 3), as: team)
                .json["id"].string
            let mine = try #require(person("/v1/me"))
            let before = try await server.fingerprint()
            let round = "\"title\":\"a\",\"opensAt\":\"2026-12-01T08:00:00Z\",\"closesAt\":\"2026-12-02T08:00:00Z\""
            let text = "\"title\":\"a\",\"text\":\"b\",\"measure\":\"c\""
            let bodies: [(method: String, path: String, json: String, pointer: String)] = [
                ("PATCH", "memberships/me", "{\"unit\":\"\(unit)\"}", "/unit"),
                ("POST", "rounds", "{\(round),\"items\":[{\"text\":\"b\",\"theme\":\"\(theme)\"}]}", "/items/0/theme"),
                (
                    "POST", "rounds",
                    "{\(round),\"items\":[{\"text\":\"b\"}],\"audience\":{\"kind\":\"event\",\"event\":\"\(event)\"}}",
                    "/audience/event"
                ),
                ("POST", "recommendations", "{\(text),\"theme\":\"\(theme)\"}", "/theme"),
                ("POST", "recommendations", "{\(text),\"unit\":\"\(unit)\"}", "/unit"),
            ]
            for (method, path, json, pointer) in bodies {
                let reply = try await server.send(method, "\(server.home)/\(path)", json, as: mine)
                #expect(reply.status == 422, "\(path) \(pointer): \(reply.text)")
                #expect(reply.pointers == [pointer], "\(path) \(pointer): \(reply.text)")
            }
            #expect(try await server.fingerprint() == before)
        }
    }

    /// Another network on the same server.
    private func neighbour(of server: TestServer) async throws -> TestServer {
        let new = NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "Nebenan", employer: "Stadt")
        let network = try await server.parts.createNetwork(new, keyNoticeDays: 0)
        return TestServer(server: server.server, port: server.port, network: network)
    }

    @Test func aNulAndAWrongTypeAreNamedByTheirPlace() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let nul =
                "{\"title\":\"a\\u0000b\",\"kind\":\"meeting\",\"startsAt\":\"2026-12-01T10:00:00Z\",\"endsAt\":\"2026-12-01T11:00:00Z\"}"
            let first = try await server.send("POST", "\(server.home)/events", nul, as: organiser)
            #expect(first.status == 422)
            #expect(first.pointers == ["/title"])
            let types =
                "{\"title\":7,\"kind\":\"party\",\"startsAt\":\"soon\",\"endsAt\":\"2026-12-01T11:00:00Z\",\"capacity\":\"many\"}"
            let second = try await server.send("POST", "\(server.home)/events", types, as: organiser)
            #expect(Set(second.pointers).isSuperset(of: ["/title", "/kind", "/startsAt", "/capacity"]))
            #expect(try await server.send("GET", "\(server.home)/events?colour=red", as: organiser).status == 400)
            #expect(try await server.send("GET", "\(server.home)/events?limit=0", as: organiser).status == 400)
            #expect(try await server.send("GET", "\(server.home)/events/nonsense", as: organiser).status == 404)
            #expect(try await server.send("PUT", "\(server.home)/events", "{}", as: organiser).status == 405)
            let png = try await server.send(
                "GET",
                "\(server.home)/events",
                as: organiser,
                headers: ["Accept": "image/png"]
            )
            #expect(png.status == 406)
        }
    }

}
