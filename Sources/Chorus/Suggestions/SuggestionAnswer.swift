import Crypto
import Foundation

/// What became of a suggestion.
enum SuggestionState: String, CaseIterable, Sendable {
    case open, dismissed, drafted
}

/// A suggestion as coordinators see it.
struct SuggestionAnswer: Encodable, Sendable {
    let id: String
    let rule: String
    let state: String
    let title: String
    let text: String
    let measure: String
    let why: String
    /// Of the item that raised it.
    @ExplicitNull var theme: String?
    @ExplicitNull var unit: String?
    let cells: [ReleasedCell]
    @ExplicitNull var dismissal: SuggestionDismissal?
    @ExplicitNull var recommendation: String?
}

extension Suggestion {
    /// The same rule and the same cells have the same id, wherever and whenever they are looked at.
    func id(in network: UUID) -> UUID { Self.digest("suggestion-v1", [network.text, rule] + places) }

    /// The id of the draft that is made of it, so that it is made once.
    static func draft(of suggestion: String) -> UUID { digest("suggestion-draft-v1", [suggestion]) }

    private var places: [String] { cells.flatMap { [$0.release, $0.id] } }

    private static func digest(_ use: String, _ parts: [String]) -> UUID {
        var bytes = Array(SHA256.hash(data: Array(([use] + parts).joined(separator: ":").utf8)).prefix(16))
        // An id of one's own making (RFC 9562, section 5.8).
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9],
                bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            )
        )
    }
}
