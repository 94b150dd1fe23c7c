"""An SMTP server that keeps what it is given."""

import email
import email.policy
import socket
import threading

from aiosmtpd.controller import Controller


class Sink:
    """Listens on loopback; addresses in `busy` are told to come later that many times first."""

    def __init__(self):
        self.busy, self.told_later, self.taken = {}, [], []
        self.lock = threading.Lock()
        # The library waits for the port that it was asked for, so that it must be a number.
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_RCPT(self, server, session, envelope, address, options):
        with self.lock:
            if self.busy.get(address, 0) > 0:
                self.busy[address] -= 1
                self.told_later.append(address)
                return "451 4.3.0 Come later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with self.lock:
            self.taken.append(Mail(envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 OK"

    def take(self):
        """What came since the last time."""
        with self.lock:
            taken, self.taken = self.taken, []
        return taken

    def count(self):
        with self.lock:
            return len(self.taken)


class Mail:
    def __init__(self, sender, receivers, content):
        self.sender, self.receivers, self.raw = sender, receivers, content
        self.message = email.message_from_bytes(content, policy=email.policy.default)
        self.text = self.message.get_content()

    def __getitem__(self, name):
        found = self.message.get_all(name) or []
        assert len(found) <= 1, f"{name} stands {len(found)} times"
        return str(found[0]) if found else None
