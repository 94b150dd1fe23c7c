import Foundation
import Postgres

/// Why a sign-in by a provider came to nothing, as the page tells whoever tried; nothing about anybody else.
enum SignInRefusal: String, Error, CaseIterable {
    /// It was begun elsewhere, too long ago, or never.
    case begun
    /// The provider says that they do not want to, or must not.
    case declined
    /// The provider cannot be asked, or what it says is not believed.
    case provider
    /// Nobody here comes under this subject.
    case unknown
    /// Whoever is this here does not come by this provider.
    case role
    /// One of the two is linked otherwise.
    case linked
    /// The code is unknown or used, or the address is somebody's: nobody finds out with one code who else is here.
    case invitation
    /// Who began to link has signed out meanwhile.
    case session
    /// The server is busy.
    case busy
}

/// Who came back from a provider.
struct Visitor: Sendable {
    let provider: Provider
    let subjectHash: [UInt8]
    let sidHash: [UInt8]?
    /// Only where the provider says that it has verified it, and the operator that this may be believed.
    let email: String?

    init(_ claims: TokenClaims, subject: String, from provider: Provider, _ keys: ProviderKeys) {
        self.provider = provider
        subjectHash = keys.hash(.subject, subject, by: provider.issuer)
        sidHash = claims.session.map { keys.hash(.session, $0, by: provider.issuer) }
        email = provider.trustsEmail ? claims.verifiedEmail : nil
    }
}

/// Finds, links or makes the member who came back from a provider.
struct ProviderSignIn: Sendable {
    let parts: ServerParts

    private var pool: PostgresPool { parts.databases.member }
    private var today: PostgresDate { .today(in: .gmt, at: parts.now()) }

    /// Signs somebody in.
    ///
    /// - Parameters:
    ///   - visitor: who came.
    ///   - newMember: whom they want to become, if nobody here is them; `nil` for nobody.
    /// - Returns: the session's token.
    /// - Throws: ``SignInRefusal``; `PostgresError`.
    func session(for visitor: Visitor, newMember: SignInFlow.NewMember? = nil) async throws -> Credential {
        let network = visitor.provider.network
        let read = ReadLinkedAccount(network: network, subjectHash: visitor.subjectHash)
        let id: UUID
        if let linked = try await pool.first(read, network: network) {
            id = linked
        } else if let newMember {
            id = try await join(newMember, as: visitor)
        } else if let found = try await findByEmail(visitor) {
            id = found
        } else {
            throw SignInRefusal.unknown
        }
        guard let account = try await pool.first(ReadAccount(id: id)) else { throw SignInRefusal.unknown }
        try await check(account, visitor.provider)
        return try await begin(account, visitor)
    }

    /// Links somebody who is signed in.
    ///
    /// - Throws: ``SignInRefusal``; `PostgresError`.
    func link(_ visitor: Visitor, with id: UUID) async throws {
        let network = visitor.provider.network
        guard let account = try await pool.first(ReadAccount(id: id)),
            let own = try await pool.first(ReadOwnMembership(network: network, account: id), network: network)
        else { throw SignInRefusal.session }
        try await check(account, visitor.provider)
        let insert = InsertProviderLink(visitor, membership: own.id, today: today)
        if try await pool.first(insert, network: network) != nil { return }
        // Once more is no fault; what is linked otherwise stays as it is.
        let read = ReadLinkedAccount(network: network, subjectHash: visitor.subjectHash)
        guard try await pool.first(read, network: network) == id else { throw SignInRefusal.linked }
    }

    /// A link opens all that an account is, in each of its networks: so all of it must be what the provider may open.
    private func check(_ account: Account, _ provider: Provider) async throws {
        let roles = try await parts.memberships(of: account.id).flatMap(\.roles)
        guard provider.admits(roles, isAdmin: account.isAdmin) else { throw SignInRefusal.role }
    }

    private func begin(_ account: Account, _ visitor: Visitor) async throws -> Credential {
        let credential = Credential()
        let session = InsertSession(
            tokenHash: credential.hash,
            account: account.id,
            expiresAt: parts.now().addingTimeInterval(Double(SessionRoutes.lifetime)),
            passwordHash: account.password?.hash,
            // A link is the owner's own choice, and what its provider asks for beside a password is the provider's.
            secondFactorOn: account.secondFactorOn
        )
        let origin = InsertProviderSession(
            network: visitor.provider.network,
            tokenHash: credential.hash,
            subjectHash: visitor.subjectHash,
            sidHash: visitor.sidHash
        )
        try await pool.transaction(network: visitor.provider.network) { transaction in
            // Nobody is let in while their password is changed, which ends all their sessions.
            guard try await transaction.first(session) != nil else { throw SignInRefusal.busy }
            // Nor while the link ends that they came by: whoever ends it locks the account, as the session has just done.
            let read = ReadLinkedAccount(network: visitor.provider.network, subjectHash: visitor.subjectHash)
            guard try await transaction.first(read) == account.id else { throw SignInRefusal.unknown }
            _ = try await transaction.execute(origin)
        }
        return credential
    }

    /// An address may find only whom a coordinator could let in too, of this network alone and with no role that opens more; and only
    /// an account without a password.
    ///
    /// Nobody has proved that they own the address under which an account was made. Whoever has prepared one under somebody else's
    /// would keep the password and with it a way in: so who knows the password links the provider by themselves.
    private func findByEmail(_ visitor: Visitor) async throws -> UUID? {
        let network = visitor.provider.network
        guard let email = visitor.email, let id = try await pool.first(ReadAccountByEmail(email: email))?.id,
            let own = try await pool.first(ReadOwnMembership(network: network, account: id), network: network)
        else { return nil }
        let insert = InsertProviderLink(visitor, membership: own.id, today: today)
        return try await pool.transaction(network: network) { transaction in
            // Whoever gives it a password at this moment is waited for, or waits.
            _ = try await transaction.execute(LockAccount(id: id))
            guard let account = try await transaction.first(ReadAccount(id: id)), account.password == nil,
                // An address is no second factor either.
                account.secondFactorOn == nil,
                let subject = try await transaction.resetSubject(own.id, in: network), subject.mayBeHelped,
                try await transaction.first(insert) != nil
            else { return nil }
            // Whoever had it before under this address, by another link, has no way in any more.
            _ = try await transaction.execute(EndCredentials(account: id))
            _ = try await transaction.execute(EndOtherSessions(account: id, current: []))
            return id
        }
    }

    /// Uses an invitation up and makes account, membership, consent and link; all or nothing.
    private func join(_ new: SignInFlow.NewMember, as visitor: Visitor) async throws -> UUID {
        guard visitor.provider.roles.contains(.member) else { throw SignInRefusal.role }
        guard let code = InvitationCode(text: new.invitation) else { throw SignInRefusal.invitation }
        let account = InsertAccount(
            id: UUID(),
            email: new.email,
            displayName: new.displayName,
            locale: Language(rawValue: new.locale) ?? .de,
            password: nil
        )
        let network = visitor.provider.network
        do {
            let isNew = try await parts.join(network, by: code, account, consent: new.consent) {
                let link = InsertProviderLink(visitor, membership: $0, today: today)
                guard try await $1.first(link) != nil else { throw SignInRefusal.linked }
            }
            guard isNew else { throw SignInRefusal.invitation }
        } catch let problem as Problem where problem.name == .invitationUnknown {
            throw SignInRefusal.invitation
        }
        return account.id
    }
}

extension InsertProviderLink {
    fileprivate init(_ visitor: Visitor, membership: UUID, today: PostgresDate) {
        self.init(
            network: visitor.provider.network,
            membership: membership,
            issuer: visitor.provider.issuer,
            subjectHash: visitor.subjectHash,
            today: today
        )
    }
}
