import Foundation
import Hummingbird
import Postgres

/// `/v1/me/second-factor`: a code at sign-in beside the password, set up and ended by its owner.
///
/// Not for API tokens, which would outlive it. Whoever has found an open session can do nothing here: each
/// step needs the password, or a code of a secret that was shown for it.
struct SecondFactorRoutes: Sendable {
    let parts: ServerParts

    func add(signedIn: some RouterMethods<SignedInContext>) {
        signedIn.get("/v1/me/second-factor", use: read)
        signedIn.put("/v1/me/second-factor/secret", use: begin)
        signedIn.put("/v1/me/second-factor/confirmation", use: confirm)
        signedIn.put("/v1/me/second-factor/recovery-codes", use: renew)
        signedIn.put("/v1/me/second-factor/removal", use: remove)
    }

    private var pool: PostgresPool { parts.databases.member }
    private var today: PostgresDate { .today(in: .gmt, at: parts.now()) }

    private func read(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let factor = try await pool.first(ReadSecondFactor(account: context.identity.account))
        return try .read(SecondFactorAnswer(factor), for: request)
    }

    // MARK: Setting up

    private struct Beginning: JSONInput {
        let password: String
        init(_ fields: inout Fields) { password = fields.string("password", length: 1...1_000) }
    }

    private struct Begun: Encodable {
        /// In base 32, for typing.
        let secret: String
        let address: String
        /// SVG of the address; `null` where `qrencode` is not installed.
        @ExplicitNull var code: String?
    }

    private func begin(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let input = try await request.decode(Beginning.self)
        let account = try await account(of: context, with: input.password, request)
        let (totp, today) = (TOTP(), today)
        let sealed = try totp.sealed(for: account.id, with: parts.secrets.secondFactorSealing)
        try await pool.transaction { transaction in
            _ = try await transaction.execute(LockAccount(id: account.id))
            let begin = BeginSecondFactor(account: account.id, sealedSecret: sealed, today: today)
            // Whoever has one removes it first, for which they need a code of it.
            guard try await transaction.first(begin) != nil else { throw Problem(.stateConflict) }
        }
        let address = totp.address(for: account.email ?? account.displayName)
        let code = await parts.codes.code(of: address, isKept: false)?.svg(label: "QR-Code")
        return try .json(Begun(secret: totp.base32, address: address, code: code))
    }

    private struct Confirmation: JSONInput {
        let code: String
        init(_ fields: inout Fields) { code = fields.string("code", length: 6...60) }
    }

    /// The first right code puts it in force, and ends the sessions that were made without one.
    private func confirm(_ request: Request, _ context: SignedInContext) async throws -> Response {
        try context.requirePerson()
        let input = try await request.decode(Confirmation.self)
        let account = context.identity.account
        let (codes, today) = (RecoveryCodes(), today)
        let keeping = SessionRoutes.credential(of: request).hash
        let confirmed = try await parts.prove(input.code, of: account, parts.guess(of: context.identity)) {
            let factor = try await $0.first(ReadSecondFactor(account: account))
            guard factor?.state == .pending else { throw Problem(.stateConflict) }
            _ = try await $0.execute(PutSecondFactorInForce(account: account, today: today, keeping: keeping))
            _ = try await $0.execute(ReplaceRecoveryCodes(account: account, hashes: codes.hashes, today: today))
            return true
        }
        guard confirmed != nil else { throw try await refusal(of: account) }
        try await parts.tellOfSecondFactor(account)
        return try .json(codes)
    }

    /// A wrong code, or nothing that it could be a code of.
    private func refusal(of account: UUID) async throws -> Problem {
        let factor = try await pool.first(ReadSecondFactor(account: account))
        return factor?.sealedSecret == nil ? Problem(.stateConflict) : Self.wrongCode
    }

    private static let wrongCode = Problem.invalid("/code", "is no code that is good now")

    // MARK: Once it is in force

    private struct Proofs: JSONInput {
        let password: String
        let code: String

        init(_ fields: inout Fields) {
            password = fields.string("password", length: 1...1_000)
            code = fields.string("code", length: 6...60)
        }
    }

    private func renew(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let (codes, today) = (RecoveryCodes(), today)
        try await change(request, context) { account, transaction in
            let replace = ReplaceRecoveryCodes(account: account, hashes: codes.hashes, today: today)
            _ = try await transaction.execute(replace)
        }
        return try .json(codes)
    }

    private func remove(_ request: Request, _ context: SignedInContext) async throws -> Response {
        let today = today
        try await change(request, context) { account, transaction in
            _ = try await transaction.first(RemoveSecondFactor(account: account, today: today))
        }
        return .noContent
    }

    /// Changes what is in force, for the password and a code.
    private func change(
        _ request: Request,
        _ context: SignedInContext,
        _ body: (UUID, PostgresTransaction) async throws -> Void
    ) async throws {
        try context.requirePerson()
        let input = try await request.decode(Proofs.self)
        let account = try await account(of: context, with: input.password, request)
        guard account.secondFactorOn != nil else { throw Problem(.stateConflict) }
        let changed = try await parts.prove(input.code, of: account.id, parts.guess(of: context.identity)) {
            try await body(account.id, $0)
            return true
        }
        guard changed != nil else { throw Self.wrongCode }
        try await parts.tellOfSecondFactor(account.id)
    }

    /// The account of whoever asks, if they know its password.
    private func account(
        of context: SignedInContext,
        with password: String,
        _ request: Request
    ) async throws -> Account {
        guard let account = try await pool.first(ReadAccount(id: context.identity.account)),
            let hash = account.password
        else { throw Problem(.forbidden) }
        let right = try await parts.guesses.count(parts.guess(of: context.identity), proof: request.headers[.proof]) {
            try await parts.passwords.run { hash.matches(password) ? true : nil }
        }
        guard right != nil else { throw Problem.invalid("/password", "is not the current password") }
        return account
    }
}
