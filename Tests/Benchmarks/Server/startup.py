"""Measures how long a server takes to get ready, how much memory it has then, and how large the program is."""

import argparse
import http.client
import os
import time
from statistics import median

from cluster import Cluster
from processes import Failure, Room, environment, free_port, last_words, resident_mebibytes, stop

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
PROGRAM = os.path.join(ROOT, ".build/release/chorus")
REQUESTS = 10_000


def is_ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Start:
    """A server that was started this moment, and how many milliseconds passed until it was ready."""

    def __init__(self, room, program, settings):
        self.room = room
        self.port = free_port()
        began = time.perf_counter()
        more = dict(CHORUS_PORT=str(self.port), CHORUS_REQUESTS_PER_MINUTE="1000000000")
        self.process = room.start([program, "serve"], env=environment(**more, **settings))
        while not is_ready(self.port):
            if self.process.poll() is not None:
                raise Failure(f"The server did not start: {last_words(self.process)}")
            time.sleep(0.001)
        self.milliseconds = (time.perf_counter() - began) * 1e3

    @property
    def memory(self):
        return resident_mebibytes(self.process.pid)

    @property
    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def end(self):
        stop(self.process, self.room.children.pop(self.process))


def protected(cluster):
    """The same cluster with passwords for everybody but its superuser, as a real one has."""
    path = cluster.ask("postgres", "SHOW hba_file")
    with open(path, "w") as file:
        file.write("host all bench 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    cluster.ask("postgres", "SELECT pg_reload_conf()")
    for database in ("chorus", "chorus_record"):
        cluster.ask("postgres", f"CREATE DATABASE {database}")
    return cluster


def send_requests(port, token, paths):
    """Asks so often that whatever grows with requests has grown."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for turn in range(REQUESTS):
        connection.request("GET", paths[turn % len(paths)], headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise Failure(f"{paths[turn % len(paths)]} was answered with {answer.status}")


def measure(room, program, name, settings, turns):
    """Prints the start of one kind of cluster; the first start, which makes everything, is not among the figures."""
    def command(*arguments):
        return room.run([program, *arguments], env=environment(**settings)).strip()

    network = command("network", "create", "stadt", "--name", "Netz", "--employer", "Stadt")
    token = command("token", "create", "--role", "member", "--network", "stadt")
    times = []
    for _ in range(turns):
        server = Start(room, program, settings)
        times.append(server.milliseconds)
        server.end()
    print(f"{name}: ready after {median(times):.0f} ms (median of {turns}; {min(times):.0f} to {max(times):.0f})")
    server = Start(room, program, settings)
    # Whatever is done after the start is done.
    time.sleep(3)
    idle, threads = server.memory, server.threads
    paths = ["/v1/me", "/v1/networks", f"/v1/networks/{network}/events", f"/v1/networks/{network}/channels"]
    send_requests(server.port, token, paths)
    print(f"{name}: {idle:.1f} MiB and {threads} threads before the first request but /readyz, "
          f"{server.memory:.1f} MiB and {server.threads} threads after {REQUESTS} more")
    server.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=15, help="how often each kind of cluster is started on")
    parser.add_argument("--program", default=PROGRAM, help="the program to measure")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    with Room() as room:
        before = os.path.getsize(program) / 1e6
        stripped = room.file("stripped")
        room.run(["strip", "-o", stripped, program])
        print(f"program: {before:.1f} MB, {os.path.getsize(stripped) / 1e6:.1f} MB stripped")
        cluster = protected(Cluster(room))
        external = dict(
            CHORUS_DATA=room.file("external"), CHORUS_DATABASE_URL=cluster.uri("chorus"),
            CHORUS_RECORD_URL=cluster.uri("chorus_record"))
        measure(room, program, "a cluster that runs", external, options.turns)
        embedded = dict(CHORUS_DATA=room.file("embedded"))
        measure(room, program, "the embedded cluster, stopped", embedded, options.turns)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        raise SystemExit(f"{failure}")
