/// The writing of age's keys (BIP 173, without its limit on length): letters that can be read aloud, and a checksum.
enum Bech32 {
    private static let letters = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    /// - Parameters:
    ///   - prefix: in lower case, such as `age`.
    ///   - bytes: what is written.
    static func encode(_ prefix: String, _ bytes: [UInt8]) -> String {
        let values = regroup(bytes, from: 8, to: 5, pads: true) ?? []
        let checksum = polymod(expand(prefix) + values + [UInt8](repeating: 0, count: 6)) ^ 1
        let check = (0..<6).map { UInt8(checksum >> (5 * (5 - UInt32($0))) & 31) }
        return prefix + "1" + String(decoding: (values + check).map { letters[Int($0)] }, as: UTF8.self)
    }

    /// - Parameters:
    ///   - text: in one case.
    ///   - prefix: that it must have, in lower case.
    /// - Returns: `nil` when it has another prefix, a wrong letter or a wrong checksum.
    static func decode(_ text: String, _ prefix: String) -> [UInt8]? {
        guard text == text.lowercased() || text == text.uppercased() else { return nil }
        let lower = text.lowercased()
        guard lower.hasPrefix(prefix + "1") else { return nil }
        let values = lower.utf8.dropFirst(prefix.utf8.count + 1).map { letter in letters.firstIndex(of: letter) ?? 32 }
        guard values.count >= 6, values.allSatisfy({ $0 < 32 }) else { return nil }
        let data = values.map { UInt8($0) }
        guard polymod(expand(prefix) + data) == 1 else { return nil }
        return regroup(data.dropLast(6), from: 5, to: 8, pads: false)
    }

    private static func expand(_ prefix: String) -> [UInt8] {
        prefix.utf8.map { $0 >> 5 } + [0] + prefix.utf8.map { $0 & 31 }
    }

    private static func polymod(_ values: [UInt8]) -> UInt32 {
        let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        return values.reduce(1) { sum, value in
            let top = sum >> 25
            return generators.enumerated().reduce((sum & 0x1ff_ffff) << 5 ^ UInt32(value)) {
                top >> UInt32($1.offset) & 1 == 1 ? $0 ^ $1.element : $0
            }
        }
    }

    private static func regroup(_ values: some Sequence<UInt8>, from: Int, to: Int, pads: Bool) -> [UInt8]? {
        var (held, bits) = (0, 0)
        var result: [UInt8] = []
        for value in values {
            held = held << from | Int(value)
            bits += from
            while bits >= to {
                bits -= to
                result.append(UInt8(held >> bits & (1 << to - 1)))
                held &= 1 << bits - 1
            }
        }
        if pads, bits > 0 { result.append(UInt8(held << (to - bits) & (1 << to - 1))) }
        return pads || bits < from && held == 0 ? result : nil
    }
}
