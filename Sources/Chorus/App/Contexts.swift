import Foundation
import Hummingbird
import Logging
import NIOCore

/// What every request has: an id of its own, a language, and the peer's address for limits kept in memory only.
///
/// Contexts are types: a handler can only use what its context has. Routes for anonymous input get
/// ``AnonymousContext``, which has no member in it, so that a handler that names the author does not compile.
struct AppContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The other end of the connection, which may be a proxy; never logged, never stored.
    let peer: IPAddress?
    /// Set by ``RecogniseCaller``.
    var caller: Caller
    /// Who asks; never logged, never stored.
    var remoteAddress: IPAddress? { caller.address }
    /// Random; shown in problem answers and in the log line of the same request.
    let requestId = UUID()
    var language: Language = .de
    /// Set by ``SignIn``; absent on public and anonymous routes.
    var identity: Identity?
    /// Set by ``SignIn`` on routes below `/networks/{network}` when the account is in that network.
    var membership: Member?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = IPAddress(source.channel.remoteAddress)
        caller = Caller(address: peer)
    }
}

/// Who is signed in.
struct Identity: Sendable, Equatable {
    let account: UUID
    let isAdmin: Bool
    /// What the API token may do; `nil` for a session, which may do all that its account may.
    let scopes: Set<String>?
}

/// The place of the signed-in account in the network of the request.
struct Member: Sendable, Equatable {
    let network: UUID
    let id: UUID
    let account: UUID
    let roles: Set<Role>
    let unit: UUID?

    /// - Throws: ``Problem`` `forbidden` when the member has none of the roles.
    func require(_ allowed: Role...) throws(Problem) {
        guard !roles.isDisjoint(with: allowed) else { throw Problem(.forbidden) }
    }
}

/// What somebody may do in a network (product.md, "People"); admin is a property of the account.
enum Role: String, CaseIterable, Codable, Sendable {
    case member, organiser, moderator, coordinator, hr, council

    /// Those inside the network; HR and council see the record only.
    static let insiders: Set<Role> = [.member, .organiser, .moderator, .coordinator]
}

/// A route for any signed-in account.
struct SignedInContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let requestId: UUID
    let language: Language
    let identity: Identity
    /// The account's place in `{network}`, where the route has one and the account is in it.
    let membership: Member?

    /// - Throws: ``Problem`` `unauthenticated`.
    init(context: AppContext) throws {
        guard let identity = context.identity else { throw Problem(.unauthenticated) }
        coreContext = context.coreContext
        requestId = context.requestId
        language = context.language
        self.identity = identity
        membership = context.membership
    }

    /// Keeps programs from what would outlive their token: other tokens, and the password.
    ///
    /// - Throws: ``Problem`` `forbidden` for an API token.
    func requirePerson() throws(Problem) {
        guard identity.scopes == nil else { throw Problem(.forbidden) }
    }
}

/// A route below `/v1/networks/{network}` for people inside the network.
struct MemberContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let requestId: UUID
    let language: Language
    let identity: Identity
    let member: Member

    /// The network of the request.
    var network: UUID { member.network }

    /// - Throws: ``Problem`` `unauthenticated`; `notFound` when the account is not in the network (it may not know
    ///   of it); `forbidden` for HR and council, who see the record only.
    init(context: AppContext) throws {
        guard let identity = context.identity else { throw Problem(.unauthenticated) }
        guard let member = context.membership else { throw Problem(.notFound) }
        guard !member.roles.isDisjoint(with: Role.insiders) else { throw Problem(.forbidden) }
        coreContext = context.coreContext
        requestId = context.requestId
        language = context.language
        self.identity = identity
        self.member = member
    }
}

/// A route below `/v1/hr/networks/{network}`: the record, for HR and council.
struct RecordContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let requestId: UUID
    let language: Language
    let member: Member

    /// The network of the request.
    var network: UUID { member.network }

    /// - Throws: ``Problem`` `unauthenticated`; `notFound` when the account is not in the network; `forbidden` for others.
    init(context: AppContext) throws {
        guard context.identity != nil else { throw Problem(.unauthenticated) }
        guard let member = context.membership else { throw Problem(.notFound) }
        try member.require(.hr, .council)
        coreContext = context.coreContext
        requestId = context.requestId
        language = context.language
        self.member = member
    }
}

/// A route for anonymous input: no member, no account, no address.
struct AnonymousContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let language: Language

    init(context: AppContext) {
        coreContext = context.coreContext
        language = context.language
    }
}

extension RequestContext {
    /// A path parameter that is an id.
    ///
    /// - Throws: ``Problem`` `notFound` when it is no UUID: such a thing cannot exist.
    func id(_ name: String) throws(Problem) -> UUID {
        guard let text = parameters.get(name), let id = UUID(utf8: text.utf8) else { throw Problem(.notFound) }
        return id
    }
}
