import Crypto
import Foundation
import Postgres

/// What lets somebody in again, from a coordinator or from a slip of paper: 80 random bits as `XXXX-XXXX-XXXX-XXXX`.
struct ResetCode: Sendable {
    private let secret: String

    /// Makes a new one.
    init() {
        var generator = SystemRandomNumberGenerator()
        secret = String((0..<16).map { _ in InvitationCode.alphabet[Int.random(in: 0..<32, using: &generator)] })
    }

    /// Reads what somebody typed: case, spaces and dashes do not matter, and letters that look like a digit are that digit.
    ///
    /// What cannot be a code is read too: it is as wrong as any other one, and takes as long.
    init(text: String) {
        secret = String(
            text.uppercased().filter { !$0.isWhitespace && $0 != "-" }.map { letter in
                letter == "O" ? "0" : letter == "I" || letter == "L" ? "1" : letter
            }
        )
    }

    var text: String {
        stride(from: 0, to: secret.count, by: 4).map { secret.dropFirst($0).prefix(4) }.joined(separator: "-")
    }

    /// What a code is for; one that was made for something else is wrong.
    enum Use: String {
        case reset = "password-reset"
        case recovery
    }

    /// What is kept of it.
    func hash(for use: Use) -> [UInt8] { Array(SHA256.hash(data: Array("\(use.rawValue)-\(secret)".utf8))) }
}

/// Who wants to get back in, as far as it decides whether a coordinator may help.
struct ResetSubject: Sendable {
    let account: UUID
    let roles: Set<String>
    /// Whether the membership is active.
    let isActive: Bool
    /// Whether there is an address to sign in with.
    let hasEmail: Bool
    let isAdmin: Bool
    /// How many networks the account is in.
    let networks: Int

    /// The roles that a coordinator may help.
    ///
    /// A code is as good as the account to whoever holds it, and a coordinator holds it first. So it must not open what coordinators
    /// cannot open by themselves without a trace: the answers that HR gives in the employer's name, what a council signs, the messages
    /// that moderators read, and what another coordinator answers for. An organiser's events are nothing that a coordinator has not.
    static let roles: Set<String> = [Role.member.rawValue, Role.organiser.rawValue]

    /// Whether a coordinator may reset the password.
    ///
    /// Not of an admin, and not of an account that is in another network too: one network's coordinator would open the other one's
    /// doors. Those who run the server can (`chorus account reset-password`). Why it is refused is not said: it would tell a
    /// coordinator that somebody is in another network.
    var mayBeHelped: Bool {
        isActive && hasEmail && !isAdmin && networks == 1 && !roles.isEmpty && roles.isSubset(of: Self.roles)
    }
}

/// How long a code is good and how often it may be tried.
enum PasswordReset {
    /// Days after the one on which it was made.
    static let days = 2
    /// After so many attempts a code is good for nothing.
    static let attempts = 10
}

/// A reset as its member sees it.
struct ExportedReset: Encodable, Sendable {
    let network: String
    let madeOn: String
    let expiresOn: String
    @ExplicitNull var usedOn: String?
}

extension ServerParts {
    /// Gives an account another password and ends what it signs in with.
    ///
    /// - Parameters:
    ///   - password: the new one.
    ///   - account: whose.
    ///   - keeping: hash of the session that stays, with all API tokens and the calendar key; `nil` ends everything.
    ///   - transaction: of any network.
    func setPassword(
        _ password: PasswordHash,
        of account: UUID,
        keeping: [UInt8]?,
        _ transaction: PostgresTransaction
    ) async throws {
        // A statement of its own: who signs in with the old password at this moment is waited for, or waits, and is out then.
        _ = try await transaction.execute(LockAccount(id: account))
        _ = try await transaction.execute(UpdatePassword(id: account, password: password, keeping: keeping ?? []))
        if keeping == nil { _ = try await transaction.execute(EndCredentials(account: account)) }
    }

    /// Tells a member by mail that there is news, if they get any: at once and not as often as they like, because whoever has taken their
    /// account over could have changed that by then.
    ///
    /// The mail says no more than any other, and comes some minutes later, as those at once do.
    ///
    /// - Parameters:
    ///   - occasion: what has happened; of one a day, one mail is sent.
    ///   - membership: whose owner is told.
    ///   - network: where.
    ///   - day: the present one.
    func askForMail(
        about occasion: String = "reset",
        to membership: UUID,
        in network: UUID,
        on day: PostgresDate
    ) async throws {
        guard outgoingMail != nil else { return }
        let statement = InsertResetMail(
            network: network,
            membership: membership,
            occasion: "\(occasion) \(day)",
            dueAt: now(),
            spread: MailRhythm.atOnce.spread
        )
        _ = try await databases.member.execute(statement, network: network)
        try await wakeMail(of: network)
    }
}
