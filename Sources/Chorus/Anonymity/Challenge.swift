import AnonymousTokens
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Synchronization

/// A client puzzle: work for a machine, nothing to see or to solve for a person.
///
/// The text is `NONCE.EXPIRY.DIFFICULTY.MAC`; it is solved by a counter such that SHA-256(text + "." + counter) begins with
/// `difficulty` zero bits (the construction of Hashcash). It names nobody and nothing is kept of it but, until it expires, that it
/// was used.
struct Challenge: Sendable, Equatable {
    /// How long a client has for it, in seconds; a slow telephone needs some of them.
    static let lifetime = 120

    let text: String
    let difficulty: Int

    /// - Parameters:
    ///   - difficulty: leading zero bits.
    ///   - now: the present instant.
    ///   - key: known to the servers only.
    init(difficulty: Int, at now: Date, _ key: SymmetricKey) {
        let nonce = Base64URL.encode((0..<16).map { _ in UInt8.random(in: 0...255) })
        let head = "\(nonce).\(Int(now.timeIntervalSince1970) + Self.lifetime).\(difficulty)"
        text = "\(head).\(Self.mac(head, key))"
        self.difficulty = difficulty
    }

    /// - Returns: `nil` unless it is one of ours and not too old.
    init?(_ text: some StringProtocol, at now: Date, _ key: SymmetricKey) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let expiry = Int(parts[1]), let difficulty = Int(parts[2]),
            let mac = Base64URL.decode(String(parts[3])),
            HMAC<SHA256>.isValidAuthenticationCode(
                mac,
                authenticating: Array(parts[..<3].joined(separator: ".").utf8),
                using: key
            ),
            Double(expiry) >= now.timeIntervalSince1970
        else { return nil }
        self.text = String(text)
        self.difficulty = difficulty
    }

    /// - Parameter proof: as it stands in the header `Chorus-Proof`.
    /// - Returns: `nil` unless it solves one of ours that is not too old.
    init?(solvedBy proof: String, at now: Date, _ key: SymmetricKey) {
        guard let dot = proof.lastIndex(of: ".") else { return nil }
        self.init(proof[..<dot], at: now, key)
        guard isSolved(by: proof[proof.index(after: dot)...]) else { return nil }
    }

    /// Whether a text can stand in the header `Chorus-Proof`.
    static func isProofWellFormed(_ proof: String) -> Bool {
        proof.utf8.count <= 400 && proof.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    func isSolved(by counter: some StringProtocol) -> Bool {
        guard !counter.isEmpty, counter.utf8.count <= 20, counter.allSatisfy(\.isNumber) else { return false }
        return Self.zeroBits(SHA256.hash(data: Array("\(text).\(counter)".utf8))) >= difficulty
    }

    static func zeroBits(_ digest: some Sequence<UInt8>) -> Int {
        var count = 0
        for byte in digest {
            count += byte.leadingZeroBitCount
            if byte != 0 { break }
        }
        return count
    }

    private static func mac(_ head: String, _ key: SymmetricKey) -> String {
        Base64URL.encode(Array(HMAC<SHA256>.authenticationCode(for: Array(head.utf8), using: key)))
    }
}

/// How much is asked without credentials, and what that costs whoever asks.
struct Flood: Sendable {
    /// The first price, and the highest, in bits: a few milliseconds, and some seconds of a telephone.
    static let bits = 10...20

    /// Requests in ten seconds that cost nothing.
    let calm: Int
    private var window = 0
    private var count = 0
    private var before = 0
    /// Challenges that were used, by the window in which they were.
    private var used: [Int: Set<String>] = [:]

    init(calm: Int) { self.calm = calm }

    /// Counts a request.
    ///
    /// - Parameter second: the present one.
    /// - Returns: the difficulty that it costs; 0 while things are calm. Each doubling of the flood costs one bit more.
    mutating func arrive(at second: Int) -> Int {
        let now = second / 10
        if now != window {
            before = now == window + 1 ? count : 0
            (window, count) = (now, 0)
            used = used.filter { $0.key >= now - Challenge.lifetime / 10 - 1 }
        }
        count += 1
        let rate = max(before, count)
        guard rate > calm else { return 0 }
        let times = rate / calm
        return min(Self.bits.upperBound, Self.bits.lowerBound + times.bitWidth - times.leadingZeroBitCount - 1)
    }

    /// - Returns: false when the challenge was used before.
    mutating func use(_ challenge: Challenge) -> Bool {
        guard !used.values.contains(where: { $0.contains(challenge.text) }) else { return false }
        used[window, default: []].insert(challenge.text)
        return true
    }
}

/// Asks for proof of work once the credential-less reads become a flood (beside the limit for each address).
final class AskForWork: RouterMiddleware {
    typealias Context = AnonymousContext

    private let parts: ServerParts
    private let key: SymmetricKey
    private let flood: Mutex<Flood>

    init(parts: ServerParts) {
        self.parts = parts
        flood = Mutex(Flood(calm: parts.configuration.calmReads))
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: parts.secrets.receiptPepper,
            info: Array("challenge-v1".utf8),
            outputByteCount: 32
        )
    }

    func handle(
        _ request: Request,
        context: AnonymousContext,
        next: @concurrent (Request, AnonymousContext) async throws -> Response
    ) async throws -> Response {
        // Also where none is asked for: what the contract does not allow is never taken.
        if let proof = request.headers[.proof], !Challenge.isProofWellFormed(proof) { throw Problem(.malformed) }
        let now = parts.now()
        let price = flood.withLock { $0.arrive(at: Int(now.timeIntervalSince1970)) }
        if price > 0, !isPaid(request, price, now) {
            throw Problem(challenge: Challenge(difficulty: price, at: now, key))
        }
        return try await next(request, context)
    }

    /// Whoever worked for a challenge that was a little cheaper meanwhile need not start again.
    private func isPaid(_ request: Request, _ price: Int, _ now: Date) -> Bool {
        guard let proof = request.headers[.proof], let challenge = Challenge(solvedBy: proof, at: now, key),
            challenge.difficulty >= price - 2
        else { return false }
        return flood.withLock { $0.use(challenge) }
    }
}

extension HTTPField.Name {
    /// `Chorus-Proof: CHALLENGE.COUNTER`.
    static let proof = HTTPField.Name(parsed: "chorus-proof") ?? .authorization
}
