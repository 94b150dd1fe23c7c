import Foundation
import Postgres
import Synchronization
@testable import TestSupport
import Testing

@testable import Chorus

/// The scheduler on a real database: once, however many servers; again when it failed; given up in the end.
@Suite struct JobTests {
    private struct Refusal: Error {}

    /// Leaves a row without a key: a job that took effect twice would leave two.
    private static let leaveARow: JobRunner.Perform = { job, transaction in
        guard case .remindOfAnswers(let work) = job else { return nil }
        _ = try await transaction.execute(LeaveRow(work: work.network))
        return nil
    }

    private func runner(_ server: TestServer, _ perform: @escaping JobRunner.Perform) -> JobRunner {
        JobRunner(
            pool: server.parts.databases.job,
            now: server.parts.now,
            logger: server.parts.logger,
            metrics: server.parts.metrics,
            perform: perform
        )
    }

    /// Asks for jobs that have long been due.
    private func ask(_ server: TestServer, for count: Int) async throws {
        try await server.run(
            """
            CREATE TABLE ran (work uuid NOT NULL);
            GRANT SELECT, INSERT ON ran TO chorus_job;
            INSERT INTO job (id, kind, payload, key, due_at)
            SELECT gen_random_uuid(), 'remindOfAnswers', jsonb_build_object('network', gen_random_uuid()), 'test/' || n, 'epoch'
            FROM generate_series(1, \(count)) AS n;
            ANALYZE job;
            """,
            on: .private
        )
    }

    private func expectOneRowEach(_ server: TestServer, _ count: Int) async throws {
        let rows = try await server.count("SELECT count(*) FROM ran")
        let works = try await server.count("SELECT count(DISTINCT work) FROM ran")
        let left = try await server.count("SELECT count(*) FROM job")
        #expect(rows == count)
        #expect(works == count)
        #expect(left == 0)
    }

    @Test func tenThousandJobsRunOnceEachOnTwoServers() async throws {
        try await withServer { server in
            try await ask(server, for: 10_000)
            try await server.withSecondServer { other in
                let (here, there) = (runner(server, Self.leaveARow), runner(other, Self.leaveARow))
                async let first = here.runDue()
                async let second = there.runDue()
                let attempts = try await [first, second]
                #expect(attempts.allSatisfy { $0 > 100 }, "both took their share: \(attempts)")
                #expect(attempts.reduce(0, +) == 10_000, "nothing was taken twice")
            }
            try await expectOneRowEach(server, 10_000)
        }
    }

    @Test func aConnectionThatIsLostInTheMiddleOfAJobUndoesItAndItIsDoneAgain() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            try await ask(server, for: 60)
            let lost = Mutex<Set<UUID>>([])
            let fragile = runner(server) { job, transaction in
                _ = try await Self.leaveARow(job, transaction)
                guard case .remindOfAnswers(let work) = job else { return nil }
                let isFirst = lost.withLock { seen in
                    guard seen.count < 20 else { return false }
                    return seen.insert(work.network).inserted
                }
                // As if the server had ended: PostgreSQL sees no more of it than that its connection is gone.
                if isFirst { try await transaction.run("SELECT pg_terminate_backend(pg_backend_pid())") }
                return nil
            }
            #expect(try await fragile.runDue() >= 60)
            let rows = try await server.count("SELECT count(*) FROM ran")
            #expect(rows == 40, "what was under way is undone")
            #expect(try await fragile.runDue() == 0, "and not tried again at once")
            clock.pass(seconds: 7)
            #expect(try await fragile.runDue() == 20)
            try await expectOneRowEach(server, 60)
        }
    }

    @Test func whatAlwaysFailsIsTriedLessAndLessOftenAndThenGivenUp() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            try await ask(server, for: 1)
            let failing = runner(server) { job, transaction in
                _ = try await Self.leaveARow(job, transaction)
                throw Refusal()
            }
            for (attempt, wait) in zip(1..., JobTiming.waits(jitter: 1)) {
                #expect(try await failing.runDue() == 1, "attempt \(attempt)")
                clock.pass(seconds: wait / 1.3)
                #expect(try await failing.runDue() == 0, "attempt \(attempt) is followed by a pause")
                clock.pass(seconds: wait - wait / 1.3 + 1)
            }
            #expect(try await failing.runDue() == 0)
            let health = try await server.parts.databases.job.execute(ReadJobHealth(now: clock.now()))
            let expected = JobHealth(kind: "remindOfAnswers", waiting: 0, late: 0, dead: 1, lag: 0, failure: "Refusal")
            #expect(health == [expected])
            let metrics = try await server.send("GET", "/metrics").text
            #expect(metrics.contains("chorus_jobs_dead{kind=\"remindOfAnswers\"}"))
            #expect(!metrics.contains(server.network.id.text) && !metrics.contains("test/"), "nobody is named")
            let rows = try await server.count("SELECT count(*) FROM ran")
            #expect(rows == 0, "none of the attempts has left anything")
            #expect(try await server.server.retryJobs() == 1)
            #expect(try await runner(server, Self.leaveARow).runDue() == 1)
            try await expectOneRowEach(server, 1)
        }
    }

    @Test func whatEndsItsServerEachTimeIsGivenUpToo() async throws {
        try await withServer { server in
            try await ask(server, for: 2)
            // As twelve servers leave it that ended before they could say why.
            try await server.run("UPDATE job SET attempts = 12 WHERE key = 'test/1'", on: .private)
            #expect(try await runner(server, Self.leaveARow).runDue() == 1)
            try await server.parts.keepJobs()
            let dead = try await server.texts("SELECT key FROM job WHERE state = 'dead'")
            #expect(dead == ["test/1"])
        }
    }

    @Test func kindsOfANewerServerAreLeftToIt() async throws {
        try await withServer { server in
            try await ask(server, for: 1)
            try await server.run("UPDATE job SET kind = 'dreamOfSheep'", on: .private)
            #expect(try await runner(server, Self.leaveARow).runDue() == 0)
            let waiting = try await server.count("SELECT count(*) FROM job WHERE state = 'waiting' AND attempts = 0")
            #expect(waiting == 1)
        }
    }

    @Test func whatComesEveryDayComesOnceWhateverTheClockDoes() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let runner = server.parts.jobRunner
            // Two servers that start at once ask for it once.
            try await server.withSecondServer { other in
                async let here: Void = server.parts.keepJobs()
                async let there: Void = other.parts.keepJobs()
                _ = try await (here, there)
            }
            #expect(try await runner.runDue() == 2, "for the network, and for all")
            try await server.parts.keepJobs()
            #expect(try await runner.runDue() == 0, "and not again that day")
            clock.pass(days: 40)
            #expect(try await runner.runDue() == 2, "once, not forty times")
            #expect(try await runner.runDue() == 0)
            // Somebody puts the clock right.
            clock.pass(days: -38)
            #expect(try await runner.runDue() == 0)
            clock.pass(days: 2)
            #expect(try await runner.runDue() == 0, "the wrong clock has put it off for weeks")
            try await server.parts.keepJobs()
            #expect(try await runner.runDue() == 0, "tomorrow, not at once")
            clock.pass(days: 2)
            #expect(try await runner.runDue() == 2)
            let waiting = try await server.count("SELECT count(*) FROM job")
            #expect(waiting == 2)
        }
    }

    /// A receiver that hangs keeps its job under way as long as it is waited for.
    @Test func upkeepDoesNotWaitForWhatIsUnderWay() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            try await server.parts.keepJobs()
            let runner = runner(server) { _, _ in
                // Its row stands later than at its turn, and would be moved if nobody were at it.
                clock.pass(days: -40)
                try await server.parts.keepJobs()
                return nil
            }
            #expect(try await runner.runNext())
            let failures = try await server.texts("SELECT failure FROM job WHERE failure IS NOT NULL")
            #expect(failures == [])
            let left = try await server.count("SELECT count(*) FROM job")
            #expect(left == 1, "the other one")
        }
    }

    @Test func whatWasGivenUpComesAgainTomorrow() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            try await server.parts.keepJobs()
            try await server.run("UPDATE job SET state = 'dead' WHERE kind = 'forgetExpired'", on: .private)
            try await server.parts.keepJobs()
            #expect(try await server.parts.jobRunner.runDue() == 1, "the other one")
            clock.pass(days: 2)
            #expect(try await server.parts.jobRunner.runDue() == 2)
            let dead = try await server.count("SELECT count(*) FROM job WHERE state = 'dead'")
            #expect(dead == 1, "it stays to be seen")
            // One that waits is enough.
            #expect(try await server.server.retryJobs() == 0)
            let rows = try await server.count("SELECT count(*) FROM job")
            #expect(rows == 2)
        }
    }

    @Test func whatNobodyCanUseAnyMoreIsDeletedOfThoseWhoDoNotReturnToo() async throws {
        try await withServer { server in
            let (gone, present) = (try await server.person(.member), try await server.person(.member))
            for person in [gone, present] { _ = try await server.session(of: person) }
            try await server.run(
                """
                UPDATE session SET expires_at = now() - interval '31 days' WHERE account_id = '\(gone.account.text)';
                INSERT INTO idempotency (account_id, key_hash, request_hash, day) VALUES
                    ('\(gone.account.text)', '\\x01', '\\x01', current_date - 3),
                    ('\(gone.account.text)', '\\x02', '\\x01', current_date - 2);
                """,
                on: .private
            )
            try await server.parts.keepJobs()
            #expect(try await server.parts.jobRunner.runDue() == 2)
            let sessions = try await server.texts("SELECT account_id::text FROM session")
            #expect(sessions == [present.account.text])
            let answers = try await server.texts("SELECT encode(key_hash, 'hex') FROM idempotency")
            #expect(answers == ["02"])
        }
    }
}

private struct LeaveRow: PostgresStatement {
    typealias Row = Void
    static let sql = "INSERT INTO ran (work) VALUES ($1)"
    let work: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(work) }
}
