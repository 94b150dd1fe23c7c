import Foundation
import Logging
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Everything works through PgBouncer in transaction mode.
@Suite(.serialized, .enabled(if: TestPooler.isThere && TestLength.isLong, "needs pgbouncer and TEST_LONG=1"))
struct PoolerProcessTests {
    private func withPooler(_ body: (TestPostgres, TestPooler) async throws -> Void) async throws {
        let postgres = try TestPostgres()
        defer { postgres.tearDown() }
        for name in ["chorus", "chorus_record"] { try postgres.run("CREATE DATABASE \(name)") }
        let users = ["chorus_migrator"] + LoginRole.allCases.map(\.rawValue)
        let pooler = try TestPooler(before: postgres, users: users)
        defer { pooler.tearDown() }
        try await body(postgres, pooler)
    }

    /// The main things that happen in a town: sign-in, a race for seats, anonymous ballots, mix, release, and HR's
    /// pull.
    private func day(on server: TestServer) async throws {
        let coordinator = try await server.person(.member, .organiser, .coordinator)
        let (hr, people) = (try await server.person(.hr), try await server.people(20))
        let capacity = RSVPTests.newEvent(capacity: 7)
        let made = try await server.send("POST", "\(server.home)/events", capacity, as: coordinator)
        let event = "\(server.home)/events/\(made.json["id"].string)"
        try await forAll(people) { person in
            let reply = try await server.rsvp(event, "going", as: person)
            #expect(reply.status == 200, "\(reply.text)")
        }
        let seen = try await server.send("GET", event, as: coordinator).json
        #expect(seen["going"].int == 7 && seen["waitlisted"].int == 13, "\(seen)")
        let round = try await server.openRound(by: coordinator)
        try await server.vote(in: round, people, closedBy: coordinator) { round.ballot($0 % 5 + 1) }
        let releases = try await server.send("GET", "\(server.record)/releases", as: hr).json["items"].array
        #expect(releases.count == 1)
        let table = "\(server.record)/releases/\(releases[0]["id"].string)/tables/item"
        #expect(try await server.send("GET", table, as: hr).json["cells"].array.count == 2)
        let draft = try await server.draft(by: coordinator)
        #expect(try await draft.publish(by: coordinator).status == 200)
        #expect(try await server.send("GET", "\(server.record)/recommendations", as: hr).json["items"].array.count == 1)
        #expect(try await server.send("GET", "/readyz").status == 200)
    }

    private func signIn(on server: TestServer) async throws {
        let invited = try await server.person(.member, .coordinator)
        let codes = "{\"count\":1,\"expiresOn\":\"\(server.day(in: 5))\"}"
        let code = try await server.send("POST", "\(server.home)/invitations", codes, as: invited).json["codes"][0]
            .string
        let account = """
            {"invitation":"\(code)","email":"neu@example.org","password":"ein langer Satz 17","displayName":"Neu","locale":"de"}
            """
        let made = try await server.send("POST", "/v1/accounts", account)
        #expect(made.status == 201, "\(made.text)")
        let body = "{\"email\":\"neu@example.org\",\"password\":\"ein langer Satz 17\"}"
        let reply = try await server.send("POST", "/v1/sessions", body)
        #expect(reply.status == 201, "\(reply.text)")
    }

    @Test func aTownsDayWithUnnamedStatementsAndWithListeningPastThePooler() async throws {
        try await withPooler { postgres, pooler in
            try await withServer(
                on: (pooler.uri("chorus"), pooler.uri("chorus_record")),
                configure: { configuration in
                    configuration.preparesStatements = false
                    configuration.directDatabaseURL = postgres.uri("chorus")
                    configuration.directRecordURL = postgres.uri("chorus_record")
                }
            ) { server in
                try await signIn(on: server)
                try await day(on: server)
                let reader = try await server.person(.member)
                #expect(try await soon { server.parts.changes.mark(server.network.id, .content) != nil }, "it listens")
                try await server.keep("\(server.home)/events", as: reader)
                // A role's own settings stand for what a session cannot ask of a pooler.
                let settings = try await server.parts.databases.member.execute(ReadOwnSettings())
                #expect(settings == ["30s", "UTC", "ISO, MDY", "10s"])
            }
        }
    }

    @Test func withoutAWayPastItNothingIsKeptAndEverythingWorks() async throws {
        try await withPooler { postgres, pooler in
            try await withServer(
                on: (pooler.uri("chorus"), pooler.uri("chorus_record")),
                configure: { $0.preparesStatements = false }
            ) { server in
                let organiser = try await server.person(.member, .organiser)
                let event = try await server.makeEvent(by: organiser)
                #expect(try await server.rsvp(event, "going", as: organiser).status == 200)
                #expect(server.parts.listeners.isEmpty)
                #expect(server.parts.changes.mark(server.network.id, .content) == nil)
                try await doctorsSay(server)
            }
        }
    }

    private func doctorsSay(_ server: TestServer) async throws {
        var configuration = server.parts.configuration
        (configuration.databaseURL, configuration.recordURL) = (server.server.privateURI, server.server.recordURI)
        let fine = await Doctor(configuration, logger: server.parts.logger).examine()
        #expect(fine.contains { $0.check.hasPrefix("sessions") && $0.isFine && $0.finding.contains("lent") }, "\(fine)")
        configuration.preparesStatements = true
        let wrong = await Doctor(configuration, logger: server.parts.logger).examine()
        let finding = wrong.first { $0.check.hasPrefix("sessions") && !$0.isFine }
        #expect(finding?.mend?.contains("CHORUS_PREPARED_STATEMENTS=unnamed") == true, "\(wrong)")
    }
}

private struct ReadOwnSettings: PostgresStatement {
    static let sql = """
        SELECT unnest(ARRAY[current_setting('statement_timeout'), current_setting('TimeZone'), current_setting('DateStyle'),
            current_setting('lock_timeout')])
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
