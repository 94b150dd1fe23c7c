"""What is measured: each operation as whole HTTP requests, with the answer that they must have."""

import array
import base64
import json
import os
import random
import socket
import time

from measure import send
from processes import Failure


def request(method, path, token=None, body=None, headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is None:
        return ("\r\n".join(lines) + "\r\n\r\n").encode()
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.size = len(raw)
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One connection, for samples."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, bytes):
        self.socket.sendall(bytes)
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += self.receive()
        answer = Answer(raw)
        length = raw.index(b"\r\n\r\n") + 4
        if answer.status not in (204, 304):
            length += int(answer.headers["content-length"])
        while len(raw) < length:
            raw += self.receive()
        return Answer(raw)

    def receive(self):
        part = self.socket.recv(1 << 16)
        if not part:
            raise Failure("The server closed the connection of a sample request.")
        return part


class Requests:
    """Prepared requests in a file, and which of them come next."""

    def __init__(self, path, requests):
        self.path = path
        self.offsets = path + ".offsets"
        self.count = len(requests)
        self.next = 0
        # The numbers of those that were answered as they should be.
        self.settled = []
        ends = array.array("I", [0])
        for one in requests:
            ends.append(ends[-1] + len(one))
        with open(path, "wb") as file:
            file.write(b"".join(requests))
        with open(self.offsets, "wb") as file:
            file.write(ends.tobytes())

    def take(self, number):
        """The requests with the next numbers, for a reader of its own."""
        with open(self.offsets, "rb") as file:
            ends = array.array("I", file.read())
        with open(self.path, "rb") as file:
            file.seek(ends[number])
            return file.read(ends[number + 1] - ends[number])

    def take_all(self, count):
        """The first requests."""
        with open(self.offsets, "rb") as file:
            ends = array.array("I", file.read())
        with open(self.path, "rb") as file:
            return [file.read(ends[number + 1] - ends[number]) for number in range(count)]


class Operation:
    """An operation of the server.

    `everywhere` says whether it is measured with every number of connections or with the first alone, `is_kept` whether
    its answers are kept by the server, so that it is sent once, unmeasured, before each measurement.
    """

    status = 200
    everywhere = False
    # Whether nginx is measured beside it, with a constant answer of the same size.
    has_ceiling = False
    is_kept = False
    note = ""

    def __init__(self, town):
        self.town = town
        self.world = town.world
        self.requests = None
        self.sample = None

    def path(self, network, rest):
        return f"/v1/networks/{self.world.network(network)}{rest}"

    def record(self, network, rest):
        return f"/v1/hr/networks/{self.world.network(network)}{rest}"

    def prepare(self, seconds):
        """Makes requests for the next run; by default the same ones serve every run."""
        if self.requests is None:
            self.requests = self.file(self.make())

    def file(self, requests, suffix=""):
        return Requests(self.town.room.file(f"{self.town.name} {self.name}{suffix}.requests"), requests)

    def is_plausible(self, answer):
        return True

    def check_sample(self):
        """One request by itself: what is measured has to be what is meant."""
        with Client(self.town.server.port) as client:
            answer = client.send(self.requests.take(self.requests.next))
        self.requests.next += 1
        if answer.status != self.status or not self.is_plausible(answer):
            raise Failure(f"{self.name}: a sample was answered {answer.status} {answer.body[:300].decode()}")
        self.sample = answer

    @property
    def page(self):
        """What nginx answers in the server's place."""
        return self.sample.body

    def run(self, connections, seconds):
        """Sends requests for some seconds."""
        return send(self.town.room, self.town.server.port, self.requests, connections, seconds)

    def send_all(self):
        """Sends every request once and looks at every answer."""
        self.requests.next = 0
        result = send(
            self.town.room, self.town.server.port, self.requests, 32, 30, self.status, once=self.requests.count)
        self.requests.next = 0
        return result

    def warm(self):
        """Lets the server meet everybody whom the measured runs send."""
        return self.send_all()

    def meet(self):
        """Lets the server meet them again before each measurement: what it keeps ends after some minutes."""
        if self.is_kept:
            self.send_all()

    def done(self, result):
        """Told of each run of the server."""


class EventList(Operation):
    name = "events list"
    is_kept = True
    everywhere = True
    has_ceiling = True
    note = "20 of a network's, 1,000 members"
    people = 1000

    def make(self):
        return [
            request("GET", self.path(network, "/events?limit=20"), self.world.member_token(network, member))
            for network, member in self.world.somebody(self.people, 1)]

    def is_plausible(self, answer):
        return len(answer.json["items"]) == 20 and answer.json["next"] and "myRsvp" in answer.json["items"][0]


class NotModified(Operation):
    name = "events list, 304"
    is_kept = True
    status = 304
    everywhere = True
    has_ceiling = True
    note = "200 members"
    people = 200

    def prepare(self, seconds):
        # Answers to invitations move between runs, and the tags with them.
        with Client(self.town.server.port) as client:
            self.requests = self.file([self.conditional(client, *who) for who in self.world.somebody(self.people, 2)])

    def conditional(self, client, network, member):
        path, token = self.path(network, "/events?limit=20"), self.world.member_token(network, member)
        self.full = client.send(request("GET", path, token))
        return request("GET", path, token, headers=[f"If-None-Match: {self.full.headers['etag']}"])

    @property
    def page(self):
        return self.full.body

    def is_plausible(self, answer):
        return answer.body == b""

    def done(self, result):
        # The RateLimit header is one digit longer or shorter; a whole page shows in the sum.
        if result.bytes > result.requests * (self.sample.size + 2):
            result.errors += 1
            self.town.complain(f"{self.name}: some answers had a body")


class EventDetail(Operation):
    name = "event detail"
    is_kept = True
    note = "1,000 members"
    people = 1000

    def make(self):
        pick = random.Random(3)
        return [
            request("GET", self.path(network, "/events/" + self.world.some_event(network, pick)),
                    self.world.member_token(network, member))
            for network, member in self.world.somebody(self.people, 3)]

    def is_plausible(self, answer):
        return answer.json["title"].startswith("Staff network gathering")


class FirstReads:
    """An operation right after changes, when nothing of it is kept any more; mixed into it."""

    is_kept = False
    everywhere = False
    has_ceiling = False
    bursts = 10

    def change(self):
        """Changes an event of each network, which drops everything that is kept of the network."""
        events = ", ".join(f"'{self.world.event(network, 0)}'" for network in range(self.world.networks))
        self.town.ask(f"UPDATE event SET version = version WHERE id IN ({events})")
        # Until the server has heard of it, what is kept is right.
        time.sleep(0.05)


class FirstEventList(FirstReads, EventList):
    name = "events list, first reads"
    note = "1,000 members, each once, after an event of each network has changed; ten times a round"


GOING = b'{"answer":"going"}'


def readers(operation, members):
    """Members who read before they answer, as people do: the server knows them then. What they read is empty."""
    made = EventList(operation.town)
    made.requests = operation.file([
        request("GET", made.path(network, "/events?from=2100-01-01T00:00:00Z"), made.world.member_token(network, member))
        for network, member in members], " readers")
    return made


class RSVPSpread(Operation):
    name = "RSVP, spread"
    everywhere = True
    has_ceiling = True
    note = "any of 10,000 members, any event of 49 networks"
    people = 10_000

    def make(self):
        pick = random.Random(4)
        somebody = self.world.somebody(self.people, 4)
        # Enough for a whole run: who answers the same event again changes nothing.
        chosen = [pick.sample(range(self.world.events_of_network), min(16, self.world.events_of_network)) for _ in somebody]
        return [
            self.answer(network, member, events[turn])
            for turn in range(len(chosen[0])) for (network, member), events in zip(somebody, chosen)]

    def warm(self):
        self.readers = readers(self, self.world.somebody(self.people, 4))
        return self.readers.send_all()

    def meet(self):
        self.readers.send_all()

    def answer(self, network, member, event):
        path = self.path(network, f"/events/{self.world.event(network, event)}/rsvp")
        return request("PUT", path, self.world.member_token(network, member), GOING)

    def is_plausible(self, answer):
        return answer.json["status"] in ("going", "waitlisted")


class RSVPHot(Operation):
    name = "RSVP, one hot event"
    everywhere = True
    note = "an event of a network with a fifth of all members, another one for each run, everybody once"

    def __init__(self, town):
        super().__init__(town)
        self.tokens = [self.world.member_token(0, member) for member in range(self.world.hot)]
        random.Random(5).shuffle(self.tokens)

    def prepare(self, seconds):
        path = self.path(0, f"/events/{self.world.event(0, self.town.fresh_hot_event())}/rsvp")
        self.requests = self.file([request("PUT", path, token, GOING) for token in self.tokens])

    def warm(self):
        """Everybody answers an event that no measurement is of."""
        result = self.send_all()
        self.prepare(0)
        self.readers = readers(self, [(0, member) for member in range(self.world.hot)])
        return result

    def meet(self):
        self.readers.send_all()

    def is_plausible(self, answer):
        return answer.json["status"] in ("going", "waitlisted")


class Spending(Operation):
    """An operation whose requests each work once, so that they are made as they are needed."""

    per_second = 1500

    def __init__(self, town):
        super().__init__(town)
        self.made = 0
        self.acknowledged = 0
        # What was sent, and those of it that were acknowledged for certain.
        self.sent = []
        self.certain = []

    def prepare(self, seconds):
        needed = int(self.per_second * seconds + 600)
        self.refill(needed, needed)

    def refill(self, least, most):
        """Makes requests when there are too few, in whole turns through the networks, for which they are made in turn."""
        if self.requests is not None and self.requests.count - self.requests.next >= least:
            return
        self.keep()
        count = -(-most // self.world.networks) * self.world.networks
        self.requests = self.file(self.wrap(self.bodies(count)))
        self.made += count

    def bodies(self, count):
        path = self.town.room.file("bodies")
        self.town.fixture(self.command, "--count", str(count), path)
        with open(path, "rb") as file:
            bytes = file.read()
        os.unlink(path)
        size = len(bytes) // count
        return [bytes[index * size:(index + 1) * size] for index in range(count)]

    def keep(self):
        """Remembers what was sent of a file that is replaced."""

    def check_sample(self):
        super().check_sample()
        self.acknowledged += 1
        self.requests.settled.append(range(self.requests.next - 1, self.requests.next))

    def warm(self):
        return send(self.town.room, self.town.server.port, self.requests, 32, 30, self.status, once=300)

    def done(self, result):
        self.acknowledged += result.requests - result.statuses
        self.per_second = max(self.per_second, 1.3 * result.requests / result.seconds)
        if self.requests.next > self.requests.count:
            self.requests.next = self.requests.count
            result.errors += 1
            self.town.complain(f"{self.name}: the prepared requests ran out; some were sent twice")


class SubmissionPath(Spending):
    name = "submission"
    command = "submissions"
    # What runs out is sent twice, and the second time costs more.
    per_second = 9000
    status = 202
    everywhere = True
    has_ceiling = True
    note = "2 KiB, a fresh token each"

    def wrap(self, bodies):
        return [request("POST", "/v1/anonymous/submissions", None, body) for body in bodies]

    def keep(self):
        if self.requests:
            inputs = [self.input(one) for one in self.requests.take_all(self.requests.next)]
            self.sent += inputs
            self.certain += [inputs[number] for settled in self.requests.settled for number in settled
                             if number < len(inputs)]

    @staticmethod
    def input(sent):
        text = json.loads(sent.partition(b"\r\n\r\n")[2])["token"]["input"]
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    def is_plausible(self, answer):
        return answer.json["status"] == "queued"


class TokenIssue(Spending):
    name = "token issue"
    command = "token-requests"
    note = "3 blind signatures, each member once"
    per_second = 900

    def __init__(self, town):
        super().__init__(town)
        # How many there were before.
        self.grants = self.count_grants()

    def count_grants(self):
        return int(self.town.ask("SELECT count(*) FROM token_grant"))

    def wrap(self, bodies):
        return [self.asked(self.made + index, body) for index, body in enumerate(bodies)]

    def asked(self, number, body):
        network, index = number % self.world.networks, number // self.world.networks
        token = self.world.member_token(network, self.world.without_tokens(network, index))
        return request("POST", self.path(network, "/anonymous-tokens"), token, body)

    def is_plausible(self, answer):
        return len(answer.json["results"][0]["blindSignatures"]) == 3


class Inbox(Operation):
    name = "inbox"
    note = "half of the receipts known; leaves on a grid of 25 ms"

    def make(self):
        known = min(1000, self.world.messages)
        receipts = [self.world.receipt(number) for number in range(known)]
        receipts += [os.urandom(32) for _ in range(known)]
        random.Random(6).shuffle(receipts)
        return [request("POST", "/v1/anonymous/inbox", None, self.padded(receipt)) for receipt in receipts]

    @staticmethod
    def padded(receipt):
        head = b'{"receiptId":"' + base64.urlsafe_b64encode(receipt).rstrip(b"=") + b'","pad":"'
        return head + b" " * (2048 - len(head) - 2) + b'"}'

    def is_plausible(self, answer):
        return len(answer.body) == 2048 and answer.json["state"] in ("open", "unknown")


class ReleaseTable(Operation):
    name = "release table"
    is_kept = True
    note = "48 cells, HR"

    def make(self):
        requests = [
            request("GET", self.record(network, f"/releases/{self.world.release(network, release)}/tables/item-unit"),
                    self.world.hr_token(network, who))
            for who in range(self.world.staff_of_hr) for release in range(0, self.world.releases, self.world.releases // 4)
            for network in range(self.world.networks)]
        random.Random(8).shuffle(requests)
        return requests

    def is_plausible(self, answer):
        return len(answer.json["cells"]) == 48


class RecommendationPage(Operation):
    name = "recommendations"
    is_kept = True
    has_ceiling = True
    note = "20 with evidence, answers and outcomes, HR"

    def make(self):
        return [
            request("GET", self.record(network, "/recommendations?limit=20"), self.world.hr_token(network, who))
            for who in range(self.world.staff_of_hr) for network in range(self.world.networks)]

    def is_plausible(self, answer):
        items = answer.json["items"]
        return len(items) == 20 and all(len(item["evidence"]) == 2 for item in items)


class TokenSignIn(Operation):
    name = "sign-in by token"
    is_kept = True
    note = "GET /v1/me, 5,000 members"
    people = 5000

    def make(self):
        return [
            request("GET", "/v1/me", self.world.member_token(network, member))
            for network, member in self.world.somebody(self.people, 7)]

    def is_plausible(self, answer):
        return answer.json["email"].endswith("@town.example")


ALL = [EventList, NotModified, EventDetail, RSVPSpread, RSVPHot, SubmissionPath, TokenIssue, Inbox, ReleaseTable,
       RecommendationPage, TokenSignIn, FirstEventList]
