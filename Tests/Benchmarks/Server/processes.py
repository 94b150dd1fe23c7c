"""Processes and files of one run: everything that is started or written ends with it."""

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """What keeps the benchmark from going on, for people."""


class Room:
    """One directory and the processes that live in it; leaving it ends them and removes it."""

    def __init__(self):
        self.children = {}
        self.numbers = itertools.count()
        self.is_closing = False

    def __enter__(self):
        # A path of its own, short enough for a socket; others may pass through but not look around.
        self.path = tempfile.mkdtemp(prefix="chorus-bench-")
        os.chmod(self.path, 0o711)
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, lambda *_: sys.exit(130))
        return self

    def __exit__(self, *_):
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        self.is_closing = True
        for child, end in reversed(list(self.children.items())):
            stop(child, end)
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name):
        return os.path.join(self.path, name)

    def start(self, command, end=signal.SIGTERM, **options):
        """Starts a process in a group of its own, so that Ctrl-C reaches this program first.

        Its output goes to a file unless the options say otherwise; `end` is the signal that ends it.
        """
        if self.is_closing:
            raise Failure("The run is over.")
        log = open(self.file(f"{next(self.numbers)}.log"), "w+b")
        options.setdefault("stdout", log)
        options.setdefault("stderr", log)
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
        child.log = log.name
        log.close()
        self.children[child] = end
        return child

    def run(self, command, **options):
        """Runs a process to its end and gives what it printed.

        Raises Failure with its last words when it fails.
        """
        child = self.start(command, stdout=subprocess.PIPE, **options)
        output, _ = child.communicate()
        return self.over(child, output)

    def over(self, child, output):
        """Forgets a process that has ended.

        Raises Failure with its last words when it failed.
        """
        self.children.pop(child, None)
        words = last_words(child)
        os.unlink(child.log)
        if child.returncode != 0:
            raise Failure(f"{os.path.basename(child.args[0])} failed: {words} {output.decode()[-600:]}")
        return output.decode()


def conduct(benchmark):
    """Runs a benchmark in a room of its own and ends the program: with 1 when it gives complaints or fails."""
    try:
        with Room() as room:
            complaints = benchmark(room)
    except Failure as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
    for complaint in complaints:
        print(f"WRONG: {complaint}", file=sys.stderr)
    sys.exit(1 if complaints else 0)


def stop(child, end):
    """Ends a process and whatever is left of its group."""
    if child.poll() is None:
        child.send_signal(end)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    child.wait()


def last_words(child):
    with open(child.log, errors="replace") as log:
        return " ".join(log.read()[-600:].split())


def as_postgres():
    """PostgreSQL refuses to run as root; then its programs run as the user that its package made."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def environment(**more):
    """Ours without keys of a server that somebody else configured, and without their locale."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CHORUS_", "PG"))}
    return {**kept, "LC_ALL": "C", **more}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_port(port, child, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise Failure(f"{os.path.basename(child.args[0])} does not answer: {last_words(child)}")


def statistics(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None


def processor_time(root):
    """CPU seconds of a process, of its living descendants, and of those that they have waited for; 0 of none."""
    parents = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        found = statistics(pid)
        if found:
            parents[pid] = found
    tree = [str(root)]
    for pid in tree:
        tree += [child for child in parents if parents[child][1] == pid]
    return sum(int(value) for pid in tree if pid in parents for value in parents[pid][11:15]) / TICKS


def resident_mebibytes(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1024
    except OSError:
        return 0


def sync_microseconds(directory):
    """Median of 300 times one write of 8 KiB with fdatasync: a virtual disk can differ thirtyfold from hour to hour."""
    path = os.path.join(directory, "probe")
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    os.pwrite(file, b"x" * (1 << 20), 0)
    os.fsync(file)
    times = []
    for turn in range(300):
        start = time.perf_counter()
        os.pwrite(file, b"y" * 8192, 8192 * (turn % 100))
        os.fdatasync(file)
        times.append(time.perf_counter() - start)
    os.close(file)
    os.unlink(path)
    return sorted(times)[150] * 1e6
