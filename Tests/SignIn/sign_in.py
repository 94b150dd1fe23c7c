"""People sign in by real providers: linked with a password, as a new member with an invitation, and after the keys were changed.

A server of its own has one network for each provider. Nothing but HTTP is used, as a browser has it; what a provider could lie about is
tried in Swift, with one that signs what a test wants.
"""

import argparse
import atexit
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from providers import SECRET, Browser, Canaille, Mock

PASSWORD = "richtig-pferd-batterie"


class Town:
    """A server on a private PostgreSQL in a directory that is gone afterwards."""

    def __init__(self, chorus):
        self.chorus = chorus
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chorus-sign-in-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        # PostgreSQL runs as another user than root, and has to pass.
        os.chmod(self.folder, 0o711)
        self.environment = os.environ | {"CHORUS_PASSWORD_COST": "15", "CHORUS_LOG_LEVEL": "debug"}
        self.log = self.folder / "server.log"
        self.server = subprocess.Popen(
            [chorus, "serve", "--port", "0", "--data", self.data], stdout=subprocess.DEVNULL, stderr=open(self.log, "w"),
            env=self.environment)
        atexit.register(self.stop)
        end = time.monotonic() + 100
        while not (found := re.search(r"Chorus listens on (http://[^:]+:\d+)", self.log.read_text())):
            if time.monotonic() > end:
                sys.exit(f"the server did not come: {self.log.read_text()}")
            time.sleep(0.1)
        self.url = found[1]

    @property
    def data(self):
        return str(self.folder / "town")

    def stop(self):
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(60)

    def run(self, *arguments, given="", fails=False):
        done = subprocess.run(
            [self.chorus, *arguments, "--data", self.data], env=self.environment, input=given, text=True, capture_output=True)
        if (done.returncode != 0) != fails:
            sys.exit(f"{' '.join(arguments)}: {done.stdout} {done.stderr}\n{self.log.read_text()}")
        return done.stdout.strip()

    def ask(self, method, path, body=None, browser=None, token=None, status=(200, 201, 204)):
        """As the page asks: with the browser's cookies, and keeping what is set."""
        host = self.url.removeprefix("http://")
        headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
        if token:
            headers["Authorization"] = "Bearer " + token
        if browser:
            headers["Cookie"] = "; ".join(f"{one.name}={one.value}" for one in browser.cookies if one.name.startswith("chorus"))
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status in status, f"{method} {path}: {answer.status} {text}"
        if browser:
            self.keep(browser, answer)
        return json.loads(text) if text.startswith("{") else text

    def keep(self, browser, answer):
        answer.info = lambda: answer.headers
        browser.cookies.extract_cookies(answer, urllib.request.Request(self.url + "/"))


def sign_in(town, slug, provider, subject, what, browser=None):
    """From the page to the provider and back. Returns the browser and where it ended up."""
    browser = browser or Browser(town.url)
    begun = town.ask("POST", f"/v1/sign-in/{slug}", what, browser)
    page = browser.open(begun["authorizationUrl"])
    if not page.url.startswith(town.url):
        page = provider.sign_in(browser, page, subject)
    assert page.url.startswith(f"{town.url}/v1/sign-in/{slug}/callback?"), f"{page.url}: {page.text[:500]}"
    assert page.status == 303, f"{page.status} {page.text}"
    return browser, page.location


def me(town, browser):
    return town.ask("GET", "/v1/me", browser=browser, status=(200, 401))


def live(town, slug, provider):
    """All that a network does with its provider."""
    token = town.run("token", "create", "--role", "coordinator", "--network", slug)
    network = town.ask("GET", "/v1/networks", token=token)["items"][0]["id"]
    client, secret = provider.register(f"{town.url}/v1/sign-in/{slug}/callback")
    file = town.folder / "secret"
    file.write_text(secret + "\n")
    given = ["network", "provider", "set", slug, "--issuer", provider.issuer, "--client-id", client, "--name", "Stadt"]
    town.ask("GET", f"/v1/sign-in/{slug}", status=(404,))
    town.run(*given, "--secret-file", str(file), fails=True)
    report = json.loads(town.run(*given, "--secret-file", str(file), "--network-agrees"))
    assert report["callback"] == f"/v1/sign-in/{slug}/callback" and report["hasSecret"] and "secret" not in report, report
    assert town.ask("GET", f"/v1/sign-in/{slug}")["name"] == "Stadt"

    # Nobody yet.
    stranger, place = sign_in(town, slug, provider, "ada", {"purpose": "signIn"})
    assert place == f"/#/sign-in/refused/unknown/{slug}", place
    assert me(town, stranger)["status"] == 401

    # With an account: linked with the password, then by the provider alone.
    town.run(
        "account", "create", "--email", f"ada@{slug}.example", "--name", "Ada", "--network", slug, "--role", "member", given=PASSWORD + "\n")
    browser = Browser(town.url)
    town.ask("POST", "/v1/sessions", {"email": f"ada@{slug}.example", "password": PASSWORD}, browser)
    ada = me(town, browser)["id"]
    _, place = sign_in(town, slug, provider, "ada", {"purpose": "link", "password": PASSWORD}, browser)
    assert place == "/#/me/security", place
    fresh, place = sign_in(town, slug, provider, "ada", {"purpose": "signIn"})
    assert place == "/" and me(town, fresh)["id"] == ada
    link = town.ask("GET", "/v1/me/provider-links", browser=fresh)["items"][0]
    assert link["isCurrent"] and link["issuer"] == provider.issuer, link
    # The page that its link leads to is there.
    assert fresh.open(link["signOutUrl"]).status == 200, link

    # New, with an invitation.
    tomorrow = datetime.date.today() + datetime.timedelta(days=2)
    code = town.ask("POST", f"/v1/networks/{network}/invitations", {"count": 1, "expiresOn": str(tomorrow)}, token=token)["codes"][0]
    read = town.ask("GET", "/v1/consent-texts/membership")["version"]
    join = {
        "purpose": "join", "invitation": code, "email": f"bo@{slug}.example", "displayName": "Bo", "locale": "de", "consent": read}
    bo, place = sign_in(town, slug, provider, "bo", join)
    assert place == "/" and me(town, bo)["displayName"] == "Bo", place
    assert me(town, bo)["membershipConsent"] == "given"
    town.ask("POST", f"/v1/sign-in/{slug}", join, status=(422,))

    # The same way back twice.
    begun = town.ask("POST", f"/v1/sign-in/{slug}", {"purpose": "signIn"}, again := Browser(town.url))
    carried = [(one.name, one.value) for one in again.cookies if one.name.startswith("chorus")]
    page = provider.sign_in(again, again.open(begun["authorizationUrl"]), "ada")
    assert page.location == "/", page.location
    connection = http.client.HTTPConnection(town.url.removeprefix("http://"), timeout=60)
    connection.request("GET", page.url.removeprefix(town.url), headers={"Cookie": "; ".join(f"{a}={b}" for a, b in carried)})
    assert connection.getresponse().headers["Location"] == f"/#/sign-in/refused/provider/{slug}"

    # The provider changes its keys.
    provider.rotate()
    fresh, place = sign_in(town, slug, provider, "ada", {"purpose": "signIn"})
    assert place == "/" and me(town, fresh)["id"] == ada

    town.ask("DELETE", f"/v1/me/provider-links/{network}", browser=browser)
    assert me(town, fresh)["status"] == 401
    _, place = sign_in(town, slug, provider, "ada", {"purpose": "signIn"})
    assert place == f"/#/sign-in/refused/unknown/{slug}", place
    audit = town.ask("GET", f"/v1/networks/{network}/audit", token=token)["items"]
    assert [one["content"]["after"]["issuer"] for one in audit if one["kind"] == "provider"] == [provider.issuer], audit
    print(f"{slug}: linked, joined, replayed in vain, keys changed, unlinked")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--chorus", required=True)
    town = Town(parser.parse_args().chorus)
    full, simple = Canaille(), Mock()
    for name in ("ada", "bo"):
        full.person(name, f"password of {name}")
    for slug, provider in (("canaille", full), ("mock", simple)):
        town.run("network", "create", slug, "--name", "Netz", "--employer", "Stadt")
        try:
            live(town, slug, provider)
        except AssertionError:
            sys.stderr.write("".join(line for line in open(town.log) if "provider" in line))
            raise
    town.stop()
    log = town.log.read_text()
    for secret in (SECRET, "eyJ", "code=", "code_verifier", "@canaille.example", PASSWORD):
        assert secret not in log, f"{secret} is in the log"


main()
