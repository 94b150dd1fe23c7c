"""A server of one run: its databases, its data, and what was wrong with it."""

import os
import re
import subprocess
import threading
import time

from cluster import fill
from processes import Failure, environment, last_words

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
PROGRAMS = os.path.join(ROOT, ".build/release")


class ChorusServer:
    """`chorus serve` in a process of its own."""

    def __init__(self, room, configuration):
        # Without the limits that a load generator at one address would run into.
        configuration |= dict(
            CHORUS_PORT="0", CHORUS_REQUESTS_PER_MINUTE="1000000000", CHORUS_CALM_READS="1000000000")
        self.process = room.start([os.path.join(PROGRAMS, "chorus"), "serve"], env=configuration)
        self.port = self.wait()

    def wait(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with open(self.process.log, errors="replace") as log:
                found = re.search(r"listens on http://127\.0\.0\.1:(\d+)\n", log.read())
            if found:
                return int(found.group(1))
            time.sleep(0.02)
        raise Failure(f"The server did not start: {last_words(self.process)}")


class Town:
    """Two databases with their data, and a server on them."""

    def __init__(self, room, cluster, world, complaints, name="chorus"):
        self.room = room
        self.cluster = cluster
        self.world = world
        self.complaints = complaints
        self.name = name
        self.data = room.file(f"{name}-data")
        self.hot_events = 0
        self.server = None

    @property
    def record(self):
        return self.name + "_record"

    def configuration(self):
        # No mix falls into the run: it would be measured with whatever happens to be running.
        return environment(
            CHORUS_DATA=self.data, CHORUS_DATABASE_URL=self.cluster.uri(self.name),
            CHORUS_RECORD_URL=self.cluster.uri(self.record), CHORUS_MIX_EVERY="10000h")

    def chorus(self, *arguments):
        return self.room.run([os.path.join(PROGRAMS, "chorus"), *arguments], env=self.configuration())

    def fixture(self, *arguments):
        return self.room.run([os.path.join(PROGRAMS, "chorus-benchmark-server"), *arguments], env=self.configuration())

    def ask(self, sql):
        return self.cluster.ask(self.name, sql)

    def rows(self, sql):
        return self.cluster.rows(self.name, sql)

    def raise_databases(self):
        for database in (self.name, self.record):
            self.cluster.ask("postgres", f"CREATE DATABASE {database}")
        self.chorus("migrate")
        self.fixture("networks", "--count", str(self.world.networks))

    def fill(self):
        fill(self)

    def start(self):
        self.server = ChorusServer(self.room, self.configuration())

    def complain(self, text):
        self.complaints.append(text)

    def fresh_hot_event(self):
        """The index of an event of the large network that few have answered."""
        self.hot_events += 1
        if self.hot_events >= self.world.events_of_network:
            event = self.world.event(0, self.hot_events)
            self.ask(f"""
                DELETE FROM rsvp WHERE event_id = '{event}';
                UPDATE event SET going = 0, waitlisted = 0, next_ticket = 1 WHERE id = '{event}'
                """)
        return self.hot_events


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


def commit():
    """What was built, for the head of a report."""
    told = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return told.stdout.strip() or "unknown"
