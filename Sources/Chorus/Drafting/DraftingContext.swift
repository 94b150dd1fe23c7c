import Foundation
import Hummingbird

/// A route below `/v1/networks/{network}` for those who can have a say in a draft: people inside the network, and council.
///
/// It says nothing about any draft. What somebody may do with one, ``DraftReader`` and ``DraftAuthor`` say, and nothing else of the
/// network's inside has a route with this context.
struct DraftingContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let requestId: UUID
    let language: Language
    let member: Member

    /// The network of the request.
    var network: UUID { member.network }
    /// Whether published recommendations are theirs to read here; council reads them in the record.
    var isInside: Bool { !member.roles.isDisjoint(with: Role.insiders) }

    /// - Throws: ``Problem`` `unauthenticated`; `notFound` when the account is not in the network; `forbidden` for HR.
    init(context: AppContext) throws {
        guard context.identity != nil else { throw Problem(.unauthenticated) }
        guard let member = context.membership else { throw Problem(.notFound) }
        guard !member.roles.isDisjoint(with: Role.insiders.union([.council])) else { throw Problem(.forbidden) }
        coreContext = context.coreContext
        requestId = context.requestId
        language = context.language
        self.member = member
    }
}
