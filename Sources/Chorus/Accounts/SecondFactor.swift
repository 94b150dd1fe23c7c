import Foundation
import Postgres

/// What somebody types beside the password: six digits of their app, or a recovery code.
enum SecondProof: Sendable {
    case app(String)
    case recovery(ResetCode)

    /// Spaces do not matter; whatever is not six digits is read as a recovery code, right or wrong.
    init(text: String) {
        let plain = text.filter { !$0.isWhitespace }
        let isOfApp = plain.utf8.count == TOTP.digits && plain.utf8.allSatisfy { (0x30...0x39).contains($0) }
        self = isOfApp ? .app(plain) : .recovery(ResetCode(text: text))
    }
}

/// A second factor as it is kept.
struct SecondFactor: Sendable {
    let sealedSecret: [UInt8]?
    /// Since which day it is asked for; `nil` while it is being set up, and without one.
    let inForceOn: PostgresDate?
    /// How many recovery codes are left.
    let codesLeft: Int

    /// How many recovery codes there are at first: enough for some years of lost telephones, few enough for one slip of paper.
    static let codes = 10

    enum State: String, Encodable {
        case none, pending, on
    }

    var state: State { inForceOn != nil ? .on : sealedSecret != nil ? .pending : .none }
}

/// That there is a second factor, as its owner sees it: never the secret, never a code.
struct SecondFactorAnswer: Encodable, Sendable {
    let state: String
    @ExplicitNull var since: String?
    let recoveryCodesLeft: Int

    init(_ factor: SecondFactor?) {
        state = (factor?.state ?? .none).rawValue
        since = factor?.inForceOn?.description
        recoveryCodesLeft = factor?.codesLeft ?? 0
    }
}

/// Codes that are shown once.
struct RecoveryCodes: Encodable, Sendable {
    let codes: [String]
    let hashes: [[UInt8]]

    init() {
        let made = (0..<SecondFactor.codes).map { _ in ResetCode() }
        codes = made.map(\.text)
        hashes = made.map { $0.hash(for: .recovery) }
    }

    enum CodingKeys: CodingKey { case codes }
}

extension ServerParts {
    /// Forgets what no code is measured by any more: each day, and before a backup, which would keep it.
    func forgetSecondFactors() async throws {
        let now = now()
        let old = ForgetSecondFactors(today: .today(in: .gmt, at: now), step: TOTP.step(at: now) - 1)
        _ = try await databases.member.execute(old)
    }

    /// Uses a proof up.
    ///
    /// One statement decides for each kind: of many requests with one code, one is let in.
    ///
    /// - Parameters:
    ///   - proof: what was typed.
    ///   - account: whose.
    ///   - transaction: what the proof is for; when it fails, the code is good still.
    /// - Returns: whether it was good.
    func use(_ proof: SecondProof, of account: UUID, _ transaction: PostgresTransaction) async throws -> Bool {
        switch proof {
        case .recovery(let code):
            return try await transaction.first(
                UseRecoveryCode(account: account, codeHash: code.hash(for: .recovery))
            ) != nil
        case .app(let code):
            guard let sealed = try await transaction.first(ReadSecondFactor(account: account))?.sealedSecret,
                let totp = TOTP(opening: sealed, of: account, with: secrets.secondFactorSealing),
                let step = totp.step(of: code, at: now())
            else { return false }
            return try await transaction.first(TakeStep(account: account, step: step)) != nil
        }
    }

    /// Tells an account's owner that its second factor has changed, as of a reset of the password.
    func tellOfSecondFactor(_ account: UUID) async throws {
        let today = PostgresDate.today(in: .gmt, at: now())
        changes.peopleChanged()
        for place in try await memberships(of: account) {
            try await askForMail(about: "second factor", to: place.id, in: place.network, on: today)
        }
    }
}

extension ServerParts {
    /// Does something for a good proof, which is used up in the same transaction.
    ///
    /// - Parameters:
    ///   - text: what was typed.
    ///   - account: whose.
    ///   - guess: who guesses; wrong codes of an app are counted, recovery codes are too long to be guessed.
    ///   - body: what is done; when it throws, the proof is good still.
    /// - Returns: what `body` gives; `nil` for a wrong proof.
    /// - Throws: ``Problem`` `tooManyRequests`; what `body` throws; `PostgresError`.
    func prove<Value: Sendable>(
        _ text: String,
        of account: UUID,
        _ guess: Guess,
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value? {
        let proof = SecondProof(text: text)
        var value: Value?
        func attempt() async throws -> Bool {
            value = try await databases.member.transaction { transaction -> Value? in
                // First, as by whoever changes password or factor: in another order they could wait for each other.
                _ = try await transaction.execute(LockAccount(id: account))
                guard try await use(proof, of: account, transaction) else { return nil }
                return try await body(transaction)
            }
            return value != nil
        }
        if case .app = proof { _ = try await guesses.countCode(guess, attempt) } else { _ = try await attempt() }
        return value
    }
}
