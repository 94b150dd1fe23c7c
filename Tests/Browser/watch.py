"""What pages say and ask while they are used: nothing of it may go unseen."""

import urllib.parse


class Watch:
    """Hears every context."""

    def __init__(self, url):
        self.origin = origin(url)
        self.requests, self.complaints = [], []
        # What a test causes on purpose, such as a refusal that a person must be told of.
        self.allowed = []

    def attach(self, context):
        context.on("request", self.hear_request)
        context.on("console", self.hear_console)
        context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))

    def hear_request(self, request):
        self.requests.append((request.method, request.url))
        if not request.url.startswith(("data:", "blob:")) and origin(request.url) != self.origin:
            self.complaints.append(f"another host: {request.url}")

    def hear_console(self, message):
        # Chromium writes down each answer of 400 and above; what the client makes of it is seen in the page.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{message.type}: {message.text[:400]}")


def origin(url):
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
