import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import Postgres

/// `PUT /v1/networks/{network}/events/{event}/rsvp` by a member who is known.
///
/// Sent twice it does what it does once, so that whatever goes wrong here is said by the router.
struct ExpressRSVP: ExpressLane {
    let gate: ExpressGate

    func decide(_ head: HTTPRequestHead, from caller: Caller) -> ExpressDecision {
        guard head.method == .PUT, let (network, event) = Self.ids(in: head.uri),
            head.headers.first(name: "content-type") == "application/json",
            let question = gate.question(head, in: network)
        else { return .ordinary }
        let bearer = gate.parts.bearers.find(question)
        return .collect(limit: 1_024) { body, done in
            guard let reply = try? Fields.read(Array(body.readableBytesView), as: RSVPInput.self).answer else {
                return done(nil)
            }
            let save: @Sendable (ExpressGate.Admission?) -> Void = { admission in
                guard let admission else { return done(nil) }
                self.save(reply, to: event, in: network, admission) { saved in
                    done(
                        saved.map {
                            ExpressAnswer("200 OK", json: $0, headers: admission.headers, isSecure: caller.isSecure)
                        }
                    )
                }
            }
            if let bearer {
                save(gate.admit(bearer, .insiders, .write))
            } else {
                gate.admit(question, .insiders, .write, then: save)
            }
        }
    }

    private func save(
        _ reply: RSVPReply,
        to event: UUID,
        in network: UUID,
        _ admission: ExpressGate.Admission,
        _ done: @escaping @Sendable (String?) -> Void
    ) {
        let wish = RSVPWish(network: network, event: event, member: admission.member.id, reply: reply)
        gate.parts.rsvps.submit(wish) { outcome in
            guard let saved = try? outcome.get(), saved.problem == nil else {
                gate.leave(admission)
                return done(nil)
            }
            done(RSVPAnswer(reply, saved).json)
        }
    }

    /// The two ids of the path, when it is that of an RSVP.
    private static func ids(in path: String) -> (network: UUID, event: UUID)? {
        var rest = path.utf8[...]
        guard rest.count == 98, take("/v1/networks/", &rest), let network = UUID(utf8: rest.prefix(36)) else {
            return nil
        }
        rest = rest.dropFirst(36)
        guard take("/events/", &rest), let event = UUID(utf8: rest.prefix(36)) else { return nil }
        rest = rest.dropFirst(36)
        return take("/rsvp", &rest) ? (network, event) : nil
    }

    private static func take(_ word: StaticString, _ rest: inout Substring.UTF8View) -> Bool {
        let length = word.utf8CodeUnitCount
        guard word.withUTF8Buffer({ rest.prefix(length).elementsEqual($0) }) else { return false }
        rest = rest.dropFirst(length)
        return true
    }
}
