import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import Postgres

/// Lets members into an express lane by the rules of the router's middleware, as far as memory alone can tell.
struct ExpressGate: Sendable {
    let parts: ServerParts

    /// Who asks, and what the answer says of the limit.
    struct Admission {
        let member: Member
        let headers: String
    }

    /// What a request says of who sends it.
    ///
    /// - Parameters:
    ///   - head: of the request.
    ///   - network: of the route.
    /// - Returns: `nil` when the router has to look.
    func question(_ head: HTTPRequestHead, in network: UUID) -> BearerQuestion? {
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
        return bearer.map { BearerQuestion(tokenHash: Credential(text: String($0)).hash, network: network) }
    }

    /// Admits a member who has done nothing unusual.
    ///
    /// - Parameters:
    ///   - bearer: who asks.
    ///   - audience: who may.
    ///   - scope: what an API token must be good for.
    /// - Returns: `nil` when the router has to look.
    func admit(_ bearer: Bearer, _ audience: ReadyAnswers.Audience, _ scope: TokenScope) -> Admission? {
        guard let member = bearer.member, bearer.identity.scopes?.contains(scope.rawValue) ?? true,
            Self.isAdmitted(member, audience), let left = parts.limiter.takeIfLeft(.account(member.account))
        else { return nil }
        return Admission(member: member, headers: Self.lines(left: left, parts.limiter))
    }

    /// Asks the database who somebody is.
    ///
    /// - Parameters:
    ///   - question: what is known.
    ///   - audience: who may.
    ///   - scope: what an API token must be good for.
    ///   - then: takes `nil` when the router has to look; called on any thread.
    func admit(
        _ question: BearerQuestion,
        _ audience: ReadyAnswers.Audience,
        _ scope: TokenScope,
        then: @escaping @Sendable (Admission?) -> Void
    ) {
        parts.signIns.submit(question) { outcome in
            then((try? outcome.get()).flatMap { $0 }.flatMap { admit($0, audience, scope) })
        }
    }

    /// Lets somebody go the ordinary way after all, where the request is counted again.
    func leave(_ admission: Admission) { parts.limiter.giveBack(.account(admission.member.account)) }

    private static func lines(left: Int, _ limiter: RateLimiter) -> String {
        var lines = ""
        for (name, value) in LimitRequests.fields(left: left, limiter) {
            lines += name
            lines += ": "
            lines += value
            lines += "\r\n"
        }
        return lines
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

    func decide(_ head: HTTPRequestHead, from caller: Caller) -> ExpressDecision {
        let ready = gate.parts.ready
        // One with a body goes to the router, which knows what to do with it, before it is counted here.
        guard head.method == .GET, !head.headers.contains(name: "content-length"),
            !head.headers.contains(name: "transfer-encoding"), let owner = ready.owner(of: head.uri),
            let question = gate.question(head, in: owner.network)
        else { return .ordinary }
        let (target, known) = (head.uri, head.headers.first(name: "if-none-match"))
        let answer: @Sendable (ExpressGate.Admission?) -> ExpressAnswer? = { admission in
            guard let admission else { return nil }
            guard let answer = ready.answer(to: target, for: admission.member.id) else {
                gate.leave(admission)
                return nil
            }
            return ExpressAnswer(answer, ifNoneMatch: known, headers: admission.headers, isSecure: caller.isSecure)
        }
        if let bearer = gate.parts.bearers.find(question) {
            return answer(gate.admit(bearer, owner.audience, .read)).map(ExpressDecision.answer) ?? .ordinary
        }
        return .collect(limit: 0) { _, done in
            gate.admit(question, owner.audience, .read) { done(answer($0)) }
        }
    }
}
