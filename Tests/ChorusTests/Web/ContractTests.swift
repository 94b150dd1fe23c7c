import Foundation
@testable import TestSupport
import Testing
import Yams

@testable import Chorus

/// The contract and the program name the same routes and problems.
@Suite struct ContractTests {
    @Test func t23UnknownParametersAreRefusedOnEveryRoute() async throws {
        try await withServer { server in
            let hr = try await server.person(.hr)
            let member = try await server.person(.member, .coordinator, .moderator)
            let reads = routeNames(server.parts).filter { $0.hasPrefix("GET ") }.map { String($0.dropFirst(4)) }
            #expect(reads.count > 30)
            // A provider adds what it likes to where it sends a browser back (RFC 6749, section 4.1.2).
            for path in reads.sorted() where path != "/v1/sign-in/{slug}/callback" {
                let place =
                    path
                    .replacing("{network}", with: server.network.id.text).replacing("{table}", with: "item")
                    .replacing(/\{[a-zA-Z]+\}/, with: UUID().text)
                for query in ["unit=\(UUID().text)", "minimum=1", "groupBy=unit", "limit=1&limit2=1"] {
                    let person = path.hasPrefix("/v1/hr") ? hr : path.hasPrefix("/v1/anonymous") ? nil : member
                    let reply = try await server.send("GET", "\(place)?\(query)", as: person)
                    #expect(reply.problem == "unknown-parameter", "\(path)?\(query): \(reply.status)")
                }
            }
        }
    }

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

    @Test func eachLinkLeadsToAnOperationAndGivesAllOfItsPath() throws {
        let methods = try #require(try contract()["paths"]?.mapping).flatMap { path, methods in
            (methods.mapping ?? [:]).map { (path: path.string ?? "", operation: $0.value) }
        }
        let paths = Dictionary(
            methods.map { ($0.operation["operationId"]?.string ?? "", $0.path) },
            uniquingKeysWith: { first, _ in first }
        )
        var count = 0
        for (place, operation) in methods {
            let links = operation["responses"]?.mapping?.values.compactMap { $0["links"]?.mapping } ?? []
            for (name, link) in links.flatMap({ $0 }) {
                count += 1
                let target = paths[link["operationId"]?.string ?? ""]
                let given = Set((link["parameters"]?.mapping ?? [:]).keys.compactMap(\.string))
                let needed = Set((target ?? "").matches(of: /\{(\w+)\}/).map { String($0.1) })
                #expect(target != nil && needed == given.subtracting(["If-Match"]), "\(name.string ?? "") of \(place)")
            }
        }
        #expect(count > 30)
    }

    /// The tests of tenancy ask every operation by these words, so that none can be forgotten there.
    @Test func eachOperationSaysWhoMayAskIt() throws {
        let open = try contract()["paths"]?.mapping?.flatMap { _, methods in
            methods.mapping?.compactMap {
                $0.value["security"]?.sequence?.isEmpty == true ? $0.value["operationId"]?.string : nil
            } ?? []
        }
        for operation in try ContractOperation.all() {
            let unknown = operation.roles.subtracting(ContractOperation.words)
            #expect(!operation.roles.isEmpty, "\(operation.name) needs x-roles in openapi.yaml")
            #expect(unknown.isEmpty, "\(operation.name): \(unknown)")
            let isOpen = open?.contains(operation.id) == true
            #expect(operation.roles.contains("anybody") == isOpen, "\(operation.name): x-roles and security differ")
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
            #expect(page.text.contains("Asked by: coordinator, organiser, council."))
            let sources = page.text.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.1) }
            #expect(sources.allSatisfy { $0.hasPrefix("/") || $0.hasPrefix("#") })
            #expect(!page.text.contains("<script"))
            let again = try await server.send("GET", "/docs", headers: ["If-None-Match": page.headers["etag"] ?? ""])
            #expect(again.status == 304)
        }
    }
}

enum PostgresDateText {
    static var inAMonth: String {
        String(RFC3339.string(Date().addingTimeInterval(30 * 86_400)).prefix(10))
    }
}
