"""Measures what idle and slow connections do to busy ones, and how much memory they take."""

import argparse
import http.client
import json
import multiprocessing
import os
import re
import select
import socket
import subprocess
import time

from processes import Failure, conduct, environment, free_port, last_words, resident_mebibytes

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "
BODY = b"POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
# Some megabytes of answers, of which next to nothing is read.
READ = b"GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n" * 30


class Member:
    """One connection of the crowd; where the server ends it, it comes again at once, as an attacker would."""

    def __init__(self, crowd, number, kind):
        self.crowd, self.number, self.kind = crowd, number, kind
        self.socket = None
        self.come()

    def come(self):
        self.leave()
        self.socket = socket.socket()
        if self.kind == "reader":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Twenty addresses, as no address may have all places.
        self.socket.bind((f"127.0.1.{self.number % 20 + 1}", 0))
        self.socket.connect(("127.0.0.1", self.crowd.port))
        self.socket.setblocking(False)
        first = {"head": HEAD, "body": BODY, "reader": READ}.get(self.kind)
        if first:
            self.try_to(self.socket.send, first)
        self.crowd.watch(self)

    def try_to(self, action, *values):
        try:
            return action(*values)
        except BlockingIOError:
            return None
        except OSError:
            self.crowd.ended.append(self)
            return None

    def drip(self):
        if self.kind in ("head", "body"):
            self.try_to(self.socket.send, b"x")
        elif self.kind == "reader":
            self.try_to(self.socket.recv, 1)

    def leave(self):
        if self.socket:
            self.crowd.forget(self)
            self.socket.close()


class Crowd:
    """All of them, in one process with one thread."""

    def __init__(self, port, idle, slow):
        self.port = port
        self.poll = select.epoll()
        self.by_file = {}
        self.ended = []
        self.cuts = {"idle": 0, "head": 0, "body": 0, "reader": 0}
        kinds = ["idle"] * idle + [("head", "body", "reader")[place % 3] for place in range(slow)]
        self.members = [Member(self, number, kind) for number, kind in enumerate(kinds)]

    def watch(self, member):
        self.by_file[member.socket.fileno()] = member
        # A reader leaves what comes where it is.
        self.poll.register(member.socket, select.EPOLLHUP | (0 if member.kind == "reader" else select.EPOLLIN))

    def forget(self, member):
        if self.by_file.pop(member.socket.fileno(), None):
            self.poll.unregister(member.socket)

    def live(self, pipe):
        slow = [member for member in self.members if member.kind != "idle"]
        turn, part = time.monotonic(), 0
        while not pipe.poll():
            for file, _ in self.poll.poll(0.02):
                self.ended.append(self.by_file[file])
            ended, self.ended = set(self.ended), []
            for member in ended:
                self.cuts[member.kind] += 1
                member.come()
            # Each once a second, not all at the same moment.
            if time.monotonic() - turn >= 0.02:
                turn, part = turn + 0.02, (part + 1) % 50
                for member in slow[part::50]:
                    member.drip()
        pipe.send(self.cuts)


def crowd_process(pipe, port, idle, slow):
    crowd = Crowd(port, idle, slow)
    pipe.send("here")
    crowd.live(pipe)


def ask(port, method, path, token=None, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise Failure(f"{method} {path}: {answer.status} {text[:200]}")
    return json.loads(text)


class Load:
    """What wrk says of one run."""

    def __init__(self, room, url, token, busy, seconds):
        headers = ["-H", f"Authorization: Bearer {token}"]
        text = room.run(["wrk", "-t2", f"-c{busy}", f"-d{seconds}s", "--timeout", "30s", "--latency", *headers, url])
        units = {"us": 1e-3, "ms": 1, "s": 1e3}
        self.p50, self.p99 = (
            float(found[0]) * units[found[1]]
            for found in (re.search(rf"{share}%\s+([\d.]+)(us|ms|s)", text).groups() for share in (50, 99))
        )
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
        self.faults = re.findall(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", text)


def start(room, program):
    port = free_port()
    settings = dict(CHORUS_PORT=str(port), CHORUS_REQUESTS_PER_MINUTE="1000000000", CHORUS_DATA=room.file("data"))
    child = room.start([program, "demo", "--json"], env=environment(**settings), stdout=subprocess.PIPE)
    line = child.stdout.readline()
    if not line:
        raise Failure(f"The server did not start: {last_words(child)}")
    return child, port, json.loads(line)


def report(name, load, memory):
    print(f"{name:32} {load.rate:10,.0f} {load.p50:10.2f} {load.p99:10.2f} {memory:10.0f}", flush=True)


def benchmark(room, options):
    child, port, town = start(room, options.program)
    person = next(sign_in for sign_in in town["signIns"] if sign_in["role"] == "member")
    session = ask(port, "POST", "/v1/sessions", body={key: person[key] for key in ("email", "password")})
    network = session["memberships"][0]["network"]
    url = f"http://127.0.0.1:{port}/v1/networks/{network}/events"
    complaints = []

    def run(name, seconds):
        load = Load(room, url, session["token"], options.busy, seconds)
        report(name, load, resident_mebibytes(child.pid))
        complaints.extend(f"{name}: {fault}" for fault in load.faults)
        return load

    print(f"{'':32} {'requests/s':>10} {'p50 ms':>10} {'p99 ms':>10} {'RSS MiB':>10}")
    run("warming up", 5)
    before = run(f"{options.busy} busy alone", options.seconds)
    memory = resident_mebibytes(child.pid)
    ours, theirs = multiprocessing.Pipe()
    began = time.monotonic()
    crowd = multiprocessing.Process(target=crowd_process, args=(theirs, port, options.idle, options.slow), daemon=True)
    crowd.start()
    ours.recv()
    took = time.monotonic() - began
    print(f"{options.idle} idle and {options.slow} slow ones have come in {took:.1f} s; RSS {resident_mebibytes(child.pid):.0f} MiB")
    beside = run("beside the crowd", max(options.seconds, 40))
    full = resident_mebibytes(child.pid)
    ours.send("go")
    cuts = ours.recv()
    crowd.join()
    time.sleep(2)
    run("after it", options.seconds)
    print(f"p99 beside the crowd / alone: {beside.p99 / before.p99:.2f}; memory {memory:.0f} -> {full:.0f} MiB; cut: {cuts}")
    for kind in ("head", "body", "reader"):
        if options.slow >= 3 and not cuts[kind]:
            complaints.append(f"no slow {kind} was cut")
    if full - memory > options.memory:
        complaints.append(f"memory grew by {full - memory:.0f} MiB")
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=os.path.join(ROOT, ".build/release/chorus"), help="the server; built by default")
    parser.add_argument("--idle", type=int, default=5_000, help="connections that say nothing")
    parser.add_argument("--slow", type=int, default=500, help="slow heads, bodies and readers, a third each")
    parser.add_argument("--busy", type=int, default=200, help="connections of wrk")
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("--memory", type=int, default=600, help="MiB by which the server may grow")
    options = parser.parse_args()
    conduct(lambda room: benchmark(room, options))


if __name__ == "__main__":
    main()
