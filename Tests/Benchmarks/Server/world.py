"""The numbers behind the data: which member is where, and what their tokens are.

private.sql, record.sql and the fixture compute the same ids.
"""

import base64
import hashlib
import random


class World:
    staff_of_hr = 10

    def __init__(
            self, members=100_000, networks=50, events=40, contributions=1_000_000, messages=10_000, releases=4,
            recommendations=24, events_asked=None):
        """Events, releases and recommendations are those of each network; of so many events the details are asked."""
        self.members = members
        self.networks = networks
        self.events_of_network = events
        self.events = events * networks
        self.events_asked = events_asked or events
        self.contributions = contributions
        self.messages = messages
        self.releases = releases
        self.recommendations = recommendations
        # The first network is large, so that a run on one event of it has somebody new for each request.
        self.hot = self.members // 5
        self.granted = min(800, self.hot // 2)
        self.others = (self.members - self.hot) // max(1, self.networks - 1)

    @property
    def numbers(self):
        """What the SQL is told."""
        names = (
            "networks", "events", "members", "hot", "granted", "contributions", "messages", "releases", "recommendations")
        return {name: getattr(self, name) for name in names}

    @staticmethod
    def id(number):
        digits = hashlib.md5(str(number).encode()).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def network(self, index):
        return self.id(1 + index)

    def event(self, network, index):
        return self.id(2_000_000 + network + self.networks * (index % self.events_of_network))

    def member(self, network, index):
        """The number of a network's member."""
        return index if network == 0 else self.hot + network - 1 + (self.networks - 1) * index

    @staticmethod
    def token(credential):
        return base64.urlsafe_b64encode(hashlib.sha256(credential.encode()).digest()).rstrip(b"=").decode()

    def member_token(self, network, index):
        return self.token(f"member {self.member(network, index)}")

    def hr_token(self, network, index):
        return self.token(f"hr {network}/{index}")

    def release(self, network, index):
        return self.id(10_000_000 + 1000 * network + index)

    def receipt(self, index):
        return hashlib.sha256(f"receipt {index}".encode()).digest()

    def without_tokens(self, network, index):
        """A member without this week's tokens: half of a smaller network has them, and 800 at most of the large one."""
        return index + (self.granted if network == 0 else self.others // 2 + 1)

    def somebody(self, count, seed):
        """Some members of all but the large network, the same ones for the same seed; different ones while they last."""
        pick = random.Random(seed)
        everybody = range((self.networks - 1) * self.others)
        numbers = pick.sample(everybody, count) if count <= len(everybody) else pick.choices(everybody, k=count)
        return [(1 + number // self.others, number % self.others) for number in numbers]

    def some_event(self, network, pick):
        """One of a number of a network's events that is the same in worlds of all sizes."""
        return self.event(network, pick.randrange(self.events_asked) * (self.events_of_network // self.events_asked))
