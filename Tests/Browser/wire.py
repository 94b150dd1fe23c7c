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
        """Each address that was asked for, with what it began."""
        return [
            params["url"] for kind, params in self.events
            if kind == "URL_REQUEST_START_JOB" and "url" in params and urllib.parse.urlsplit(params["url"]).scheme not in ("data", "blob", "chrome")
        ]

    def names(self):
        """Names of hosts that were looked up or connected to."""
        return {params["host"] for kind, params in self.events if kind.startswith("HOST_RESOLVER") and "host" in params}

    def sent(self):
        """Path and headers of each request, as they went over the wire."""
        for kind, params in self.events:
            if kind == "HTTP_TRANSACTION_SEND_REQUEST_HEADERS" and "line" in params:
                method, path, _ = params["line"].split(" ", 2)
                yield method, path, [header.split(":", 1)[0].lower() for header in params["headers"]]
