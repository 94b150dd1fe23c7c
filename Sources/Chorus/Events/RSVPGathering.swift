import Foundation
import Postgres

/// An answer to an event, or one that is taken back, until its batch leaves.
struct RSVPWish: Sendable {
    let network: UUID
    let event: UUID
    let member: UUID
    /// `nil` takes it back.
    let reply: RSVPReply?
}

typealias RSVPGatherer = PostgresGatherer<RSVPWish, RSVPOutcome>

extension RSVPGatherer {
    /// Gathers the answers of many members, whatever their networks, into one transaction.
    ///
    /// One batch is in flight at a time: a second beside it makes both smaller, and what a batch costs before its first row
    /// is most of what an answer costs.
    ///
    /// - Parameters:
    ///   - pool: of members.
    ///   - changes: told of every answer before it is acknowledged.
    ///   - now: the present instant.
    convenience init(pool: PostgresPool, changes: Changes, now: @escaping @Sendable () -> Date) {
        self.init { wishes, done in
            let statement = SaveRSVPs(wishes: wishes, now: now(), sender: changes.sender)
            pool.execute(statement) { outcome in
                if case .failure(let error) = outcome, (error as? PostgresError)?.sqlState == nil {
                    changes.lostSight()
                }
                changes.answered(Set(wishes.map { $0.network }))
                done(outcome)
            }
        }
    }
}

/// What became of an answer.
struct RSVPOutcome: Sendable {
    /// Why it was not taken.
    let problem: ProblemName?
    let status: String?
    let waitlistPosition: Int?
}

/// Takes answers, or takes them back: one round trip for all of them, and the only way to a seat.
struct SaveRSVPs: PostgresStatement {
    static let sql = """
        SELECT problem, status, waitlist_position FROM save_rsvps($1, $2, $3, $4, $5, $6) ORDER BY place
        """
    let wishes: [RSVPWish]
    let now: Date
    let sender: String
    func bind(_ parameters: inout PostgresParameters) {
        // No key paths: making one takes longer than all else here.
        parameters.append(wishes.map { $0.network })
        parameters.append(wishes.map { $0.event })
        parameters.append(wishes.map { $0.member })
        parameters.append(wishes.map { $0.reply?.rawValue ?? "" })
        parameters.append(now)
        parameters.append(sender)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> RSVPOutcome {
        let problem: String? = try row.next()
        return RSVPOutcome(
            problem: problem.map { ProblemName(rawValue: $0) ?? .internal },
            status: try row.next(),
            waitlistPosition: try row.next()
        )
    }
}

/// The body of `PUT …/rsvp`.
struct RSVPInput: JSONInput {
    let answer: RSVPReply
    init(_ fields: inout Fields) { answer = fields.choice("answer", default: .declined) }
}

/// What `PUT …/rsvp` answers.
struct RSVPAnswer: Encodable, Sendable {
    let answer: String
    let status: String
    @ExplicitNull var waitlistPosition: Int?

    init(_ reply: RSVPReply, _ outcome: RSVPOutcome) {
        answer = reply.rawValue
        status = outcome.status ?? ""
        waitlistPosition = outcome.waitlistPosition
    }

    /// The same bytes as the encoder gives, for the express lane: the values are words of ours and a number.
    var json: String {
        let position = waitlistPosition.map { "\($0)" } ?? "null"
        return "{\"answer\":\"\(answer)\",\"status\":\"\(status)\",\"waitlistPosition\":\(position)}"
    }
}
