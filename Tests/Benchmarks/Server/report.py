"""The table."""

from statistics import median


def ratio(ours, theirs):
    return ours / theirs if theirs else float("nan")


class Report:
    def __init__(self):
        # (operation, connections, who) to results, in the order in which they first came.
        self.rows = {}
        self.order = []

    def add(self, operation, connections, who, result):
        if operation not in self.order:
            self.order.append(operation)
        self.rows.setdefault((operation.name, connections, who), []).append(result)

    def print(self, notes):
        form = "{:<22} {:>5} {:<8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8} {:>6}"
        print()
        columns = ["req/s", "p50 ms", "p99 ms", "own µs", "PG µs", "RSS MiB", "errors"]
        print(form.format("operation", "conns", "who", *columns))
        for operation in self.order:
            for (name, connections, who), results in self.rows.items():
                if name == operation.name:
                    print(form.format(name, connections, who, *self.figures(who, results)))
        print()
        self.print_ratios()
        for operation in self.order:
            print(f"{operation.name}: {operation.note}")
        print("own µs, PG µs: CPU of whoever answers and of PostgreSQL for each request.")
        print("pgbench: the server's statements alone, prepared, with the server's roles. nginx: constant answers.")
        if any(who == "Go" for _, _, who in self.rows):
            print("Go: fasthttp and pgx on the yardstick's schema and data, where a submission is a plain insert.")
        for note in notes:
            print(note)

    @staticmethod
    def figures(who, results):
        def middle(field):
            return median(getattr(result, field) for result in results)
        return (f"{middle('rate'):.0f}", f"{middle('p50'):.2f}", f"{middle('p99'):.2f}",
                "-" if who == "pgbench" else f"{middle('own'):.1f}", f"{middle('postgres'):.1f}",
                "-" if who == "pgbench" else f"{results[-1].resident:.0f}", sum(result.errors for result in results))

    def print_ratios(self):
        """Ratios within rounds, whose parts were measured one right after the other."""
        lines = []
        for (name, connections, who), results in self.rows.items():
            if who not in ("nginx", "Go"):
                continue
            pairs = list(zip(self.rows[name, connections, "chorus"], results))
            rate = median(ratio(ours.rate, theirs.rate) for ours, theirs in pairs)
            cost = median(ratio(ours.own + ours.postgres, theirs.own + theirs.postgres) for ours, theirs in pairs)
            tail = median(ratio(ours.p99, theirs.p99) for ours, theirs in pairs)
            lines.append((name, connections, f"chorus/{who}", f"{rate:.2f}", f"{cost:.2f}", f"{tail:.2f}"))
        if lines:
            form = "{:<22} {:>5} {:<14} {:>9} {:>9} {:>9}"
            print(form.format("ratio", "conns", "", "req/s", "CPU", "p99"))
            for line in lines:
                print(form.format(*line))
            print()
