"""Runs wrk and pgbench for some seconds and reads off what it cost whom."""

import glob
import os
import re
import signal
import subprocess
from dataclasses import dataclass
from statistics import median

from processes import environment, processor_time, resident_mebibytes

# Whatever was sent so many seconds before the end of a run was answered in it.
SETTLING = 0.3
HERE = os.path.dirname(os.path.abspath(__file__))
THREADS = 2


@dataclass
class Result:
    requests: int
    seconds: float
    # Milliseconds.
    p50: float
    p99: float
    # Answers with a status of 400 or more, or of another kind than expected.
    statuses: int = 0
    errors: int = 0
    bytes: int = 0
    # CPU microseconds for each request, of the one that answers and of PostgreSQL.
    own: float = 0
    postgres: float = 0
    resident: float = 0

    @property
    def rate(self):
        return self.requests / self.seconds


def costs(run, owner, cluster):
    """Runs something and notes what it cost an answering process, if there is one, and PostgreSQL."""
    before = processor_time(owner), processor_time(cluster.process.pid)
    result = run()
    after = processor_time(owner), processor_time(cluster.process.pid)
    result.own, result.postgres = ((b - a) * 1e6 / max(1, result.requests) for a, b in zip(before, after))
    if owner:
        result.resident = resident_mebibytes(owner)
    return result


def merge(results):
    """One result of many short runs: sums, means for each request, and the median of percentiles."""
    results = list(results)
    requests = sum(result.requests for result in results)

    def mean(field):
        return sum(getattr(result, field) * result.requests for result in results) / max(1, requests)

    return Result(
        requests=requests, seconds=sum(result.seconds for result in results),
        p50=median(result.p50 for result in results), p99=median(result.p99 for result in results),
        statuses=sum(result.statuses for result in results), errors=sum(result.errors for result in results),
        own=mean("own"), postgres=mean("postgres"), resident=results[-1].resident)


def load(room, script, port, arguments, connections, seconds, threads=THREADS):
    """Runs wrk; it takes whole seconds only, and is told to stop instead."""
    command = ["wrk", f"-t{min(threads, connections)}", f"-c{connections}", "-d60s", "-s", script]
    child = room.start(
        [*command, f"http://127.0.0.1:{port}", "--", *arguments], stdout=subprocess.PIPE, env=environment())
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGINT)
    return room.over(child, child.communicate(timeout=30)[0])


def send(room, port, requests, connections, seconds, expected=None, once=None):
    """Sends prepared requests.

    Those that were taken are not sent again. With an expected status every single answer is looked at, which costs wrk
    more. With `once`, so many are sent, each once, however long that takes, up to the seconds.
    """
    threads = 1 if once else THREADS
    arguments = [requests.path, requests.offsets, requests.next, requests.count, threads, expected or 0, once or 0,
                 max(0, round((seconds - SETTLING) * 1e6))]
    output = load(
        room, os.path.join(HERE, "load.lua"), port, [str(argument) for argument in arguments], connections, seconds,
        threads)
    fields = re.search(r"^RESULT (.*)$", output, re.M).group(1).split()
    count, duration, p50, p99, statuses, failures, bytes, most, odd, least = map(float, fields)
    if statuses + failures + odd == 0:
        requests.settled.append(range(requests.next, requests.next + int(least) * threads))
    requests.next += int(most) * threads
    return Result(
        requests=int(count), seconds=duration / 1e6, p50=p50 / 1e3, p99=p99 / 1e3, statuses=int(statuses + odd),
        errors=int(statuses + failures + odd), bytes=int(bytes))


def send_as_peer(room, script, port, operation, ids, connections, seconds):
    """Sends the yardstick's own requests, by its own script."""
    output = load(room, script, port, [operation, ids], connections, seconds)
    rate, p50, p99, _, count, errors = map(float, re.search(r"^R (.*)$", output, re.M).group(1).split())
    return Result(
        requests=int(count), seconds=count / rate if rate else 1, p50=p50, p99=p99, errors=int(errors))


def transact(room, cluster, database, user, scripts, clients, seconds):
    """Runs pgbench with prepared statements; percentiles are of every tenth transaction."""
    logs = room.file("pgbench-log")
    command = [
        cluster.program("pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-l",
        f"--log-prefix={logs}", "--sampling-rate=0.1", "-D", "turn=0"]
    for script in scripts:
        command += ["-f", script]
    output = room.run([*command, cluster.uri(database, user)], env=environment(), stderr=subprocess.STDOUT)
    times = []
    for path in glob.glob(logs + "*"):
        with open(path) as file:
            times += [int(line.split()[2]) for line in file]
        os.unlink(path)
    times = sorted(times) or [0]
    count = int(re.search(r"transactions actually processed: (\d+)", output).group(1))
    failed = int((re.search(r"number of failed transactions: (\d+)", output) or [0, 0])[1])
    return Result(
        requests=count, seconds=count / max(1e-9, float(re.search(r"tps = ([\d.]+)", output).group(1))),
        p50=times[len(times) // 2] / 1e3, p99=times[len(times) * 99 // 100] / 1e3, errors=failed)
