"""sqlmap at level 3 on five endpoints finds nothing, and finds the one that is there to be found.

sqlmap asks through a relay that counts the answers, comes from another loopback address each time (so that the brakes on one
address do not keep it from testing), and fills anonymous bodies up to their fixed size. An endpoint that really can be injected,
on a PostgreSQL of its own, shows that a "nothing" of the same command means something.
"""

import argparse
import collections
import http.client
import http.server
import itertools
import json
import pathlib
import re
import subprocess
import sys
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from processes import Postgres, Room  # noqa: E402
from town import Town  # noqa: E402

# All that sqlmap has for PostgreSQL at this level: boolean, error, union, stacked and time-based, in parameters and headers.
OPTIONS = [
    "--batch", "--level=3", "--dbms=PostgreSQL", "--disable-coloring", "--flush-session", "--ignore-code=*", "--timeout=60",
    "--retries=1", "--skip-waf", "--drop-set-cookie"]
SIZES = [2_048, 8_192, 32_768]
# A run that mostly saw the brakes has tested the brakes.
MOST_BRAKED = 0.1


class Relay(http.server.ThreadingHTTPServer):
    """Passes requests on to the server and notes what it answers."""

    daemon_threads = True

    def __init__(self, port):
        self.target, self.statuses, self.numbers = port, collections.Counter(), itertools.count()
        super().__init__(("127.0.0.1", 0), Passing)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self):
        """Another loopback address for each request."""
        number = next(self.numbers)
        return f"127.{1 + number // 62_500 % 200}.{number // 250 % 250}.{1 + number % 250}"


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=60, source_address=(self.server.address(), 0))
        try:
            headers = {name: value for name, value in self.headers.items() if name not in ("Host", "Content-Length", "Connection")}
            # What no address can hold is encoded, as other clients would.
            path = urllib.parse.quote(self.path, safe="/?&=%:+,;@!$'()*~-._")
            line.request(self.command, path, self.padded(body) or None, headers)
            answer = line.getresponse()
            text = answer.read()
            self.server.statuses[answer.status] += 1
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except (OSError, http.client.HTTPException) as error:
            self.server.statuses[type(error).__name__] += 1
            self.close_connection = True
        finally:
            line.close()

    do_POST = do_GET

    @staticmethod
    def padded(body):
        try:
            given = json.loads(body)
        except ValueError:
            return body
        if not isinstance(given, dict) or "pad" not in given:
            return body
        given["pad"] = ""
        length = len(json.dumps(given).encode())
        given["pad"] = "0" * (next((size for size in SIZES if size >= length), length) - length)
        return json.dumps(given).encode()

    def log_message(self, *_):
        pass


class Careless(http.server.ThreadingHTTPServer):
    """What nobody should write: a parameter that is pasted into SQL."""

    daemon_threads = True

    def __init__(self, postgres):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                given = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("id", [""])[0]
                try:
                    text = postgres.ask(f"SELECT name FROM (VALUES ('1', 'anna'), ('2', 'bert')) AS person (id, name) WHERE id = '{given}'")
                except subprocess.CalledProcessError:
                    text = "error"
                self.send_response(200)
                self.end_headers()
                self.wfile.write(f"<p>{text}</p>".encode())

            def log_message(self, *_):
                pass
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def endpoints(town):
    """Name, address and further options of each endpoint; a star marks a place of its own."""
    tokens = {role: town.token(role) for role in ("coordinator", "moderator", "hr")}
    ids = town.ids(tokens)
    bearer = lambda role: [f"--headers=Authorization: Bearer {tokens[role]}"]
    posted = lambda body: ["--method=POST", "--headers=Content-Type: application/json", "--data=" + json.dumps(body)]
    receipt = "A" * 43
    return {
        # Wrong passwords of one account are braked, whatever address they come from; a password stands in no statement.
        "sign-in": ("/v1/sessions", ["-p", "email", *posted({"email": "nobody@example.org", "password": "lang-genug-und-falsch"})]),
        "events": (f"{town.home}/events?from=2026-01-01T00:00:00Z&to=2029-01-01T00:00:00Z&kind=meeting&limit=20", bearer("coordinator")),
        "id": (f"{town.home}/events/{ids['event'][0]}*", bearer("coordinator")),
        "tables": (f"/v1/hr{town.home[3:]}/releases/{ids['release'][0]}*/tables/item*", bearer("hr")),
        "inbox": ("/v1/anonymous/inbox", ["-p", "receiptId", *posted({"receiptId": receipt, "pad": ""})]),
    }


def run(room, name, url, options):
    """What sqlmap says about an endpoint."""
    command = ["sqlmap", "-u", url, *OPTIONS, *options, f"--output-dir={room.folder / name}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def verdict(words):
    """What was tested and what was found."""
    tested = re.findall(r"testing for SQL injection on (.+)", words)
    found = re.findall(r"^Parameter: (.+)", words, re.M)
    is_clear = "all tested parameters do not appear to be injectable" in words
    return tested, found, is_clear


def attack(room, town, name, path, options, least):
    relay = Relay(town.port)
    words = run(room, name, f"http://127.0.0.1:{relay.server_port}{path}", options)
    tested, found, is_clear = verdict(words)
    asked, faults = sum(relay.statuses.values()), []
    if found or not is_clear:
        faults.append(f"sqlmap found {found or 'something'}: {words[-1500:]}")
    if not tested or asked < least:
        faults.append(f"sqlmap has not really tested: {asked} requests, {tested}: {words[-1500:]}")
    # What is refused at the door tests no statement; of sign-ins a refusal is the answer.
    if not relay.statuses[401 if name == "sign-in" else 200]:
        faults.append("nobody was let in")
    if relay.statuses[429] > MOST_BRAKED * asked:
        faults.append(f"{relay.statuses[429]} of {asked} requests were braked")
    if broken := {status: count for status, count in relay.statuses.items() if not isinstance(status, int) or status >= 500}:
        faults.append(f"answers: {broken}")
    answers = ", ".join(f"{status} {count:,}" for status, count in sorted(relay.statuses.items(), key=str))
    print(f"   {name}: {asked:,} requests ({answers}), tested {len(tested)} places, found {len(found)}", flush=True)
    return [f"{name}: {fault}" for fault in faults]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chorus", required=True, help="the server's binary")
    parser.add_argument("--only", help="only this endpoint")
    parser.add_argument("--least", type=int, default=200, help="fewer requests are no test; 200 by default")
    given = parser.parse_args()

    room = Room("sqlmap")
    careless = Careless(Postgres(room))
    _, found, _ = verdict(run(room, "control", f"http://127.0.0.1:{careless.server_port}/?id=1", []))
    print(f"   the endpoint that can be injected: found {len(found)}", flush=True)
    faults = [] if found else ["sqlmap does not find what is there to be found"]
    town = Town(room, given.chorus)
    for name, (path, options) in endpoints(town).items():
        if given.only in (None, name):
            faults += attack(room, town, name, path, options, given.least)
    for fault in faults:
        print(f"   FAULT: {fault}")
    print(f"   {len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
