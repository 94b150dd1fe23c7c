"""The made-up town that people of the tests live in, and what its operator does."""

import csv
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


class Town:
    """`chorus demo` in a directory that is gone afterwards. The mix happens when a test wants it, and never by itself."""

    def __init__(self, chorus, address=None, ready=None, data=None):
        self.chorus, self.server = chorus, None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chorus-browser-"))
        # PostgreSQL runs as another user than root, and has to pass.
        os.chmod(self.folder, 0o711)
        self.data = data or str(self.folder / "town")
        ready = ready or self.start()
        self.url = address or ready["url"]
        self.network, self.sign_ins = ready["network"], ready["signIns"]
        self.home = f"/v1/networks/{self.network}"
        self.bearers, self.others = {}, []

    def start(self):
        log = self.folder / "server.log"
        self.server = subprocess.Popen(
            [self.chorus, "demo", "--json", "--port", "0", "--data", self.data, "--mix-every", "24h", "--password-cost", "15"],
            stdout=subprocess.PIPE, stderr=open(log, "w"), text=True)
        line = self.server.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError("The server did not start:\n" + log.read_text())
        return json.loads(line)

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(60)
            except subprocess.TimeoutExpired:
                self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments):
        done = subprocess.run([self.chorus, *arguments, "--data", self.data], text=True, capture_output=True)
        assert done.returncode == 0, f"chorus {' '.join(arguments)}: {done.stderr[-2000:]}"
        return done.stdout

    def mix(self):
        """What lies in the inbox comes out of it, as it does on the clock."""
        self.run("mix", "--now")

    def sign_in(self, role, place=0):
        return [one for one in self.sign_ins if one["role"] == role][place]

    def ask(self, method, path, body=None, role=None, bearer=None):
        """A program's request, for what no person of the tests does."""
        if role and role not in self.bearers:
            given = {name: self.sign_in(role)[name] for name in ("email", "password")}
            self.bearers[role] = self.ask("POST", "/v1/sessions", given)["token"]
        headers = {"Content-Type": "application/json"}
        if bearer or role:
            headers["Authorization"] = f"Bearer {bearer or self.bearers[role]}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method)) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def open_round(self):
        """A round that everybody may answer, with a title of its own."""
        at = lambda days: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86_400))
        texts = ["Ich habe Zeit für das, was zählt.", "Wir helfen einander.", "Ich bleibe gern."]
        made = self.ask("POST", f"{self.home}/rounds", {
            "title": f"Wie geht es im Herbst? {time.time():.0f}", "opensAt": at(-0.01), "closesAt": at(14), "scheme": "S1",
            "items": [{"text": text, "theme": None} for text in texts], "audience": {"kind": "network"}}, role="coordinator")
        self.ask("PUT", f"{self.home}/rounds/{made['id']}/opening", role="coordinator")
        return made

    def newcomer(self, name):
        """Somebody with an account who has never been at any device."""
        expires = (datetime.date.today() + datetime.timedelta(days=7)).isoformat()
        made = self.ask("POST", f"{self.home}/invitations", {"count": 1, "expiresOn": expires}, role="coordinator")
        given = {"email": f"neu{os.urandom(3).hex()}@musterhafen.example", "password": "lange-genug-und-selten-7"}
        consent = self.ask("GET", "/v1/consent-texts/membership")["version"]
        self.ask("POST", "/v1/accounts", given | {
            "invitation": made["codes"][0], "displayName": name, "locale": "de", "consent": consent})
        return given

    def newcomers(self, count):
        """API tokens of other members; the same each time, as long as they suffice."""
        if len(self.others) < count:
            self.others += self.import_members(count - len(self.others))
        return self.others[:count]

    def import_members(self, count):
        roster, made = self.folder / "roster.csv", self.folder / "tokens.csv"
        made.unlink(missing_ok=True)
        units = [one["name"] for one in self.ask("GET", f"{self.home}/units", role="coordinator")["items"]]
        stem = os.urandom(4).hex()
        rows = [f"{stem}{n}@musterhafen.example,Person {stem}{n},{units[n % 2]},de" for n in range(count)]
        roster.write_text("\n".join(["email,displayName,unit,locale", *rows, ""]))
        self.run("account", "import", str(roster), "--network", self.network, "--tokens", str(made))
        with open(made, newline="") as file:
            return [row["token"] for row in csv.DictReader(file)]

    def crowd(self, *arguments, bearers):
        """Others act through the same anonymous.js, without a browser."""
        command = ["node", str(HERE / "crowd.mjs"), self.url, self.network, *arguments]
        done = subprocess.run(command, input="\n".join(bearers), text=True, capture_output=True)
        assert done.returncode == 0, f"crowd: {done.stderr[-2000:]}"
