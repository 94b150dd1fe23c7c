"""Others that answer HTTP in the same run: nginx with constant answers, and the yardstick's Go server."""

import os
import shutil
import signal

from measure import send, send_as_peer
from operations import Client, Requests, request
from processes import environment, free_port, last_words, wait_for_port


class Ceiling:
    """nginx with constant answers of the bytes that the server answered: as fast as HTTP can be here."""

    def __init__(self, bench, operations):
        self.bench = bench
        self.places = {}
        pages = bench.room.file("www")
        os.mkdir(pages, 0o755)
        servers = "".join(self.server(operation, pages) for operation in operations)
        # Paths are relative to the prefix, because nginx takes none with a space in it.
        with open(bench.room.file("nginx.conf"), "w") as file:
            file.write(f"""
                worker_processes auto; daemon off; pid nginx.pid; error_log stderr;
                events {{ worker_connections 1024; }}
                http {{
                    access_log off; keepalive_requests 1000000000; default_type application/json;
                    open_file_cache max=64; client_body_buffer_size 16k;
                    client_body_temp_path t1; proxy_temp_path t2;
                    fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
                    {servers}
                }}""")
        self.process = bench.room.start(
            ["nginx", "-p", bench.room.path + "/", "-c", "nginx.conf", "-e", "stderr"], env=environment())
        for port in self.places.values():
            wait_for_port(port, self.process)
        self.conditional = None

    def server(self, operation, pages):
        port = self.places[operation.name] = free_port()
        if operation.requests.take(0).startswith(b"GET"):
            with open(os.path.join(pages, str(port)), "wb") as file:
                file.write(operation.page)
            answer = f"root www; location / {{ try_files /{port} =404; }}"
        else:
            answer = f"location / {{ return {operation.status} '{operation.page.decode()}'; }}"
        return f"server {{ listen 127.0.0.1:{port} reuseport; {answer} }}\n"

    def measure(self, operation, connections, seconds):
        port = self.places.get(operation.name)
        if port is None:
            return None
        requests = operation.requests
        if operation.status == 304:
            requests = self.conditional_file(port)
        kept, settled = requests.next, list(requests.settled)
        result = self.bench.costs(
            lambda: send(self.bench.room, port, requests, connections, seconds), self.process.pid)
        # What was sent here is not spent.
        requests.next, requests.settled = kept, settled
        return result

    def conditional_file(self, port):
        if not self.conditional:
            with Client(port) as client:
                tag = client.send(request("GET", "/")).headers["etag"]
            path = self.bench.room.file("nginx-304.requests")
            self.conditional = Requests(path, [request("GET", "/", headers=[f"If-None-Match: {tag}"])] * 2)
        return self.conditional


class Yardstick:
    """The common workload of a folder of peers: its schema in a database of its own, and its Go server on it."""

    operations = {
        "events list": "events", "RSVP, spread": "rsvp", "RSVP, one hot event": "rsvp_hot", "submission": "feedback",
        "recommendations": "recommendations",
    }

    def __init__(self, bench, folder):
        self.bench = bench
        self.folder = os.path.abspath(folder)
        self.ids = bench.room.file("yardstick-ids")
        self.servers = {}
        self.program = bench.room.file("go-app")
        self.building = None

    def build(self):
        """Begins to build the Go server; it is ready when the data is."""
        if not shutil.which("go"):
            self.bench.note("go is missing: its server is skipped")
            return
        cache = os.environ.get("GOCACHE") or self.bench.room.file("go-cache")
        paths = environment(GO111MODULE="off", GOPATH=os.environ.get("GOPATH", "/usr/share/gocode"), GOCACHE=cache)
        self.building = self.bench.room.start(
            ["go", "build", "-o", self.program, os.path.join(self.folder, "peers/go_app.go")], env=paths)

    def fill(self):
        cluster = self.bench.cluster
        cluster.ask("postgres", "CREATE DATABASE yardstick")
        for name in ("schema.sql", "load.sql"):
            cluster.psql("yardstick", "-f", os.path.join(self.folder, "limit", name))
        rows = cluster.rows("yardstick", """
            SELECT n.id, (SELECT string_agg(e.id::text, ' ') FROM events e WHERE e.network_id = n.id),
                (SELECT string_agg(k(3000000 + g.n - 1 + 50 * j)::text, ' ') FROM generate_series(0, 3) j)
            FROM (SELECT n, k(n) AS id FROM generate_series(1, 50) n) g JOIN networks n USING (id)
            """)
        with open(self.ids, "w") as file:
            file.writelines(" ".join(row) + "\n" for row in rows)

    def start(self, connections):
        """Starts a Go server with as many database connections as it will have clients."""
        if not self.building:
            return
        if self.building.wait() != 0:
            self.bench.note(f"the Go server does not build here: skipped ({last_words(self.building)})")
            self.building = None
            return
        for count in connections:
            port = free_port()
            login = environment(
                PGHOST="127.0.0.1", PGPORT=str(self.bench.cluster.port), PGUSER="bench", PGDATABASE="yardstick",
                PGSSLMODE="disable")
            command = [self.program, "-addr", f"127.0.0.1:{port}", "-pool", str(count), "-fast"]
            process = self.bench.room.start(command, end=signal.SIGKILL, env=login)
            wait_for_port(port, process)
            self.servers[count] = (port, process)

    def measure(self, operation, connections, seconds):
        name = self.operations.get(operation.name)
        if name is None or connections not in self.servers:
            return None
        port, process = self.servers[connections]
        script = os.path.join(self.folder, "peers/load.lua")
        return self.bench.costs(
            lambda: send_as_peer(self.bench.room, script, port, name, self.ids, connections, seconds), process.pid)
