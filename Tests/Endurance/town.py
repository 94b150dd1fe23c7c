"""The demo's made-up town for the tests that attack it: real ids, and a sign-in of each role."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import yaml

from processes import fetch

ROLES = ["none", "member", "organiser", "moderator", "hr", "council", "admin", "coordinator"]


class Town:
    """A server with the demo's data; nothing is mixed unless a test wants it, and nobody asks too often."""

    def __init__(self, room, chorus, **settings):
        self.log = room.folder / "server.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("CHORUS_", "PG"))} | {
            "CHORUS_REQUESTS_PER_MINUTE": "1000000000", "CHORUS_CALM_READS": "1000000000"} | settings
        self.server = subprocess.Popen(
            [os.path.abspath(chorus), "demo", "--json", "--port", "0", "--data", room.folder / "town", "--mix-every", "1h",
             "--password-cost", "15"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=open(self.log, "w"), text=True, env=environment,
            start_new_session=True)
        room.at_end(self.stop)
        line = self.server.stdout.readline()
        if not line:
            sys.exit("The server did not start:\n" + self.log.read_text())
        ready = json.loads(line)
        self.url, self.network, self.sign_ins = ready["url"], ready["network"], ready["signIns"]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.home = f"/v1/networks/{self.network}"

    def stop(self):
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(60)

    @property
    def is_running(self):
        return self.server.poll() is None

    def contract(self):
        with urllib.request.urlopen(self.url + "/openapi.yaml") as answer:
            return yaml.load(answer, yaml.CSafeLoader)

    def token(self, role):
        """A bearer token of a role; nobody has none."""
        if role == "none":
            return None
        one = next(one for one in self.sign_ins if one["role"] == role)
        given = {"email": one["email"], "password": one["password"]}
        return fetch(self.port, "POST", "/v1/sessions", given)["token"]

    def ids(self, tokens):
        """Real ids for the parameters of paths, as coordinator, moderator and HR see them."""
        def listed(path, role="coordinator"):
            return [one["id"] for one in fetch(self.port, "GET", f"{self.home}{path}", token=tokens[role])["items"]]
        channels = listed("/channels")
        return {
            "network": [self.network], "event": listed("/events"), "channel": channels, "round": listed("/rounds"),
            "message": [one for channel in channels for one in listed(f"/channels/{channel}/messages", "moderator")],
            "release": listed("/releases"), "suggestion": listed("/suggestions"),
            "recommendation": listed("/recommendations") + listed("/recommendations?state=draft"),
            "purpose": ["mail", "membership"], "bench": ["network", "science"], "rule": ["openness"], "version": ["1"],
        }

    def fill(self, path, ids, random):
        """A path with real ids, mostly, and with random ones."""
        def value(found):
            known = ids.get(found[1])
            return random.choice(known) if known and random.random() < 0.9 else random_id(random)
        return re.sub(r"\{(\w+)\}", value, path)


def random_id(random):
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
