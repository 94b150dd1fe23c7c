import Foundation

/// Where a notice is sent: an address of a form that every reader of addresses reads alike.
///
/// What programs disagree about (user names, other spellings of numbers, control characters) is refused, so that what is checked here
/// is what the HTTP client connects to.
struct WebhookTarget: Sendable, Equatable {
    let url: String
    let isEncrypted: Bool
    /// In lower case; an IPv6 address without its brackets.
    let host: String
    let port: Int

    /// - Parameter url: `https://host[:port][/path]`, or the same with `http`; `nil` for any other form.
    init?(_ url: String) {
        let form =
            #/(https?)://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?/#
        guard url.utf8.count <= 500, let match = url.wholeMatch(of: form) else { return nil }
        isEncrypted = match.1 == "https"
        host = match.2.lowercased().trimmingCharacters(in: ["[", "]"])
        guard let port = match.3.map({ Int($0) }) ?? (isEncrypted ? 443 : 80), (1...65_535).contains(port) else {
            return nil
        }
        self.port = port
        self.url = url
        guard match.2.hasPrefix("[") == host.contains(":"), address != nil || Self.isName(host) else { return nil }
    }

    /// The host's 4 or 16 bytes, if it is an address in the one form that cannot be read in two ways; `nil` for a name.
    var address: [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let family = host.contains(":") ? AF_INET6 : AF_INET
        guard inet_pton(family, host, &bytes) == 1 else { return nil }
        return family == AF_INET6 ? bytes : Array(bytes.prefix(4))
    }

    /// Labels of letters, digits and dashes, of which the last one begins with a letter: `127.1` and `0x7f.1` are no names.
    private static func isName(_ host: String) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        }
        return areLabels && labels.last?.first?.isLetter == true
    }
}

/// Which addresses a notice may go to: the open Internet, and nothing that only this machine or its network can reach.
///
/// A receiver's address is chosen by whoever runs HR's system, and the server stands where it could reach much that they cannot
/// (OWASP, Server-Side Request Forgery Prevention).
enum PublicAddress {
    /// IPv4 blocks that are not the open Internet (IANA IPv4 Special-Purpose Address Registry, RFC 6890), and the address at which
    /// Azure tells machines their secrets.
    private static let closed4: [(prefix: [UInt8], bits: Int)] = [
        ([0, 0, 0, 0], 8), ([10, 0, 0, 0], 8), ([100, 64, 0, 0], 10), ([127, 0, 0, 0], 8), ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12), ([192, 0, 0, 0], 24), ([192, 0, 2, 0], 24), ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16), ([198, 18, 0, 0], 15), ([198, 51, 100, 0], 24), ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4), ([240, 0, 0, 0], 4), ([168, 63, 129, 16], 32),
    ]
    /// Blocks of 2000::/3, which alone is the open Internet, that are not.
    ///
    /// They are protocol assignments with Teredo and ORCHID, documentation, and 6to4, which carries an IPv4 address inside. Mapped addresses, NAT64, link-local and unique local ones are outside of 2000::/3.
    private static let closed6: [(prefix: [UInt8], bits: Int)] = [
        ([0x20, 0x01, 0x00, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16), ([0x3F, 0xFF, 0x00], 20),
    ]

    /// - Parameter address: 4 or 16 bytes in network order.
    static func isPublic(_ address: [UInt8]) -> Bool {
        switch address.count {
        case 4: !closed4.contains { matches(address, $0.prefix, $0.bits) }
        case 16:
            matches(address, [0x20], 3) && !closed6.contains { matches(address, $0.prefix, $0.bits) }
        default: false
        }
    }

    private static func matches(_ address: [UInt8], _ prefix: [UInt8], _ bits: Int) -> Bool {
        (0..<bits).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return address[bit / 8] & mask == prefix[bit / 8] & mask
        }
    }

    /// As the HTTP client reads it.
    static func text(_ address: [UInt8]) -> String {
        guard address.count == 16 else { return address.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map {
            String(UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]), radix: 16)
        }
        return "[\(groups.joined(separator: ":"))]"
    }
}
