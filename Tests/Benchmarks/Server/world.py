"""The numbers behind the data: which member is where, and what their tokens are.

private.sql, record.sql and the fixture compute the same ids.
"""

import base64
import hashlib
import random


class World:
    networks = 50
    events = 2000
    events_of_network = events // networks
    messages = 10_000
    staff_of_hr = 10

    def __init__(self, scale):
        self.members = max(20_000, round(100_000 * scale))
        # The first network is large, so that a run on one event of it has somebody new for each request.
        self.hot = self.members // 5
        self.contributions = round(1_000_000 * scale)
        self.others = (self.members - self.hot) // (self.networks - 1)

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
        return self.id(10_000_000 + 10 * network + index)

    def receipt(self, index):
        return hashlib.sha256(f"receipt {index}".encode()).digest()

    def without_tokens(self, network, index):
        """A member without this week's tokens: half of a smaller network has them, and 800 of the large one."""
        return index + (800 if network == 0 else self.others // 2 + 1)

    def somebody(self, count, seed):
        """Some members of all but the large network, the same ones for the same seed."""
        pick = random.Random(seed)
        return [(pick.randrange(1, self.networks), pick.randrange(self.others)) for _ in range(count)]
