/// The proxies whose word about their clients is believed; a value without a socket.
struct TrustedProxies: Sendable, Equatable {
    /// A block of addresses (RFC 4632).
    private struct Block: Sendable, Equatable {
        let base: IPAddress
        let length: Int

        /// - Parameter text: such as `10.0.0.0/8`, `2001:db8::/32` or one address.
        init?(_ text: Substring) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
            let most = address.isIPv4 ? 32 : 128
            var given = most
            if parts.count == 2 {
                guard let length = Int(parts[1]), (0...most).contains(length) else { return nil }
                given = length
            }
            length = given + 128 - most
            base = address.prefix(length)
        }
    }

    private let blocks: [Block]

    /// Nobody is believed.
    init() { blocks = [] }

    /// - Parameter text: blocks and addresses with commas between them; `nil` when one of them is neither.
    init?(_ text: String) {
        var blocks: [Block] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let block = Block(part.trimmingWhitespace()[...]) else { return nil }
            blocks.append(block)
        }
        self.blocks = blocks
    }

    /// Whether nobody is believed.
    var isEmpty: Bool { blocks.isEmpty }

    /// Whether somebody is believed.
    func contains(_ address: IPAddress?) -> Bool {
        guard let address else { return false }
        return blocks.contains { address.prefix($0.length) == $0.base }
    }

    /// Who asks, and how.
    ///
    /// What a client wrote into these headers stands left of what its proxy added: the list is read from its right end,
    /// and the first address there that is no proxy of ours is the asker. A proxy writes one of the two headers and hands on
    /// the other as its client wrote it: where both stand and name different people, none is believed.
    ///
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - isEncrypted: whether the connection itself is.
    ///   - words: what stands in the headers; not looked at for others than proxies.
    func caller(from peer: IPAddress?, isEncrypted: Bool, _ words: () -> ForwardedWords) -> Caller {
        let own = Caller(address: peer, isSecure: isEncrypted)
        guard !blocks.isEmpty, contains(peer), let peer else { return own }
        let words = words()
        let claims = [words.chain, words.standardChain].compactMap(\.self).map { asker(behind: peer, $0) }
        guard Set(claims).count <= 1 else { return own }
        return Caller(address: claims.first ?? peer, isSecure: isEncrypted || words.isSecure)
    }

    private func asker(behind peer: IPAddress, _ chain: [IPAddress?]) -> IPAddress {
        var found = peer
        for hop in chain.reversed() {
            guard let hop else { return found }
            found = hop
            if !contains(hop) { return found }
        }
        return found
    }
}

/// Who asks, as far as limits and cookies have to know; never logged, never stored.
struct Caller: Sendable, Equatable {
    /// `nil` when it has none, as with a socket in the file system.
    var address: IPAddress?
    /// Whether what they send and get is encrypted on its way.
    var isSecure = false
}

/// What proxies say of a request.
struct ForwardedWords: Sendable, Equatable {
    /// Of `X-Forwarded-For`, in its order; `nil` for what is no address.
    ///
    /// Without the header there is no chain.
    let chain: [IPAddress?]?
    /// Of `Forwarded` (RFC 7239).
    let standardChain: [IPAddress?]?
    /// Whether the last proxy was asked by https.
    let isSecure: Bool

    /// - Parameters:
    ///   - addresses: the values of `X-Forwarded-For`.
    ///   - schemes: those of `X-Forwarded-Proto`.
    ///   - forwarded: those of `Forwarded`.
    init(addresses: [String], schemes: [String], forwarded: [String]) {
        let elements = forwarded.flatMap { ForwardedElement.elements(of: $0) }
        chain = addresses.isEmpty ? nil : addresses.flatMap { $0.split(separator: ",") }.map { Self.node($0) }
        let nodes = elements.compactMap(\.node)
        standardChain = nodes.isEmpty ? nil : nodes.map { Self.node($0[...]) }
        let scheme = schemes.last?.split(separator: ",").last?.trimmingWhitespace() ?? elements.last?.scheme
        isSecure = scheme?.lowercased() == "https"
    }

    /// An address with or without a port; `unknown` and names that hide one are none.
    private static func node(_ text: Substring) -> IPAddress? {
        let text = text.trimmingWhitespace()
        if text.hasPrefix("[") { return IPAddress(text.dropFirst().prefix { $0 != "]" }) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return IPAddress(parts.count == 2 ? parts[0] : text[...])
    }
}

/// What one proxy says in `Forwarded` (RFC 7239, section 4).
private struct ForwardedElement {
    var node: String?
    var scheme: String?

    static func elements(of value: String) -> [ForwardedElement] {
        pieces(value[...], at: ",").map { piece in
            var element = ForwardedElement()
            for pair in pieces(piece, at: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                let text = parts[1].trimmingWhitespace().filter { $0 != "\"" }
                switch parts[0].trimmingWhitespace().lowercased() {
                case "for": element.node = text
                case "proto": element.scheme = text
                default: continue
                }
            }
            return element
        }
    }

    /// The text between separators that stand outside quotation marks.
    private static func pieces(_ text: Substring, at separator: Character) -> [Substring] {
        var isQuoted = false
        return text.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }
}
