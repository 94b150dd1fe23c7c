import Foundation
import Testing

@testable import Chorus

/// Who is believed, and what; without a socket.
@Suite struct TrustedProxiesTests {
    private func caller(
        _ peer: String,
        trusted: String = "10.0.0.0/8,2001:db8:1::/48",
        for addresses: [String] = [],
        proto: [String] = [],
        forwarded: [String] = []
    ) throws -> Caller {
        let proxies = try #require(TrustedProxies(trusted))
        return proxies.caller(from: IPAddress(peer), isEncrypted: false) {
            ForwardedWords(addresses: addresses, schemes: proto, forwarded: forwarded)
        }
    }

    @Test(arguments: ["10.0.0.0/8", "192.0.2.7", " 192.0.2.7 , ::1", "0.0.0.0/0", "2001:db8::/32", "::ffff:10.0.0.1"])
    func blocksAreRead(text: String) { #expect(TrustedProxies(text) != nil) }

    @Test(arguments: ["", ",", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "proxy.example", "::/129", "10.0.0.0/8/8"])
    func whatIsNoBlockIsRefused(text: String) { #expect(TrustedProxies(text) == nil) }

    @Test func aBlockEndsWhereItEnds() throws {
        let proxies = try #require(TrustedProxies("10.1.0.0/16,192.0.2.7,2001:db8::/33"))
        for inside in ["10.1.0.0", "10.1.255.255", "192.0.2.7", "2001:db8::1", "::ffff:10.1.2.3"] {
            #expect(proxies.contains(IPAddress(inside)), "\(inside)")
        }
        for outside in ["10.2.0.0", "10.0.255.255", "192.0.2.8", "2001:db8:8000::", "::10.1.0.1"] {
            #expect(!proxies.contains(IPAddress(outside)), "\(outside)")
        }
        #expect(!TrustedProxies().contains(IPAddress("127.0.0.1")))
        #expect(try #require(TrustedProxies("0.0.0.0/0")).contains(IPAddress("203.0.113.9")))
        #expect(try !#require(TrustedProxies("0.0.0.0/0")).contains(IPAddress("2001:db8::1")))
    }

    @Test func nobodyElseIsBelieved() throws {
        let stranger = try caller(
            "203.0.113.9",
            for: ["198.51.100.1"],
            proto: ["https"],
            forwarded: ["for=198.51.100.1"]
        )
        #expect(stranger == Caller(address: IPAddress("203.0.113.9"), isSecure: false))
    }

    /// What a client invents stands left of what its proxy writes.
    @Test func theRightmostHopThatIsNoProxyIsTheAsker() throws {
        #expect(try caller("10.0.0.1", for: ["198.51.100.1"]).address == IPAddress("198.51.100.1"))
        #expect(try caller("10.0.0.1", for: ["127.0.0.1, 198.51.100.1"]).address == IPAddress("198.51.100.1"))
        #expect(try caller("10.0.0.1", for: ["6.6.6.6, 198.51.100.1, 10.9.9.9"]).address == IPAddress("198.51.100.1"))
        #expect(
            try caller("10.0.0.1", for: ["6.6.6.6", "198.51.100.1", "10.9.9.9"]).address == IPAddress("198.51.100.1")
        )
        #expect(try caller("10.0.0.1", for: ["198.51.100.1:4711"]).address == IPAddress("198.51.100.1"))
        #expect(try caller("10.0.0.1", for: ["[2001:db8:2::7]:4711"]).address == IPAddress("2001:db8:2::7"))
        #expect(try caller("10.0.0.1", for: ["10.1.1.1, 10.2.2.2"]).address == IPAddress("10.1.1.1"))
        #expect(try caller("10.0.0.1", for: ["198.51.100.1, nonsense"]).address == IPAddress("10.0.0.1"))
        #expect(try caller("10.0.0.1", for: ["198.51.100.1, nonsense, 10.3.3.3"]).address == IPAddress("10.3.3.3"))
        #expect(try caller("10.0.0.1").address == IPAddress("10.0.0.1"))
    }

    @Test func theStandardHeaderIsReadToo() throws {
        let forwarded = ["for=6.6.6.6, For=\"[2001:db8:2::7]:47011\";proto=HTTPS;by=10.0.0.1"]
        let asker = try caller("2001:db8:1::1", forwarded: forwarded)
        #expect(asker == Caller(address: IPAddress("2001:db8:2::7"), isSecure: true))
        #expect(try caller("10.0.0.1", forwarded: ["for=unknown"]).address == IPAddress("10.0.0.1"))
        #expect(try caller("10.0.0.1", forwarded: ["for=_hidden;proto=https"]).isSecure)
        #expect(try caller("10.0.0.1", forwarded: ["for=\"a,b\";proto=http"]).address == IPAddress("10.0.0.1"))
    }

    /// A proxy writes one header and hands the other on as its client wrote it.
    @Test func whereTheHeadersContradictEachOtherNoneIsBelieved() throws {
        let contradicted = try caller("10.0.0.1", for: ["198.51.100.1"], proto: ["https"], forwarded: ["for=6.6.6.6"])
        #expect(contradicted == Caller(address: IPAddress("10.0.0.1"), isSecure: false))
        let agreed = try caller("10.0.0.1", for: ["198.51.100.1"], proto: ["https"], forwarded: ["for=198.51.100.1"])
        #expect(agreed == Caller(address: IPAddress("198.51.100.1"), isSecure: true))
    }

    @Test func theSchemeIsTheLastProxys() throws {
        #expect(try caller("10.0.0.1", proto: ["https"]).isSecure)
        #expect(try caller("10.0.0.1", proto: ["http, https"]).isSecure)
        #expect(try !caller("10.0.0.1", proto: ["https, http"]).isSecure)
        #expect(try !caller("10.0.0.1", proto: ["https", "http"]).isSecure)
        let proxies = TrustedProxies()
        let words = ForwardedWords(addresses: [], schemes: [], forwarded: [])
        #expect(proxies.caller(from: nil, isEncrypted: true) { words } == Caller(address: nil, isSecure: true))
    }

    @Test func limitsCountNetworksOfTheSixthVersion() {
        #expect(IPAddress("2001:db8::1")?.source == IPAddress("2001:db8::ffff")?.source)
        #expect(IPAddress("2001:db8::1")?.source != IPAddress("2001:db8:0:1::1")?.source)
        #expect(IPAddress("192.0.2.1")?.source != IPAddress("192.0.2.2")?.source)
        #expect(IPAddress("::ffff:192.0.2.1") == IPAddress("192.0.2.1"))
        #expect(IPAddress("127.9.9.9")?.isLoopback == true && IPAddress("::1")?.isLoopback == true)
        #expect(IPAddress("128.0.0.1")?.isLoopback == false && IPAddress("::2")?.isLoopback == false)
    }

    @Test(arguments: [
        ("Cookie", "a=b"), ("Authorization", "Bearer x"), ("Proxy-Authorization", "x"), ("X-Client-Cert", "MII"),
        ("SSL_CLIENT_S_DN", "CN=Ada"), ("X-SSL-Client-CN", "Ada"), ("X-Forwarded-Client-Cert", "By=x"),
        ("Client-Cert", ":MII:"), ("Client-Cert-Chain", ":MII:"), ("X-ARR-ClientCert", "MII"), ("Remote-User", "ada"),
        ("X-Remote-User", "ada"), ("X-Forwarded-User", "ada"), ("x-auth-request-email", "a@b.de"),
    ]) func headersThatNameSomebodyAreKnown(name: String, value: String) {
        #expect(RefuseIdentity.isAttached(name, value))
        #expect(
            RefuseIdentity.isAttached(name.lowercased(), value) && RefuseIdentity.isAttached(name.uppercased(), value)
        )
        #expect(!RefuseIdentity.isAttached(name, ""))
    }

    @Test(arguments: [
        ("Accept", "*/*"), ("Content-Type", "application/json"), ("X-SSL-Client-Verify", "NONE"), ("Chorus-Proof", "x"),
        ("X-Forwarded-For", "192.0.2.1"), ("User-Agent", "x"), ("X-Request-Id", "x"), ("Sec-Fetch-Site", "same-origin"),
    ]) func othersAreNot(name: String, value: String) { #expect(!RefuseIdentity.isAttached(name, value)) }
}
