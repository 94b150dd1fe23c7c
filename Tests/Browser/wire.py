"""What Chromium itself wrote down of the network: every request of every page and worker, and its own."""

import json
import urllib.parse


class Wire:
    """Reads a log of Chromium (`--log-net-log`) of a browser that has ended."""

    def __init__(self, path):
        text = path.read_text()
        # A browser that was killed leaves the list open.
        log = json.loads(text if text.rstrip().endswith("}") else text.rstrip().rstrip(",") + "]}")
        kinds = {number: name for name, number in log["constants"]["logEventTypes"].items()}
        self.events = [(kinds[one["type"]], one.get("params", {})) for one in log["events"]]

    def addresses(self):
        """
        Each address that a page, its worker or a person asked for.

        Chromium asks for things of its own (updates, its maker's accounts, what a form may be about), which no page causes or can
        forbid; they have no origin for an initiator.
        """
        return [
            params["url"] for kind, params in self.events
            if kind == "URL_REQUEST_START_JOB" and "url" in params
            and (params["initiator"] != "not an origin" or params["request_type"] == "main frame")
            and urllib.parse.urlsplit(params["url"]).scheme not in ("data", "blob")
        ]

    def sent(self):
        """Path and headers of each request, as they went over the wire."""
        for kind, params in self.events:
            if kind == "HTTP_TRANSACTION_SEND_REQUEST_HEADERS" and "line" in params:
                method, path, _ = params["line"].split(" ", 2)
                yield method, path, [header.split(":", 1)[0].lower() for header in params["headers"]]
