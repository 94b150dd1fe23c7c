import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The scheduler of the real program, of which one process is killed.
@Suite(.serialized) struct JobCrashProcessTests {
    private func withTown(_ body: (TestProcess) async throws -> Void) async throws {
        let town = try TestProcess()
        defer { town.tearDown() }
        let id = try town.run(["network", "create", "jobs", "--name", "Netz", "--employer", "Stadt"])
        town.use(network: try #require(id.flatMap { UUID(uuidString: $0) }))
        try town.start()
        // What comes every day has been done for today.
        try await wait(town, "count(*) FROM job WHERE due_at > now() AND attempts = 0", for: 2)
        try await body(town)
    }

    private func count(_ town: TestProcess, _ sql: String) throws -> Int {
        let text = try town.shell("psql -X -q -A -t -v ON_ERROR_STOP=1 -c \"$1\"", "SELECT \(sql)")
        return try #require(Int(text.trimmingWhitespace()))
    }

    private func wait(_ town: TestProcess, _ sql: String, for least: Int) async throws {
        for _ in 0..<3_000 {
            if try count(town, sql) >= least { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("\(sql) never came to \(least)")
    }

    /// Lets the database note the end of each job, and the next row that it makes, in the transaction in which that happens.
    private func takeNotes(_ town: TestProcess) throws {
        try town.psql(
            """
            CREATE TABLE ran (key text NOT NULL, what text NOT NULL, by_whom integer NOT NULL);
            CREATE FUNCTION note_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    INSERT INTO public.ran VALUES (OLD.key, 'ended', pg_backend_pid());
                -- Those that the test asks for.
                ELSIF NEW.due_at > 'epoch' THEN
                    INSERT INTO public.ran VALUES (NEW.key, 'comes again', pg_backend_pid());
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER job_note AFTER INSERT OR DELETE ON job FOR EACH ROW EXECUTE FUNCTION note_job();
            """
        )
    }

    /// Jobs as a server of this version asks for them, which have long been due.
    private func ask(_ town: TestProcess, for count: Int, _ name: String) throws {
        try town.psql(
            """
            INSERT INTO job (id, kind, payload, key, due_at)
            SELECT gen_random_uuid(), 'remindOfAnswers', jsonb_build_object('network', '\(town.network.id.text)'),
                'test/\(name)/' || n, 'epoch'
            FROM generate_series(1, \(count)) AS n
            """
        )
    }

    private static let ended = "count(*) FROM ran WHERE what = 'ended' AND key LIKE 'test/%'"

    @Test func tenThousandJobsRunOnceEachOnTwoServersOfWhichOneIsKilled() async throws {
        try await withTown { town in
            let other = try TestProcess(beside: town)
            defer { other.tearDown() }
            try takeNotes(town)
            // At each step of a job: taken, done and not committed, done.
            for point in ["job-taken", "job-performed", "job-ended"] {
                // While there is work left it may be killed before it can say that it listens.
                do { try other.start(crashAt: point) } catch TestProcess.Failure.notStarted {}
                try ask(town, for: 2_000, point)
                for _ in 0..<1_000 where other.isRunning { try await Task.sleep(for: .milliseconds(20)) }
                #expect(!other.isRunning, "it came to \(point)")
            }
            // And wherever it happens to be.
            try other.start()
            try ask(town, for: 4_000, "anywhere")
            try await wait(town, Self.ended + " AND key LIKE '%anywhere%'", for: 1_000)
            other.kill9()
            #expect(try count(town, Self.ended) < 10_000, "it was killed in the middle")
            try await wait(town, Self.ended, for: 10_000)
            for what in ["ended", "comes again"] {
                let noted = "FROM ran WHERE what = '\(what)' AND key LIKE 'test/%'"
                #expect(try count(town, "count(*) \(noted)") == 10_000, "\(what)")
                #expect(try count(town, "count(DISTINCT key) \(noted)") == 10_000, "\(what)")
            }
            let waiting = "count(*) FROM job WHERE key LIKE 'test/%' AND state = 'waiting' AND due_at > now()"
            #expect(try count(town, waiting) == 10_000, "each waits for its next day")
            let hands = try count(town, "count(DISTINCT by_whom) FROM ran")
            #expect(hands > JobRunner.width + 1, "more connections than one server has: \(hands)")
            #expect(town.stop() == 0)
        }
    }

    @Test func theDoctorNamesWhatWasGivenUpAndACommandLetsItBeTriedAgain() async throws {
        try await withTown { town in
            let fine = try town.outcome(["doctor"])
            #expect(fine.code == 0, "\(fine.text)")
            try town.psql("UPDATE job SET state = 'dead', failure = 'pool time-out' WHERE kind = 'remindOfAnswers'")
            let wrong = try town.outcome(["doctor"])
            #expect(wrong.code == 1)
            #expect(wrong.text.contains("1 of remindOfAnswers given up"), "\(wrong.text)")
            #expect(wrong.text.contains("pool time-out") && wrong.text.contains("chorus job retry"))
            #expect(!wrong.text.contains(town.network.id.text), "no network is named")
            #expect(try town.run(["job", "retry"]) == "to be tried again: 1")
            #expect(try town.outcome(["doctor"]).code == 0)
        }
    }
}
