import Crypto
import Foundation
import Testing

@testable import Chorus

/// Where notices may go and how they are signed: decisions without a network.
@Suite struct WebhookTargetTests {
    @Test(arguments: [
        "https://hr.stadt.example/chorus", "https://hr.stadt.example", "https://hr.stadt.example:8443/a?b=c&d=%20",
        "http://127.0.0.1:8080/", "https://[2001:db8::1]/x", "https://xn--mnchen-3ya.example/",
    ])
    func addressesOfTheOneFormAreRead(_ url: String) {
        #expect(WebhookTarget(url) != nil)
    }

    @Test(arguments: [
        "ftp://a.example/", "https://", "https://user@a.example/", "https://a.example:0/", "https://a.example:65536/",
        "https://a.example/#x", "https://127.1/", "https://0x7f.0.0.1/", "https://2130706433/", "https://0177.0.0.1/",
        "https://127.0.0.1./", "https://a..example/", "https://-a.example/", "https://a.example\\@b.example/",
        "https://a.example/\"\nurl = x", "https://a.example/ b", "https://münchen.example/", "https://[::1/",
        "https://[a]/",
        "https://[127.0.0.1]/", "HTTPS://a.example/", " https://a.example/", "https://a.example:/",
        "https://a.example?x",
        "https://[fe80::1%25eth0]/",
    ])
    func everyOtherFormIsRefused(_ url: String) {
        #expect(WebhookTarget(url) == nil)
    }

    @Test func theTargetIsWhatIsConnectedTo() throws {
        let target = try #require(WebhookTarget("https://HR.Stadt.example:8443/x"))
        #expect((target.host, target.port, target.isEncrypted) == ("hr.stadt.example", 8443, true))
        let address = try #require(WebhookTarget("https://[2001:DB8::1]/x"))
        #expect((address.host, address.port) == ("2001:db8::1", 443))
    }

    private static func bytes(_ text: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: text.contains(":") ? 16 : 4)
        try #require(inet_pton(text.contains(":") ? AF_INET6 : AF_INET, text, &bytes) == 1, "\(text)")
        return bytes
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "100.127.255.255", "192.0.0.192", "198.18.0.1",
        "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.0.2.1",
        "198.51.100.7", "203.0.113.9", "192.88.99.1", "::", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::7f00:1",
        "64:ff9b::a00:1", "64:ff9b:1::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1",
        "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "4000::1",
    ])
    func whatOnlyThisMachineOrItsNetworkReachesIsRefused(_ address: String) throws {
        #expect(!PublicAddress.isPublic(try Self.bytes(address)))
    }

    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255",
        "128.0.0.1", "172.15.255.255", "172.32.0.1", "192.167.255.255", "192.169.0.1", "223.255.255.255",
        "168.63.129.17", "2001:4860:4860::8888", "2606:4700::1111", "2a01:4f8::1", "2003::1", "2001:200::1",
    ])
    func theOpenInternetIsNot(_ address: String) throws {
        #expect(PublicAddress.isPublic(try Self.bytes(address)))
    }

    @Test func nothingInAnAddressOrABodyIsACommandForTheClient() throws {
        let target = try #require(WebhookTarget("https://a.example/x"))
        let sender = WebhookSender(trustedHosts: [])
        let settings = sender.settings("{\"a\":\"b\\\\\"}", [("x", "\"y\"")], target, [[1, 2, 3, 4]])
        let lines = settings.split(separator: "\n")
        #expect(lines.contains("resolve = \"a.example:443:1.2.3.4\""))
        #expect(lines.contains("data-raw = \"{\\\"a\\\":\\\"b\\\\\\\\\\\"}\""))
        #expect(lines.contains("header = \"x: \\\"y\\\"\""))
        #expect(lines.contains("proto = \"=https\"") && lines.contains("max-redirs = 0"))
        #expect(!lines.contains { $0.hasPrefix("location") })
    }

    @Test func whatWasOnlySealedForAnotherReceiverCannotBeOpened() throws {
        let (secret, id, key) = (WebhookSecret(), UUID(), SymmetricKey(size: .bits256))
        let sealed = try secret.sealed(for: id, under: key)
        let opened = try WebhookSecret(sealed: sealed, for: id, under: key)
        #expect(opened.text == secret.text)
        #expect(throws: (any Error).self) { try WebhookSecret(sealed: sealed, for: UUID(), under: key) }
        #expect(throws: (any Error).self) {
            try WebhookSecret(sealed: sealed, for: id, under: SymmetricKey(size: .bits256))
        }
    }
}
