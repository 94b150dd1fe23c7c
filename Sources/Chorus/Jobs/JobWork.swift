import Foundation
import Logging
import Postgres

extension ServerParts {
    /// Takes and does jobs with the login that may do nothing else.
    var jobRunner: JobRunner {
        let parts = self
        return JobRunner(pool: databases.job, now: now, logger: logger, metrics: metrics) { job, transaction in
            try await parts.perform(job, in: transaction)
        }
    }

    /// Tells receivers: a runner of its own, so that those that do not answer hold nothing else up.
    var deliveryRunner: JobRunner {
        var runner = jobRunner
        runner.kinds = Job.Kind.deliveries
        runner.width = JobRunner.deliveryWidth
        return runner
    }

    /// Does a job.
    ///
    /// - Parameters:
    ///   - job: what is to be done.
    ///   - transaction: ends the job; what is changed in it is changed exactly once.
    /// - Returns: when it comes again; `nil` for never.
    func perform(_ job: Job, in transaction: PostgresTransaction) async throws -> Date? {
        switch job {
        case .remindOfAnswers(let work):
            // A network that is gone has nobody to answer.
            guard let network = try await transaction.first(ReadNetwork(id: work.network)) else { return nil }
            try await remindOfAnswers(of: network)
            return JobTiming.nextDay(after: now(), in: network.zone)
        case .deliverWebhook(let work):
            return try await deliver(work)
        case .forgetExpired:
            let now = now()
            let today = PostgresDate.today(in: .gmt, at: now)
            _ = try await transaction.execute(DeleteExpiredSessions(now: now))
            _ = try await transaction.execute(DeleteOldAnswers(today: today))
            for network in try await transaction.execute(ReadAllNetworks()) {
                let old = ForgetResets(network: network.id, today: today)
                _ = try await databases.member.execute(old, network: network.id)
                let logouts = ForgetLogouts(network: network.id, now: now)
                _ = try await databases.member.execute(logouts, network: network.id)
            }
            try await forgetSecondFactors()
            // What is left goes soon, in another transaction.
            if try await endByAge() { return now.addingTimeInterval(RetentionRule.pause) }
            return JobTiming.nextDay(after: now, in: .gmt)
        case .lookForNews(let work):
            // Where no mail is sent any more, nobody needs to be looked for.
            guard outgoingMail != nil, let network = try await transaction.first(ReadNetwork(id: work.network)) else {
                return nil
            }
            try await askForNewsMail(in: network)
            return MailRhythm.nextLook(after: now())
        case .sendMail(let work):
            guard let network = try await transaction.first(ReadNetwork(id: work.network)) else { return nil }
            return try await sendMail(of: network)
        }
    }

    /// Sees to it that all that comes every day waits for its day, and gives up what has used up its attempts.
    func keepJobs() async throws {
        let now = now()
        for kind in try await databases.job.execute(GiveUpJobs(now: now)) {
            logger.error("a job was given up", metadata: ["kind": "\(kind)"])
        }
        try await keep(.forgetExpired, in: .gmt, now)
        let sendsMail = outgoingMail != nil
        for network in try await databases.job.execute(ReadAllNetworks()) {
            try await keep(.remindOfAnswers(.init(network: network.id)), in: network.zone, now)
            for webhook in try await databases.job.execute(ReadWebhooks(network: network.id), network: network.id) {
                let turn = Job.deliverWebhook(.init(network: network.id, webhook: webhook.id))
                try await keep(turn, now, latest: now.addingTimeInterval(Self.deliveryPause))
            }
            guard sendsMail else { continue }
            try await keep(.lookForNews(.init(network: network.id)), now, latest: MailRhythm.nextLook(after: now))
            // What waited when a server ended before it asked for this.
            try await keep(.sendMail(.init(network: network.id)), now, latest: MailRhythm.nextLook(after: now))
        }
    }

    private func keep(_ job: Job, in zone: TimeZone, _ now: Date) async throws {
        try await keep(job, now, latest: JobTiming.nextDay(after: now, in: zone))
    }

    private func keep(_ job: Job, _ now: Date, latest: Date) async throws {
        let wanted = try InsertJob(job, dueAt: now)
        _ = try await databases.job.execute(KeepJob(wanted: wanted, latest: latest))
    }
}

/// Sessions that ended a month ago, of people who do not return; who does sign in clears their own.
struct DeleteExpiredSessions: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM session WHERE expires_at < $1::timestamptz - interval '30 days'"
    let now: Date
    func bind(_ parameters: inout PostgresParameters) { parameters.append(now) }
}

/// Answers that no repeated request can ask for any more; who sends another request with a key clears their own.
struct DeleteOldAnswers: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM idempotency WHERE day < $1::date - 2"
    let today: PostgresDate
    func bind(_ parameters: inout PostgresParameters) { parameters.append(today) }
}
