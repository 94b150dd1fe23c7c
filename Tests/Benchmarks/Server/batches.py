"""Compares one list of answers of several networks with one transaction's worth of answers for each network.

Prints what each costs PostgreSQL; asserts nothing.
"""

import re
import subprocess

from cluster import Cluster
from processes import conduct, environment, processor_time
from town import Town
from world import World

ROUNDS = 3
SECONDS = 2
# Rows of a batch, and over how many networks they are spread.
ROWS = 12
SPREADS = (12, 3, 1)

BATCHES = """
CREATE TABLE bench.{name} AS
WITH answer AS (
    SELECT batch, bench.k(1 + n) AS network, bench.k(2000000 + n + {networks} * event) AS event,
        bench.k(1000000 + {hot} + n - 1 + {smaller} * member) AS member
    FROM (
        SELECT batch, 1 + (first + next) % {smaller} AS n, floor(random() * {events})::int AS event,
            floor(random() * {others})::int AS member
        FROM (SELECT batch, floor(random() * {smaller})::int AS first FROM generate_series(1, {count}) batch) batches,
            generate_series(1, {spread}) next, generate_series(1, {rows})
    ) drawn
), place AS (
    SELECT batch, network, event, row_number() OVER (PARTITION BY batch ORDER BY network, event) AS number
    FROM (SELECT DISTINCT batch, network, event FROM answer) places
)
SELECT batch AS id, p.networks, p.event_networks, p.events, a.places, a.members, a.answers, a.repeated
FROM (
    SELECT batch, array_agg(DISTINCT network) AS networks, array_agg(network ORDER BY number) AS event_networks,
        array_agg(event ORDER BY number) AS events
    FROM place GROUP BY batch
) p JOIN (
    SELECT batch, array_agg(number::int) AS places, array_agg(member) AS members, array_agg('going'::text) AS answers,
        array_agg(is_repeated) AS repeated
    FROM (SELECT *, count(*) OVER (PARTITION BY batch, event, member) > 1 AS is_repeated FROM answer) a JOIN place USING (batch, network, event) GROUP BY batch
) a USING (batch);
CREATE UNIQUE INDEX ON bench.{name} (id);
GRANT USAGE ON SCHEMA bench TO chorus_member;
GRANT SELECT ON bench.{name} TO chorus_member;
ANALYZE bench.{name};
"""
CALL = (
    "SELECT count(*) FROM bench.{name} b, save_rsvps(b.networks, b.event_networks, b.events, b.places, b.members, b.answers, "
    "b.repeated, now(), 'x') WHERE b.id = :i{turn};")
COUNT = 40_000


def measure(room, cluster, name, calls):
    """Microseconds of one batch: until it is committed, and of CPU."""
    lines = [f"\\set i{turn} random(1, {COUNT})" for turn in range(calls)] + ["\\startpipeline"]
    lines += [CALL.format(name=name, turn=turn) for turn in range(calls)] + ["\\endpipeline"]
    path = room.file("batch.sql")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    before = processor_time(cluster.process.pid)
    output = room.run(
        [cluster.program("pgbench"), "-n", "-M", "prepared", "-T", str(SECONDS), "-f", path,
         cluster.uri("chorus", "chorus_member")], env=environment(), stderr=subprocess.STDOUT)
    used = processor_time(cluster.process.pid) - before
    count = int(re.search(r"transactions actually processed: (\d+)", output).group(1))
    return float(re.search(r"latency average = ([\d.]+) ms", output).group(1)) * 1e3, used * 1e6 / count


def main(room):
    world = World(members=20_000, contributions=200_000)
    cluster = Cluster(room)
    town = Town(room, cluster, world, [])
    town.raise_databases()
    town.fill()
    numbers = dict(
        networks=world.networks, hot=world.hot, smaller=world.networks - 1, others=world.others,
        events=world.events_of_network, count=COUNT)
    for spread in SPREADS:
        town.ask(BATCHES.format(name=f"list{spread}", spread=spread, rows=ROWS // spread, **numbers))
        town.ask(BATCHES.format(name=f"one{spread}", spread=1, rows=ROWS // spread, **numbers))
    print(f"{ROWS} answers in one go, by one connection, fsync on; medians of {ROUNDS} rounds")
    print("networks  as one list: µs   CPU µs   one for each network: µs   CPU µs")
    for spread in SPREADS:
        rounds = [
            (*measure(room, cluster, f"list{spread}", 1), *measure(room, cluster, f"one{spread}", spread))
            for _ in range(ROUNDS)]
        middle = [sorted(column)[ROUNDS // 2] for column in zip(*rounds)]
        print("{:>8} {:>17.0f} {:>8.0f} {:>26.0f} {:>8.0f}".format(spread, *middle))
    print("Those for each network share one flush of the log here; with a transaction for each there would be as many.")
    return []


if __name__ == "__main__":
    conduct(main)
