"""Measures the server on a private PostgreSQL and prints what each operation costs."""

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time

import operations
from checks import check, count_grants
from cluster import Cluster, fill
from measure import THREADS, costs, send
from peers import Ceiling, Yardstick
from processes import Failure, Room, environment, last_words, sync_microseconds
from report import Report
from statements import CLIENTS, Statements
from world import World

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
PROGRAMS = os.path.join(ROOT, ".build/release")


class ChorusServer:
    """The server in a process of its own."""

    def __init__(self, bench):
        self.process = bench.room.start(
            [bench.fixture_path, "serve"], stdout=subprocess.PIPE, env=bench.configuration(CHORUS_PORT="0"))
        line = self.process.stdout.readline().decode().strip()
        if not line.isdigit():
            self.process.wait(10)
            raise Failure(f"The server did not start: {last_words(self.process)}")
        self.port = int(line)


class Bench:
    """One run: what is started, what is measured, and what was wrong."""

    fixture_path = os.path.join(PROGRAMS, "chorus-benchmark-server")

    def __init__(self, options, room):
        self.options = options
        self.room = room
        self.world = World(options.scale)
        self.report = Report()
        self.complaints = []
        self.notes = []
        self.hot_events = 0
        self.data = room.file("data")

    def configuration(self, **more):
        # No mix falls into the run: it would be measured with whatever happens to be running.
        return environment(
            CHORUS_DATA=self.data, CHORUS_DATABASE_URL=self.cluster.uri("chorus"),
            CHORUS_RECORD_URL=self.cluster.uri("chorus_record"), CHORUS_MIX_EVERY="10000h", **more)

    def fixture(self, *arguments):
        return self.room.run([self.fixture_path, *arguments], env=self.configuration())

    def fresh_hot_event(self):
        """The index of an event of the large network that few have answered."""
        self.hot_events += 1
        if self.hot_events >= self.world.events_of_network:
            event = self.world.event(0, self.hot_events)
            self.cluster.ask("chorus", f"""
                DELETE FROM rsvp WHERE event_id = '{event}';
                UPDATE event SET going = 0, waitlisted = 0, next_ticket = 1 WHERE id = '{event}'
                """)
        return self.hot_events

    def complain(self, text):
        self.complaints.append(text)

    def note(self, text):
        self.notes.append(text)

    def costs(self, run, owner=None):
        return costs(run, owner, self.cluster)

    # Preparing

    def prepare(self):
        started = time.monotonic()
        folder = None if self.options.without_peers else self.options.peers
        self.yardstick = Yardstick(self, folder) if folder else None
        self.cluster = Cluster(self.room)
        loading = None
        if self.yardstick:
            self.yardstick.build()
            loading = Background(self.yardstick.fill)
        for database in ("chorus", "chorus_record"):
            self.cluster.ask("postgres", f"CREATE DATABASE {database}")
        self.room.run([os.path.join(PROGRAMS, "chorus"), "migrate"], env=self.configuration())
        self.fixture("networks", "--count", str(self.world.networks))
        fill(self.cluster, self.world, self.data)
        if loading:
            loading.join()
        self.filled = time.monotonic() - started
        self.server = ChorusServer(self)
        self.statements = Statements(self)
        self.grants = count_grants(self)
        self.chosen = self.choose()

    def choose(self):
        wanted = self.options.only
        chosen = [made(self) for made in operations.ALL if not wanted or any(part in made.name for part in wanted)]
        if not chosen:
            raise Failure("No operation has such a name. There are: " + "; ".join(made.name for made in operations.ALL))
        return chosen

    # Measuring

    def warm_up(self, operation):
        """A sample and half a second in which every single answer is looked at."""
        operation.prepare(0.5)
        operation.check_sample()
        result = send(self.room, self.server.port, operation.requests, 32, 0.5, operation.status)
        operation.done(result)
        if result.errors:
            self.complain(f"{operation.name}: {result.errors} answers of another status while warming up")

    def measure(self):
        for operation in self.chosen:
            self.warm_up(operation)
        peers = self.start_peers()
        for _ in range(self.options.rounds):
            for operation in self.chosen:
                counts = self.options.connections if operation.everywhere else self.options.connections[:1]
                for count in counts:
                    self.measure_beside(operation, count, peers)
                result = self.statements.measure(operation.name, self.options.seconds)
                if result:
                    self.report.add(operation, CLIENTS, "pgbench", result)

    def start_peers(self):
        peers = {}
        if not self.options.without_peers:
            if shutil.which("nginx"):
                peers["nginx"] = Ceiling(self, [operation for operation in self.chosen if operation.has_ceiling])
            else:
                self.note("nginx is missing: skipped")
        if self.yardstick:
            self.yardstick.start(self.options.connections)
            peers["Go"] = self.yardstick
        return peers

    def measure_beside(self, operation, count, peers):
        seconds = self.options.seconds
        operation.prepare(seconds)
        result = self.costs(
            lambda: send(self.room, self.server.port, operation.requests, count, seconds), self.server.process.pid)
        operation.done(result)
        self.report.add(operation, count, "chorus", result)
        if result.errors:
            self.complain(f"{operation.name} at {count} connections: {result.errors} errors")
        for name, peer in peers.items():
            result = peer.measure(operation, count, seconds)
            if result:
                self.report.add(operation, count, name, result)


class Background(threading.Thread):
    """Something that is done meanwhile; joining it raises what it raised."""

    def __init__(self, body):
        super().__init__(daemon=True)
        self.body = body
        self.failure = None
        self.start()

    def run(self):
        try:
            self.body()
        except Exception as failure:
            self.failure = failure

    def join(self, timeout=None):
        super().join(timeout)
        if self.failure:
            raise self.failure


def header(bench):
    version = bench.cluster.ask("postgres", "SHOW server_version")
    commit = subprocess.run(
        ["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    options, world = bench.options, bench.world
    sync = sync_microseconds(bench.room.path)
    load = " ".join(f"{minutes:.2f}" for minutes in os.getloadavg())
    print(f"PostgreSQL {version}, fsync on; {os.cpu_count()} cores; wrk with {THREADS} threads; "
          f"write + fdatasync {sync:.0f} µs; load average {load}; commit {commit or 'unknown'}")
    print(f"{world.members} members, {world.networks} networks, {world.events} events, {world.contributions} "
          f"contributions; filled in {bench.filled:.0f} s; median of {options.rounds} rounds of {options.seconds:g} s")
    print("The server is as `chorus serve` runs it, but for the rates of one address, which are raised, and the mix, "
          "which does not happen meanwhile.")
    sys.stdout.flush()


def options():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="whose medians are shown; 3 by default")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement; 1.5 by default")
    parser.add_argument("--connections", default="32,256", help="32,256 by default; some with the first alone")
    parser.add_argument("--only", default="", help="parts of operations' names, with commas between")
    parser.add_argument("--without-peers", action="store_true", help="without nginx and Go")
    parser.add_argument("--peers", metavar="DIR", help="a folder with the yardstick (limit/, peers/)")
    parser.add_argument("--scale", type=float, default=1, help="of members and contributions; 1 by default")
    given = parser.parse_args()
    given.connections = [int(count) for count in given.connections.split(",")]
    given.only = [part.strip() for part in given.only.split(",") if part.strip()]
    return given


def main():
    given = options()
    started = time.monotonic()
    try:
        with Room() as room:
            bench = Bench(given, room)
            bench.prepare()
            header(bench)
            try:
                bench.measure()
            except Failure as failure:
                bench.complain(str(failure))
            bench.report.print(bench.notes)
            check(bench)
            print(f"{time.monotonic() - started:.0f} s in all; load average at the end {os.getloadavg()[0]:.2f}")
            for complaint in bench.complaints:
                print(f"WRONG: {complaint}", file=sys.stderr)
            return 1 if bench.complaints else 0
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


sys.exit(main())
