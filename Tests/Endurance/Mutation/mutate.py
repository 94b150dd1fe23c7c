"""Throws mutated bodies at every operation that takes one, as every role, and mutated requests at the HTTP parser.

The server must neither end nor answer with 5xx, and must not need more memory in the end than after a tenth of it all. The seed
and the number of a case make it again: --seed S --only N.
"""

import argparse
import concurrent.futures
import http.client
import pathlib
import random
import socket
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from mutator import Mutator, request  # noqa: E402
from processes import Room, ask, resident  # noqa: E402
from town import ROLES, Town  # noqa: E402

# So much may a tenth of the run and the whole differ, in MiB: what the allocator keeps for the next burst.
LEEWAY = 0.15
THREADS = 4


class Target:
    """One operation of the contract that takes a body."""

    def __init__(self, method, path, operation):
        self.method, self.path, self.name = method.upper(), path, operation["operationId"]
        (self.kind, content), = operation["requestBody"]["content"].items()
        self.example = content.get("example", {"List-Unsubscribe": "One-Click"})


class Attack:
    def __init__(self, town, given):
        self.town, self.given = town, given
        contract = town.contract()
        self.targets = [
            Target(method, path, operation) for path, methods in contract["paths"].items()
            for method, operation in methods.items() if "requestBody" in operation]
        self.mutator = Mutator([target.example for target in self.targets])
        self.tokens = {role: town.token(role) for role in ROLES}
        self.ids = town.ids(self.tokens)
        self.statuses, self.faults, self.lock, self.lines = {}, [], threading.Lock(), threading.local()

    def case(self, number):
        """A role, an operation, a path, headers and a body."""
        chance = random.Random(f"{self.given.seed} {number}")
        target = self.targets[number % len(self.targets)]
        role = ROLES[number // len(self.targets) % len(ROLES)]
        headers = {"Content-Type": target.kind if chance.random() < 0.97 else chance.choice(["text/plain", "application/json;", "a"])}
        if self.tokens[role] and not target.path.startswith("/v1/anonymous"):
            headers["Authorization"] = "Bearer " + self.tokens[role]
        if target.method in ("PATCH", "PUT"):
            headers["If-Match"] = chance.choice(["*", '"1"', '"2"', "1"])
        if target.method == "POST" and chance.random() < 0.5:
            headers["Idempotency-Key"] = f"{chance.getrandbits(16):x}"
        return target, role, self.town.fill(target.path, self.ids, chance), headers, self.mutator.body(target.example, chance)

    def body(self, number):
        target, role, path, headers, body = self.case(number)
        line = getattr(self.lines, "line", None)
        if line is None:
            line = self.lines.line = http.client.HTTPConnection("127.0.0.1", self.town.port, timeout=60)
        try:
            line.request(target.method, path, body, headers)
            answer = line.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            line.close()
            self.lines.line = None
            status = type(error).__name__
        if status == 401 and self.tokens[role]:
            self.sign_in(role)
        self.note(f"{target.name} as {role}", number, status)

    def sign_in(self, role):
        with self.lock:
            token = self.tokens[role]
            if ask(self.town.port, "GET", "/v1/me", token=token)[0] == 401:
                self.tokens[role] = self.town.token(role)

    def note(self, name, number, status):
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            # A body that is too long may be answered, and its connection closed, before all of it was sent.
            if isinstance(status, int) and status >= 500 or status in (
                    "TimeoutError", "ConnectionRefusedError", "RemoteDisconnected"):
                self.faults.append(f"case {number}, {name}: {status}")

    def raw(self, number):
        data = request(self.town.network, random.Random(f"{self.given.seed} raw {number}"))
        status = "closed"
        try:
            with socket.create_connection(("127.0.0.1", self.town.port), 10) as line:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
                answer = b""
                while len(answer) < 1_000_000 and (part := line.recv(65_536)):
                    answer += part
            if answer.startswith(b"HTTP/"):
                status = int(answer.split(None, 2)[1])
        except ConnectionRefusedError:
            status = "ConnectionRefusedError"
        except TimeoutError:
            status = "TimeoutError"
        except OSError:
            status = "reset"
        # That a version or a method is not known is the one thing a server may say with 5xx (RFC 9110, section 15.6).
        self.note("raw request", number, 400 if status in (501, 505) else status)

    def go(self, body, numbers):
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, len(numbers), 1_000):
                list(pool.map(body, numbers[start:start + 1_000]))
                if not self.town.is_running:
                    sys.exit(f"The server has ended in the cases from {numbers[start]}:\n{self.town.log.read_text()[-3000:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chorus", required=True, help="the server's binary")
    parser.add_argument("--count", type=int, default=100_000, help="bodies; 100,000 by default")
    parser.add_argument("--raw", type=int, default=10_000, help="whole requests; 10,000 by default")
    parser.add_argument("--seed", type=int, default=7, help="7 by default")
    parser.add_argument("--only", type=int, action="append", help="show this case, send it, and nothing else")
    given = parser.parse_args()

    room = Room("mutate")
    town = Town(room, given.chorus)
    attack = Attack(town, given)
    if given.only:
        for number in given.only:
            print(*attack.case(number))
            attack.body(number)
            print(attack.statuses)
        return
    print(f"   seed {given.seed}: {len(attack.targets)} operations, {len(ROLES)} roles", flush=True)
    # A tenth of both kinds first, then the rest.
    sizes = {}
    for share, first, last in (("10 %", 0, 0.1), ("100 %", 0.1, 1)):
        attack.go(attack.body, range(int(first * given.count), int(last * given.count)))
        attack.go(attack.raw, range(int(first * given.raw), int(last * given.raw)))
        sizes[share] = resident(town.server.pid)
        print(f"   {share}: {sum(attack.statuses.values()):,} cases, resident {sizes[share]:.0f} MiB", flush=True)
    print("   answers: " + ", ".join(f"{status} {count:,}" for status, count in sorted(attack.statuses.items(), key=str)))
    if sizes["100 %"] > sizes["10 %"] * (1 + LEEWAY):
        attack.faults.append(f"memory grew from {sizes['10 %']:.0f} to {sizes['100 %']:.0f} MiB")
    if not any(status in attack.statuses for status in (200, 201)):
        attack.faults.append("no body was taken: the cases are too wrong to reach the routes")
    if ask(town.port, "GET", "/readyz")[0] != 200:
        attack.faults.append("the server is not ready any more")
    for fault in attack.faults[:40]:
        print(f"   FAULT: {fault}")
    print(f"   {len(attack.faults)} faults")
    sys.exit(1 if attack.faults else 0)


main()
