/// The sizes that anonymous requests and answers may have: whoever watches the line learns nothing from a length.
public enum FixedSize {
    /// In bytes, the whole body, the smallest first.
    public static let all = [2_048, 8_192, 32_768]
    /// In bytes.
    public static let largest = 32_768

    /// The size to which something is filled up; beyond the largest, whole multiples of it.
    ///
    /// - Parameter count: in bytes.
    public static func size(for count: Int) -> Int {
        all.first { $0 >= count } ?? (count + largest - 1) / largest * largest
    }

    /// Fills a request up with its member `pad`.
    ///
    /// - Parameter body: a JSON object with at least one member and without `pad`.
    /// - Returns: the same object of a fixed size; `nil` when it is no object or too long for the largest size.
    public static func padded(_ body: [UInt8]) -> [UInt8]? {
        let head = Array(",\"pad\":\"".utf8)
        let tail = Array("\"}".utf8)
        guard body.first == UInt8(ascii: "{"), body.last == UInt8(ascii: "}") else { return nil }
        let least = body.count - 1 + head.count + tail.count
        guard least <= largest else { return nil }
        let fill = [UInt8](repeating: UInt8(ascii: " "), count: size(for: least) - least)
        return body.dropLast() + head + fill + tail
    }
}
