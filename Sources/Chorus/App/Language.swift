import Hummingbird

/// A language in which Chorus speaks to people (BCP 47); German is the default.
enum Language: String, CaseIterable, Sendable {
    case de
    case deSimple = "de-simple"
    case en

    /// The best of ours for an `Accept-Language` header (RFC 9110 section 12.5.4); German when nothing fits.
    init(accepting header: String?) {
        let ranges = (header ?? "").split(separator: ",").map { part -> (tag: String, weight: Double) in
            let pieces = part.split(separator: ";").map { $0.trimmingWhitespace() }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return (pieces.first.map { $0.lowercased() } ?? "", quality)
        }
        let best = ranges.filter { $0.weight > 0 }.sorted { $0.weight > $1.weight }.lazy.compactMap {
            Self(tag: $0.tag)
        }
        self = best.first ?? .de
    }

    private init?(tag: String) {
        if let exact = Self(rawValue: tag) {
            self = exact
        } else if let primary = Self(rawValue: String(tag.prefix { $0 != "-" })) {
            self = primary
        } else {
            return nil
        }
    }
}

extension StringProtocol {
    /// The text without leading and trailing white space.
    func trimmingWhitespace() -> String {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        guard let last = lastIndex(where: { !$0.isWhitespace }), start <= last else { return "" }
        return String(self[start...last])
    }
}
