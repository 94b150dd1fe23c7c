import AsyncHTTPClient
@testable import Chorus
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import Postgres
import ServiceLifecycle

/// Runs a real server on databases of its own and hands it over; this is the only way into a test of the application.
///
/// - Parameters:
///   - databases: libpq URIs of two empty databases; copies of templates in the cluster of all tests by default.
///   - now: the instant that the server takes for the present.
///   - coins: holds blocks up; the system's by default.
///   - configure: changes its configuration.
///   - body: the test.
func withServer(
    on databases: (private: String, record: String)? = nil,
    now: @escaping @Sendable () -> Date = { Date() },
    coins: (@Sendable () -> any RandomNumberGenerator)? = nil,
    configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
) async throws {
    await TestRoom.servers.enter()
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(
            try await withServerInside(on: databases, now: now, coins: coins, configure: configure, body)
        )
    } catch {
        outcome = .failure(error)
    }
    await TestRoom.servers.leave()
    try outcome.get()
}

private func withServerInside(
    on given: (private: String, record: String)?,
    now: @escaping @Sendable () -> Date,
    coins: (@Sendable () -> any RandomNumberGenerator)?,
    configure: (inout ServerConfiguration) -> Void,
    _ body: (TestServer) async throws -> Void
) async throws {
    let databases: (private: String, record: String)
    if let given { databases = given } else { databases = try await TestDatabases.lease() }
    let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let data = try DataDirectory(directory)
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    var configuration = ServerConfiguration(data: directory)
    configuration.port = 0
    configuration.passwordCost = 15
    configuration.requestsPerMinute = 1_000_000
    configure(&configuration)
    let setup = DatabaseSetup(privateURI: databases.private, recordURI: databases.record, data: data, logger: logger)
        .configured(by: configuration)
    try await setup.prepare()
    var parts = try ServerParts(configuration, data: data, databases: setup.open(), logger: logger, now: now)
    if let coins { parts.coins = coins }
    let server = Server(parts: parts, cluster: nil, privateURI: databases.private, recordURI: databases.record)
    do {
        try await serve(server, body)
    } catch {
        await close(parts)
        throw error
    }
    await close(parts)
}

extension TestServer {
    /// Runs another server on the same databases, as a second process would: with pools, caches and listeners of its own.
    ///
    /// - Parameter body: gets the other one, which knows the same network.
    func withSecondServer(_ body: (TestServer) async throws -> Void) async throws {
        let (privateURI, recordURI) = (server.privateURI, server.recordURI)
        let setup = DatabaseSetup(
            privateURI: privateURI,
            recordURI: recordURI,
            data: parts.data,
            logger: parts.logger
        )
        .configured(by: parts.configuration)
        let second = try ServerParts(
            parts.configuration,
            data: parts.data,
            databases: setup.open(),
            logger: parts.logger,
            now: parts.now
        )
        let other = Server(parts: second, cluster: nil, privateURI: privateURI, recordURI: recordURI)
        do { try await serve(other, network: network, body) } catch {
            await close(second)
            throw error
        }
        await close(second)
    }
}

/// Serves on databases that a test has prepared itself, with a new network, and closes them.
func withServer(on server: Server, _ body: (TestServer) async throws -> Void) async throws {
    do { try await serve(server, body) } catch {
        await close(server.parts)
        throw error
    }
    await close(server.parts)
}

private func close(_ parts: ServerParts) async {
    for pool in parts.databases.pools { await pool.close() }
    try? await parts.computing.shutdownGracefully()
}

/// Serves on loopback as long as the test runs.
func serve(
    _ server: Server,
    network known: Network? = nil,
    _ body: (TestServer) async throws -> Void
) async throws {
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let (anonymousPorts, foundAnonymous) = AsyncStream.makeStream(of: Int.self)
    var services: [any Service] = [server.application { found.yield($0) }]
    if server.parts.configuration.anonymousPort != nil {
        services.append(server.application(.anonymous) { foundAnonymous.yield($0) })
    } else {
        foundAnonymous.finish()
    }
    services += server.parts.listeners
    if let replica = server.parts.recordReplica { services.append(FollowReplica(replica: replica)) }
    let group = ServiceGroup(
        configuration: .init(
            services: services.map { .init(service: $0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    )
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let port = await iterator.next() ?? 0
        var anonymousIterator = anonymousPorts.makeAsyncIterator()
        let anonymousPort = await anonymousIterator.next()
        do {
            let new = NewNetwork(slug: "netz-\(UUID().text.prefix(8))", name: "Netz", employer: "Stadt")
            let network =
                if let known { known } else { try await server.parts.createNetwork(new, keyNoticeDays: 0) }
            let anonymous = anonymousPort.map { TestDoor(port: $0, network: network) }
            try await body(TestServer(server: server, port: port, network: network, anonymous: anonymous))
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

/// Something that answers as a server does: in this process, or in one of its own.
protocol TestAPI: Sendable {
    /// Where it listens on loopback.
    var port: Int { get }
    /// A network with its first keys.
    var network: Network { get }
}

/// Another port of a server.
struct TestDoor: TestAPI {
    /// Where it listens on loopback.
    let port: Int
    /// The server's network.
    let network: Network
}

/// A server that a test can talk to.
struct TestServer: TestAPI {
    /// Says where the whole text of a draft comes from, as a member of its JSON: without evidence it has to be said.
    static let provenance =
        "\"provenance\":[{\"kind\":\"hearing\",\"reference\":\"Anhörung\",\"on\":\"2026-01-15\"}]"

    /// What it is made of.
    let server: Server
    /// Where it listens on loopback.
    let port: Int
    /// A network with its first keys.
    let network: Network
    /// The port of anonymous routes, if they have one of their own.
    var anonymous: TestDoor?

    /// What it is made of.
    var parts: ServerParts { server.parts }
    /// Makes an account with a token and, with roles, a membership.
    ///
    /// - Parameters:
    ///   - roles: none for an account outside the network.
    ///   - unit: where it is placed.
    ///   - isAdmin: whether it may create networks.
    func person(_ roles: Role..., unit: UUID? = nil, isAdmin: Bool = false, name: String = "Ada") async throws
        -> TestPerson
    {
        try await person(roles: roles, unit: unit, isAdmin: isAdmin, name: name)
    }

    func person(roles: [Role], unit: UUID? = nil, isAdmin: Bool = false, name: String = "Ada") async throws
        -> TestPerson
    {
        let pool = parts.databases.member
        let (account, membership, credential) = (UUID(), UUID(), Credential())
        _ = try await pool.execute(
            InsertAccount(
                id: account,
                email: "\(account.text)@example.org",
                displayName: name,
                locale: .de,
                password: nil,
                isAdmin: isAdmin
            )
        )
        if !roles.isEmpty {
            _ = try await pool.execute(
                InsertMembership(
                    network: network.id,
                    id: membership,
                    account: account,
                    roles: roles,
                    unit: unit,
                    displayName: name
                ),
                network: network.id
            )
        }
        _ = try await pool.execute(
            InsertAPIToken(
                tokenHash: credential.hash,
                id: UUID(),
                account: account,
                name: "test",
                scopes: [.read, .write],
                expiresOn: .today(in: .gmt).adding(days: 700)
            )
        )
        return TestPerson(account: account, membership: membership, token: credential.text)
    }

    /// The same person signed in, as by a password: with all rights of the account.
    func session(of person: TestPerson) async throws -> TestPerson {
        let credential = Credential()
        let account = try await parts.databases.member.first(ReadAccount(id: person.account))
        let statement = InsertSession(
            tokenHash: credential.hash,
            account: person.account,
            expiresAt: parts.now().addingTimeInterval(86_400),
            passwordHash: account?.password?.hash,
            secondFactorOn: account?.secondFactorOn
        )
        _ = try await parts.databases.member.execute(statement)
        return TestPerson(account: person.account, membership: person.membership, token: credential.text)
    }

    /// Makes many members.
    func people(_ count: Int, unit: UUID? = nil) async throws -> [TestPerson] {
        try await withThrowingTaskGroup(of: TestPerson.self) { group in
            for _ in 0..<count { group.addTask { try await person(.member, unit: unit) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Mixes once, small networks too.
    @discardableResult
    func mix() async throws -> Mixer.Outcome { try await Mixer(parts: parts).mix(now: true) }

    /// Another network on the same server.
    func neighbour() async throws -> TestServer {
        let new = NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "Nebenan", employer: "Stadt")
        let network = try await parts.createNetwork(new, keyNoticeDays: 0)
        return TestServer(server: server, port: port, network: network)
    }

    /// Runs SQL as superuser.
    func run(_ sql: String, on kind: DatabaseKind) async throws {
        let uri = kind == .private ? server.privateURI : server.recordURI
        try await withPool(PostgresConfiguration(uri, maximumConnections: 1), logger: parts.logger) {
            try await $0.run(sql)
        }
        // What another process changes is heard within milliseconds; a test that looks at once would race against that.
        parts.changes.everythingChanged()
    }

    /// A digest of every table of both databases: equal ones mean that nothing was stored, changed or deleted.
    func fingerprint() async throws -> [String: String] {
        var all: [String: String] = [:]
        for kind in DatabaseKind.allCases {
            let uri = kind == .private ? server.privateURI : server.recordURI
            let tables = try await withPool(PostgresConfiguration(uri, maximumConnections: 1), logger: parts.logger) {
                try await $0.execute(ReadFingerprint())
            }
            for (table, digest) in tables { all["\(kind.rawValue).\(table)"] = digest }
        }
        return all
    }

    /// The texts of the one column that SQL gives, asked as superuser.
    func texts(_ sql: String, of kind: DatabaseKind = .private) async throws -> [String] {
        let uri = kind == .private ? server.privateURI : server.recordURI
        return try await withPool(PostgresConfiguration(uri, maximumConnections: 1), logger: parts.logger) { pool in
            try await pool.transaction { transaction in
                try await transaction.run(
                    "CREATE TEMPORARY TABLE asked ON COMMIT DROP AS SELECT row_number() OVER () AS place, t.* FROM (\(sql)) AS t (text)"
                )
                return try await transaction.execute(ReadAsked())
            }
        }
    }

    /// A number that SQL gives, asked as superuser, who sees every network.
    func count(_ sql: String, of kind: DatabaseKind = .private) async throws -> Int {
        let uri = kind == .private ? server.privateURI : server.recordURI
        return try await withPool(PostgresConfiguration(uri, maximumConnections: 1), logger: parts.logger) { pool in
            try await pool.transaction { transaction in
                try await transaction.run(
                    "CREATE TEMPORARY TABLE counted ON COMMIT DROP AS SELECT (\(sql))::bigint AS n"
                )
                return try await transaction.first(ReadCounted()) ?? 0
            }
        }
    }
}

extension TestAPI {
    /// Path of the network.
    var home: String { "/v1/networks/\(network.id.text)" }
    /// Path of the network's record.
    var record: String { "/v1/hr/networks/\(network.id.text)" }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - method: such as `PUT`.
    ///   - path: with its query.
    ///   - json: body, as text.
    ///   - person: who asks; nobody by default.
    ///   - headers: further ones.
    func send(
        _ method: String,
        _ path: String,
        _ json: String? = nil,
        as person: TestPerson? = nil,
        headers: [String: String] = [:],
        bytes: [UInt8]? = nil
    ) async throws -> TestReply {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .init(rawValue: method)
        if let person { request.headers.add(name: "Authorization", value: "Bearer \(person.token)") }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body = bytes ?? json.map({ Array($0.utf8) }) {
            if headers["Content-Type"] == nil { request.headers.add(name: "Content-Type", value: "application/json") }
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await testClient.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 1 << 24)
        var headers: [String: String] = [:]
        for header in response.headers { headers[header.name.lowercased()] = header.value }
        let reply = TestReply(
            status: Int(response.status.code),
            headers: headers,
            cookies: response.headers["Set-Cookie"],
            body: Data(buffer: body)
        )
        AnswerRecord.shared?.add(method, path, reply)
        return reply
    }
}

/// Enough connections for races; lives as long as the process.
private let testClient = HTTPClient(
    eventLoopGroupProvider: .singleton,
    configuration: {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(10), read: .seconds(60))
        return configuration
    }()
)

private struct ReadCounted: PostgresStatement {
    static let sql = "SELECT n FROM counted"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

private struct ReadAsked: PostgresStatement {
    static let sql = "SELECT text::text FROM asked ORDER BY place"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

private struct ReadFingerprint: PostgresStatement {
    static let sql = """
        SELECT table_name::text, query_to_xml(
            format('SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), %L)) FROM %I t', '', table_name),
            false, true, '')::text
        FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (table: String, digest: String) {
        (try row.next(), try row.next())
    }
}
