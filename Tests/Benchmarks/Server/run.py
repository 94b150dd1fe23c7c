"""Measures the server on a private PostgreSQL and prints what each operation costs."""

import argparse
import os
import shutil
import sys
import time

import operations
from checks import check
from cluster import Cluster
from measure import THREADS, costs, merge
from peers import Ceiling, Yardstick
from processes import Failure, conduct, sync_microseconds
from report import Report
from statements import CLIENTS, Statements
from town import Background, Town, commit
from world import World


class Bench:
    """One run: what is started, what is measured, and what was wrong."""

    def __init__(self, options, room):
        self.options = options
        self.room = room
        self.report = Report()
        self.complaints = []
        self.notes = []

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
        world = World(
            members=max(20_000, round(100_000 * self.options.scale)), contributions=round(1_000_000 * self.options.scale))
        self.town = Town(self.room, self.cluster, world, self.complaints)
        loading = None
        if self.yardstick:
            self.yardstick.build()
            loading = Background(self.yardstick.fill)
        self.town.raise_databases()
        self.town.fill()
        if loading:
            loading.join()
        self.filled = time.monotonic() - started
        self.town.start()
        self.statements = Statements(self)
        self.chosen = self.choose()

    def choose(self):
        wanted = self.options.only
        chosen = [made(self.town) for made in operations.ALL if not wanted or any(part in made.name for part in wanted)]
        if not chosen:
            raise Failure("No operation has such a name. There are: " + "; ".join(made.name for made in operations.ALL))
        return chosen

    # Measuring

    def warm_up(self, operation):
        """A sample, and some requests of which every single answer is looked at."""
        operation.prepare(0.5)
        operation.check_sample()
        result = operation.warm()
        operation.done(result)
        if result.errors:
            self.complain(f"{operation.name}: {result.errors} answers of another status while warming up")

    def measure(self):
        for operation in self.chosen:
            self.warm_up(operation)
        peers = self.start_peers()
        first = [operation for operation in self.chosen if isinstance(operation, operations.FirstReads)]
        for _ in range(self.options.rounds):
            for operation in self.chosen:
                if operation in first:
                    continue
                counts = self.options.connections if operation.everywhere else self.options.connections[:1]
                for count in counts:
                    self.measure_beside(operation, count, peers)
                result = self.statements.measure(operation.name, self.options.seconds)
                if result:
                    self.report.add(operation, CLIENTS, "pgbench", result)
        # Last: nothing that the others are to find known is known afterwards.
        for operation in first:
            for _ in range(self.options.rounds):
                self.report.add(operation, 32, "chorus", merge(self.first_reads(operation)))

    def first_reads(self, operation):
        for _ in range(operation.bursts):
            operation.change()
            yield self.costs(operation.send_all, self.town.server.process.pid)

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
        operation.meet()
        result = self.costs(lambda: operation.run(count, seconds), self.town.server.process.pid)
        operation.done(result)
        self.report.add(operation, count, "chorus", result)
        if result.errors:
            self.complain(f"{operation.name} at {count} connections: {result.errors} errors")
        for name, peer in peers.items():
            result = peer.measure(operation, count, seconds)
            if result:
                self.report.add(operation, count, name, result)


def header(bench):
    version = bench.cluster.ask("postgres", "SHOW server_version")
    options, world = bench.options, bench.town.world
    sync = sync_microseconds(bench.room.path)
    load = " ".join(f"{minutes:.2f}" for minutes in os.getloadavg())
    print(f"PostgreSQL {version}, fsync on; {os.cpu_count()} cores; wrk with {THREADS} threads; "
          f"write + fdatasync {sync:.0f} µs; load average {load}; commit {commit()}")
    print(f"{world.members} members, {world.networks} networks, {world.events} events, {world.contributions} "
          f"contributions; filled in {bench.filled:.0f} s; median of {options.rounds} rounds of {options.seconds:g} s")
    print("The server is `chorus serve`; the rates of one address are raised, and the mix does not happen meanwhile. Each "
          "operation is warm: whoever is sent was sent before, unmeasured. What was not read before has a row of its own.")
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


def main(given, room):
    started = time.monotonic()
    bench = Bench(given, room)
    bench.prepare()
    header(bench)
    try:
        bench.measure()
    except Failure as failure:
        bench.complain(str(failure))
    bench.report.print(bench.notes)
    check(bench.town, bench.chosen)
    print(f"{time.monotonic() - started:.0f} s in all; load average at the end {os.getloadavg()[0]:.2f}")
    return bench.complaints


if __name__ == "__main__":
    given = options()
    conduct(lambda room: main(given, room))
