import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Every schema that was ever the newest one on the main branch, with data that fits it, is brought to today's: nothing is lost,
/// and the result is what a new database has.
@Suite struct UpgradeTests {
    /// How many migrations of each database a released schema had, and what of its data came with it.
    private struct Released {
        let `private`: Int
        let record: Int
        var data = ""
        var recordData = ""
    }

    private static let releases: [Released] = [
        Released(private: 1, record: 1, data: UpgradeData.people, recordData: UpgradeData.releases),
        Released(private: 5, record: 2, data: UpgradeData.life, recordData: UpgradeData.answers),
        Released(private: 6, record: 2, data: UpgradeData.directory), Released(private: 7, record: 2),
        Released(private: 8, record: 2, data: UpgradeData.dialogue),
        Released(private: 9, record: 3, data: UpgradeData.themes),
        Released(private: 11, record: 4), Released(private: 13, record: 4),
        Released(private: 14, record: 4, data: UpgradeData.audit),
        Released(private: 15, record: 5, data: UpgradeData.jobs, recordData: UpgradeData.reminders),
        Released(private: 19, record: 8, data: UpgradeData.drafting, recordData: UpgradeData.revisions),
        Released(private: 20, record: 8, data: UpgradeData.resets),
    ]

    @Test func everyReleasedSchemaWithDataBecomesTodays() async throws {
        try await withServer { server in
            let fresh = try await catalogues(server.server.privateURI, server.server.recordURI, server)
            #expect(fresh.values.allSatisfy { $0.count > 150 })
            var last = ("template0", "template0")
            for (index, released) in Self.releases.enumerated() {
                let names = try await release(released, after: last, server)
                let copies = ("\(names.0)_n", "\(names.1)_n")
                try await TestCluster.run("CREATE DATABASE \(copies.0) TEMPLATE \(names.0)")
                try await TestCluster.run("CREATE DATABASE \(copies.1) TEMPLATE \(names.1)")
                try await upgrade(copies, fresh, server, isExamined: [0, Self.releases.count - 1].contains(index))
                last = names
            }
            #expect(Self.releases.last.map { $0.private <= Migrations(.private).all.count } == true)
        }
    }

    /// Makes a released schema out of the one before, and adds the data that could be in it.
    private func release(
        _ released: Released,
        after last: (String, String),
        _ server: TestServer
    ) async throws -> (String, String) {
        let name = "u\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        let names = (name, "\(name)_r")
        for (kind, new, template) in [(DatabaseKind.private, names.0, last.0), (.record, names.1, last.1)] {
            try await TestCluster.run("CREATE DATABASE \(new) TEMPLATE \(template)")
            let count = kind == .private ? released.private : released.record
            let data = kind == .private ? released.data : released.recordData
            let configuration = PostgresConfiguration(TestCluster.uri(new), maximumConnections: 1)
            try await withPool(configuration, logger: server.parts.logger) { pool in
                try await pool.run(LoginRole.wall(around: new, kind))
                try await pool.run("GRANT ALL ON SCHEMA public TO chorus_owner")
                _ = try await Migrations(kind, all: Array(Migrations(kind).all.prefix(count))).apply(on: pool)
                if !data.isEmpty { try await pool.run(data) }
            }
        }
        return names
    }

    private func upgrade(
        _ names: (String, String),
        _ fresh: [DatabaseKind: Set<String>],
        _ server: TestServer,
        isExamined: Bool
    ) async throws {
        let uris = (TestCluster.uri(names.0), TestCluster.uri(names.1))
        let directory = FileManager.default.temporaryDirectory.appending(path: "upgrade-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = ServerConfiguration(data: directory)
        (configuration.databaseURL, configuration.recordURL) = uris
        for uri in [uris.0, uris.1] { try await run(UpgradeData.keep, on: uri, server) }
        let setup = DatabaseSetup(
            privateURI: uris.0,
            recordURI: uris.1,
            data: try DataDirectory(directory),
            logger: server.parts.logger
        )
        try await setup.prepare()
        for uri in [uris.0, uris.1] {
            let lost = try await texts(UpgradeData.lost, of: uri, server)
            #expect(lost == [], "\(names.0)")
            #expect(try await texts(UpgradeData.kept, of: uri, server).count > 0)
            try await run("DROP SCHEMA kept CASCADE", on: uri, server)
        }
        let found = try await catalogues(uris.0, uris.1, server)
        for kind in DatabaseKind.allCases {
            let differences = fresh[kind, default: []].symmetricDifference(found[kind, default: []]).sorted()
            #expect(differences == [], "\(names.0) \(kind)")
        }
        if isExamined {
            let findings = await Doctor(configuration, logger: server.parts.logger).examine()
            // The tests' PostgreSQL waits for no disk.
            let wrong = findings.filter {
                !$0.isFine && !["codes", "mail"].contains($0.check) && !$0.check.hasPrefix("commits of")
            }
            #expect(wrong.isEmpty, "\(wrong.map(\.finding))")
        }
    }

    private func run(_ sql: String, on uri: String, _ server: TestServer) async throws {
        try await withPool(PostgresConfiguration(uri, maximumConnections: 1), logger: server.parts.logger) {
            try await $0.run(sql)
        }
    }

    private func texts(_ sql: String, of uri: String, _ server: TestServer) async throws -> [String] {
        let other = Server(parts: server.parts, cluster: nil, privateURI: uri, recordURI: uri)
        return try await TestServer(server: other, port: 0, network: server.network).texts(sql)
    }

    private func catalogues(_ privateURI: String, _ recordURI: String, _ server: TestServer) async throws
        -> [DatabaseKind: Set<String>]
    {
        [
            .private: Set(try await texts(UpgradeData.catalogue, of: privateURI, server)),
            .record: Set(try await texts(UpgradeData.catalogue, of: recordURI, server)),
        ]
    }
}
