"""Holds the answers of a running server against openapi.yaml.

Two things are done. Answers that the other tests have received (a file of JSON lines) are compared with what the contract says
of their route and status. Then a made-up town is started, and schemathesis asks it everything that the contract names, as every
role and as nobody: no answer may be a 5xx, have a status or media type that is not documented, or differ from its schema; bad
input must be refused and no sign-in ignored. Most ids are real ones of the town, so that more than 404 is seen.
"""

import argparse
import atexit
import base64
import collections
import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

import requests
import schemathesis
import yaml

PROGRAMS = pathlib.Path(sys.prefix) / "bin"
ROLES = ["none", "member", "organiser", "moderator", "hr", "council", "admin", "coordinator"]

# These end the sign-in or the membership that other requests need: each is asked by somebody who can be spared.
FAREWELLS = ["eraseMe", "signOut", "endSession", "endOtherSessions", "withdrawConsent", "leaveNetwork"]
# These take rights from others, so the coordinator does them last.
LAST = ["updateMembership", "removeMembership"]

CONFIGURATION = """
continue-on-failure = true
request-timeout = 20.0
max-time = {seconds}
workers = 1

[generation]
max-examples = {examples}
database = "none"
with-security-parameters = false

# Guessed links would take the id of a round's item for the id of the round.
[phases.stateful]
inference = {{ algorithms = ["location-headers"] }}

# What is well-formed may be in conflict (409), closed (410), stale (412), too early (425) or unasked-for (428), and a rule
# between two fields (422) or on the size of a whole body (413) is beyond a schema.
[checks.positive_data_acceptance]
expected-statuses = {accepted}

# A precondition goes before the body (RFC 9110, section 13.2.2), and so does a key that is closed.
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "410", "412", "413", "415", "422", "425", "428", "429"]

# DELETE of an event cancels it, and it stays to be seen.
[checks.use_after_free]
enabled = false

# Who makes a network sees nothing inside it.
[checks.ensure_resource_availability]
enabled = false

[checks.missing_required_header]
expected-statuses = ["400", "401", "403", "404", "406", "415", "422", "428"]

# A cursor is opaque: no schema can tell a good one from a bad one.
[[operations]]
include-operation-id = {paged}
[operations.checks.positive_data_acceptance]
expected-statuses = {accepted_of_paged}
"""
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "410", "412", "413", "422", "425", "428", "429", "503"]


class Town:
    """A server of its own with the demo's data, in a directory that is gone afterwards."""

    def __init__(self, chorus):
        self.chorus = chorus
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chorus-contract-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        # PostgreSQL runs as another user than root, and has to pass.
        os.chmod(self.folder, 0o711)
        log = self.folder / "server.log"
        # Nobody asks too often: what is refused for that (429) has been asked nothing.
        environment = os.environ | {"CHORUS_REQUESTS_PER_MINUTE": "1000000000", "CHORUS_CALM_READS": "1000000000"}
        self.server = subprocess.Popen(
            [chorus, "demo", "--json", "--port", "0", "--data", self.data, "--mix-every", "1h", "--password-cost", "15"],
            stdout=subprocess.PIPE, stderr=open(log, "w"), text=True, env=environment)
        atexit.register(self.stop)
        line = self.server.stdout.readline()
        if not line:
            sys.exit("The server did not start:\n" + log.read_text())
        ready = json.loads(line)
        self.url, self.network, self.sign_ins = ready["url"], ready["network"], ready["signIns"]

    @property
    def data(self):
        return str(self.folder / "town")

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(60)

    def ask(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = "Bearer " + token
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method)) as answer:
            return json.load(answer)

    def tokens(self):
        """A bearer token for each role; nobody has none."""
        signed_in = {"none": None}
        for one in self.sign_ins:
            if one["role"] not in signed_in:
                credentials = {"email": one["email"], "password": one["password"]}
                signed_in[one["role"]] = self.ask("POST", "/v1/sessions", credentials)["token"]
        return signed_in

    def spare(self, count):
        """Tokens of new members whom nobody will miss."""
        roster, made = self.folder / "roster.csv", self.folder / "tokens.csv"
        people = [f"spare{n}@musterhafen.example,Spare {n},,en" for n in range(count)]
        roster.write_text("\n".join(["email,displayName,unit,locale"] + people) + "\n")
        subprocess.run(
            [self.chorus, "account", "import", roster, "--network", self.network, "--tokens", made, "--data", self.data],
            check=True)
        with open(made, newline="") as rows:
            return [row["token"] for row in csv.DictReader(rows)]

    def ids(self, tokens):
        """Real ids for parameters, as coordinator and moderator see them."""
        def listed(path, role="coordinator"):
            found = self.ask("GET", f"/v1/networks/{self.network}{path}", token=tokens[role])["items"]
            return [item["id"] for item in found]

        channels = listed("/channels")
        return {
            "path.network": [self.network],
            "query.network": [self.network],
            "path.event": listed("/events"),
            "path.channel": channels,
            "path.message": [id for channel in channels for id in listed(f"/channels/{channel}/messages", "moderator")],
            "path.round": listed("/rounds"),
            "path.release": listed("/releases"),
            "path.recommendation": listed("/recommendations") + listed("/recommendations?state=draft"),
            "path.membership": listed("/memberships")[:5],
        }


class Contract:
    """openapi.yaml as the server gives it."""

    def __init__(self, text):
        self.text = text
        self.operations = {
            (path, method): operation
            for path, methods in yaml.safe_load(text)["paths"].items() for method, operation in methods.items()}

    def paged(self):
        """Operations that take a cursor."""
        return [
            operation["operationId"] for operation in self.operations.values()
            if any(parameter.get("name") == "after" for parameter in operation.get("parameters", []))]

    def compare(self, recording):
        """What is wrong with answers that were recorded; each route, status and fault once."""
        schema = schemathesis.openapi.from_dict(yaml.safe_load(self.text))
        templates = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$"), path)
            for path in sorted({path for path, _ in self.operations}, key=lambda path: (path.count("{"), -len(path)))]
        faults, seen = collections.Counter(), set()
        for line in open(recording):
            answer = json.loads(line)
            path = next((path for form, path in templates if form.match(answer["path"].split("?")[0])), None)
            method, status = answer["method"].lower(), answer["status"]
            if (path, method) not in self.operations:
                if status not in (404, 405):
                    faults[f"{method} {answer['path']}: {status}, but it is not in the contract"] += 1
                continue
            seen.add((path, method, status))
            headers = {"content-type": [answer["type"]]} if answer.get("type") else {}
            response = schemathesis.Response(
                status_code=status, headers=headers, content=base64.b64decode(answer["body"]), elapsed=0,
                request=requests.Request(method.upper(), "http://127.0.0.1" + answer["path"]).prepare(), verify=False)
            try:
                schema[path][method.upper()].validate_response(response)
            except Exception as fault:
                faults[f"{method} {path} {status}: {str(fault).strip().splitlines()[0]}"] += 1
        successes = {(path, method) for path, method, status in seen if status < 400}
        print(f"   {len(seen)} routes and statuses compared, {len(successes)} of {len(self.operations)} operations with success")
        for path, method in sorted(set(self.operations) - successes):
            faults[f"no test sees a success of {method} {path}"] += 1
        return faults


def configure(file, ids, paged, token, given, seconds):
    text = CONFIGURATION.format(
        seconds=seconds, examples=given.examples, accepted=json.dumps(ACCEPTED), paged=json.dumps(paged),
        accepted_of_paged=json.dumps(ACCEPTED + ["400"]))
    if token:
        text += f"\n[auth.openapi.bearer]\nbearer = {json.dumps(token)}\n"
    for place, values in ids.items():
        name = place.replace(".", "-")
        text += f"\n[dictionaries.{name}]\nvalues = {json.dumps(values)}\n"
    text += "\n[parameters]\n"
    for place in ids:
        text += f'"{place}" = {{ dictionary = "{place.replace(".", "-")}", probability = 0.9 }}\n'
    file.write_text(text)


def test(command, folder):
    """Runs schemathesis; gives its exit code and how many cases it sent."""
    words = []
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        for line in running.stdout:
            sys.stdout.write(line)
            words.append(line)
    sys.stdout.flush()
    return running.returncode, sum(int(count) for count in re.findall(r"^  ([0-9]+) generated", "".join(words), re.M))


def selection(option, operations):
    return [word for operation in operations for word in (option, operation)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chorus", required=True, help="the server's binary")
    parser.add_argument("--answers", help="answers that other tests have recorded")
    parser.add_argument("--seconds", type=int, default=20, help="time for each role")
    parser.add_argument("--examples", type=int, default=10, help="random cases for each operation")
    parser.add_argument("--cases", type=int, help="repeat each role's run with other random cases until so many were sent")
    parser.add_argument("--role", action="append", help="only this role")
    parser.add_argument("--reports", help="directory for a record of each request")
    given = parser.parse_args()

    town = Town(os.path.abspath(given.chorus))
    with urllib.request.urlopen(town.url + "/openapi.yaml") as answer:
        contract = Contract(answer.read().decode())
    failed = []
    if given.answers:
        print("-- answers that the other tests received", flush=True)
        for fault, count in contract.compare(given.answers).items():
            print(f"   {fault} ({count} times)")
            failed.append("recorded answers")

    tokens = town.tokens()
    ids, paged = town.ids(tokens), contract.paged()
    everything = selection("--exclude-operation-id", FAREWELLS + LAST)
    runs = [(role, tokens[role], everything, given.seconds) for role in given.role or ROLES]
    if not given.role:
        for operation, token in zip(FAREWELLS, town.spare(len(FAREWELLS))):
            runs.append((f"spare: {operation}", token, selection("--include-operation-id", [operation]), 5))
        runs.append(("coordinator: last", tokens["coordinator"], selection("--include-operation-id", LAST), 10))
    for number, (name, token, operations, seconds) in enumerate(runs):
        print(f"-- as {name}", flush=True)
        file = town.folder / f"{number}.toml"
        configure(file, ids, paged, token, given, seconds)
        command = [PROGRAMS / "st", "--config-file", file, "run", town.url + "/openapi.yaml"] + operations
        # What is asked by itself has nothing that it links to.
        if name not in ROLES:
            command += ["--phases", "examples,coverage,fuzzing"]
        if given.reports:
            command += ["--report", "ndjson", "--report-ndjson-path", f"{given.reports}/{number}.ndjson"]
        sent = 0
        # Who can be spared has gone after the first run.
        wanted = given.cases if given.cases and name in ROLES else 1
        while sent < wanted:
            status, more = test(command, town.folder)
            sent += more
            if status != 0:
                failed.append(name)
            if given.cases:
                print(f"   {sent:,} cases as {name}", flush=True)
            # A run that sends nothing would go on for ever.
            if more == 0:
                break
    if failed:
        sys.exit("The contract is broken as: " + ", ".join(dict.fromkeys(failed)))


main()
