"""Bodies and whole requests that are nearly right, made from examples; the same seed makes the same ones."""

import copy
import json

TEXTS = [
    "", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e\u2066", "\ufeff", "ﷺ" * 40, "e\u0301" * 100, "🏳️‍🌈" * 50, "İ" * 100, "x" * 201,
    "y" * 70_000, "../../etc/passwd", "%00%0d%0a", "\r\nSet-Cookie: a=b", "'; DROP TABLE event; --", "$1", "\\", "\"", "{}", "null",
    "0001-01-01", "9999-12-31", "2026-02-30", "-4713-01-01", "294277-01-01", "2026-13-45T99:99:99Z", "2026-11-25T12:00:60+23:59",
    "0000-01-01T00:00:00Z", "2026-11-25T12:00:00.123456789123Z", "00000000-0000-0000-0000-000000000000", "Europe/Berlin", "Etc/GMT+99",
    "FREQ=SECONDLY;COUNT=999999999", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=0", "FREQ=MONTHLY;BYDAY=-6MO;COUNT=500",
    "RRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z", "a@b", "@", "a" * 250 + "@b.example", "http://[::1", "https://user:pw@127.0.0.1:1/", "javascript:1",
    "A" * 342, "_-" * 128, "=" * 43, "=HYPERLINK(1)", "1e999", "\u2028\u2029", "\U0010ffff",
]
# Written as they stand, because no number of a program is so large or so precise.
NUMBERS = [
    "0", "-0", "-1", "1", "1.5", "1.0", "1e0", "1E+2", "-0.0", "1e308", "1e309", "-1e999", "9" * 400, "0." + "0" * 400 + "1", "2147483647",
    "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "18446744073709551616", "1e18", "00", "01", "+1", ".5", "5.", "0x10", "NaN", "Infinity", "1e", "1_000",
]
BYTES = [
    b"\x00", b"\x7f", b"\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xff",
    b"\xfe\xff", b"\xef\xbb\xbf", b"\xe2\x82", b"\\u", b"\\ud800", b"\\ud800\\ud800", b"\\u0000", b"\\x", b'"', b"\\", b"{", b"}", b"[", b"]",
    b",", b":", b"/**/", b"#", b"'", b"\n", b"\x0b", b"\x1f", b"\xc2\xa0", b"null", b"tru", b"1e5",
]


class Raw(str):
    """Text that stands in JSON without quotation marks."""


def write(value):
    """JSON that may hold raw text, and objects as lists of members so that a name can stand twice."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{write(one)}" for name, one in value.items()) + "}"
    if isinstance(value, Members):
        return "{" + ",".join(f"{json.dumps(name)}:{write(one)}" for name, one in value.members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value))


class Members:
    def __init__(self, members):
        self.members = members


def places(value):
    """Every container of a tree with each key in it."""
    found = []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in entries:
        found.append((value, key))
        found += places(one)
    return found


class Mutator:
    """Makes bodies from examples, with a generator of random numbers for each."""

    def __init__(self, examples):
        # Every value that stands anywhere in an example may stand anywhere else.
        self.values = [container[key] for example in examples for container, key in places(example)]

    def body(self, example, random):
        """The bytes of one mutated body."""
        tree = copy.deepcopy(example)
        for _ in range(random.choice([0, 1, 1, 1, 2, 3, 8])):
            tree = self.change(tree, random)
        # Lone surrogates stand in no UTF-8; they are sent as some programs do.
        data = write(tree).encode("utf-8", "surrogatepass")
        for _ in range(random.choice([0, 0, 0, 0, 1, 2, 6])):
            data = self.damage(data, random)
        return data

    def change(self, tree, random):
        found = places(tree)
        if not found or random.random() < 0.03:
            return self.value(random)
        container, key = random.choice(found)
        kind = random.randrange(9)
        if kind < 4:
            container[key] = self.value(random)
        elif kind == 4:
            del container[key]
        elif isinstance(container, list):
            container.extend(copy.deepcopy(container[key]) for _ in range(random.choice([1, 2, 300])))
        elif kind == 5:
            container[random.choice(TEXTS)[:300]] = self.value(random)
        elif kind == 6:
            container[random.choice([key.upper(), key + "\x00", key + " ", "__proto__", ""])] = container.pop(key)
        else:
            return self.doubled(tree, container, key, random)
        return tree

    def doubled(self, tree, container, key, random):
        """The same name twice, escaped differently or not at all."""
        members = list(container.items())
        members.insert(random.randrange(len(members) + 1), (key, self.value(random)))
        twice = Members(members)
        if container is tree:
            return Raw(write(twice))
        for parent, place in places(tree):
            if parent[place] is container:
                parent[place] = Raw(write(twice))
                return tree
        return tree

    def value(self, random):
        kind = random.randrange(10)
        if kind < 3:
            return random.choice(TEXTS)
        if kind < 5:
            return Raw(random.choice(NUMBERS))
        if kind == 5:
            return copy.deepcopy(random.choice(self.values))
        if kind == 6:
            depth = random.choice([1, 15, 16, 17, 100, 3_000])
            return Raw(random.choice([("[", "]"), ('{"a":', "}")])[0] * depth + "1" + "]" * depth)
        if kind == 7:
            return [random.choice([None, "a", 1, {}]) for _ in range(random.choice([0, 1, 50, 5_000]))]
        return random.choice([None, True, False, {}, [], {"": None}, {"id": {"id": {"id": 1}}}])

    def damage(self, data, random):
        if not data:
            return random.choice(BYTES)
        place, kind = random.randrange(len(data) + 1), random.randrange(8)
        if kind == 0:
            return data[:place]
        if kind == 1:
            return data[:place] + random.choice(BYTES) + data[place:]
        if kind == 2:
            return data[:place] + bytes([random.randrange(256)]) + data[place + 1:]
        if kind == 3:
            return data[:place] + data[place + random.randrange(1, 20):]
        if kind == 4:
            return data[:place] + data[max(0, place - random.randrange(1, 60)):place] * random.choice([1, 2, 200]) + data[place:]
        if kind == 5:
            return data + random.choice([data, b" " * 3_000, b"\x00", b"{}", random.randbytes(40)])
        if kind == 6:
            return random.choice([data.decode("utf-8", "replace").encode("utf-16"), b"\xef\xbb\xbf" + data, random.randbytes(place)])
        return data[:place] + bytes(byte ^ (1 << random.randrange(8)) for byte in data[place:place + 4]) + data[place + 4:]


# MARK: Whole requests

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "G\x00T", "P" * 9_000, ""]
TARGETS = [
    "/", "*", "", "//", "/%", "/%00", "/%2e%2e/%2e%2e/etc/passwd", "/v1/../v1/me", "http://other.example/v1/me", "/v1/networks/%ff/events",
    "/?" + "a=b&" * 3_000, "/" + "a/" * 5_000, "/v1/networks?limit=1&limit=2", "/\x7f", "/ü", "/ HTTP/1.1", "/v1/me#x", "?", "/v1/sessions",
    "/v1/networks/{network}/events?from=2026-13-01T00:00:00Z", "/v1/networks/{network}/calendar.ics?key=" + "k" * 3_000,
    "/web/0/../../secrets/pepper", "/v1/anonymous/directory?network=%7B%7D", "/v1/unsubscribe/" + "x" * 59,
]
VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.1 ", "HTTP/1.", "", "RTSP/1.0"]
HEADERS = [
    "Host: a", "Host: a\r\nHost: b", "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5, 5",
    "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 0x5", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: identity", "Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding : chunked", " folded: x", "No-Colon",
    "X: \x00", "X: \r y", "X: " + "y" * 20_000, "\r\n".join(f"X-{n}: y" for n in range(2_000)), "Expect: 100-continue", "Expect: 200-ok",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk", "Upgrade: websocket\r\nConnection: Upgrade",
    "Connection: close", "Connection: keep-alive, close", "Authorization: Bearer", "Authorization: Bearer " + "a" * 3_000, "Authorization: Basic ====",
    "Cookie: chorus=; chorus=a; =; ;", "Cookie: " + "a=b; " * 2_000, "Range: bytes=0-0,5-1,-9999999999999999999", "If-None-Match: W/\"", "If-Match: *",
    "If-Match: \"99999999999999999999\"", "Accept: ;q=9", "Accept-Language: " + "de;q=0.1," * 900, "Accept-Encoding: gzip;q=x, br", "Content-Type: ;;",
    "Content-Type: application/json; charset=utf-16", "Content-Encoding: gzip", "Idempotency-Key: " + "k" * 4_000, "Chorus-Proof: .", "Chorus-Proof: a.b.c",
    "X-Forwarded-For: " + "1," * 3_000, "Sec-Fetch-Site: cross-site", "Origin: null", "Trailer: X",
]
BODIES = [
    "", "hello", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhel", "ffffffffffffffff1\r\n", "-1\r\n\r\n", "5;" + "e" * 20_000 + "\r\nhello\r\n0\r\n\r\n",
    "0\r\nX: y\r\n\r\n", "0\r\n" + "T: t\r\n" * 3_000 + "\r\n", "g\r\n", "{}", "\x00" * 100, "GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 20,
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]


def request(network, random):
    """The bytes of one whole request, or of what is taken for one."""
    line = f"{random.choice(METHODS)} {random.choice(TARGETS).replace('{network}', network)} {random.choice(VERSIONS)}"
    if random.random() < 0.5:
        line = f"{random.choice(METHODS[:7])} {random.choice(TARGETS[-6:]).replace('{network}', network)} HTTP/1.1"
    headers = ["Host: a"] * (random.random() < 0.8) + random.sample(HEADERS, random.randrange(5))
    data = ("\r\n".join([line, *headers, "", ""]) + random.choice(BODIES)).encode()
    if random.random() < 0.3:
        place = random.randrange(len(data))
        data = data[:place] + random.choice([random.randbytes(5), b"\r", b"\n", b"\x00", b""]) + data[place + random.randrange(3):]
    return data
