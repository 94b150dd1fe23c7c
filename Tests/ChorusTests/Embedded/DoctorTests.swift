import Foundation
import Logging
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

private let gibibyte = 1_073_741_824

/// Each trouble that the doctor finds, without having it.
@Suite struct DoctorTests {
    @Test(arguments: [
        (10 * gibibyte, 100 * gibibyte, true), (gibibyte, 10 * gibibyte, true), (gibibyte - 1, 10 * gibibyte, false),
        (4 * gibibyte, 100 * gibibyte, false), (0, 0, false),
    ])
    func littleRoomIsFound(free: Int, total: Int, isFine: Bool) {
        let finding = MachineCheck.disk(free: free, total: total, path: "/var/lib/chorus")
        #expect(finding.isFine == isFine && (finding.mend == nil) == isFine)
        #expect(finding.finding.contains("/var/lib/chorus"))
    }

    @Test(arguments: [(0.0, true), (59, true), (-59, true), (62, false), (-3_600, false)])
    func clocksThatDifferAreFound(ahead: Double, isFine: Bool) {
        #expect(MachineCheck.clocks(ahead: ahead).isFine == isFine)
    }

    @Test func settingsThatLoseCommitsAreNamedWithTheirLogin() throws {
        #expect(SettingsCheck().findings(of: "member", needed: 20).isEmpty)
        for (name, settings) in [
            ("fsync", SettingsCheck(fsync: "off")), ("full_page_writes", SettingsCheck(fullPageWrites: "off")),
            ("synchronous_commit", SettingsCheck(synchronousCommit: "off")),
        ] {
            let findings = settings.findings(of: "anonymous", needed: 20)
            let only = try #require(findings.first)
            #expect(findings.count == 1 && only.finding.contains("\(name) = off") && only.check.contains("anonymous"))
            #expect(only.mend?.contains("\(name) = on") == true)
        }
    }

    @Test func fewConnectionsAndAnOldVersionAreFound() throws {
        let few = SettingsCheck(connections: 20).findings(of: "hr", needed: 18)
        #expect(few.map(\.check) == ["connections"] && few[0].mend?.contains("at least 21") == true)
        #expect(SettingsCheck(connections: 21).findings(of: "hr", needed: 18).isEmpty)
        let old = SettingsCheck(version: 140_011).findings(of: "hr", needed: 18)
        #expect(old.map(\.check) == ["PostgreSQL"] && old[0].finding.contains("14"))
    }

    @Test(arguments: [
        (30.5, "valid for 30 days", true), (14, "valid for 14 days", true), (13.9, "expires in 13 days", false),
        (0, "expired", false), (-3, "expired", false), (400, "not valid yet", false),
    ])
    func aCertificateIsNamedBeforeItExpires(days: Double, said: String, isFine: Bool) {
        let ends = Date(timeIntervalSince1970: 1_800_000_000)
        let finding = CertificateCheck.finding(
            begins: ends - 365 * 86_400,
            ends: ends,
            now: ends - days * 86_400,
            path: "/etc/chorus/chain.pem"
        )
        #expect(finding.isFine == isFine && finding.finding.contains(said), "\(finding)")
        #expect((finding.mend == nil) == isFine)
    }

    @Test func realCertificatesAreLookedAt() throws {
        let room = FileManager.default.temporaryDirectory.appending(path: "chorus-doctor-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: room) }
        let long = try TestCertificate(in: room.appending(path: "long"), name: "a", days: 40)
        let short = try TestCertificate(in: room.appending(path: "short"), name: "a", days: 3)
        func look(_ chain: String, _ key: String) throws -> Doctor.Finding {
            var configuration = ServerConfiguration(data: room)
            configuration.certificateFiles = .init(chain: chain, key: key)
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            return try #require(Doctor(configuration, logger: logger).certificate(at: Date()).first)
        }
        let (fine, ending) = (try look(long.chain, long.key), try look(short.chain, short.key))
        #expect(fine.isFine && fine.finding.contains("valid for 39 days"), "\(fine)")
        #expect(!ending.isFine && ending.finding.contains("expires in 2 days"), "\(ending)")
        let mixed = try look(long.chain, short.key)
        #expect(!mixed.isFine && mixed.finding.contains("belong together"), "\(mixed)")
    }

    @Test func aLoginThatMayLoseItsCommitsIsFoundOnARealServer() async throws {
        try await withServer { server in
            let doctor = Doctor(server.parts.configuration, logger: server.parts.logger)
            let real = try #require(try await server.parts.databases.anonymous.first(ReadSettings(now: Date())))
            #expect(real.version >= SettingsCheck.oldest && real.connections > 0 && abs(real.clockAhead) < 30)
            // The tests' own cluster saves its flushes; the doctor must say so, of whoever looks.
            let findings = await doctor.settings(server.server)
            #expect(findings.contains { !$0.isFine } == (real.fsync == "off" || real.synchronousCommit == "off"))
            #expect(findings.allSatisfy { $0.isFine == ($0.mend == nil) })
        }
    }
}
