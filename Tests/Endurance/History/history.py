"""A history check in the manner of Jepsen (jepsen.io): what was acknowledged holds, whatever is killed.

Sixteen clients answer invitations, take answers back, change capacities and post anonymous messages at two servers of one
database, while PostgreSQL and the servers are killed every few seconds, as a power cut would, and started again. Each notes what
it asked, when, and what it was told; `checker.py` then judges the history.
"""

import argparse
import concurrent.futures
import json
import pathlib
import random
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from checker import Checker, figures  # noqa: E402
from client import Client, World  # noqa: E402
from processes import PASSWORD, Postgres, Room, Server, ask, fetch, wait  # noqa: E402

CLIENTS, MEMBERS_EACH = 16, 4
# The first three keep their capacity; those of the others are changed by a client each.
CAPACITIES = [3, 5, 8, 4, 4, 4]
POST_EVERY, TOKENS_EACH = 5.0, 3


def set_up(room, given):
    postgres = Postgres(room, commit="off" if given.careless else "on")
    servers = [Server(room, given.chorus, postgres, f"server{n}", CHORUS_MIX_EVERY=given.mix_every) for n in range(2)]
    servers[0].start()
    first = servers[0]
    network = first.run(
        "network", "create", "vielfalt", "--name", "Vielfalt", "--employer", "Stadt", "--key-notice-days", "0")
    roles = [word for role in ("member", "coordinator", "moderator", "organiser") for word in ("--role", role)]
    first.run("account", "create", "--email", "k@staff.example", "--name", "Staff", "--network", network, *roles,
              given=PASSWORD + "\n")
    staff = fetch(first.port, "POST", "/v1/sessions", {"email": "k@staff.example", "password": PASSWORD})["token"]
    home = f"/v1/networks/{network}"
    channel = fetch(first.port, "POST", f"{home}/channels", {
        "name": "Kasten", "policy": "Freundlich.", "description": "", "themes": [], "kind": "feedback"}, staff)["id"]
    at = lambda days: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))
    events = [
        fetch(first.port, "POST", f"{home}/events", {
            "title": f"Treffen {n}", "kind": "meeting", "startsAt": at(30), "endsAt": at(31), "capacity": capacity}, staff)
        for n, capacity in enumerate(CAPACITIES)]
    posts = CLIENTS * (int(given.seconds / POST_EVERY) + 2)
    bearers = first.import_members(network, max(CLIENTS * MEMBERS_EACH, posts // TOKENS_EACH + 1), room.folder)
    done = subprocess.run(
        ["node", HERE / "tokens.mjs", first.url, network], input="\n".join(bearers), text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"The tokens could not be fetched: {done.stderr[-2000:]}")
    tokens = [json.loads(line) for line in done.stdout.splitlines()]
    servers[1].start()
    began = time.monotonic()
    world = World(servers, network, channel, staff, events, lambda: time.monotonic() - began, given.pause)
    return postgres, world, bearers, tokens


def make_clients(world, bearers, tokens, seed):
    names = [f"Person {n:05}" for n in range(len(bearers))]
    clients = []
    for number in range(CLIENTS):
        mine = slice(number * MEMBERS_EACH, (number + 1) * MEMBERS_EACH)
        event = world.events[number] if 3 <= number < len(world.events) else None
        one = Client(world, number, list(zip(names[mine], bearers[mine])), tokens[number::CLIENTS], event, seed)
        one.post_every = POST_EVERY
        one.next_post = number * POST_EVERY / CLIENTS
        clients.append(one)
    for event, capacity in zip(world.events, CAPACITIES):
        world.note(type="capacity", event=event["id"], capacity=capacity, before=capacity, start=-1.0, end=-0.5, outcome="ok")
    return clients


class Trouble(threading.Thread):
    """Kills something every few seconds and starts it again."""

    def __init__(self, world, postgres, given):
        super().__init__(daemon=True)
        self.world, self.postgres, self.random, self.failure = world, postgres, random.Random(f"{given.seed} trouble"), None
        self.victims, self.down = given.victims, given.down
        self.expected = [["server 0"], ["postgres"]] if self.victims == "all" else []

    def run(self):
        try:
            while not self.world.is_over.wait(self.random.uniform(1.5, 5)):
                self.strike()
        except Exception as failure:
            self.failure = failure
            self.world.is_over.set()
            raise

    def strike(self):
        kinds = [["postgres"], ["server 0"], ["server 1"], ["server 0", "server 1"], ["postgres", "server 0"],
                 ["postgres", "server 1"]]
        # The shortest run has seen the end of both.
        weights = {"all": [8, 4, 4, 1, 1, 1], "postgres": [1, 0, 0, 0, 0, 0], "servers": [0, 4, 4, 1, 0, 0]}[self.victims]
        victims = self.expected.pop() if self.expected else self.random.choices(kinds, weights)[0]
        for victim in victims:
            one = self.postgres if victim == "postgres" else self.world.servers[int(victim[-1])]
            if self.random.random() < 0.5:
                # What has piled up meanwhile is under way when the end comes.
                one.stall(self.random.uniform(0.1, 0.5))
                time.sleep(self.random.uniform(0, 0.03))
            one.kill()
            now = self.world.clock()
            self.world.note(type="kill", what=victim, start=now, end=now)
        time.sleep(self.random.uniform(0, self.down))
        if "postgres" in victims:
            self.postgres.start()
        for victim in victims:
            if victim != "postgres":
                self.world.servers[int(victim[-1])].start()


def look_last(world, postgres, clients):
    """What is there once nothing is killed any more, at both servers."""
    for server in world.servers:
        wait(lambda: ask(server.port, "GET", "/readyz")[0] == 200, "a server that is ready")
    # What was abandoned is over by then.
    time.sleep(7)
    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(lambda client: look_at_all(world, client), clients))
    for event in world.events:
        wait(lambda: clients[0].attendees(clients[0].lines[1], event["id"]), "a list of attendees")
    check_counts(world, postgres)
    for _ in range(20):
        world.servers[0].run("mix", "--now")
        if postgres.ask("SELECT count(*) FROM anon_inbox") == "0":
            break
    texts, after = [], ""
    start = world.clock()
    while after is not None:
        page = fetch(world.servers[1].port, "GET", f"{world.home}/channels/{world.channel}/messages?limit=200{after}", token=world.staff)
        texts += [one["text"] for one in page["items"]]
        after = page["next"] and f"&after={page['next']}"
    world.note(type="messages", texts=texts, start=start, end=world.clock())


def look_at_all(world, client):
    for line in client.lines:
        for name, bearer in client.members:
            for event in world.events:
                wait(lambda: client.read(line, name, bearer, event["id"], final=True), f"a read at server {line.slot}")


def check_counts(world, postgres):
    """The counts of an event are those of its answers."""
    wrong = postgres.ask("""
        SELECT e.id FROM event e
        WHERE (going, waitlisted, maybe) <> (
            SELECT count(*) FILTER (WHERE r.status = 'going'), count(*) FILTER (WHERE r.status = 'waitlisted'),
                count(*) FILTER (WHERE r.status = 'maybe')
            FROM rsvp r WHERE r.network_id = e.network_id AND r.event_id = e.id)""")
    if wrong:
        world.violations.append(f"the counts of {wrong} are not those of its answers")


def report(world, seconds):
    kinds, kills = figures(world.history)
    known = sum(count for kind, count in kinds.items() if kind.endswith(" ok"))
    print(f"   {len(world.history):,} operations and observations of {CLIENTS} clients in {seconds:.0f} s")
    for kind, count in sorted(kinds.items()):
        print(f"   {count:8,} {kind}")
    print(f"   {sum(kills.values())} kills: " + ", ".join(f"{what} {count}" for what, count in sorted(kills.items())))
    messages = [one for one in world.history if one["type"] == "messages"]
    print(f"   {len(messages[0]['texts']) if messages else 0:,} messages came out of the mix")
    # A run in which nothing happened would show nothing, and one in which everything of a kind was refused nothing of that kind.
    rare = [kind for kind in ("rsvp ok", "submission ok", "capacity ok", "read", "attendees") if kinds[kind] < seconds / 10]
    if rare or known < seconds or sum(kills.values()) < 2:
        world.violations.append(f"too little happened for a verdict: {', '.join(rare)}")
    if not messages or not messages[0]["texts"]:
        world.violations.append("no message came out of the mix")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chorus", required=True, help="the server's binary")
    parser.add_argument("--seconds", type=float, default=600, help="how long the clients work; 600 by default")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of what clients and trouble choose")
    parser.add_argument("--pause", type=float, default=0.05, help="a client's mean pause between operations, in seconds; 0.05")
    parser.add_argument("--victims", choices=["all", "postgres", "servers"], default="all", help="what is killed; all by default")
    parser.add_argument("--down", type=float, default=1.5, help="how long it is away at most, in seconds; 1.5 by default")
    parser.add_argument("--mix-every", default="4s", help="how often the servers mix; 4s by default")
    parser.add_argument(
        "--careless", action="store_true", help="PostgreSQL acknowledges what it has not written; this must be found out")
    parser.add_argument("--keep", help="a file for the history, one record a line")
    given = parser.parse_args()

    room = Room("history")
    postgres, world, bearers, tokens = set_up(room, given)
    world.violations = []
    print(f"   seed {given.seed}, {len(bearers):,} members, {len(tokens):,} tokens", flush=True)
    clients = make_clients(world, bearers, tokens, given.seed)
    trouble = Trouble(world, postgres, given)
    for thread in [*clients, trouble]:
        thread.start()
    world.is_over.wait(given.seconds)
    seconds = world.clock()
    world.is_over.set()
    for thread in [*clients, trouble]:
        thread.join(60)
    hanging = sum(thread.is_alive() for thread in [*clients, trouble])
    failures = [f"{hanging} still wait for an answer after a minute"] if hanging else []
    failures += [f"{type(one.failure).__name__}: {one.failure}" for one in [*clients, trouble] if one.failure]
    try:
        if not failures:
            look_last(world, postgres, clients)
    except Exception as failure:
        failures.append(f"{type(failure).__name__}: {failure}")
    report(world, seconds)
    violations = failures + world.violations + Checker(world.history).check()
    if given.keep:
        pathlib.Path(given.keep).write_text("".join(json.dumps(one) + "\n" for one in world.history))
    for server in world.servers if violations else []:
        print(f"   last words of {server.log.stem}: {server.words()[-3000:]}")
    if violations:
        print(f"   last words of PostgreSQL: {postgres.log.read_text()[-3000:]}")
    for violation in violations[:40]:
        print(f"   VIOLATION: {violation}")
    print(f"   {len(violations)} violations")
    sys.exit(1 if violations else 0)


main()
