import Testing

@testable import Chorus

/// The keys that have no option on the command line.
@Suite struct ServerConfigurationTests {
    @Test func limitsOfRequestsAndCalmReadsCanBeSet() async throws {
        let standard = try await ServerConfiguration.read(flags: [:])
        #expect((standard.requestsPerMinute, standard.calmReads) == (6_000, 500))
        let keys = ["CHORUS_REQUESTS_PER_MINUTE": "60000", "CHORUS_CALM_READS": "1000000000"]
        let raised = try await ServerConfiguration.read(flags: keys)
        #expect((raised.requestsPerMinute, raised.calmReads) == (60_000, 1_000_000_000))
    }

    @Test(arguments: ["CHORUS_REQUESTS_PER_MINUTE", "CHORUS_CALM_READS"], ["0", "-1", "1000000001", "many", ""])
    func aLimitThatIsNoneIsRefusedByName(key: String, value: String) async throws {
        let refusal = await #expect(throws: ConfigurationRefusal.self) {
            try await ServerConfiguration.read(flags: [key: value])
        }
        let text = try #require(refusal).description
        #expect(text.contains(key) && text.contains("from 1 to 1000000000"), "\(text)")
    }

    private static let elsewhere = ["CHORUS_DATABASE_URL": "dbname=a", "CHORUS_RECORD_URL": "dbname=b"]

    @Test func poolersAndReplicasCanBeNamed() async throws {
        let standard = try await ServerConfiguration.read(flags: Self.elsewhere)
        #expect(standard.preparesStatements && standard.recordReplicaURL == nil && standard.directDatabaseURL == nil)
        let keys = [
            "CHORUS_PREPARED_STATEMENTS": "unnamed", "CHORUS_RECORD_REPLICA_URL": "dbname=c",
            "CHORUS_DIRECT_DATABASE_URL": "dbname=d", "CHORUS_DIRECT_RECORD_URL": "dbname=e",
        ]
        let pooled = try await ServerConfiguration.read(flags: keys.merging(Self.elsewhere) { $1 })
        #expect(!pooled.preparesStatements && pooled.recordReplicaURL == "dbname=c")
        #expect((pooled.directDatabaseURL, pooled.directRecordURL) == ("dbname=d", "dbname=e"))
    }

    @Test(arguments: [
        ["CHORUS_PREPARED_STATEMENTS": "some"], ["CHORUS_DIRECT_DATABASE_URL": "dbname=d"],
        ["CHORUS_DIRECT_RECORD_URL": "dbname=d"],
    ])
    func halfAPoolerIsRefusedByName(keys: [String: String]) async throws {
        let refusal = await #expect(throws: ConfigurationRefusal.self) {
            try await ServerConfiguration.read(flags: keys.merging(Self.elsewhere) { $1 })
        }
        let text = try #require(refusal).description
        #expect(text.contains(keys.keys.first ?? "") && !text.contains("dbname=d"), "\(text)")
    }

    @Test func theEmbeddedServerHasNeitherPoolerNorReplica() async throws {
        let refusal = await #expect(throws: ConfigurationRefusal.self) {
            try await ServerConfiguration.read(flags: ["CHORUS_RECORD_REPLICA_URL": "dbname=c"])
        }
        #expect(try #require(refusal).description.contains("CHORUS_RECORD_REPLICA_URL"))
    }
}

/// The keys of the port.
@Suite struct PortConfigurationTests {
    @Test func certificateAndKeyGoTogether() async throws {
        for key in ["CHORUS_TLS_CERTIFICATE", "CHORUS_TLS_KEY"] {
            let refusal = await #expect(throws: ConfigurationRefusal.self) {
                try await ServerConfiguration.read(flags: [key: "/etc/ssl/x.pem"])
            }
            #expect(refusal?.description.contains("go together") == true)
        }
        let both = ["CHORUS_TLS_CERTIFICATE": "/c.pem", "CHORUS_TLS_KEY": "/k.pem"]
        let configuration = try await ServerConfiguration.read(flags: both)
        #expect(
            configuration.certificateFiles == .init(chain: "/c.pem", key: "/k.pem") && configuration.scheme == "https"
        )
    }

    @Test func proxiesAndConnectionsAreRead() async throws {
        let flags = ["CHORUS_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8", "CHORUS_CONNECTIONS": "100"]
        let configuration = try await ServerConfiguration.read(flags: flags)
        #expect(configuration.trustedProxies.contains(IPAddress("10.9.9.9")))
        #expect((configuration.limits.connections, configuration.limits.connectionsOfOne) == (100, 25))
        let standard = try await ServerConfiguration.read(flags: [:])
        #expect(standard.trustedProxies.isEmpty && standard.scheme == "http")
        #expect((standard.limits.connections, standard.limits.connectionsOfOne) == (10_000, 2_500))
        let refusal = await #expect(throws: ConfigurationRefusal.self) {
            try await ServerConfiguration.read(flags: ["CHORUS_TRUSTED_PROXIES": "proxy.example"])
        }
        #expect(refusal?.description.contains("CHORUS_TRUSTED_PROXIES") == true)
    }
}
