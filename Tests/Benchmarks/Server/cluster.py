"""A private PostgreSQL with the data that the operations need."""

import base64
import glob
import hmac
import os
import signal
import time

from processes import Failure, as_postgres, environment, free_port, wait_for_port

HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = on
synchronous_commit = on
full_page_writes = on
wal_sync_method = fdatasync
shared_buffers = 512MB
max_wal_size = 4GB
checkpoint_timeout = 15min
max_connections = 500
jit = off
"""


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise Failure("There is no PostgreSQL server here. Install one: apt-get install postgresql")
    return os.path.dirname(found[-1])


class Cluster:
    """A PostgreSQL of this run alone, on a free port of loopback; `bench` is its superuser."""

    def __init__(self, room):
        self.room = room
        self.programs = programs()
        self.port = free_port()
        home = room.file("pg")
        os.mkdir(home, 0o700)
        owner = as_postgres()
        if owner:
            os.chown(home, owner["user"], owner["group"])
        data = os.path.join(home, "data")
        room.run(
            [self.program("initdb"), "-D", data, "-U", "bench", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
            env=environment(), cwd="/", **owner)
        # The path of a socket has 107 bytes at most.
        sockets = home if len(home) < 85 else ""
        command = [self.program("postgres"), "-D", data, "-p", str(self.port), "-k", sockets]
        for line in SETTINGS.split("\n"):
            if line:
                command += ["-c", line.replace(" = ", "=").replace("'", "")]
        # Without a last checkpoint: nobody needs the data afterwards.
        self.process = room.start(command, end=signal.SIGQUIT, env=environment(), cwd="/", **owner)
        wait_for_port(self.port, self.process)
        self.wait_until_ready()

    def program(self, name):
        return os.path.join(self.programs, name)

    def uri(self, database, user="bench"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def wait_until_ready(self):
        for _ in range(200):
            try:
                return self.ask("postgres", "SELECT 1")
            except Failure:
                time.sleep(0.05)
        raise Failure("PostgreSQL does not get ready.")

    def psql(self, database, *arguments, **variables):
        """Runs psql and gives what it prints."""
        given = [part for name, value in variables.items() for part in ("-v", f"{name}={value}")]
        command = [self.program("psql"), "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", self.uri(database), *given, *arguments]
        return self.room.run(command, env=environment())

    def ask(self, database, sql):
        return self.psql(database, "-c", sql).strip()

    def rows(self, database, sql):
        text = self.psql(database, "-F", "\t", "-c", sql)
        return [line.split("\t") for line in text.splitlines()]


def fill(town):
    """Puts the data in, set by set; the schema and the networks are there already."""
    cluster, world = town.cluster, town.world
    cluster.psql(town.name, "-f", os.path.join(HERE, "private.sql"), **world.numbers)
    cluster.psql(town.record, "-f", os.path.join(HERE, "record.sql"), **world.numbers)
    receipts = town.room.file(f"{town.name}-receipts")
    pepper = secret(town.data, "receipt-pepper")
    with open(receipts, "w") as file:
        for index in range(world.messages):
            lookup = hmac.digest(pepper, world.receipt(index), "sha256").hex()
            file.write(f"\\\\x{lookup}\t{world.id(6_000_000 + index)}\t{index % world.networks}\n")
    town.cluster.psql(town.name, "-c", f"\\copy bench.receipt FROM '{receipts}'")
    os.unlink(receipts)
    town.ask("INSERT INTO thread SELECT lookup, bench.k(1 + n), message_id FROM bench.receipt ORDER BY 1")
    town.ask("VACUUM ANALYZE")
    town.ask("CHECKPOINT")


def secret(data, name):
    with open(os.path.join(data, "secrets", name)) as file:
        text = file.read().strip()
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
