import Foundation
import Postgres

/// A person who can sign in.
struct Account: Sendable {
    let id: UUID
    let email: String?
    let displayName: String
    let locale: Language
    let isAdmin: Bool
    let password: PasswordHash?
    /// Since when signing in needs a code as well; `nil` without a second factor.
    let secondFactorOn: PostgresDate?
    let version: Int
}

/// An account as its owner sees it.
struct AccountAnswer: Encodable {
    let id: String
    @ExplicitNull var email: String?
    let displayName: String
    let locale: String

    init(_ account: Account) {
        id = account.id.text
        email = account.email
        displayName = account.displayName
        locale = account.locale.rawValue
    }
}

/// An account's place in one network, as the account itself sees it.
struct AccountMembership: Sendable {
    let network: UUID
    let id: UUID
    let roles: [String]
    let state: String
    let unit: UUID?
    let displayName: String
    let version: Int
}

/// What an API token may do.
enum TokenScope: String, CaseIterable, Sendable {
    case read, write
}

extension ServerParts {
    /// All memberships of an account: one statement for each network that it is in.
    func memberships(of account: UUID) async throws -> [AccountMembership] {
        var found: [AccountMembership] = []
        for network in try await databases.member.execute(ReadAccountNetworks(account: account)) {
            found += try await databases.member.execute(
                ReadOwnMembership(network: network, account: account),
                network: network
            )
        }
        return found
    }
}
