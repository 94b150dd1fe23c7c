import Foundation
@testable import TestSupport
import Testing
import Yams

@testable import Chorus

/// The contract and the program name the same routes and problems.
@Suite struct ContractTests {
    private func contract() throws -> Node {
        let file = try #require(WebClient.files.first { $0.path == "/openapi.yaml" })
        return try #require(try Yams.compose(yaml: String(decoding: file.bytes, as: UTF8.self)))
    }

    @Test func eachRouteIsInTheContractAndEachPathOfTheContractIsRouted() async throws {
        let paths = try #require(try contract()["paths"]?.mapping)
        var described: Set<String> = []
        for (path, methods) in paths {
            for (method, _) in methods.mapping ?? [:] {
                described.insert("\(method.string?.uppercased() ?? "") \(path.string ?? "")")
            }
        }
        try await withServer { server in
            let routes = routeNames(server.parts)
            let organiser = try await server.person(.member)
            #expect(routes == described, "\(routes.symmetricDifference(described).sorted())")
            #expect(try await server.send("OPTIONS", "/v1/me", as: organiser).status == 405)
        }
    }

    @Test func theContractNamesTheProblemsThatThereAre() throws {
        let types =
            try contract()["components"]?["schemas"]?["Problem"]?["properties"]?["type"]?["enum"]?.sequence ?? []
        let names = Set(types.compactMap { $0.string?.split(separator: "/").last.map(String.init) })
        #expect(names == Set(ProblemName.allCases.map(\.rawValue)))
    }

    @Test func theReferenceIsReadableAndLoadsNothingFromElsewhere() async throws {
        try await withServer { server in
            let page = try await server.send("GET", "/docs")
            #expect(page.status == 200)
            #expect(page.text.contains("/v1/networks/{network}/events/{event}/rsvp"))
            let sources = page.text.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.1) }
            #expect(sources.allSatisfy { $0.hasPrefix("/") || $0.hasPrefix("#") })
            #expect(!page.text.contains("<script"))
            let again = try await server.send("GET", "/docs", headers: ["If-None-Match": page.headers["etag"] ?? ""])
            #expect(again.status == 304)
        }
    }
}

/// Bad input everywhere: the right 4xx with a pointer, never 5xx, nothing stored.
@Suite struct BadInputTests {
    private static let tables = """
        (SELECT count(*) FROM account) + (SELECT count(*) FROM membership) + (SELECT count(*) FROM event) + (SELECT count(*) FROM rsvp)
        + (SELECT count(*) FROM channel) + (SELECT count(*) FROM round) + (SELECT count(*) FROM recommendation)
        + (SELECT count(*) FROM anon_inbox) + (SELECT count(*) FROM network) + (SELECT count(*) FROM invitation)
        + (SELECT count(*) FROM api_token) + (SELECT count(*) FROM session) + (SELECT count(*) FROM unit)
        """

    /// Every operation of the contract that takes a body, with ids filled in.
    private func operations(_ server: TestServer) throws -> [(method: String, path: String)] {
        let file = try #require(WebClient.files.first { $0.path == "/openapi.yaml" })
        let contract = try #require(try Yams.compose(yaml: String(decoding: file.bytes, as: UTF8.self)))
        return (contract["paths"]?.mapping ?? [:]).flatMap { path, methods in
            (methods.mapping ?? [:]).filter { $0.value["requestBody"] != nil }.map { method, _ in
                let filled = (path.string ?? "").replacing("{network}", with: server.network.id.text)
                    .replacing("{purpose}", with: "mail").replacing(/\{\w+\}/, with: UUID().text)
                return (method.string?.uppercased() ?? "", filled)
            }
        }
    }

    @Test func everyBodyIsReadStrictly() async throws {
        try await withServer { server in
            let everybody = try await server.person(
                roles: [.member, .organiser, .moderator, .coordinator, .council],
                isAdmin: true
            )
            let hr = try await server.person(.hr)
            let operations = try operations(server)
            #expect(operations.count >= 30)
            let before = try await server.count(Self.tables)
            let bodies: [(name: String, bytes: [UInt8])] = [
                ("broken", Array("{\"a\":".utf8)), ("list", Array("[]".utf8)), ("text", Array("\"x\"".utf8)),
                ("empty", []),
                ("unknown", Array("{\"nobodyKnowsThis\":1}".utf8)),
                ("invalid UTF-8", Array("{\"a\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)),
                ("deep", [UInt8](repeating: UInt8(ascii: "["), count: 5_000)),
                ("duplicate", Array("{\"title\":\"a\",\"title\":\"b\"}".utf8)),
                (
                    "large",
                    Array("{\"a\":\"".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20) + Array("\"}".utf8)
                ),
            ]
            for operation in operations {
                let person =
                    operation.path.hasPrefix("/v1/anonymous") ? nil : operation.path.contains("/hr/") ? hr : everybody
                for body in bodies {
                    let reply = try await server.send(
                        operation.method,
                        operation.path,
                        as: person,
                        headers: ["If-Match": "\"1\"", "Content-Type": "application/json"],
                        bytes: body.bytes
                    )
                    #expect((400..<500).contains(reply.status), "\(operation) \(body.name): \(reply.status)")
                    #expect(reply.headers["content-type"] == "application/problem+json", "\(operation) \(body.name)")
                    if body.name == "unknown", reply.status == 422 {
                        #expect(reply.pointers.contains("/nobodyKnowsThis"), "\(operation)")
                    }
                    if body.name == "large" {
                        #expect([413, 404, 422, 409].contains(reply.status), "\(operation): \(reply.status)")
                    }
                }
                let form = try await server.send(
                    operation.method,
                    operation.path,
                    as: person,
                    headers: ["If-Match": "\"1\"", "Content-Type": "text/plain"],
                    bytes: Array("{}".utf8)
                )
                #expect((400..<500).contains(form.status), "\(operation): \(form.status)")
            }
            #expect(try await server.count(Self.tables) == before, "nothing was stored")
        }
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

    @Test func aRepeatedPostWithItsKeyIsAnsweredAsTheFirstTime() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let body = "{\"count\":2,\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
            let headers = ["Idempotency-Key": "k-1"]
            let first = try await server.send(
                "POST",
                "\(server.home)/invitations",
                body,
                as: coordinator,
                headers: headers
            )
            let second = try await server.send(
                "POST",
                "\(server.home)/invitations",
                body,
                as: coordinator,
                headers: headers
            )
            #expect(first.status == 201)
            #expect(first.json == second.json)
            #expect(try await server.count("SELECT count(*) FROM invitation") == 2)
            let other = try await server.send(
                "POST",
                "\(server.home)/invitations",
                body.replacing("2,", with: "3,"),
                as: coordinator,
                headers: headers
            )
            #expect(other.problem == "idempotency-mismatch")
        }
    }
}

enum PostgresDateText {
    static var inAMonth: String {
        String(RFC3339.string(Date().addingTimeInterval(30 * 86_400)).prefix(10))
    }
}
