import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1

/// Lets members into an express lane by the rules of the router's middleware, as far as memory alone can tell.
struct ExpressGate: Sendable {
    let parts: ServerParts

    /// Who asks, and what the answer says of the limit.
    struct Admission {
        let member: Member
        let headers: String
    }

    /// Admits a member who is known and has done nothing unusual.
    ///
    /// - Parameters:
    ///   - head: of the request.
    ///   - network: of the route.
    ///   - audience: who may.
    ///   - scope: what an API token must be good for.
    /// - Returns: `nil` when the router has to look.
    func admit(
        _ head: HTTPRequestHead,
        to network: UUID,
        _ audience: ReadyAnswers.Audience,
        _ scope: TokenScope
    ) -> Admission? {
        var bearer: Substring?
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 6 where name.lowercased() == "cookie": return nil
            case 6 where name.lowercased() == "accept" && !Self.acceptsJSON(value): return nil
            case 13 where name.lowercased() == "authorization":
                guard bearer == nil, value.hasPrefix("Bearer ") else { return nil }
                bearer = value.dropFirst(7)
            default: continue
            }
        }
        guard let bearer,
            let found = parts.bearers.find(Credential(text: String(bearer)).hash, in: network),
            let member = found.member,
            found.identity.scopes?.contains(scope.rawValue) ?? true,
            Self.isAdmitted(member, audience)
        else { return nil }
        guard let left = parts.limiter.takeIfLeft(LimitRequests.key(of: member.account)) else { return nil }
        return Admission(member: member, headers: Self.lines(left: left, parts.limiter))
    }

    /// Lets somebody go the ordinary way after all, where the request is counted again.
    func leave(_ admission: Admission) { parts.limiter.giveBack(LimitRequests.key(of: admission.member.account)) }

    private static func lines(left: Int, _ limiter: RateLimiter) -> String {
        LimitRequests.fields(left: left, limiter).map { "\($0.name): \($0.value)\r\n" }.joined()
    }

    private static func isAdmitted(_ member: Member, _ audience: ReadyAnswers.Audience) -> Bool {
        switch audience {
        case .insiders: !member.roles.isDisjoint(with: Role.insiders)
        case .record: member.roles.contains(.hr) || member.roles.contains(.council)
        }
    }

    private static func acceptsJSON(_ accept: String) -> Bool { accept == "*/*" || accept == "application/json" }
}

/// Reads that are kept ready.
struct ExpressReads: ExpressLane {
    let gate: ExpressGate

    func decide(_ head: HTTPRequestHead, from address: SocketAddress?) -> ExpressDecision {
        let ready = gate.parts.ready
        guard head.method == .GET, let owner = ready.owner(of: head.uri),
            let admission = gate.admit(head, to: owner.network, owner.audience, .read)
        else { return .ordinary }
        guard let answer = ready.answer(to: head.uri, for: admission.member.id) else {
            gate.leave(admission)
            return .ordinary
        }
        let known = head.headers.first(name: "if-none-match")
        return .answer(ExpressAnswer(answer, ifNoneMatch: known, headers: admission.headers))
    }
}
