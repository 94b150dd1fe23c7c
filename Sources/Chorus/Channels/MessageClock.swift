import Postgres

/// By when the team has to do something, in a channel that promises it (for reports of misconduct the law does: seven days to
/// acknowledge, three months from then to answer; HinSchG section 17).
struct MessageClock: Sendable {
    struct Answer: Encodable, Sendable {
        let acknowledgeBy: String
        @ExplicitNull var acknowledgedOn: String?
        let answerBy: String
    }

    /// The day of the mix that brought the message.
    let day: PostgresDate
    let acknowledgedOn: PostgresDate?
    private let days: (acknowledge: Int, answer: Int)?

    /// The columns that ``init(_:)`` reads, of `message m` and `channel c`.
    static let columns = "m.batch_day, m.acknowledged_on, c.acknowledge_days, c.answer_days"

    init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        day = try row.next()
        acknowledgedOn = try row.next()
        let acknowledge: Int? = try row.next()
        let answer: Int? = try row.next()
        days = if let acknowledge, let answer { (acknowledge, answer) } else { nil }
    }

    /// `nil` in a channel without a clock.
    var acknowledgeBy: PostgresDate? { days.map { day.adding(days: $0.acknowledge) } }

    /// Counted from the acknowledgement, or from the day by which it was due.
    var answerBy: PostgresDate? {
        guard let days, let acknowledgeBy else { return nil }
        return (acknowledgedOn ?? acknowledgeBy).adding(days: days.answer)
    }

    var answer: Answer? {
        guard let acknowledgeBy, let answerBy else { return nil }
        return Answer(
            acknowledgeBy: acknowledgeBy.description,
            acknowledgedOn: acknowledgedOn?.description,
            answerBy: answerBy.description
        )
    }
}
