import Foundation
import NIOCore

/// An address of the network layer, as a number of 128 bits; those of IPv4 are mapped into IPv6 (RFC 4291, section 2.5.5.2).
struct IPAddress: Hashable, Sendable {
    let bits: UInt128

    private static let mapped: UInt128 = 0xFFFF << 32

    /// - Parameter text: such as `192.0.2.1` or `2001:db8::1`.
    init?(_ text: some StringProtocol) {
        guard let address = try? SocketAddress(ipAddress: String(text), port: 0) else { return nil }
        self.init(address)
    }

    /// - Parameter address: `nil` for what has no number, such as a socket in the file system.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            bits = Self.mapped | UInt128(UInt32(bigEndian: address.address.sin_addr.s_addr))
        case .v6(let address):
            bits = withUnsafeBytes(of: address.address.sin6_addr) { $0.reduce(0) { $0 << 8 | UInt128($1) } }
        default: return nil
        }
    }

    private init(bits: UInt128) { self.bits = bits }

    var isIPv4: Bool { bits >> 32 == 0xFFFF }

    /// Whether nobody but this machine has it.
    var isLoopback: Bool { isIPv4 ? (bits >> 24) & 0xFF == 127 : bits == 1 }

    /// The first bits of an address, the rest 0.
    ///
    /// - Parameter length: how many of the 128.
    func prefix(_ length: Int) -> IPAddress {
        length <= 0 ? IPAddress(bits: 0) : IPAddress(bits: (bits >> (128 - length)) << (128 - length))
    }

    /// Whom limits count: an address of IPv4, or the network of one of IPv6, of which every machine has 2^64 addresses.
    var source: IPAddress { isIPv4 ? self : prefix(64) }
}
