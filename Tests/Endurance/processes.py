"""What the endurance tests start: PostgreSQL, servers and commands, in a directory that is gone afterwards."""

import atexit
import csv
import glob
import http.client
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PASSWORD = "lange-genug-und-selten-7"


def as_postgres():
    """PostgreSQL refuses to run as root; then it runs as the user that its package made."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def wait(found, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.05)
    raise TimeoutError(f"{what} did not come in {seconds} s")


def children(parent):
    """Process ids of the living children of a process (proc(5))."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = pathlib.Path(path).read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(path.split("/")[2]))
    return found


def resident(pid):
    """Resident memory of a process in MiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def stall(pids, seconds):
    """Stops processes for a while."""
    for name in (signal.SIGSTOP, signal.SIGCONT):
        for pid in pids:
            try:
                os.kill(pid, name)
            except ProcessLookupError:
                pass
        if name == signal.SIGSTOP:
            time.sleep(seconds)


class Room:
    """A directory of one run; what was started in it ends with it."""

    def __init__(self, name):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"chorus-{name}-"))
        # PostgreSQL runs as another user than root, and has to pass.
        os.chmod(self.folder, 0o711)
        self.ends = []
        atexit.register(self.close)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def close(self):
        while self.ends:
            self.ends.pop()()
        shutil.rmtree(self.folder, ignore_errors=True)

    def at_end(self, body):
        self.ends.append(body)


class Postgres:
    """A PostgreSQL outside of any server that can be killed and started again.

    A commit is written before it is acknowledged, as ever; nobody waits for the disk, because what a killed process has written
    is the kernel's, and a recovery that first synchronises a thousand files leaves little time to kill it again.
    """

    def __init__(self, room, commit="on"):
        self.commit = commit
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
        if not programs:
            sys.exit("There is no PostgreSQL server here. Install one: apt-get install postgresql")
        self.programs, self.owner = programs[-1], as_postgres()
        self.home = room.folder / "postgres"
        self.home.mkdir(mode=0o711)
        if self.owner:
            os.chown(self.home, self.owner["user"], self.owner["group"])
        self.data, self.log = self.home / "data", room.folder / "postgres.log"
        subprocess.run(
            [f"{self.programs}/initdb", "-D", self.data, "-U", "chorus_migrator", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd="/", **self.owner)
        self.process = None
        room.at_end(self.kill)
        self.start()
        for name in ("chorus", "chorus_record"):
            subprocess.run(
                [f"{self.programs}/createdb", "-h", self.home, "-U", "chorus_migrator", name], check=True, cwd="/")

    def uri(self, database):
        return f"postgresql://chorus_migrator@/{database}?host={str(self.home).replace('/', '%2F')}"

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [f"{self.programs}/postgres", "-D", self.data, "-c", "listen_addresses=", "-k", self.home,
                 "-c", "max_connections=300", "-c", "fsync=off", "-c", f"synchronous_commit={self.commit}",
                 "-c", "shared_buffers=64MB"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True, **self.owner)
        wait(self.is_ready, "PostgreSQL")

    def is_ready(self):
        asked = [f"{self.programs}/pg_isready", "-q", "-h", self.home]
        return subprocess.run(asked, stdin=subprocess.DEVNULL, cwd="/").returncode == 0

    def kill(self):
        """As a power cut would: the postmaster must not see its children die and write a shut-down that a power cut does not."""
        if self.process is None:
            return
        os.kill(self.process.pid, signal.SIGSTOP)
        victims = children(self.process.pid)
        for pid in victims + [self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None
        wait(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in victims), "the end of PostgreSQL")

    def stall(self, seconds):
        stall([self.process.pid, *children(self.process.pid)], seconds)

    def ask(self, sql, database="chorus"):
        return subprocess.run(
            [f"{self.programs}/psql", "-qAtX", "-h", self.home, "-U", "chorus_migrator", "-d", database, "-c", sql],
            check=True, capture_output=True, text=True, cwd="/").stdout.strip()


class Server:
    """`chorus serve` on two databases; it has another port after each start."""

    def __init__(self, room, chorus, postgres, name, **settings):
        self.chorus, self.postgres = os.path.abspath(chorus), postgres
        self.data, self.log = room.folder / "data", room.folder / f"{name}.log"
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("CHORUS_", "PG"))} | {
            "CHORUS_DATABASE_URL": postgres.uri("chorus"), "CHORUS_RECORD_URL": postgres.uri("chorus_record"),
            "CHORUS_DATA": str(self.data), "CHORUS_PASSWORD_COST": "15", "CHORUS_LOG_LEVEL": "error",
            "CHORUS_REQUESTS_PER_MINUTE": "1000000000", "CHORUS_CALM_READS": "1000000000",
            "CHORUS_MIX_EVERY": "1h"} | settings
        self.process, self.port, self.outputs = None, None, 0
        room.at_end(self.kill)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        # Each start writes a file of its own, so that an old line is never taken for a new one.
        self.outputs += 1
        log = self.log.with_suffix(f".{self.outputs}.log")
        with open(log, "w") as output:
            self.process = subprocess.Popen(
                [self.chorus, "serve", "--port", "0"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=self.environment, start_new_session=True)

        def listening():
            if self.process.poll() is not None:
                raise RuntimeError(f"The server did not start: {log.read_text()[-2000:]}")
            return re.search(r"Chorus listens on http://[^:]+:(\d+)", log.read_text())
        self.port = int(wait(listening, "the server")[1])

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.port = None

    def stall(self, seconds):
        stall([self.process.pid], seconds)

    def words(self):
        """All that its starts have written."""
        paths = sorted(self.log.parent.glob(self.log.stem + ".*.log"), key=lambda path: path.stat().st_mtime)
        return "".join(path.read_text() for path in paths)

    def run(self, *arguments, given=""):
        done = subprocess.run([self.chorus, *arguments], env=self.environment, input=given, text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"chorus {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout.strip()

    def import_members(self, network, count, folder):
        """API tokens of new members."""
        roster, made = folder / "roster.csv", folder / "tokens.csv"
        made.unlink(missing_ok=True)
        stem = os.urandom(3).hex()
        rows = [f"{stem}{n}@staff.example,Person {n:05},,de" for n in range(count)]
        roster.write_text("\n".join(["email,displayName,unit,locale", *rows, ""]))
        self.run("account", "import", str(roster), "--network", network, "--tokens", str(made))
        with open(made, newline="") as file:
            return [row["token"] for row in csv.DictReader(file)]


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(f"{status} {text[:300]}")
        self.status, self.text = status, text


def ask(port, method, path, body=None, token=None, headers=None, timeout=20):
    """One request of a program; gives status, headers and the answer's JSON, or its text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        return send(connection, method, path, body, token, headers)
    finally:
        connection.close()


def send(connection, method, path, body=None, token=None, headers=None):
    headers = {"Content-Type": "application/json", **(headers or {})}
    if token:
        headers["Authorization"] = "Bearer " + token
    connection.request(method, path, body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode(), headers)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    kind = answer.headers.get("Content-Type", "")
    return answer.status, answer.headers, json.loads(text) if "json" in kind and text else text


def fetch(port, method, path, body=None, token=None, headers=None):
    """The answer to a request that has to succeed."""
    status, _, answer = ask(port, method, path, body, token, headers)
    if status >= 300:
        raise Refused(status, str(answer))
    return answer
