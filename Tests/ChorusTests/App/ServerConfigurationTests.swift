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
}
