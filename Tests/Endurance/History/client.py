"""One of the clients: it answers for members of its own, changes an event of its own, posts, looks, and notes all of it."""

import base64
import http.client
import json
import os
import random
import threading
import time

ANSWERS = ["going"] * 5 + ["maybe", "declined"] + ["none"] * 3
SIZE = 2_048


class NotSent(Exception):
    """There was nobody to ask."""


class World:
    """What all clients share: servers, people, events, and the history."""

    def __init__(self, servers, network, channel, staff, events, clock, pause):
        self.servers, self.network, self.channel, self.staff = servers, network, channel, staff
        self.events, self.clock, self.pause = events, clock, pause
        self.history, self.is_over = [], threading.Event()

    @property
    def home(self):
        return f"/v1/networks/{self.network}"

    def note(self, **record):
        self.history.append(record)


class Line:
    """A connection to one of the servers, made anew when it has broken or the server has another port."""

    def __init__(self, world, slot, timeout=20):
        self.world, self.slot, self.timeout, self.port, self.connection = world, slot, timeout, None, None

    def ask(self, method, path, body=None, token=None, headers=None):
        """Status, headers and answer; no status when nobody knows what became of it.

        Raises NotSent when no server could be reached.
        """
        port = self.world.servers[self.slot].port
        if port is None:
            raise NotSent
        if self.connection is None or self.port != port:
            self.connection, self.port = http.client.HTTPConnection("127.0.0.1", port, timeout=self.timeout), port
            try:
                self.connection.connect()
            except OSError:
                self.connection = None
                raise NotSent from None
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = "Bearer " + token
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            return None, {}, None
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, json.loads(text) if is_json and text else None


def outcome(status):
    if status is None or status >= 500:
        return "unknown"
    return "ok" if status < 300 else "refused"


class Client(threading.Thread):
    def __init__(self, world, number, members, tokens, event, seed):
        super().__init__(daemon=True)
        self.world, self.members, self.tokens, self.event = world, members, tokens, event
        self.random = random.Random(f"{seed} {number}")
        self.lines = [Line(world, slot) for slot in range(len(world.servers))]
        self.unsent, self.number, self.failure = None, number, None
        # Even spread, so that the last token is spent when the run ends.
        self.next_post, self.post_every = 0, None

    def run(self):
        try:
            while not self.world.is_over.is_set():
                self.turn()
                time.sleep(self.random.uniform(0, 2 * self.world.pause))
        except Exception as failure:
            self.failure = failure
            raise

    def turn(self):
        line, kind = self.random.choice(self.lines), self.random.random()
        try:
            if self.tokens and self.world.clock() >= self.next_post:
                self.post(line)
            elif kind < 0.55:
                self.answer(line, *self.random.choice(self.members), self.random.choice(self.world.events)["id"])
            elif kind < 0.80:
                self.read(line, *self.random.choice(self.members), self.random.choice(self.world.events)["id"])
            elif kind < 0.88 or self.event is None:
                self.attendees(line, self.random.choice(self.world.events)["id"])
            else:
                self.change(line)
        except NotSent:
            pass

    def answer(self, line, name, bearer, event):
        given, path = self.random.choice(ANSWERS), f"{self.world.home}/events/{event}/rsvp"
        start = self.world.clock()
        if given == "none":
            status, _, told = line.ask("DELETE", path, token=bearer)
        else:
            status, _, told = line.ask("PUT", path, json.dumps({"answer": given}), bearer)
        self.world.note(
            type="rsvp", event=event, member=name, answer=given, start=start, end=self.world.clock(), outcome=outcome(status),
            status=status, slot=line.slot, told=(told or {}).get("status"))

    def read(self, line, name, bearer, event, **more):
        start = self.world.clock()
        status, _, told = line.ask("GET", f"{self.world.home}/events/{event}", token=bearer)
        if status == 200:
            mine = told["myRsvp"]
            self.world.note(
                type="read", event=event, member=name, slot=line.slot, start=start, end=self.world.clock(),
                mine=mine["answer"] if mine else "none", going=told["going"], waitlisted=told["waitlisted"],
                maybe=told["maybe"], capacity=told["capacity"], **more)
        elif status is not None and status != 503:
            raise AssertionError(f"A read was answered with {status}: {told}")
        return status == 200

    def attendees(self, line, event):
        start = self.world.clock()
        status, _, told = line.ask("GET", f"{self.world.home}/events/{event}/attendees?limit=200", token=self.world.staff)
        if status == 200:
            assert told["next"] is None
            self.world.note(
                type="attendees", event=event, start=start, end=self.world.clock(),
                people={one["name"]: [one["status"], one["waitlistPosition"]] for one in told["items"]})
        elif status is not None and status != 503:
            raise AssertionError(f"A list was answered with {status}: {told}")
        return status == 200

    def change(self, line):
        path = f"{self.world.home}/events/{self.event['id']}"
        status, headers, told = line.ask("GET", path, token=self.world.staff)
        if status != 200:
            return
        wanted, start = self.random.randint(1, 12), self.world.clock()
        status, _, _ = line.ask(
            "PATCH", path, json.dumps({"capacity": wanted}), self.world.staff, {"If-Match": headers["ETag"]})
        self.world.note(
            type="capacity", event=self.event["id"], capacity=wanted, before=self.event["capacity"], start=start,
            end=self.world.clock(), outcome=outcome(status), status=status)

    # MARK: Anonymous messages

    def post(self, line):
        """Sends a message until it is acknowledged, mostly; sometimes it gives up, sometimes it sends twice at once."""
        if self.unsent is None:
            text = f"message {self.number} {len(self.tokens)} {os.urandom(4).hex()}"
            self.unsent = (text, self.body(text, self.tokens.pop()))
        text, body = self.unsent
        if self.random.random() < 0.2:
            other = threading.Thread(target=self.send_beside, args=(text, body))
            other.start()
            is_settled = self.send(line, text, body)
            other.join()
        else:
            is_settled = self.send(line, text, body)
        if is_settled or self.random.random() < 0.2:
            self.unsent = None
            self.next_post += self.post_every

    def send_beside(self, text, body):
        try:
            self.send(Line(self.world, self.random.randrange(len(self.lines))), text, body)
        except NotSent:
            pass

    def send(self, line, text, body):
        start = self.world.clock()
        status, _, told = line.ask("POST", "/v1/anonymous/submissions", body)
        problem = (told or {}).get("type", "").rsplit("/", 1)[-1]
        is_spent = problem == "token-spent"
        if status not in (None, 202, 503) and not is_spent:
            raise AssertionError(f"A submission was answered with {status}: {told}")
        self.world.note(
            type="submission", text=text, start=start, end=self.world.clock(), outcome=outcome(status), status=status,
            spent=is_spent)
        return status == 202 or is_spent

    def body(self, text, token):
        said = {
            "channel": self.world.channel, "theme": None, "unit": None, "showUnit": False, "rating": None, "text": text,
            "language": "de"}
        receipt = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        whole = {"v": 1, "token": token, "receiptId": receipt, "message": said, "pad": ""}
        whole["pad"] = "0" * (SIZE - len(json.dumps(whole).encode()))
        return json.dumps(whole)
