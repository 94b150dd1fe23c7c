"""What PostgreSQL does alone: the server's own statements, run by pgbench as the server's roles."""

import json
import re

from measure import transact

CLIENTS = 8


class Statements:
    """pgbench scripts on the schema of the server."""

    def __init__(self, bench):
        self.bench = bench
        self.town = bench.town
        self.world = bench.town.world
        self.sql = json.loads(self.town.fixture("statements"))
        self.staged = 0

    def script(self, name, settings, network, *statements):
        """Writes a script of one transaction that has its network set, sent as the server sends it: in one go."""
        lines = [*settings, "\\startpipeline", f"SELECT set_config('chorus.network_id', {network}::text, true);"]
        lines += [statement + ";" for statement in statements] + ["\\endpipeline"]
        path = self.bench.room.file(f"{name}.sql")
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def bound(self, statement, *values):
        return re.sub(r"\$(\d+)", lambda found: values[int(found.group(1)) - 1], self.sql[statement])

    def measure(self, operation, seconds):
        """Measures what belongs to an operation of the server; nothing when there is none."""
        found = {
            "events list": self.events, "RSVP, spread": self.rsvp, "RSVP, one hot event": self.hot_rsvp,
            "submission": self.stage, "recommendations": self.recommendations,
        }.get(operation)
        if not found:
            return None
        database, user, scripts = found()
        room, cluster = self.bench.room, self.bench.cluster
        result = self.bench.costs(
            lambda: transact(room, cluster, database, user, scripts, CLIENTS, max(1, round(seconds))))
        if operation == "submission":
            self.staged += result.requests
        return result

    def someone(self):
        """A member of one of the smaller networks, as pgbench variables and as an expression."""
        world = self.world
        settings = [f"\\set n random(1, {world.networks - 1})", f"\\set j random(0, {world.others - 1})"]
        return settings, f"bench.k(1000000 + {world.hot} + :n - 1 + {world.networks - 1} * :j)"

    def events(self):
        settings, member = self.someone()
        sql = self.bound("events", "bench.k(1 + :n)", member, "NULL::timestamptz", *["NULL"] * 4, "21")
        return self.town.name, "chorus_member", [self.script("events", settings, "bench.k(1 + :n)", sql)]

    def rsvp(self):
        settings, member = self.someone()
        settings.append(f"\\set e random(0, {self.world.events_of_network - 1})")
        event = f"bench.k(2000000 + :n + {self.world.networks} * :e)"
        sql = self.bound("rsvp", "bench.k(1 + :n)", event, member, "'going'", "now()")
        return self.town.name, "chorus_member", [self.script("rsvp", settings, "bench.k(1 + :n)", sql)]

    def hot_rsvp(self):
        world = self.world
        event = world.event(0, self.town.fresh_hot_event())
        # Everybody once, as at the server: clients take turns through the members.
        settings = [f"\\set j ({CLIENTS} * :turn + :client_id) % {world.hot}", "\\set turn :turn + 1"]
        sql = self.bound("rsvp", "bench.k(1)", f"'{event}'", "bench.k(1000000 + :j)", "'going'", "now()")
        return self.town.name, "chorus_member", [self.script("hot", settings, "bench.k(1)", sql)]

    def stage(self):
        """A script for each network, because its key stands in it as a constant."""
        batch = self.town.ask("SELECT id FROM anon_batch WHERE is_open")
        sealed = "decode(repeat('ab', 2076), 'hex')"
        keys = self.town.rows("""
            SELECT network_id, encode(key_id, 'hex') FROM anon_key WHERE current_date BETWEEN issue_from AND issue_to
            """)
        # A variable and no random() in the statement, which no index could be asked for.
        settings = ["\\set tag random(1, 4611686018427387904)", "\\set nullifier random(1, 4611686018427387904)"]
        tag, nullifier = ("sha256(:%s::text::bytea)" % name for name in ("tag", "nullifier"))
        scripts = []
        for number, (network, key) in enumerate(keys):
            sql = self.bound("stage", f"'{batch}'::uuid", tag, "'pgbench'::bytea", sealed, f"'{network}'::uuid",
                             f"'\\x{key}'::bytea", nullifier)
            scripts.append(self.script(f"stage{number}", settings, f"'{network}'", sql))
        return self.town.name, "chorus_anonymous", scripts

    def recommendations(self):
        network = "bench.k(1 + :n)"
        settings = [f"\\set n random(0, {self.world.networks - 1})"]
        page = self.bound("recommendations", network, *["NULL"] * 4, "21", "NULL", "current_date")
        ids = f"ARRAY(SELECT id FROM recommendation WHERE network_id = {network} ORDER BY number LIMIT 20)"
        evidence = self.bound("evidence", network, ids)
        return self.town.record, "chorus_hr", [self.script("recommendations", settings, network, page, evidence)]
