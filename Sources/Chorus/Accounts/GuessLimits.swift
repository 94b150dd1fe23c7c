import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Somebody tries a password or a code.
struct Guess: Sendable {
    /// What was typed where an account is named, whether there is one or not.
    let account: String
    /// A pseudonym of the address that it came from.
    let source: String
    /// What the browser or the session is counted by, if it is known to be of this account.
    let device: String?
}

/// Slows guessing down without locking anybody out.
///
/// Whoever knows an address could lock its owner out, if an account's wrong guesses were refused beyond some number. So they are not:
///
/// - a browser in which the account has signed in before is counted alone, and what others guess does not concern it;
/// - what an account, or an account from one address, or an address gets beyond its allowance costs work, the more the more there is;
/// - an address alone that guesses ten times that much is refused, until the minute is over.
///
/// What is counted is whatever was typed, so that nothing tells whether there is such an account. It is counted in memory alone and in
/// a place that does not grow (``GuessCounts``).
final class GuessLimits: Sendable {
    /// The first price and the highest, in bits: some ten milliseconds, and a few seconds of an old telephone.
    ///
    /// It is no wall, and need not be one: what a flood of guesses meets is the time that scrypt takes, with few at once.
    static let bits = 13...16
    /// Wrong codes of an app that an account may have in an hour from browsers that are not known.
    ///
    /// A guess is right with 3 in a million, and only who has the password comes so far; recovery codes and known browsers are not
    /// concerned.
    static let codes = 10

    private struct State {
        var minute = GuessCounts(window: 60)
        var hour = GuessCounts(window: 3_600)
        /// For the puzzles that were solved, each of which is good once.
        var solved = Flood(calm: .max)
    }

    private enum Key: Hashable {
        case device(String)
        case account(String)
        case accountFrom(String, String)
        case source(String)
        case code(String)
    }

    private let allowance: Int
    private let key: SymmetricKey
    private let now: @Sendable () -> Date
    private let state = Mutex(State())

    /// - Parameters:
    ///   - allowance: guesses a minute that cost nothing: of one address, and at one account.
    ///   - key: signs the puzzles.
    ///   - now: the present instant.
    init(allowance: Int, key: SymmetricKey, now: @escaping @Sendable () -> Date) {
        self.allowance = allowance
        self.key = key
        self.now = now
    }

    private var second: Int { Int(now().timeIntervalSince1970) }

    /// How many bytes the counts take, whatever is counted.
    var size: Int { state.withLock { $0.minute.size + $0.hour.size } }

    /// Counts a guess, looks whether it is right, and takes it back if it is.
    ///
    /// Counted before it is looked at, so that parallel guesses count too.
    ///
    /// - Parameters:
    ///   - guess: who guesses at what.
    ///   - proof: of work, as in the header `Chorus-Proof`.
    ///   - body: looks; `nil` for a wrong one, which stays counted.
    /// - Returns: what `body` found.
    /// - Throws: ``Problem`` `tooManyRequests`, `challengeRequired`; what `body` throws, and then nothing was counted.
    func count<Found: Sendable>(
        _ guess: Guess,
        proof: String?,
        _ body: () async throws -> Found?
    ) async throws -> Found? {
        let counted = try enter(guess, proof: proof)
        let found: Found?
        do { found = try await body() } catch {
            takeBack(counted)
            throw error
        }
        if found != nil { takeBack(counted) }
        return found
    }

    /// Counts a code of an app in the same manner.
    ///
    /// - Returns: false for a wrong one, which stays counted.
    /// - Throws: ``Problem`` `tooManyRequests` when there were too many from browsers that are not known; what `body` throws.
    func countCode(_ guess: Guess, _ body: () async throws -> Bool) async throws -> Bool {
        let counted = Key.code(guess.device.map { "device \($0)" } ?? guess.account)
        let second = second
        let rest = state.withLock { state -> Int? in
            guard state.hour.add(1, to: counted, at: second) > Self.codes else { return nil }
            state.hour.add(-1, to: counted, at: second)
            return state.hour.rest(at: second)
        }
        if let rest { throw Problem(.tooManyRequests, headers: [.retryAfter: String(rest)]) }
        let isRight: Bool
        do { isRight = try await body() } catch {
            _ = state.withLock { $0.hour.add(-1, to: counted, at: second) }
            throw error
        }
        if isRight { _ = state.withLock { $0.hour.add(-1, to: counted, at: second) } }
        return isRight
    }

    /// - Returns: what was counted.
    private func enter(_ guess: Guess, proof: String?) throws -> [Key] {
        // Also where none is asked for: what the contract does not allow is never taken.
        if let proof, !Challenge.isProofWellFormed(proof) { throw Problem(.malformed) }
        let now = now()
        let second = second
        let problem: Problem?
        let counted: [Key]
        (counted, problem) = state.withLock { state in
            if let device = guess.device.map(Key.device) {
                if state.minute.add(1, to: device, at: second) <= allowance { return ([device], nil) }
                // Too many for the one whom it is known to be: it is a stranger then, like all others.
                state.minute.add(-1, to: device, at: second)
            }
            let keys: [Key] = [
                .source(guess.source), .account(guess.account), .accountFrom(guess.account, guess.source),
            ]
            let counts = keys.map { state.minute.add(1, to: $0, at: second) }
            if counts[0] > allowance * 10 {
                for key in keys { state.minute.add(-1, to: key, at: second) }
                let rest = String(state.minute.rest(at: second))
                return ([], Problem(.tooManyRequests, headers: [.retryAfter: rest]))
            }
            let half = max(1, allowance / 2)
            let price = max(
                Self.price(counts[0], allowance),
                Self.price(counts[1], allowance),
                Self.price(counts[2], half)
            )
            if price == 0 || isPaid(proof, price, now, &state.solved) { return (keys, nil) }
            for key in keys { state.minute.add(-1, to: key, at: second) }
            return ([], Problem(challenge: Challenge(difficulty: price, at: now, key)))
        }
        if let problem { throw problem }
        return counted
    }

    private func takeBack(_ keys: [Key]) {
        let second = second
        state.withLock { state in
            for key in keys { state.minute.add(-1, to: key, at: second) }
        }
    }

    /// Each doubling costs one bit more.
    private static func price(_ count: Int, _ allowance: Int) -> Int {
        guard count > allowance else { return 0 }
        let times = count / allowance
        return min(bits.upperBound, bits.lowerBound + times.bitWidth - times.leadingZeroBitCount - 1)
    }

    /// Whoever worked for a puzzle that was a little cheaper meanwhile need not start again.
    private func isPaid(_ proof: String?, _ price: Int, _ now: Date, _ solved: inout Flood) -> Bool {
        guard let proof, let challenge = Challenge(solvedBy: proof, at: now, key),
            challenge.difficulty >= price - 2
        else { return false }
        _ = solved.arrive(at: Int(now.timeIntervalSince1970))
        return solved.use(challenge)
    }
}

extension ServerParts {
    /// A guess of whoever is not signed in.
    ///
    /// - Parameters:
    ///   - account: what was typed, in lower case.
    ///   - request: for its cookie.
    ///   - address: where it came from.
    func guess(at account: String, _ request: Request, from address: IPAddress?) -> Guess {
        let device = KnownDevice.value(in: request).flatMap {
            KnownDevice.nonce(in: $0, for: account, at: now(), secrets.guesses)
        }
        return Guess(account: account, source: pseudonym(of: address), device: device)
    }

    /// A guess of somebody who is signed in, at their own password or code.
    func guess(of identity: Identity) -> Guess {
        let id = identity.account.text
        return Guess(account: id, source: id, device: id)
    }
}
