"""Measures what it takes to close rounds of 10,000 to 1,000,000 ballots of ten items and to release their numbers."""

import argparse
import os
import re
import sys
import time

from checks import promise
from cluster import HERE, Cluster
from processes import conduct, last_words, processor_time, sync_microseconds
from town import PROGRAMS, Town, commit
from world import World

ITEMS = 10


class Closing:
    """`chorus mix` in a process of its own, which closes what waits for it."""

    def __init__(self, town, program):
        before = processor_time(town.cluster.process.pid)
        started = time.monotonic()
        child = town.room.start([program, "mix"], env=town.configuration())
        self.peak = 0
        while True:
            self.peak = max(self.peak, high_water(child.pid))
            done, status, usage = os.wait4(child.pid, os.WNOHANG)
            if done:
                break
            time.sleep(0.005)
        self.seconds = time.monotonic() - started
        # Popen does not know yet.
        child.returncode = os.waitstatus_to_exitcode(status)
        self.own = usage.ru_utime + usage.ru_stime
        self.postgres = processor_time(town.cluster.process.pid) - before
        self.said = last_words(child)
        if child.returncode != 0:
            town.complain(f"the mix failed: {self.said}")


def high_water(pid):
    """The most memory that a process has had resident so far, in MiB."""
    try:
        with open(f"/proc/{pid}/status") as file:
            found = re.search(r"^VmHWM:\s+(\d+)", file.read(), re.M)
            return int(found.group(1)) / 1024 if found else 0
    except OSError:
        return 0


def check(town, number, ballots):
    """Each item has all ballots in its whole, and none is left."""
    left = int(town.ask("SELECT count(*) FROM contribution"))
    counts = town.cluster.rows(town.record, f"""
        SELECT c.at_least FROM cell c JOIN release r ON r.network_id = c.network_id AND r.id = c.release_id
        WHERE r.round_id = '{town.world.id(4_000_000 + number)}' AND c.unit_id IS NULL
        """)
    holds = left == 0 and [int(row[0]) for row in counts] == [ballots] * ITEMS
    promise(town, holds, f"{ballots} ballots: all are in the release, none is left", f"{left} left; {counts}")


def measure(given, room):
    town = Town(room, Cluster(room), World(networks=1), [])
    town.raise_databases()
    sync = sync_microseconds(room.path)
    print(f"{os.cpu_count()} cores; write + fdatasync {sync:.0f} µs; load average {os.getloadavg()[0]:.2f}; "
          f"commit {commit()}; {ITEMS} items, six units and the rest; one `chorus mix` each, start and end included")
    form = "{:>9} {:>9} {:>12} {:>9} {:>9} {:>12}"
    print(form.format("ballots", "seconds", "µs a ballot", "own s", "PG s", "peak MiB"))
    nothing = Closing(town, given.program)
    print(form.format(0, f"{nothing.seconds:.2f}", "-", f"{nothing.own:.2f}", f"{nothing.postgres:.2f}",
                      f"{nothing.peak:.0f}"))
    for number, ballots in enumerate(given.ballots):
        town.cluster.psql(town.name, "-f", os.path.join(HERE, "closing.sql"), number=number, ballots=ballots)
        closing = Closing(town, given.program)
        print(form.format(
            ballots, f"{closing.seconds:.2f}", f"{(closing.seconds - nothing.seconds) * 1e6 / ballots:.1f}",
            f"{closing.own:.2f}", f"{closing.postgres:.2f}", f"{closing.peak:.0f}"))
        check(town, number, ballots)
        sys.stdout.flush()
        # What autovacuum would do in an hour.
        town.ask("VACUUM contribution")
    return town.complaints


def options():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/closing", description=__doc__)
    parser.add_argument("--ballots", default="10000,100000,1000000", help="10000,100000,1000000 by default; multiples of 5")
    parser.add_argument("--program", default=os.path.join(PROGRAMS, "chorus"), help="another build of chorus")
    given = parser.parse_args()
    given.ballots = [int(count) for count in given.ballots.split(",")]
    return given


if __name__ == "__main__":
    given = options()
    conduct(lambda room: measure(given, room))
