"""What is measured: each operation as whole HTTP requests, with the answer that they must have."""

import array
import base64
import json
import os
import random
import socket

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


class Operation:
    """An operation of the server.

    `everywhere` says whether it is measured with every number of connections or with the first alone.
    """

    status = 200
    everywhere = False
    # Whether nginx is measured beside it, with a constant answer of the same size.
    has_ceiling = False
    note = ""

    def __init__(self, bench):
        self.bench = bench
        self.world = bench.world
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
        return Requests(self.bench.room.file(f"{self.name}{suffix}.requests"), requests)

    def is_plausible(self, answer):
        return True

    def check_sample(self):
        """One request by itself: what is measured has to be what is meant."""
        with Client(self.bench.server.port) as client:
            answer = client.send(self.requests.take(self.requests.next))
        self.requests.next += 1
        if answer.status != self.status or not self.is_plausible(answer):
            raise Failure(f"{self.name}: a sample was answered {answer.status} {answer.body[:300].decode()}")
        self.sample = answer

    @property
    def page(self):
        """What nginx answers in the server's place."""
        return self.sample.body

    def done(self, result):
        """Told of each run of the server."""


class EventList(Operation):
    name = "events list"
    everywhere = True
    has_ceiling = True
    note = "20 of a network's 40, 1,000 members"

    def make(self):
        return [
            request("GET", self.path(network, "/events?limit=20"), self.world.member_token(network, member))
            for network, member in self.world.somebody(1000, 1)]

    def is_plausible(self, answer):
        return len(answer.json["items"]) == 20 and answer.json["next"] and "myRsvp" in answer.json["items"][0]


class NotModified(Operation):
    name = "events list, 304"
    status = 304
    everywhere = True
    has_ceiling = True
    note = "200 members"

    def prepare(self, seconds):
        # Answers to invitations move between runs, and the tags with them.
        with Client(self.bench.server.port) as client:
            self.requests = self.file([self.conditional(client, *who) for who in self.world.somebody(200, 2)])

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
            self.bench.complain(f"{self.name}: some answers had a body")


class EventDetail(Operation):
    name = "event detail"
    note = "1,000 members"

    def make(self):
        pick = random.Random(3)
        return [
            request("GET", self.path(network, "/events/" + self.world.event(network, pick.randrange(40))),
                    self.world.member_token(network, member))
            for network, member in self.world.somebody(1000, 3)]

    def is_plausible(self, answer):
        return answer.json["title"].startswith("Staff network gathering")


GOING = b'{"answer":"going"}'


class RSVPSpread(Operation):
    name = "RSVP, spread"
    everywhere = True
    has_ceiling = True
    note = "any member, any event of 49 networks"

    def make(self):
        pick = random.Random(4)
        return [
            request("PUT", self.path(network, f"/events/{self.world.event(network, pick.randrange(40))}/rsvp"),
                    self.world.member_token(network, member), GOING)
            for network, member in self.world.somebody(60_000, 4)]

    def is_plausible(self, answer):
        return answer.json["status"] in ("going", "waitlisted")


class RSVPHot(Operation):
    name = "RSVP, one hot event"
    everywhere = True
    note = "an event of a network with a fifth of all members, another one for each run, everybody once"

    def __init__(self, bench):
        super().__init__(bench)
        self.tokens = [self.world.member_token(0, member) for member in range(self.world.hot)]
        random.Random(5).shuffle(self.tokens)

    def prepare(self, seconds):
        path = self.path(0, f"/events/{self.world.event(0, self.bench.fresh_hot_event())}/rsvp")
        self.requests = self.file([request("PUT", path, token, GOING) for token in self.tokens])

    def is_plausible(self, answer):
        return answer.json["status"] in ("going", "waitlisted")


class Spending(Operation):
    """An operation whose requests each work once, so that they are made as they are needed."""

    per_second = 1500

    def __init__(self, bench):
        super().__init__(bench)
        self.made = 0
        self.acknowledged = 0
        self.sent = []

    def prepare(self, seconds):
        # In whole turns through the networks, which the program makes them for one after the other.
        needed = -(-int(self.per_second * seconds + 600) // self.world.networks) * self.world.networks
        if self.requests is None or self.requests.count - self.requests.next < needed:
            self.keep()
            path = self.bench.room.file("bodies")
            self.bench.fixture(self.command, "--count", str(needed), path)
            with open(path, "rb") as file:
                bytes = file.read()
            os.unlink(path)
            size = len(bytes) // needed
            bodies = [bytes[index * size:(index + 1) * size] for index in range(needed)]
            self.requests = self.file(self.wrap(bodies))
            self.made += needed

    def keep(self):
        """Remembers what was sent of a file that is replaced."""

    def check_sample(self):
        super().check_sample()
        self.acknowledged += 1

    def done(self, result):
        self.acknowledged += result.requests - result.statuses
        self.per_second = max(self.per_second, 1.3 * result.requests / result.seconds)
        if self.requests.next > self.requests.count:
            self.requests.next = self.requests.count
            result.errors += 1
            self.bench.complain(f"{self.name}: the prepared requests ran out; some were sent twice")


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
            self.sent += [self.input(self.requests.take(number)) for number in range(self.requests.next)]

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
        receipts = [self.world.receipt(number) for number in range(1000)]
        receipts += [os.urandom(32) for _ in range(1000)]
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
    note = "48 cells, HR"

    def make(self):
        requests = [
            request("GET", self.record(network, f"/releases/{self.world.release(network, release)}/tables/item-unit"),
                    self.world.hr_token(network, who))
            for who in range(self.world.staff_of_hr) for release in range(4) for network in range(self.world.networks)]
        random.Random(8).shuffle(requests)
        return requests

    def is_plausible(self, answer):
        return len(answer.json["cells"]) == 48


class RecommendationPage(Operation):
    name = "recommendations"
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
    note = "GET /v1/me, 20,000 members"

    def make(self):
        return [
            request("GET", "/v1/me", self.world.member_token(network, member))
            for network, member in self.world.somebody(20_000, 7)]

    def is_plausible(self, answer):
        return answer.json["email"].endswith("@town.example")


ALL = [EventList, NotModified, EventDetail, RSVPSpread, RSVPHot, SubmissionPath, TokenIssue, Inbox, ReleaseTable,
       RecommendationPage, TokenSignIn]
