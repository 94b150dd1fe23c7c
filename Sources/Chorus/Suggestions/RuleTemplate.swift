/// A text with blanks, such as `{unit}`, that released numbers fill in.
struct RuleTemplate: Hashable, Sendable {
    /// What can be filled in.
    enum Blank: String, CaseIterable, Sendable {
        /// Words of the question, or name of the theme.
        case item
        /// Name of the unit.
        case unit
        /// The value in the newest release.
        case value
        /// From where on the rule is met.
        case threshold
        /// In how many successive releases.
        case releases
        /// How many people the newest cell speaks for, at least.
        case people
    }

    private enum Piece: Hashable {
        case text(String)
        case blank(Blank)
    }

    private let pieces: [Piece]

    /// Which blanks it has.
    var blanks: Set<Blank> { Set(pieces.compactMap { if case .blank(let blank) = $0 { blank } else { nil } }) }

    /// - Parameter text: braces stand around the names of blanks only; anything else is no template.
    init?(_ text: String) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}"),
                let blank = Blank(rawValue: String(rest[rest.index(after: open)..<close]))
            else { return nil }
            pieces += [.text(String(rest[..<open])), .blank(blank)]
            rest = rest[rest.index(after: close)...]
        }
        self.pieces = pieces + [.text(String(rest))]
    }

    /// The text with its blanks filled in, once: what is filled in is not looked at for blanks again.
    func filled(_ values: [Blank: String]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .blank(let blank): values[blank] ?? ""
            }
        }
        .joined()
    }
}
