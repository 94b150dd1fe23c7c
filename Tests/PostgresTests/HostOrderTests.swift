import Testing

@testable import Postgres

@Suite struct HostOrderTests {
    private func hosts(_ uri: String, turn: Int) -> [String] {
        HostOrder(uri)?.keywords(turn: turn).map { "\($0.name)=\($0.value)" } ?? ["none"]
    }

    @Test func oneHostNeedsNoOrder() {
        #expect(HostOrder("postgresql://a:1/x") == nil)
        #expect(HostOrder("dbname=x") == nil)
        #expect(HostOrder("postgresql://[") == nil)
    }

    @Test func theFirstAttemptIsAsTheURISays() {
        #expect(hosts("postgresql://a:1,b:2,c:3/x", turn: 0).isEmpty)
        #expect(hosts("postgresql://a:1,b:2,c:3/x", turn: 3).isEmpty)
    }

    @Test func whoKeptSilentIsAskedLast() {
        #expect(hosts("postgresql://a:1,b:2,c:3/x", turn: 1) == ["host=b,c,a", "port=2,3,1"])
        #expect(hosts("postgresql://a:1,b:2,c:3/x", turn: 5) == ["host=c,a,b", "port=3,1,2"])
        #expect(
            hosts("host=a,b hostaddr=10.0.0.1,10.0.0.2 port=5432", turn: 1) == [
                "host=b,a", "hostaddr=10.0.0.2,10.0.0.1",
            ]
        )
    }
}
