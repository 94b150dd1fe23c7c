"""Who gets mail, in which language, and what stands in it, as an SMTP server sees it.

A server of its own gets 540 members: 500 who want mail (as often as they like), 20 who have switched it off, 20 who have never
consented. A message to an anonymous channel and a moderator's answer must cause none; a round that opens must cause exactly 500.
Some receivers are told 451 first. One click ends it.
"""

import argparse
import atexit
import collections
import concurrent.futures
import csv
import email.utils
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

from sink import Sink

SENDER, PUBLIC = "post@chorus.example", "https://chorus.example"
LOCALES = ["de", "de-simple", "en"]
SUBJECTS = {"de": "Es gibt Neuigkeiten", "de-simple": "Es gibt etwas Neues", "en": "There is news"}
SECRETS = ["Vielfalt", "vielfalt", "Migration", "Klima am Arbeitsplatz", "Sommerfest", "Person ", "zieht im Flur"]


class Town:
    """A server on a private PostgreSQL in a directory that is gone afterwards; its sendmail is msmtp, which knows the sink only."""

    def __init__(self, chorus, sink):
        self.chorus = chorus
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chorus-mail-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        # PostgreSQL runs as another user than root, and has to pass.
        os.chmod(self.folder, 0o711)
        settings = self.folder / "msmtp" / "config"
        settings.parent.mkdir()
        settings.write_text(f"account default\nhost 127.0.0.1\nport {sink.port}\ntls off\nauth off\n")
        settings.chmod(0o600)
        self.environment = os.environ | {
            "XDG_CONFIG_HOME": str(self.folder), "CHORUS_MAIL_FROM": SENDER, "CHORUS_PUBLIC_URL": PUBLIC,
            "CHORUS_SENDMAIL": shutil.which("msmtp"), "CHORUS_PASSWORD_COST": "15",
        }
        self.log = self.folder / "server.log"
        self.server = subprocess.Popen(
            [chorus, "serve", "--port", "0", "--data", self.data, "--mix-every", "1h"],
            stdout=subprocess.DEVNULL, stderr=open(self.log, "w"), env=self.environment)
        atexit.register(self.stop)
        self.port = int(wait(lambda: re.search(r"Chorus listens on http://[^:]+:(\d+)", self.log.read_text()), "the server")[1])

    @property
    def data(self):
        return str(self.folder / "town")

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(60)

    def run(self, *arguments, given=""):
        done = subprocess.run(
            [self.chorus, *arguments, "--data", self.data], env=self.environment, input=given, text=True, capture_output=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(arguments)}: {done.stderr}\n{self.log.read_text()}")
        return done.stdout.strip()

    def ask(self, method, path, body=None, token=None, status=(200, 201, 204), headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"} | (headers or {})
        if token:
            headers["Authorization"] = "Bearer " + token
        connection.request(method, path, body if isinstance(body, (str, type(None))) else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status in status, f"{method} {path}: {answer.status} {text}"
        return json.loads(text) if text.startswith("{") else text

    def digest(self):
        """Everybody's hour is now. A moment before a full hour, that one is waited for: it would be an hour of its own."""
        while time.time() % 3600 > 3590:
            time.sleep(1)
        self.run("mail", "digest", "--now")


def wait(found, what, seconds=100):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.1)
    sys.exit(f"{what} did not come in {seconds} s")


def people(town, network):
    """Addresses with tokens and locales, of 540 new members."""
    roster, made = town.folder / "roster.csv", town.folder / "tokens.csv"
    rows = [f"p{n}@staff.example,Person {n},,{LOCALES[n % 3]}" for n in range(540)]
    roster.write_text("\n".join(["email,displayName,unit,locale", *rows, ""]))
    town.run("account", "import", str(roster), "--network", network, "--tokens", str(made))
    with open(made, newline="") as file:
        return [(row["email"], row["token"], LOCALES[n % 3]) for n, row in enumerate(csv.DictReader(file))]


def choose(town, members):
    """The first 500 want mail, the next 20 have switched it off, the last 20 have never consented."""
    def one(place):
        token = members[place][1]
        if place < 520:
            town.ask("PUT", "/v1/me/consents/mail", {"textVersion": "2026-11"}, token)
        mail = "none" if 500 <= place < 520 else [None, "weekly", "daily", "atOnce"][place % 4]
        if mail:
            town.ask("PUT", "/v1/me/notifications", {"mail": mail, "calendarAlarms": True}, token)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(len(members))))


def open_round(town, home, coordinator):
    at = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    made = town.ask("POST", f"{home}/rounds", {
        "title": "Klima am Arbeitsplatz", "opensAt": at(-60), "closesAt": at(20 * 86400), "items": [{"text": "Gut?", "theme": None}],
        "audience": {"kind": "network"}, "scheme": "S1"}, coordinator)
    town.ask("PUT", f"{home}/rounds/{made['id']}/opening", token=coordinator)


def cancel_event(town, home, organiser, going):
    at = lambda days: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))
    place = f"{home}/events/" + town.ask("POST", f"{home}/events", {
        "title": "Sommerfest", "kind": "meeting", "startsAt": at(30), "endsAt": at(31)}, organiser)["id"]
    for _, token, _ in going:
        town.ask("PUT", f"{place}/rsvp", {"answer": "going"}, token)
    town.ask("DELETE", place, token=organiser)


def look_at(mails, members, code):
    """Language, headers and content of each mail, and that those of a language are the same."""
    locales = {address: locale for address, _, locale in members}
    texts, sizes, ids = collections.defaultdict(set), collections.defaultdict(set), set()
    for mail in mails:
        assert mail.sender == SENDER and len(mail.receivers) == 1, (mail.sender, mail.receivers)
        locale = locales[mail.receivers[0]]
        assert mail["To"] == mail.receivers[0] and mail["From"] == f"Chorus <{SENDER}>"
        assert mail["Subject"] == SUBJECTS[locale] and mail["Content-Language"] == locale, (locale, mail["Subject"])
        assert mail["Auto-Submitted"] == "auto-generated" and mail["Precedence"] == "bulk" and mail["MIME-Version"] == "1.0"
        assert mail.message.get_content_type() == "text/plain" and mail.message.get_content_charset() == "utf-8"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        end = re.fullmatch(rf"<({re.escape(PUBLIC)}/v1/unsubscribe/[A-Za-z0-9_-]{{59}})>", mail["List-Unsubscribe"])[1]
        assert abs(email.utils.parsedate_to_datetime(mail["Date"]).timestamp() - time.time()) < 120, mail["Date"]
        assert mail["Message-ID"].endswith("@chorus.example>")
        ids.add(mail["Message-ID"])
        assert all(len(line) <= 998 for line in mail.raw.split(b"\r\n")) and mail.raw.isascii()
        for secret in SECRETS:
            assert secret not in mail.raw.decode() and secret not in mail.text, secret
        assert code in mail.text, "the short code of the key directory"
        assert mail.text.count(end) == 1
        texts[locale].add(mail.text.replace(end, "END"))
        sizes[locale].add(len(mail.raw) - 1 * len(mail.receivers[0]) - len(locale))
    assert len(ids) == len(mails), "every mail has a name of its own"
    assert all(len(found) == 1 for found in [*texts.values(), *sizes.values()]), (texts, sizes)
    return collections.Counter(locales[mail.receivers[0]] for mail in mails)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--chorus", required=True)
    chorus = parser.parse_args().chorus
    began, sink = time.monotonic(), Sink()
    town = Town(chorus, sink)
    network = town.run("network", "create", "vielfalt", "--name", "Netzwerk Vielfalt", "--employer", "Stadt", "--key-notice-days", "0")
    home = f"/v1/networks/{network}"
    password = "lange-genug-und-selten-7"
    town.run(
        "account", "create", "--email", "k@staff.example", "--name", "K", "--network", network, "--role", "member", "--role", "coordinator",
        "--role", "moderator", "--role", "organiser", given=password + "\n")
    coordinator = town.ask("POST", "/v1/sessions", {"email": "k@staff.example", "password": password})["token"]
    members = people(town, network)
    choose(town, members)
    print(f"540 members after {time.monotonic() - began:.0f} s")

    # Nothing of the anonymous channels is ever news.
    channel = town.ask("POST", f"{home}/channels", {
        "name": "Kasten", "policy": "Freundlich.", "description": "", "themes": [], "kind": "feedback"}, coordinator)["id"]
    bearers = [token for _, token, _ in members[:20]]
    subprocess.run(["node", "Tests/Mail/post.mjs", f"http://127.0.0.1:{town.port}", network, channel, *bearers], check=True)
    town.run("mix", "--now")
    message = town.ask("GET", f"{home}/channels/{channel}/messages", token=coordinator)["items"][0]["id"]
    place = f"{home}/channels/{channel}/messages/{message}"
    town.ask("PUT", f"{place}/moderation", {"state": "open"}, coordinator)
    town.ask("POST", f"{place}/replies", {"text": "Danke, es wird geprüft."}, coordinator, status=(201, 202))
    town.run("mix", "--now")
    town.digest()
    time.sleep(3)
    assert sink.count() == 0, "somebody was told of an anonymous message"
    print("a message and its answer: no mail")

    # Five receivers are told to come later, once and twice.
    later = [members[n][0] for n in range(5)]
    sink.busy = {address: 1 + n // 4 for n, address in enumerate(later)}
    open_round(town, home, coordinator)
    town.digest()
    asked = time.monotonic()
    wait(lambda: sink.count() >= 500, "500 mails")
    print(f"500 mails {time.monotonic() - asked:.1f} s after they were asked for")
    time.sleep(3)
    mails = sink.take()
    assert sorted(mail.receivers[0] for mail in mails) == sorted(address for address, _, _ in members[:500]), len(mails)
    assert collections.Counter(sink.told_later) == {address: 1 + n // 4 for n, address in enumerate(later)}
    address = f"http://127.0.0.1:{town.port}/v1/anonymous/directory?network={network}"
    told = subprocess.run([chorus, "directory", "verify", address], capture_output=True, text=True, check=True).stdout
    code = re.search(r"Short code  (\d{4} \d{4} \d{4})", told)[1]
    print("languages:", dict(look_at(mails, members, code)))

    # One click ends it for one of them, whatever programs do that only look.
    mails.sort(key=lambda mail: mail.receivers[0] == "p9@staff.example")
    for mail in mails[-2:]:
        end = urllib.parse.urlsplit(mail["List-Unsubscribe"].strip("<>")).path
        assert "<form" in town.ask("GET", end)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    town.ask("POST", end, "List-Unsubscribe=One-Click", headers=form)
    gone = mails[-1].receivers[0]
    assert gone not in [members[n][0] for n in (0, 7, 8)]
    cancel_event(town, home, coordinator, [members[n] for n in (0, 7, 8, 505, 525)] + [one for one in members if one[0] == gone])
    town.digest()
    wait(lambda: sink.count() >= 3, "3 mails")
    time.sleep(3)
    again = sink.take()
    assert sorted(mail.receivers[0] for mail in again) == sorted(members[n][0] for n in (0, 7, 8)), [mail.receivers for mail in again]
    look_at(again, members, code)
    assert not {mail["Message-ID"] for mail in mails} & {mail["Message-ID"] for mail in again}
    assert "staff.example" not in town.log.read_text(), "the log names receivers"
    print(f"one click: no more mail. All checks passed in {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
