"""Measures how the cost of each operation grows with the data: the same work in three towns, measured in turn.

The towns have a server each and share a private PostgreSQL and the number of networks. Members, events, releases,
recommendations, messages and contributions are ten times, and a hundred times, as many.
"""

import argparse
import os
import random
import sys
import time
from statistics import median

import operations
from checks import check_rsvps, promise
from cluster import Cluster
from measure import costs, merge, send
from processes import Failure, conduct, last_words, sync_microseconds
from town import Town, commit
from world import World

FACTORS = (1, 10, 100)
CONNECTIONS = 32


def world(factor):
    # A page of 20 events is full in the smallest network too.
    return World(
        members=1000 * factor, networks=5, events=24 * factor, contributions=10_000 * factor, messages=100 * factor,
        releases=4 * factor, recommendations=24 * factor, events_asked=24)


class Again:
    """An operation whose requests each work once, and which is put back before each measurement; mixed into it."""

    def run(self, connections, seconds):
        return send(
            self.town.room, self.town.server.port, self.requests, connections, 30, self.status,
            once=self.requests.count)

    def prepare(self, seconds):
        if self.requests is None:
            self.requests = self.file(self.make())
        self.requests.next = 0
        self.put_back()

    def warm(self):
        return self.run(CONNECTIONS, 30)

    def meet(self):
        """They are the same few in all three towns, met a moment ago."""

    def strangers(self, event, members):
        """Those of a network who have not answered one of its events."""
        known = {(event * 31 + turn * 17) % self.world.others for turn in range(20)}
        return [member for member in range(members) if member not in known]

    def put_back(self):
        self.town.ask("""
            DELETE FROM rsvp r WHERE NOT EXISTS (
                SELECT FROM bench.answered a
                WHERE a.network_id = r.network_id AND a.event_id = r.event_id AND a.membership_id = r.membership_id);
            UPDATE event SET going = 20, waitlisted = 0, next_ticket = 1 WHERE going <> 20 OR waitlisted <> 0;
            """)
        self.town.ask("VACUUM rsvp, event")


class RSVPSpread(Again, operations.RSVPSpread):
    note = "8,000 answers of members who had not answered, to any events with free seats"

    def make(self):
        pick = random.Random(4)
        answers = []
        for network in range(1, self.world.networks):
            events = [pick.randrange(self.world.events_of_network) for _ in range(2000)]
            free = {event: self.strangers(event, self.world.others) for event in set(events)}
            for event in events:
                members = free[event]
                place = pick.randrange(len(members))
                members[place], members[-1] = members[-1], members[place]
                answers.append(self.answer(network, members.pop(), event))
        pick.shuffle(answers)
        return answers


class RSVPHot(Again, operations.RSVPHot):
    note = "4,000 answers of members of the large network, to one event as long as there are members, then the next"

    def make(self):
        answers = []
        for event in range(self.world.events_of_network):
            path = self.path(0, f"/events/{self.world.event(0, event)}/rsvp")
            members = self.strangers(event, self.world.hot)[:4000 - len(answers)]
            answers += [
                operations.request("PUT", path, self.world.member_token(0, member), operations.GOING)
                for member in members]
        return answers


class TokenIssue(Again, operations.TokenIssue):
    note = "3 blind signatures for each of 400 members"

    def make(self):
        return [self.asked(index, body) for index, body in enumerate(self.bodies(400))]

    def done(self, result):
        pass

    def put_back(self):
        self.town.ask("""
            DELETE FROM token_grant g WHERE NOT EXISTS (
                SELECT FROM bench.granted a
                WHERE a.network_id = g.network_id AND a.membership_id = g.membership_id AND a.key_id = g.key_id);
            """)
        self.town.ask("VACUUM token_grant")


class SubmissionPath(operations.SubmissionPath):
    amount = 2500

    def prepare(self, seconds):
        self.refill(self.amount + 400, 3 * self.amount)

    def run(self, connections, seconds):
        return send(
            self.town.room, self.town.server.port, self.requests, connections, 30, self.status, once=self.amount)


class FirstEventList(operations.FirstEventList):
    note = "800 members, each once, after an event of each network has changed"


class FirstEventDetail(operations.FirstReads, operations.EventDetail):
    name = "event detail, first reads"
    note = FirstEventList.note


class FirstReleaseTable(operations.FirstReads, operations.ReleaseTable):
    name = "release table, first reads"
    note = "each reader of each table once, after such a change"


class FirstRecommendations(operations.FirstReads, operations.RecommendationPage):
    name = "recommendations, first reads"
    note = "each reader once, after such a change"


class FirstSignIn(operations.FirstReads, operations.TokenSignIn):
    name = "sign-in by token, first"
    note = "800 members, each once, after an account has changed"

    def change(self):
        self.town.ask("UPDATE account SET is_admin = is_admin WHERE id = bench.k(5000000)")
        time.sleep(0.05)


ALL = [
    operations.EventList, operations.NotModified, operations.EventDetail, RSVPSpread, RSVPHot, SubmissionPath,
    TokenIssue, operations.Inbox, operations.ReleaseTable, operations.RecommendationPage, operations.TokenSignIn,
    FirstEventList, FirstEventDetail, FirstReleaseTable, FirstRecommendations, FirstSignIn,
]


class Growth:
    def __init__(self, options, room):
        self.options = options
        self.room = room
        self.complaints = []
        self.results = {}

    def prepare(self):
        started = time.monotonic()
        self.cluster = Cluster(self.room)
        self.towns = {
            factor: Town(self.room, self.cluster, world(factor), self.complaints, f"chorus{factor}")
            for factor in FACTORS}
        for town in self.towns.values():
            town.raise_databases()
            town.fill()
            # Everybody who answers an event of the large network queues, and everybody else gets a seat.
            town.ask("UPDATE event SET capacity = CASE WHEN network_id = bench.k(1) THEN 20 ELSE 100000 END")
            town.ask("CREATE TABLE bench.answered AS SELECT network_id, event_id, membership_id FROM rsvp")
            town.ask("CREATE TABLE bench.granted AS SELECT network_id, membership_id, key_id FROM token_grant")
            town.ask("VACUUM FULL event")
            town.ask("VACUUM ANALYZE")
        self.cluster.ask("postgres", "CHECKPOINT")
        for town in self.towns.values():
            town.start()
        wanted = self.options.only
        self.chosen = [made for made in ALL if not wanted or any(part in made.name for part in wanted)]
        self.filled = time.monotonic() - started

    def measure(self):
        for made in self.chosen:
            trio = {factor: made(town) for factor, town in self.towns.items()}
            for operation in trio.values():
                if hasattr(operation, "people"):
                    operation.people = min(operation.people, 800)
                operation.prepare(0.5)
                operation.check_sample()
                self.note(operation, operation.warm(), "while warming up")
            for turn in range(self.options.rounds):
                # Whoever is measured first is not always the same.
                for factor in FACTORS[turn % 3:] + FACTORS[:turn % 3]:
                    result = self.measure_one(trio[factor])
                    self.note(trio[factor], result, f"at ×{factor}")
                    self.results.setdefault(made, {}).setdefault(factor, []).append(result)

    def measure_one(self, operation):
        process = operation.town.server.process.pid
        if isinstance(operation, operations.FirstReads):
            return merge(self.first_reads(operation, process))
        operation.prepare(self.options.seconds)
        operation.meet()
        return costs(lambda: operation.run(CONNECTIONS, self.options.seconds), process, self.cluster)

    def first_reads(self, operation, process):
        for _ in range(5):
            operation.change()
            yield costs(operation.send_all, process, self.cluster)

    def note(self, operation, result, when):
        operation.done(result)
        if result.errors:
            operation.town.complain(f"{operation.name} {when}: {result.errors} errors")

    def print(self):
        form = "{:<28}" + "{:>10}{:>16}" * 3 + "{:>9}{:>9}"
        heads = [text for factor in FACTORS for text in (f"×{factor} req/s", "own + PG µs")]
        print(form.format("operation", *heads, "×10/×1", "×100/×1"))
        for made, results in self.results.items():
            figures = []
            if len(results) < len(FACTORS):
                continue
            for factor in FACTORS:
                rate, own, postgres = (
                    median(getattr(result, field) for result in results[factor])
                    for field in ("rate", "own", "postgres"))
                figures += [f"{rate:.0f}", f"{own:.1f} + {postgres:.1f}"]
            print(form.format(made.name, *figures, *(f"{self.ratio(results, factor):.2f}" for factor in (10, 100))))
        print()
        for made in self.results:
            print(f"{made.name}: {made.note}")
        print("own + PG µs: CPU of the server and of PostgreSQL for each request; ratios are of their sums, in rounds.")

    @staticmethod
    def ratio(results, factor):
        return median(
            (ours.own + ours.postgres) / max(1e-9, base.own + base.postgres)
            for ours, base in zip(results[factor], results[1]))

    def check(self):
        for town in self.towns.values():
            check_rsvps(town)
            alive = town.server.process.poll() is None
            promise(town, alive, "the server is still there", "" if alive else last_words(town.server.process))


def header(growth):
    sync = sync_microseconds(growth.room.path)
    load = " ".join(f"{minutes:.2f}" for minutes in os.getloadavg())
    print(f"{os.cpu_count()} cores; write + fdatasync {sync:.0f} µs; load average {load}; commit {commit()}; "
          f"median of {growth.options.rounds} rounds in turn; {CONNECTIONS} connections; filled in {growth.filled:.0f} s")
    for factor, town in growth.towns.items():
        numbers = town.world
        print(f"×{factor}: {numbers.members} members; {numbers.events} events; {numbers.contributions} contributions; "
              f"{numbers.releases * numbers.networks} releases; in {numbers.networks} networks")
    print()
    sys.stdout.flush()


def options():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/growth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="whose medians are shown; 5 by default")
    parser.add_argument("--seconds", type=float, default=0.7, help="of each measurement; 0.7 by default")
    parser.add_argument("--only", default="", help="parts of operations' names, with commas between")
    given = parser.parse_args()
    given.only = [part.strip() for part in given.only.split(",") if part.strip()]
    return given


def main(given, room):
    started = time.monotonic()
    growth = Growth(given, room)
    growth.prepare()
    header(growth)
    try:
        growth.measure()
    except Failure as failure:
        growth.complaints.append(str(failure))
    finally:
        growth.print()
    growth.check()
    print(f"{time.monotonic() - started:.0f} s in all; load average at the end {os.getloadavg()[0]:.2f}")
    return growth.complaints


if __name__ == "__main__":
    given = options()
    conduct(lambda room: main(given, room))
