import Foundation
import Hummingbird
import Postgres

/// `…/password-reset` of a membership and `/v1/password-resets`: a coordinator hands a code over, and whoever has it sets a password.
struct PasswordResetRoutes: Sendable {
    let parts: ServerParts

    func add(open: some RouterMethods<AppContext>, member: some RouterMethods<MemberContext>) {
        member.post("memberships/{membership}/password-reset", use: make)
        open.post("/v1/password-resets", use: use)
    }

    private var today: PostgresDate { .today(in: .gmt, at: parts.now()) }

    private struct Made: Encodable {
        let code: String
        let expiresOn: String
    }

    /// Makes a code, of which the member is told in the same moment: not only when it is used, because who uses it can read what the
    /// member is told from then on.
    private func make(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        // A code outlives the token of a program.
        guard context.identity.scopes == nil else { throw Problem(.forbidden) }
        let (network, membership, today) = (context.network, try context.id("membership"), today)
        let code = ResetCode()
        let reset = SavePasswordReset(
            network: network,
            membership: membership,
            codeHash: code.hash(for: .reset),
            today: today,
            expiresOn: today.adding(days: PasswordReset.days)
        )
        try await parts.databases.member.transaction(network: network) { transaction in
            guard let subject = try await transaction.resetSubject(membership, in: network) else {
                throw Problem(.notFound)
            }
            guard subject.mayBeHelped else { throw Problem(.resetByOperator) }
            _ = try await transaction.execute(reset)
            try await parts.note(.reset(.made), in: network, transaction)
        }
        try await parts.askForMail(to: membership, in: network, on: today)
        return try .created(
            Made(code: code.text, expiresOn: reset.expiresOn.description),
            at: "/v1/networks/\(network.text)/memberships/\(membership.text)/password-reset"
        )
    }

    private struct Attempt: JSONInput {
        let email: String
        let code: ResetCode
        let password: String

        init(_ fields: inout Fields) {
            email = fields.email("email")
            code = ResetCode(text: fields.string("code", length: 1...60))
            password = fields.string("password", length: 1...1_000)
            if let refusal = PasswordPolicy.refusal(password, email: email) { fields.refuse("password", refusal) }
        }
    }

    /// The steps and the work are the same whatever is wrong, so that neither the answer nor its time tells who has an account here,
    /// or a code.
    private func use(_ request: Request, _ context: AppContext) async throws -> Response {
        let attempt = try await request.decode(Attempt.self)
        let guess = parts.guess(at: attempt.email, request, from: context.remoteAddress)
        let redeemed = try await parts.guesses.count(guess, proof: request.headers[.proof]) {
            try await redeem(attempt)
        }
        guard let redeemed else { throw Problem(.resetRefused) }
        // Nobody is signed in here, so that nothing else says it to what this server keeps.
        parts.changes.peopleChanged()
        try await parts.askForMail(to: redeemed.membership, in: redeemed.network, on: today)
        return .noContent
    }

    /// - Returns: whose password it was, and where; `nil` when it stays as it is, with one attempt fewer.
    private func redeem(_ attempt: Attempt) async throws -> (membership: UUID, network: UUID)? {
        let cost = parts.configuration.passwordCost
        let password = try await parts.passwords.run { try PasswordHash(hashing: attempt.password, cost: cost) }
        let pool = parts.databases.member
        // Whoever is nobody is somebody who is nowhere.
        let account = try await pool.first(ReadAccountByEmail(email: attempt.email))?.id ?? UUID()
        let networks = try await pool.execute(ReadAccountNetworks(account: account))
        let network = networks.count == 1 ? networks[0] : UUID()
        return try await redeem(attempt, of: account, in: network, for: password).map { ($0, network) }
    }

    /// A second factor stays: a coordinator, who held the code first, must not be able to take it away.
    ///
    /// - Returns: whose password it was; `nil` when it stays as it is, with one attempt fewer.
    private func redeem(
        _ attempt: Attempt,
        of account: UUID,
        in network: UUID,
        for password: PasswordHash
    ) async throws -> UUID? {
        let today = today
        return try await parts.databases.member.transaction(network: network) { transaction in
            _ = try await transaction.execute(BeginAttempt(email: attempt.email))
            let take = TakeAttempt(network: network, account: account, today: today)
            guard let taken = try await transaction.first(take), taken.codeHash == attempt.code.hash(for: .reset) else {
                return nil
            }
            // Since the code was made, they may have got a role or another network that it must not open.
            guard let subject = try await transaction.resetSubject(taken.membership, in: network), subject.mayBeHelped
            else { return nil }
            try await parts.setPassword(password, of: account, keeping: nil, transaction)
            // Who had taken the account over may have linked a provider of theirs.
            _ = try await transaction.execute(DeleteProviderLink(network: network, membership: taken.membership))
            _ = try await transaction.execute(
                UsePasswordReset(network: network, membership: taken.membership, today: today)
            )
            try await parts.note(.reset(.used), in: network, transaction)
            return taken.membership
        }
    }
}
